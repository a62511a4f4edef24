import TCPStateMachine
import TestSupport
import Testing
import WireFormat

private typealias W = Wrapping

@Test(arguments: Encapsulation.all)
func `every encapsulation leads to the segment`(_ encapsulation: Encapsulation) throws {
    // What an Ethernet frame is filled up with belongs to nothing in it.
    let padding = Array(repeating: UInt8(0xEE), count: encapsulation.linkType == .ethernet ? 6 : 0)
    for frame in [encapsulation.frame, encapsulation.frame + padding] {
        let captured = try segment(frame, encapsulation.linkType)
        #expect(captured.segment == plainSegment)
        #expect(captured.pair == (encapsulation.isIPv6 ? pair6 : pair4))
        #expect(captured.tunnel == encapsulation.tunnel)
        #expect(captured.virtualLAN == encapsulation.virtualLAN)
        #expect(captured.direction == encapsulation.direction)
        #expect(captured.timeToLive == (encapsulation.isIPv6 ? 63 : 64))
        #expect(captured.hasIdentification == !encapsulation.isIPv6)
        #expect((captured.outerTimeToLive == 0) == (encapsulation.tunnel == .none))
        #expect(!captured.isHeaderCut)
    }
}

/// Of a SYN that is cut off before its control bits, nothing is made up; of one with them, nothing is lost.
@Test(arguments: Encapsulation.all)
func `an encapsulation that is cut anywhere is no other segment`(_ encapsulation: Encapsulation) throws {
    let frame = encapsulation.frame
    for length in 0..<frame.count {
        let cut = Array(frame[..<length])
        let (outcome, captured) = decode(cut, encapsulation.linkType, originalLength: frame.count)
        switch outcome {
        case .segment:
            #expect(length >= frame.count - 6, "\(length)")
            #expect(captured.segment.controlBits == .syn && captured.isHeaderCut)
            #expect(captured.pair == (encapsulation.isIPv6 ? pair6 : pair4))
            #expect(captured.tunnel == encapsulation.tunnel)
        case .skipped(let reason):
            #expect(length < frame.count - 6, "\(length)")
            // A UDP header that is cut does not say that it is a tunnel.
            #expect(reason == .cutShort || reason == .notTCP, "\(length)")
        case .icmpError, .fragment: Issue.record("\(outcome) of \(length) octets")
        }
        // The same octets as a whole frame contradict themselves.
        guard length < frame.count - 6 else { continue }
        guard case .skipped(let reason) = decode(cut, encapsulation.linkType).outcome else {
            Issue.record("\(length) octets are no segment")
            continue
        }
        #expect(reason == .malformed || reason == .cutShort || reason == .notTCP, "\(length)")
    }
}

