import Flows
import WireFormat

extension FindingDetail {
    /// Writes the second half of a finding's sentence, from the colon on; nothing where there is none.
    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .none: return
        case .icmp(let type, let code, let family, let isHard):
            buffer.put(family == .ipv4 ? ": ICMP type " : ": ICMPv6 type ")
            buffer.put(decimal: UInt64(type))
            buffer.put(" code ")
            buffer.put(decimal: UInt64(code))
            buffer.put(text: Self.name(type, code, family))
            buffer.put(isHard ? ", a hard error" : ", a soft error")
        case .lasted(let time):
            buffer.put(": ")
            put(time, to: &buffer)
        case .windowClosed(let time, let isClosedAtEnd):
            buffer.put(": for ")
            put(time, to: &buffer)
            buffer.put(isClosedAtEnd ? ", and it was not seen to open" : ", then it opened")
        case .probes(let sent, let unanswered):
            buffer.put(": ")
            buffer.put(decimal: UInt64(sent))
            buffer.put(sent == 1 ? " probe, " : " probes, ")
            buffer.put(decimal: UInt64(unanswered))
            buffer.put(" without an answer")
        case .fastOpen(let isAskedFor):
            buffer.put(isAskedFor ? ": with a Fast Open option" : ": without a Fast Open option")
        case .timeWait(let ends):
            buffer.put(ends ? ": it ends TIME-WAIT" : ": it changes nothing")
        case .openings(let begun, let completed):
            buffer.put(": ")
            buffer.put(decimal: UInt64(begun))
            buffer.put(" begun, ")
            buffer.put(decimal: UInt64(completed))
            buffer.put(" answered")
        case .octets(let octets):
            buffer.put(": ")
            buffer.put(decimal: UInt64(octets))
            buffer.put(octets == 1 ? " octet" : " octets")
        case .lostOctets(let octets):
            buffer.put(": ")
            buffer.put(decimal: UInt64(octets))
            buffer.put(octets == 1 ? " octet was" : " octets were")
            buffer.put(" acknowledged and never passed, though later ones did")
        case .lostPackets(let packets):
            buffer.put(": ")
            buffer.put(decimal: packets)
            buffer.put(packets == 1 ? " packet was" : " packets were")
            buffer.put(" lost while the flow was alive, by the capture's own count")
        }
    }

    /// Seconds with three digits.
    private func put(_ time: Int64, to buffer: inout ByteBuffer) {
        let milliseconds = time.magnitude / 1_000_000
        buffer.put(decimal: milliseconds / 1000)
        buffer.put(".")
        let rest = milliseconds % 1000
        if rest < 100 { buffer.put("0") }
        if rest < 10 { buffer.put("0") }
        buffer.put(decimal: rest)
        buffer.put(" s")
    }

    /// The errors that one meets, by the names that their RFCs give them.
    private static func name(_ type: UInt8, _ code: UInt8, _ family: AddressFamily) -> String {
        switch (family, type, code) {
        case (.ipv4, 3, 0): " (net unreachable)"
        case (.ipv4, 3, 1): " (host unreachable)"
        case (.ipv4, 3, 2): " (protocol unreachable)"
        case (.ipv4, 3, 3): " (port unreachable)"
        case (.ipv4, 3, 5): " (source route failed)"
        case (.ipv4, 3, 9), (.ipv4, 3, 10), (.ipv4, 3, 13), (.ipv6, 1, 1): " (administratively prohibited)"
        case (.ipv4, 11, 0), (.ipv6, 3, 0): " (time to live exceeded in transit)"
        case (.ipv4, 11, 1), (.ipv6, 3, 1): " (fragment reassembly time exceeded)"
        case (.ipv6, 1, 0): " (no route to destination)"
        case (.ipv6, 1, 3): " (address unreachable)"
        case (.ipv6, 1, 4): " (port unreachable)"
        default: ""
        }
    }
}
