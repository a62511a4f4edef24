import WireFormat

/// Headers written by hand, one around the other, from the inside out.
///
///     Wrapping.ethernet(0x0800, Wrapping.ipv4(47, [0, 0, 0x08, 0x00] + packet))
public enum Wrapping {
    /// A SYN of 20 octets from 49152 to 80 with sequence number 0x01020304 and window 0xFAF0.
    public static let syn: [UInt8] = [
        0xC0, 0x00, 0x00, 0x50, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x02, 0xFA, 0xF0, 0, 0, 0, 0,
    ]

    /// The SYN in IPv4, from 10.0.0.1 to 10.0.0.2, with some octets of text.
    public static func packet4(text: Int = 0) -> [UInt8] {
        ipv4(6, syn + Array(repeating: 0x61, count: text), from: [10, 0, 0, 1], to: [10, 0, 0, 2])
    }

    /// The SYN in IPv6, from 2001:db8::1 to 2001:db8::2.
    public static func packet6() -> [UInt8] { ipv6(6, syn) }

    /// IPv4 around a payload, from 192.0.2.1 to 192.0.2.2; identification 0x1234, time to live 64.
    public static func ipv4(
        _ protocolNumber: UInt8, _ payload: [UInt8], from: [UInt8] = [192, 0, 2, 1], to: [UInt8] = [192, 0, 2, 2],
        fragment: UInt16 = 0x4000, identification: UInt16 = 0x1234
    ) -> [UInt8] {
        var header = [0x45, 0] + word(20 + payload.count) + word(Int(identification)) + word(Int(fragment))
        header += [64, protocolNumber, 0, 0] + from + to
        var checksum = Checksum()
        checksum.add(header.span)
        header.replaceSubrange(10..<12, with: word(Int(checksum.value)))
        return header + payload
    }

    /// IPv6 around a payload, from 2001:db8::1 to 2001:db8::2; hop limit 63.
    public static func ipv6(_ nextHeader: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 0] + word(payload.count) + [nextHeader, 63] + address6(1) + address6(2) + payload
    }

    /// IPv6 with a fragment header; the offset is in octets.
    public static func fragment6(
        _ nextHeader: UInt8, _ payload: [UInt8], offset: Int, hasMore: Bool, identification: UInt8 = 9
    ) -> [UInt8] {
        ipv6(44, [nextHeader, 0] + word(offset | (hasMore ? 1 : 0)) + [0, 0, 0, identification] + payload)
    }

    public static func udp(to port: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [0xC0, 0x01] + word(Int(port)) + word(8 + payload.count) + [0, 0] + payload
    }

    public static func vxlan(_ identifier: UInt8, _ frame: [UInt8]) -> [UInt8] {
        [0x08, 0, 0, 0, 0, 0, identifier, 0] + frame
    }

    /// Geneve around a payload, by its EtherType.
    public static func geneve(_ identifier: UInt8, _ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [0, 0] + word(Int(type)) + [0, 0, identifier, 0] + payload
    }

    /// Geneve around an Ethernet frame, with options of a length that is a multiple of four.
    public static func geneve(_ identifier: UInt8, options: [UInt8], _ frame: [UInt8]) -> [UInt8] {
        [UInt8(options.count / 4), 0, 0x65, 0x58, 0, 0, identifier, 0] + options + frame
    }

    public static func ethernet(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [0x02, 0, 0, 0, 0, 0x02] + [0x02, 0, 0, 0, 0, 0x01] + word(Int(type)) + payload
    }

    /// IEEE 802.3 with LLC and SNAP.
    public static func ethernetSNAP(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        ethernet(UInt16(8 + payload.count), snap(type, payload))
    }

    public static func snap(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [0xAA, 0xAA, 0x03, 0, 0, 0] + word(Int(type)) + payload
    }

    /// A tag's control information and what comes behind it.
    public static func tag(_ identifier: Int, _ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        word(identifier) + word(Int(type)) + payload
    }

    /// A stack of labels, the last of them at the bottom.
    public static func mpls(_ labels: [Int], _ payload: [UInt8]) -> [UInt8] {
        labels.enumerated().flatMap { place, label in
            word(label >> 4) + [UInt8(label & 0xF) << 4 | (place == labels.count - 1 ? 1 : 0), 64]
        } + payload
    }

    public static func pppoe(_ ppp: [UInt8]) -> [UInt8] {
        [0x11, 0, 0, 7] + word(ppp.count) + ppp
    }

    public static func gre(_ flags: UInt16, _ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        gre(flags, type, [], payload)
    }

    /// With the fields that the flags announce.
    public static func gre(_ flags: UInt16, _ type: UInt16, _ fields: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        word(Int(flags)) + word(Int(type)) + fields + payload
    }

    /// A data frame: control octets, what stands behind the sequence control field, and the body.
    public static func wireless(_ kind: UInt8, _ flags: UInt8, _ more: [UInt8], _ body: [UInt8]) -> [UInt8] {
        let stations = [3, 1, 2].flatMap { [0x02, 0, 0, 0, 0, $0] as [UInt8] }
        return [kind, flags, 0, 0] + stations + [0, 0] + more + body
    }

    public static func wireless(_ kind: UInt8, _ flags: UInt8, _ body: [UInt8]) -> [UInt8] {
        wireless(kind, flags, [], body)
    }

    public static func word(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }

    private static func address6(_ last: UInt8) -> [UInt8] {
        [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [last]
    }
}