@Test(arguments: [
    ("protected 802.11", .wireless, W.wireless(0x88, 0x41, [0, 0], Array(repeating: 0x5A, count: 60)), .encrypted),
    ("PPP, encrypted", .ppp, [0xFF, 0x03, 0x00, 0x53, 1, 2, 3, 4], .encrypted),
    ("802.11, null function", .wireless, W.wireless(0x48, 0x01, []), .notIP),
    ("802.11, beacon", .wireless, W.wireless(0x80, 0x00, Array(repeating: 0, count: 20)), .notIP),
    ("802.11, ACK", .wireless, W.wireless(0xD4, 0x00, []), .notIP),
    ("802.11, EAPOL", .wireless, W.wireless(0x08, 0x01, W.snap(0x888E, [1, 2, 3, 4])), .notIP),
    (
        "radiotap, bad checksum", .wirelessRadiotap,
        [0, 0, 9, 0, 2, 0, 0, 0, 0x40] + W.wireless(0x08, 0x01, W.snap(0x0800, W.packet4())), .malformed
    ),
    ("radiotap, another version", .wirelessRadiotap, [1, 0, 8, 0, 0, 0, 0, 0], .malformed),
    ("radiotap, too short for itself", .wirelessRadiotap, [0, 0, 7, 0, 0, 0, 0, 0], .malformed),
    ("AVS, no such header", .wirelessAVS, Array(repeating: 0, count: 100), .malformed),
    ("PPP, LCP", .ppp, [0xFF, 0x03, 0xC0, 0x21, 1, 1, 0, 4], .notIP),
    ("PPP, compressed TCP", .ppp, [0xFF, 0x03, 0x00, 0x2D] + W.packet4(), .notIP),
    ("PPPoE, discovery in a session", .ethernet, W.ethernet(0x8864, [0x11, 0xA7, 0, 1, 0, 0]), .notIP),
    ("PPPoE, another version", .ethernet, W.ethernet(0x8864, [0x21, 0, 0, 1, 0, 0]), .malformed),
    ("MPLS, neither IP nor pseudowire", .ethernet, W.ethernet(0x8847, W.mpls([16], [0x10, 0, 0, 0])), .notIP),
    ("MPLS without a bottom", .mpls, Array(repeating: 0, count: 400), .nestedTooDeep),
    ("LLC, spanning tree", .ethernet, W.ethernet(0x0026, [0x42, 0x42, 0x03, 0, 0, 0, 0, 0]), .notIP),
    ("UDP", .ethernet, W.ethernet(0x0800, W.ipv4(17, W.udp(to: 53, W.packet4()))), .notTCP),
    (
        "VXLAN's port without VXLAN", .ethernet,
        W.ethernet(0x0800, W.ipv4(17, W.udp(to: 8472, [0, 0, 0, 0, 0, 0, 5, 0] + W.packet4()))),
        .notTCP
    ),
    (
        "ARP in VXLAN", .ethernet,
        W.ethernet(0x0800, W.ipv4(17, W.udp(to: 4789, W.vxlan(5, W.ethernet(0x0806, [0, 1]))))),
        .notIP
    ),
    (
        "GRE with source routes", .ethernet,
        W.ethernet(0x0800, W.ipv4(47, W.gre(0x4000, 0x0800, [0, 0, 0, 0], W.packet4()))), .notTCP
    ),
    (
        "PPTP, nothing but an acknowledgment", .ethernet,
        W.ethernet(0x0800, W.ipv4(47, W.gre(0x2081, 0x880B, [0, 0, 0, 9, 0, 0, 0, 1], []))), .notTCP
    ),
    ("IPv4 that says it carries IPv6", .ethernet, W.ethernet(0x0800, W.ipv4(41, W.packet4())), .malformed),
    ("PFLOG without a length", .packetFilterLog, [0, 2] + W.packet4(), .malformed),
] as [(String, LinkType, [UInt8], SkipReason)])
func `what is inside is skipped with its reason`(
    _ name: String, _ linkType: LinkType, _ frame: [UInt8], _ reason: SkipReason
) {
    #expect(skipReason(frame, linkType) == reason)
}

@Test func `an A-MSDU is read up to the first of its frames`() throws {
    let body = W.snap(0x0800, W.packet4())
    let station: [UInt8] = [0x02, 0, 0, 0, 0, 4]
    let subframe = station + station + W.word(body.count) + body
    let frame = W.wireless(0x88, 0x02, [0x80, 0x00], subframe + [0, 0] + subframe)
    #expect(try segment(frame, .wireless).segment == plainSegment)
}

@Test func `of a fragmented wireless frame the first part is the segment`() throws {
    var frame = W.wireless(0x08, 0x05, W.snap(0x0800, W.packet4(text: 100)))
    #expect(try segment(frame, .wireless).segment.payloadLength == 100)
    frame[22] = 0x01
    #expect(skipReason(frame, .wireless) == .fragment)
}

/// Segmentation offload inside a tunnel: the length is left open, by either header or both.
@Test func `a super-segment in a tunnel is as long as the packet around it says`() throws {
    var inner = W.packet4(text: 3000)
    inner.replaceSubrange(2..<4, with: [0, 0])
    var frame = W.ethernet(
        0x0800, W.ipv4(17, W.udp(to: 4789, W.vxlan(5, W.ethernet(0x0800, inner)))))
    #expect(try segment(frame + [1, 2, 3]).segment.payloadLength == 3000)
    // Cut by the snapshot length.
    #expect(try segment(Array(frame.prefix(150)), originalLength: frame.count).segment.payloadLength == 3000)
    frame.replaceSubrange(16..<18, with: [0, 0])
    #expect(try segment(frame).segment.payloadLength == 3000)
    #expect(try segment(Array(frame.prefix(150)), originalLength: frame.count + 70_000).segment.payloadLength == 73_000)
}

@Test func `a length inside a tunnel is that of the inner header`() throws {
    let inner = W.packet4(text: 10) + Array(repeating: 0, count: 30)
    let frame = W.ethernet(0x0800, W.ipv4(4, inner))
    #expect(try segment(frame).segment.payloadLength == 10)
}

@Test func `what follows a packet in the frame is not in its tunnel`() {
    // The header around it ends within TCP's.
    var frame = W.ethernet(0x0800, W.ipv4(4, W.packet4()))
    frame.replaceSubrange(16..<18, with: W.word(20 + 20 + 10))
    #expect(skipReason(frame) == .malformed)
}

