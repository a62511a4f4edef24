#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Standard input, line by line, as it comes.
struct LineInput {
    private var octets: [UInt8] = []
    private var isAtEnd = false
    /// No line that a person has written is longer.
    private static let mostOctets = 1 << 16

    enum Piece {
        case line(String)
        /// A line of more octets, or one that is not in UTF-8.
        case unreadable
        case end
        /// A signal asks for an end.
        case interrupted
    }

    /// Waits for the next line.
    mutating func next() -> Piece {
        while true {
            if let place = octets.firstIndex(of: UInt8(ascii: "\n")) {
                let line = octets[..<place]
                defer { octets.removeFirst(place + 1) }
                return piece(line)
            }
            if octets.count > LineInput.mostOctets {
                skipLine()
                return .unreadable
            }
            if isAtEnd {
                guard !octets.isEmpty else { return .end }
                defer { octets = [] }
                return piece(octets[...])
            }
            guard Interruption.number == nil else { return .interrupted }
            fill()
        }
    }

    private func piece(_ line: ArraySlice<UInt8>) -> Piece {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard line.count <= LineInput.mostOctets, let text = String(validating: line, as: UTF8.self) else {
            return .unreadable
        }
        return .line(text)
    }

    private mutating func fill() {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = unsafe piece.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count > 0 {
            octets.append(contentsOf: piece[..<count])
        } else if count == 0 || errno != EINTR {
            isAtEnd = true
        }
    }

    /// Forgets what is left of a line that is too long.
    private mutating func skipLine() {
        while !octets.contains(UInt8(ascii: "\n")), !isAtEnd, Interruption.number == nil {
            octets = []
            fill()
        }
        if let place = octets.firstIndex(of: UInt8(ascii: "\n")) { octets.removeFirst(place + 1) } else { octets = [] }
    }
}
