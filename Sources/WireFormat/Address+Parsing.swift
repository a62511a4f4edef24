extension Address {
    /// The address of a text, and its family: a dotted quad, or any of RFC 4291's forms of IPv6 (section 2.2). Nil if
    /// it is neither. Zones ("fe80::1%eth0") and names are not addresses here.
    public static func parse(_ text: some StringProtocol) -> (address: Address, family: AddressFamily)? {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            return parseIPv6(bytes).map { ($0, .ipv6) }
        }
        return parseDottedQuad(bytes[...]).map { (Address(ipv4: $0), .ipv4) }
    }
}

extension Address: LosslessStringConvertible {
    /// The address of a text, whatever its family; see `parse(_:)`.
    public init?(_ description: String) {
        guard let parsed = Address.parse(description) else { return nil }
        self = parsed.address
    }
}

/// Four decimal numbers; a leading zero is refused, because some programs read it as octal (RFC 6943 section 3.1.1).
private func parseDottedQuad(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
        guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
        var number: UInt32 = 0
        for digit in part {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + UInt32(digit - UInt8(ascii: "0"))
        }
        guard number <= 255 else { return nil }
        bits = bits << 8 | number
    }
    return bits
}

/// Groups of up to four hexadecimal digits, one "::" at most, and a dotted quad in place of the last two groups.
private func parseIPv6(_ bytes: [UInt8]) -> Address? {
    guard let gap = firstGap(bytes) else {
        guard let groups = parseGroups(bytes[...], mayEndInQuad: true), groups.count == 8 else { return nil }
        return address(groups)
    }
    let head = bytes[..<gap]
    let tail = bytes[(gap + 2)...]
    guard let left = parseGroups(head, mayEndInQuad: false), let right = parseGroups(tail, mayEndInQuad: true),
        left.count + right.count <= 7
    else { return nil }
    return address(left + Array(repeating: 0, count: 8 - left.count - right.count) + right)
}

/// Where "::" is. A second one leaves an empty group behind, which `parseGroups` refuses.
private func firstGap(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 2 else { return nil }
    return (0..<bytes.count - 1).first { bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == UInt8(ascii: ":") }
}

private func parseGroups(_ bytes: ArraySlice<UInt8>, mayEndInQuad: Bool) -> [UInt16]? {
    guard !bytes.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
        if mayEndInQuad, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
            guard let quad = parseDottedQuad(part) else { return nil }
            groups += [UInt16(quad >> 16), UInt16(truncatingIfNeeded: quad)]
        } else {
            guard let group = parseHexadecimal(part) else { return nil }
            groups.append(group)
        }
    }
    return groups
}

private func parseHexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(digits.count) else { return nil }
    var number: UInt16 = 0
    for digit in digits {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt16(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): number = number << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
        default: return nil
        }
    }
    return number
}

/// From exactly eight groups.
private func address(_ groups: [UInt16]) -> Address {
    Address(
        high: groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) },
        low: groups.dropFirst(4).reduce(0) { $0 << 16 | UInt64($1) })
}