@Test func `an ICMP error in a tunnel is about a flow of that tunnel`() throws {
    let quoted = W.ipv4(6, W.syn, from: [10, 0, 0, 1], to: [10, 0, 0, 2])
    let message = W.ipv4(1, [3, 3, 0, 0, 0, 0, 0, 0] + quoted, from: [10, 0, 0, 9], to: [10, 0, 0, 1])
    let inside = W.ethernet(0x0800, W.ipv4(47, W.gre(0x2000, 0x0800, [0, 0, 0, 7], message)))
    let error = try icmpError(inside)
    #expect(error.tunnel == Tunnel(.gre, key: 7) && error.pair == pair4 && error.isHard)
    #expect(try icmpError(W.ethernet(0x0800, message)).tunnel == .none)
    // About the packet around the tunnel: it quotes no TCP header.
    let about = [3, 3, 0, 0, 0, 0, 0, 0] + W.ipv4(47, W.gre(0, 0x0800, W.packet4()))
    #expect(skipReason(W.ethernet(0x0800, W.ipv4(1, about))) == .notTCP)
}

@Test func `headers around headers have an end`() {
    var packet = W.packet4()
    for _ in 0..<8 { packet = W.ipv4(4, packet) }
    #expect(throws: Never.self) { try segment(W.ethernet(0x0800, packet)) }
    for _ in 0..<500 { packet = W.ipv4(4, packet) }
    #expect(skipReason(W.ethernet(0x0800, packet)) == .nestedTooDeep)
    var frame = W.packet4()
    for _ in 0..<1000 { frame = [0, 0, 0, 0] + W.ethernet(0x8847, W.mpls([16], frame)) }
    #expect(skipReason(frame, .mpls) == .nestedTooDeep)
    let words = Array(repeating: W.snap(0x0030, []), count: 5000).flatMap { $0 }
    #expect(skipReason(W.ethernet(0x0030, words)) == .nestedTooDeep)
}

/// Any of the headers around any other, in any order.
@Test(arguments: Seeds.all)
func `headers nested at random are read or skipped, never trapped on`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
        let frame = randomNesting(using: &generator)
        feed(frame, .ethernet, originalLength: frame.count, seed: seed)
        let cut = Array(frame.prefix(Int(generator.next() % UInt64(frame.count))))
        feed(cut, .ethernet, originalLength: randomLength(using: &generator, captured: cut.count), seed: seed)
        var damaged = frame
        for _ in 0..<3 {
            damaged[Int(generator.next() % UInt64(frame.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
        feed(damaged, .ethernet, originalLength: damaged.count, seed: seed)
    }
}

/// A frame of up to a dozen headers; each is announced by the one around it, most of the time rightly.
func randomNesting(using generator: inout SeededGenerator) -> [UInt8] {
    var type: UInt16 = 0x0800
    var payload = W.packet4(text: Int(generator.next() % 8))
    for _ in 0..<generator.next() % 12 {
        let random = UInt16(truncatingIfNeeded: generator.next())
        switch generator.next() % 12 {
        case 0: (type, payload) = (0x0800, W.ipv4(type == 0x86DD ? 41 : 4, payload))
        case 1: (type, payload) = (0x86DD, W.ipv6(type == 0x86DD ? 41 : 4, payload))
        case 2:
            let fields = [UInt8](repeating: 1, count: (random & 0xB000).nonzeroBitCount * 4)
            (type, payload) = (0x0800, W.ipv4(47, W.gre(random & 0xF087, type, fields, payload)))
        case 3: (type, payload) = (0x0800, W.ipv4(17, W.udp(to: 4789, W.vxlan(5, W.ethernet(type, payload)))))
        case 4: (type, payload) = (0x86DD, W.ipv6(17, W.udp(to: 6081, W.geneve(5, type, payload))))
        case 5: (type, payload) = (0x8100, W.tag(5, type, payload))
        case 6: (type, payload) = (0x8847, W.mpls([16, 17], payload))
        case 7: (type, payload) = (0x8864, W.pppoe([0, type == 0x86DD ? 0x57 : 0x21] + payload))
        case 8: (type, payload) = (UInt16(truncatingIfNeeded: payload.count + 8), W.snap(type, payload))
        case 9: (type, payload) = (0x8847, W.mpls([16], [0, 0, 0, 0] + W.ethernet(type, payload)))
        case 10: (type, payload) = (0x0800, W.ipv4(4, payload, fragment: random & 0x3FFF))
        default:
            let fragment = W.fragment6(4, payload, offset: Int(random & 0xFF8), hasMore: random & 1 == 0)
            (type, payload) = (0x86DD, fragment)
        }
    }
    return W.ethernet(type, payload)
}
