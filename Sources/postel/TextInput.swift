#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Text that a person has written: a file, or standard input.
struct TextInput {
    /// As errors show it.
    let name: String
    let text: String

    /// Why it could not be read.
    struct Problem: Error {
        let message: String
    }

    /// A text of more octets is nothing that a person has written.
    private static let mostOctets = 4 << 20

    /// Reads a file to its end; `-` is standard input.
    init(path: String) throws(Problem) {
        name = TextInput.name(of: path)
        let octets = try TextInput.octets(of: path, atMost: TextInput.mostOctets)
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw Problem(message: "\(name):\(TextInput.placeOfDamage(in: octets)): not in UTF-8. Save it in UTF-8.")
        }
        self.text = text
    }

    /// Line and column, in characters, of the first octet that is no UTF-8: `3:14`.
    private static func placeOfDamage(in octets: [UInt8]) -> String {
        var (decoder, iterator, intact) = (UTF8(), octets.makeIterator(), 0)
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { intact += UTF8.width(scalar) }
        let lines = String(decoding: octets[..<intact], as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return "\(lines.count):\((lines.last?.count ?? 0) + 1)"
    }

    private static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// The octets of a file, whatever they are; `-` is standard input.
    static func octets(of path: String, atMost limit: Int) throws(Problem) -> [UInt8] {
        let name = name(of: path)
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Problem(message: "\(name): cannot be read: \(unsafe String(cString: strerror(errno))).")
        }
        defer { if path != "-" { _ = close(descriptor) } }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Problem(message: "\(name): cannot be read: \(unsafe String(cString: strerror(errno))).")
            }
            octets.append(contentsOf: piece[..<count])
            guard octets.count <= limit else {
                throw Problem(message: "\(name): longer than \(limit) octets; this is no text.")
            }
        }
        return octets
    }
}
