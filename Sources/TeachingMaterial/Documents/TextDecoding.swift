/// Octets to text: UTF-8, or UTF-16 behind a byte order mark. What cannot be decoded becomes U+FFFD.
struct TextDecoding {
    let text: String
    /// Where in the octets the first stands that could not be decoded; nil if all could.
    let firstFault: Int?

    init(_ bytes: [UInt8]) {
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xFE, 0xFF): self.init(utf16: bytes.dropFirst(2), isBigEndian: true)
        case (0xFF, 0xFE): self.init(utf16: bytes.dropFirst(2), isBigEndian: false)
        default: self.init(utf8: bytes)
        }
    }

    private init(utf8 bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            (self.text, firstFault) = (text, nil)
        } else {
            text = String(decoding: bytes, as: UTF8.self)
            firstFault = TextDecoding.firstFault(in: bytes)
        }
    }

    private init(utf16 bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isBigEndian ? first << 8 | second : second << 8 | first)
            index += 2
        }
        text = String(decoding: units, as: UTF16.self)
        let isWhole = bytes.count % 2 == 0 && String(validating: units, as: UTF16.self) != nil
        firstFault = isWhole ? nil : bytes.startIndex
    }

    /// The octet at which UTF-8 ends.
    private static func firstFault(in bytes: [UInt8]) -> Int? {
        var decoder = UTF8()
        var octets = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&octets) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }
}
