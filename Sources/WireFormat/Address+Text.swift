extension Address {
    /// Appends the text of the address: dotted quad for `.ipv4`, RFC 5952's form for `.ipv6`.
    public func appendText(as family: AddressFamily, to bytes: inout [UInt8]) {
        switch family {
        case .ipv4: appendDottedQuad(UInt32(truncatingIfNeeded: low), to: &bytes)
        case .ipv6: appendIPv6(to: &bytes)
        }
    }

    /// The text of the address as one of this family.
    public func text(as family: AddressFamily) -> String {
        var bytes: [UInt8] = []
        appendText(as: family, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it is an IPv4 address in its mapped form, ::ffff:0:0/96.
    @inlinable
    public var isMapped: Bool {
        high == 0 && low >> 32 == 0xFFFF
    }

    /// The eight groups of 16 bits that IPv6 text is made of.
    private func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
    }

    private func appendIPv6(to bytes: inout [UInt8]) {
        // RFC 5952 section 5: the mixed notation, where the prefix tells that an IPv4 address is inside.
        if isMapped {
            bytes.append(contentsOf: "::ffff:".utf8)
            appendDottedQuad(UInt32(truncatingIfNeeded: low), to: &bytes)
            return
        }
        let zeros = longestRunOfZeros()
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound, !zeros.isEmpty {
                bytes.append(contentsOf: "::".utf8)
                index = zeros.upperBound
                continue
            }
            if index > 0, index != zeros.upperBound || zeros.isEmpty { bytes.append(UInt8(ascii: ":")) }
            appendHexadecimal(group(index), to: &bytes)
            index += 1
        }
    }

    /// What "::" stands for: the longest run of two or more zero groups, of equals the first (RFC 5952 section 4.2).
    private func longestRunOfZeros() -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in 0..<8 {
            if group(index) != 0 {
                start = index + 1
            } else if index + 1 - start > max(longest.count, 1) {
                longest = start..<index + 1
            }
        }
        return longest
    }
}

extension Address: CustomStringConvertible {
    /// Dotted quad for a mapped address, which is how IPv4 addresses are kept; else RFC 5952's form.
    public var description: String {
        text(as: isMapped ? .ipv4 : .ipv6)
    }
}

private func appendDottedQuad(_ bits: UInt32, to bytes: inout [UInt8]) {
    for shift: UInt32 in [24, 16, 8, 0] {
        appendDecimal(UInt8(truncatingIfNeeded: bits >> shift), to: &bytes)
        if shift > 0 { bytes.append(UInt8(ascii: ".")) }
    }
}

private func appendDecimal(_ number: UInt8, to bytes: inout [UInt8]) {
    if number >= 100 { bytes.append(UInt8(ascii: "0") + number / 100) }
    if number >= 10 { bytes.append(UInt8(ascii: "0") + number / 10 % 10) }
    bytes.append(UInt8(ascii: "0") + number % 10)
}

/// Lower case and without leading zeros (RFC 5952 sections 4.1 and 4.3).
private func appendHexadecimal(_ number: UInt16, to bytes: inout [UInt8]) {
    var shift = 12
    while shift > 0, number >> UInt16(shift) == 0 { shift -= 4 }
    while shift >= 0 {
        let digit = UInt8(truncatingIfNeeded: number >> UInt16(shift) & 0xF)
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        shift -= 4
    }
}
