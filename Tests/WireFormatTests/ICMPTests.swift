import TCPStateMachine
import Testing
import WireFormat

/// An ICMP message about a packet that starts with `quoted`.
private func icmp(_ type: UInt8, _ code: UInt8, _ quoted: [UInt8]) -> [UInt8] {
    let message = [type, code, 0, 0, 0, 0, 0, 0] + quoted
    return Octets.ethernetIPv4 + Octets.ipv4(carrying: message.count, protocolNumber: 1) + message
}

private func icmpv6(_ type: UInt8, _ code: UInt8, _ quoted: [UInt8]) -> [UInt8] {
    let message = [type, code, 0, 0, 0, 0, 0, 0] + quoted
    return Octets.ethernetIPv6 + Octets.ipv6(carrying: message.count, nextHeader: 58) + message
}

/// The least that must be quoted: the IP header and 64 bits (RFC 792).
private let quoted4 = Octets.ipv4(carrying: 20) + Octets.tcp()[..<8]
private let quoted6 = Octets.ipv6(carrying: 20) + Octets.tcp()

@Test func `an ICMP error tells of whom it speaks`() throws {
    let error = try icmpError(icmp(3, 1, quoted4))
    #expect(error == ICMPError(
        pair: pair4, sequenceNumber: SequenceNumber(0x0102_0304), type: 3, code: 1, isHard: false))
}

@Test func `an ICMPv6 error tells of whom it speaks`() throws {
    let error = try icmpError(icmpv6(1, 4, quoted6))
    #expect(error == ICMPError(
        pair: pair6, sequenceNumber: SequenceNumber(0x0102_0304), type: 1, code: 4, isHard: true))
}

@Test func `protocol and port unreachable are hard, all else of ICMP is soft`() throws {
    for type: UInt8 in [3, 4, 11, 12] {
        for code in UInt8.min...15 {
            #expect(try icmpError(icmp(type, code, quoted4)).isHard == (type == 3 && (code == 2 || code == 3)))
        }
    }
}

@Test func `prohibited and port unreachable are hard, all else of ICMPv6 is soft`() throws {
    for type: UInt8 in 1...4 {
        for code in UInt8.min...7 {
            #expect(try icmpError(icmpv6(type, code, quoted6)).isHard == (type == 1 && (code == 1 || code == 4)))
        }
    }
}

@Test func `ICMP messages that are no errors are not TCP`() {
    for type: UInt8 in [0, 5, 8, 9, 10, 13, 14] { #expect(skipReason(icmp(type, 0, quoted4)) == .notTCP) }
    for type: UInt8 in [0, 5, 127, 128, 129, 135, 137] { #expect(skipReason(icmpv6(type, 0, quoted6)) == .notTCP) }
}

@Test func `errors about other protocols are not TCP`() {
    #expect(skipReason(icmp(3, 3, Octets.ipv4(carrying: 20, protocolNumber: 17) + Octets.tcp())) == .notTCP)
    #expect(skipReason(icmpv6(1, 4, Octets.ipv6(carrying: 20, nextHeader: 17) + Octets.tcp())) == .notTCP)
}

@Test func `a quoted header may have options and extension headers`() throws {
    let options = Octets.ipv4(carrying: 20, options: [1, 1, 1, 1]) + Octets.tcp()
    #expect(try icmpError(icmp(11, 0, options)).pair == pair4)
    let extended = Octets.ipv6(carrying: 28, nextHeader: 60) + [6, 0, 0, 0, 0, 0, 0, 0] + Octets.tcp()
    #expect(try icmpError(icmpv6(3, 0, extended)).pair == pair6)
}

@Test func `an error about a later fragment has no ports`() {
    #expect(skipReason(icmp(11, 1, Octets.ipv4(carrying: 20, fragment: 0x0010) + Octets.tcp())) == .fragment)
    let first = Octets.ipv4(carrying: 20, fragment: 0x2000) + Octets.tcp()
    #expect(skipReason(icmp(11, 1, first)) == nil)
}

@Test(arguments: [false, true])
func `a quotation that was cut is cut short, one that was never whole is malformed`(_ isIPv6: Bool) throws {
    let frame = isIPv6 ? icmpv6(1, 4, Array(quoted6[..<48])) : icmp(3, 3, quoted4)
    _ = try icmpError(frame)
    for length in 14..<frame.count {
        #expect(skipReason(Array(frame[..<length]), originalLength: frame.count) == .cutShort, "\(length)")
    }
    let quoted = isIPv6 ? Array(quoted6[..<48]) : quoted4
    for length in 0..<quoted.count {
        let short = isIPv6 ? icmpv6(1, 4, Array(quoted[..<length])) : icmp(3, 3, Array(quoted[..<length]))
        #expect(skipReason(short) == .malformed, "\(length)")
    }
}
