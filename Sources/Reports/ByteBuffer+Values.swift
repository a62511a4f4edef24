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
        case .ipv6: put(text: address.text(as: .ipv6))
        }
    }

    /// The name of a tunnel: vxlan:5001; nothing for none.
    mutating func put(_ tunnel: Tunnel) {
        guard tunnel != .none else { return }
        put(text: tunnel.kind.name)
        if let key = tunnel.key {
            put(UInt8(ascii: ":"))
            put(decimal: UInt64(key))
        }
    }

    mutating func put(hexadecimalDigit value: UInt8) {
        put(value < 10 ? 48 &+ value : 87 &+ value)
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
