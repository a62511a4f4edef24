/// Reads one value of JSON from octets that nobody vouches for: nothing nests deeper than 16, nothing traps.
struct JSONScanner {
    /// What is wrong, and at which octet, from 0.
    struct SyntaxError: Error, Hashable {
        let reason: String
        let offset: Int
    }

    private let octets: [UInt8]
    private var offset = 0
    private static let deepest = 16

    /// The value that is the whole text.
    static func value(_ octets: [UInt8]) throws(SyntaxError) -> JSONValue {
        var scanner = JSONScanner(octets)
        let value = try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.offset == octets.count else { throw scanner.error("something follows the value") }
        return value
    }

    private init(_ octets: [UInt8]) {
        self.octets = octets
    }

    private func error(_ reason: String) -> SyntaxError {
        SyntaxError(reason: reason, offset: offset)
    }

    /// The next octet, or 0 at the end: no text holds a 0.
    private var next: UInt8 { offset < octets.count ? octets[offset] : 0 }

    private mutating func skipSpace() {
        while [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(next) {
            offset += 1
        }
    }

    private mutating func take(_ octet: UInt8) -> Bool {
        skipSpace()
        guard next == octet else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(SyntaxError) -> JSONValue {
        guard depth < JSONScanner.deepest else { throw error("it nests too deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        default: throw error(offset < octets.count ? "no value begins so" : "the text ends where a value should be")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(SyntaxError) -> JSONValue {
        for octet in word.description.utf8 {
            guard next == octet else { throw error("not the word \(word)") }
            offset += 1
        }
        return value
    }

    /// The text of a number; whoever wants one finds out whether it is.
    private mutating func number() -> JSONValue {
        let start = offset
        while true {
            switch next {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                offset += 1
            default:
                return .number(String(decoding: octets[start..<offset], as: UTF8.self))
            }
        }
    }

    private mutating func array(depth: Int) throws(SyntaxError) -> JSONValue {
        offset += 1
        var items: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(items) }
        repeat {
            items.append(try value(depth: depth + 1))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("a list goes on without a comma") }
        return .array(items)
    }

    private mutating func object(depth: Int) throws(SyntaxError) -> JSONValue {
        offset += 1
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member has no name") }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw error("a name without a value") }
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
                throw error("two members are named '\(name)'")
            }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("an object goes on without a comma") }
        return .object(members)
    }

    private mutating func string() throws(SyntaxError) -> String {
        offset += 1
        var text: [UInt8] = []
        while offset < octets.count {
            let octet = octets[offset]
            offset += 1
            switch octet {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("a control character in a text")
            default: text.append(octet)
            }
        }
        throw error("a text has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(SyntaxError) {
        let octet = next
        offset += 1
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(octet)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"):
            guard octets.count - offset >= 4,
                let unit = UInt16(String(decoding: octets[offset..<offset + 4], as: UTF8.self), radix: 16)
            else { throw error("an escape of four digits lacks some") }
            offset += 4
            // Half of a pair becomes U+FFFD: names of programs are not worth more.
            text.append(contentsOf: String(decoding: [unit], as: UTF16.self).utf8)
        default: throw error("an unknown escape")
        }
    }
}
