/// The pieces of a line of JSON.
extension ByteBuffer {
    /// A text in quotation marks, escaped as RFC 8259 section 7 demands.
    mutating func put(quoted text: String) {
        put(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                put(UInt8(ascii: "\\"))
                put(byte)
            case 0..<0x20:
                put("\\u00" as StaticString)
                put(hexadecimalDigit: byte >> 4)
                put(hexadecimalDigit: byte & 0xF)
            default:
                put(byte)
            }
        }
        put(UInt8(ascii: "\""))
    }

    /// A number, or null.
    @inline(__always)
    mutating func put(decimalOrNull value: UInt64?) {
        guard let value else { return put("null" as StaticString) }
        put(decimal: value)
    }

    /// A text in quotation marks, or null.
    mutating func put(quotedOrNull text: String?) {
        guard let text else { return put("null" as StaticString) }
        put(quoted: text)
    }

    /// A number of 64 bits as a text, or null: JSON's readers keep 53 bits of a number.
    mutating func put(hexadecimal number: UInt64?) {
        guard let number else { return put("null" as StaticString) }
        put(quoted: "0x" + String(number, radix: 16))
    }

    @inline(__always)
    mutating func put(_ value: Bool) {
        if value { put("true" as StaticString) } else { put("false" as StaticString) }
    }
}
