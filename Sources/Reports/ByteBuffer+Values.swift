import Flows
import TCPStateMachine
import WireFormat

/// Values as all formats write them.
extension ByteBuffer {
    /// Seconds since the epoch with all nine digits of nanoseconds: 1700000000.000000001.
    mutating func put(seconds nanoseconds: Int64) {
        if nanoseconds < 0 { put(UInt8(ascii: "-")) }
        let (seconds, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        put(decimal: seconds)
        put(UInt8(ascii: "."))
        put(decimal: rest, digits: 9)
    }

    /// An address: dotted decimal for IPv4, RFC 5952 for IPv6.
    mutating func put(_ address: Address, family: AddressFamily) {
        switch family {
        case .ipv4: put(ipv4: UInt32(truncatingIfNeeded: address.low))
        case .ipv6: put(ipv6: address)
        }
    }

    private mutating func put(ipv4 bits: UInt32) {
        put(decimal: UInt64(bits >> 24))
        put(UInt8(ascii: "."))
        put(decimal: UInt64(bits >> 16 & 0xFF))
        put(UInt8(ascii: "."))
        put(decimal: UInt64(bits >> 8 & 0xFF))
        put(UInt8(ascii: "."))
        put(decimal: UInt64(bits & 0xFF))
    }

    private mutating func put(ipv6 address: Address) {
        let zeros = longestZeros(in: address)
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound, zeros.count > 1 {
                put("::" as StaticString)
                index = zeros.upperBound
                continue
            }
            if index > 0, index != zeros.upperBound || zeros.count < 2 { put(UInt8(ascii: ":")) }
            put(hexadecimal: group(index, of: address))
            index += 1
        }
    }

    /// The first of the longest runs of zero groups (RFC 5952 section 4.2.3).
    private func longestZeros(in address: Address) -> Range<Int> {
        var longest = 0..<0
        var current = 0..<0
        for index in 0..<8 {
            current = group(index, of: address) == 0 ? current.lowerBound..<(index + 1) : (index + 1)..<(index + 1)
            if current.count > longest.count { longest = current }
        }
        return longest
    }

    private func group(_ index: Int, of address: Address) -> UInt16 {
        let half = index < 4 ? address.high : address.low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
    }

    /// Without zeros in front.
    private mutating func put(hexadecimal value: UInt16) {
        var shift: UInt16 = 12
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while true {
            put(hexadecimalDigit: UInt8(truncatingIfNeeded: value >> shift & 0xF))
            if shift == 0 { return }
            shift -= 4
        }
    }

    mutating func put(hexadecimalDigit value: UInt8) {
        put(value < 10 ? 48 &+ value : 87 &+ value)
    }

    /// An endpoint as people write it: 10.0.0.1:80, [2001:db8::1]:80.
    mutating func put(_ address: Address, port: UInt16, family: AddressFamily) {
        switch family {
        case .ipv4:
            put(address, family: family)
        case .ipv6:
            put(UInt8(ascii: "["))
            put(address, family: family)
            put(UInt8(ascii: "]"))
        }
        put(UInt8(ascii: ":"))
        put(decimal: UInt64(port))
    }

    /// The control bits by name, in the order in which they are spoken: SYN,ACK; FIN,PSH,ACK.
    mutating func put(_ bits: ControlBits) {
        var isFirst = true
        func separated(_ bit: ControlBits, _ name: StaticString, _ buffer: inout ByteBuffer) {
            guard bits.contains(bit) else { return }
            if !isFirst { buffer.put(UInt8(ascii: ",")) }
            isFirst = false
            buffer.put(name)
        }
        separated(.syn, "SYN", &self)
        separated(.fin, "FIN", &self)
        separated(.rst, "RST", &self)
        separated(.psh, "PSH", &self)
        separated(.ack, "ACK", &self)
        separated(.urg, "URG", &self)
        separated(.ece, "ECE", &self)
        separated(.cwr, "CWR", &self)
    }
}
