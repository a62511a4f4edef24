import WireFormat

/// The fields of one line, as places in its octets: nothing is copied.
struct ProcFields {
    private var places: InlineArray<17, Range<Int>>
    /// How many fields the line has; those beyond the seventeenth are counted and not kept.
    private(set) var count = 0

    init(_ line: Span<UInt8>) {
        places = InlineArray(repeating: 0..<0)
        var start: Int?
        for index in 0..<line.count {
            if line[index] > UInt8(ascii: " ") {
                if start == nil { start = index }
            } else if let begun = start {
                keep(begun..<index)
                start = nil
            }
        }
        if let begun = start { keep(begun..<line.count) }
    }

    private mutating func keep(_ place: Range<Int>) {
        if count < places.count { places[count] = place }
        count += 1
    }

    /// The line of titles: its first field is "sl".
    func isHeader(_ line: Span<UInt8>) -> Bool {
        let place = places[0]
        return place.count == 2 && line[place.lowerBound] == UInt8(ascii: "s")
            && line[place.lowerBound + 1] == UInt8(ascii: "l")
    }

    /// A number in decimal.
    func decimal(_ field: Int, of line: Span<UInt8>) throws(RowFault) -> UInt64 {
        let place = places[field]
        guard !place.isEmpty else { throw .number }
        var number: UInt64 = 0
        for index in place {
            let digit = line[index] &- UInt8(ascii: "0")
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
            guard digit <= 9, !overflow, !carry else { throw .number }
            number = sum
        }
        return number
    }

    /// Whether the field is "-1".
    func isMinusOne(_ field: Int, of line: Span<UInt8>) -> Bool {
        let place = places[field]
        return place.count == 2 && line[place.lowerBound] == UInt8(ascii: "-")
            && line[place.lowerBound + 1] == UInt8(ascii: "1")
    }

    /// A number in hexadecimal, of at most so many digits.
    func hexadecimal(_ field: Int, digits: Int, of line: Span<UInt8>) throws(RowFault) -> UInt64 {
        try hexadecimal(places[field], digits: digits, of: line)
    }

    /// Two numbers in hexadecimal with a colon between them.
    func pair(_ field: Int, of line: Span<UInt8>) throws(RowFault) -> (UInt32, UInt32) {
        let (left, right) = try halves(field, of: line)
        return (
            UInt32(truncatingIfNeeded: try hexadecimal(left, digits: 8, of: line)),
            UInt32(truncatingIfNeeded: try hexadecimal(right, digits: 8, of: line))
        )
    }

    /// An address and a port. Each word of the address is printed as a number of this machine, though it is in the
    /// network's order; the port has been put into this machine's.
    func endpoint(
        _ field: Int, _ family: AddressFamily, of line: Span<UInt8>
    ) throws(RowFault) -> (Address, UInt16) {
        let (left, right) = try halves(field, of: line)
        let port = UInt16(truncatingIfNeeded: try hexadecimal(right, digits: 4, of: line))
        switch family {
        case .ipv4:
            guard left.count == 8 else { throw .address }
            return (Address(ipv4: try word(left.lowerBound, of: line)), port)
        case .ipv6:
            guard left.count == 32 else { throw .address }
            let start = left.lowerBound
            let high = UInt64(try word(start, of: line)) << 32 | UInt64(try word(start + 8, of: line))
            let low = UInt64(try word(start + 16, of: line)) << 32 | UInt64(try word(start + 24, of: line))
            return (Address(high: high, low: low), port)
        }
    }

    private func word(_ start: Int, of line: Span<UInt8>) throws(RowFault) -> UInt32 {
        UInt32(bigEndian: UInt32(truncatingIfNeeded: try hexadecimal(start..<start + 8, digits: 8, of: line)))
    }

    private func halves(_ field: Int, of line: Span<UInt8>) throws(RowFault) -> (Range<Int>, Range<Int>) {
        let place = places[field]
        for index in place where line[index] == UInt8(ascii: ":") {
            return (place.lowerBound..<index, index + 1..<place.upperBound)
        }
        throw .number
    }

    private func hexadecimal(_ place: Range<Int>, digits: Int, of line: Span<UInt8>) throws(RowFault) -> UInt64 {
        guard (1...digits).contains(place.count) else { throw .number }
        var number: UInt64 = 0
        for index in place {
            number = number << 4 | UInt64(try hexadecimalDigit(line[index]))
        }
        return number
    }

    private func hexadecimalDigit(_ character: UInt8) throws(RowFault) -> UInt8 {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: throw .number
        }
    }
}
