import Foundation
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// What tshark says of one frame: the innermost TCP header, and the tunnel around it.
private struct TsharkRow {
    let ports: [String]
    let sequenceNumber: String
    let length: String
    let flags: String
    let tunnel: String

    /// From the fields in `TsharkRow.fields`; nil if tshark sees no TCP.
    init?(_ line: Substring) {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            .map { $0.split(separator: ",").map(String.init) }
        guard columns.count == TsharkRow.fields.count, let source = columns[0].last, let destination = columns[1].last,
            let number = columns[2].last, let length = columns[3].last, let flags = columns[4].last
        else { return nil }
        ports = [source, destination]
        sequenceNumber = number
        self.length = length
        self.flags = flags
        tunnel = TsharkRow.tunnel(columns[5].last ?? "", columns)
    }

    static let fields = [
        "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.len", "tcp.flags", "frame.protocols", "vxlan.vni",
        "geneve.vni", "gre.key", "erspan.spanid",
    ]

    /// The innermost tunnel by the chain of protocols, named as records do.
    private static func tunnel(_ chain: String, _ columns: [[String]]) -> String {
        func number(_ column: Int) -> String? {
            columns[column].last.flatMap { text in
                text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16).map(String.init) : text
            }
        }
        var name = ""
        var previous = ""
        for word in chain.split(separator: ":").map(String.init) where !word.hasPrefix("ipv6.") {
            switch (previous, word) {
            case (_, "vxlan"): name = "vxlan:" + (number(6) ?? "?")
            case (_, "geneve"): name = "geneve:" + (number(7) ?? "?")
            case (_, "gre"): name = number(8).map { "gre:" + $0 } ?? "gre"
            case ("gre", "ppp"): name = "pptp"
            case (_, "erspan"): name = number(9).map { "erspan:" + $0 } ?? "erspan"
            case ("ip", "ip"): name = "ipip"
            case ("ip", "ipv6"): name = "6in4"
            case ("ipv6", "ip"): name = "4in6"
            case ("ipv6", "ipv6"): name = "6in6"
            default: break
            }
            previous = word
        }
        return name
    }
}

/// One line for each frame of a capture.
private func tshark(_ capture: MixedCapture) throws -> [TsharkRow?] {
    let folder = try TemporaryFolder()
    let path = try folder.write(capture.bytes, to: "mixed.pcapng")
    let fields = TsharkRow.fields.flatMap { ["-e", $0] }
    let result = try run(
        "/usr/bin/env",
        [
            // Label 19 stands for a pseudowire: that is not on the wire.
            "tshark", "-n", "-r", path, "-d", "udp.port==8472,vxlan", "-d", "mpls.label==19,pwethcw", "-T", "fields",
            "-E", "occurrence=a",
        ] + fields)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count == capture.frames.count, "\(result.error)")
    return lines.map { TsharkRow($0) }
}

/// What Postel says of the same frames, in order; nil where there is no segment.
private func decoded(_ capture: MixedCapture) -> [CapturedSegment?] {
    var assembler = FragmentAssembler()
    return capture.frames.enumerated().map { place, frame in
        var captured = CapturedSegment(segment: plainSegment, pair: pair4)
        let span = frame.octets.span
        var outcome = FrameDecoder(linkType: frame.linkType)
            .decode(span, originalLength: span.count, into: &captured)
        if case .fragment(let fragment) = outcome {
            let time = Int64(place) * 1_000_000
            guard let whole = assembler.take(fragment, of: span, into: &captured, time: time) else { return nil }
            outcome = whole
        }
        guard case .segment = outcome else { return nil }
        return captured
    }
}

private func compare(_ capture: MixedCapture, _ name: (Int) -> String) throws {
    for (place, (theirs, ours)) in zip(try tshark(capture), decoded(capture)).enumerated() {
        let comment: Comment = "frame \(place + 1): \(name(place))"
        guard let theirs, let ours else {
            #expect(theirs == nil && ours == nil, comment)
            continue
        }
        let segment = ours.segment
        #expect(theirs.ports == [String(ours.pair.sourcePort), String(ours.pair.destinationPort)], comment)
        #expect(theirs.sequenceNumber == String(segment.sequenceNumber.rawValue), comment)
        #expect(theirs.length == String(segment.payloadLength), comment)
        #expect(UInt16(theirs.flags.dropFirst(2), radix: 16).map { $0 & 0xFF } == UInt16(segment.controlBits.rawValue))
        #expect(theirs.tunnel == ours.tunnel.description, comment)
    }
}

/// Link types that tshark 4.0 does not read.
private let unknownToTshark: Set<LinkType> = [.mpls, .pppd]

/// An independent reader of the same octets.
@Suite struct TsharkTests {
    @Test func findsTheSameInEveryEncapsulation() throws {
        var capture = MixedCapture()
        let all = Encapsulation.all.filter { !unknownToTshark.contains($0.linkType) }
        for encapsulation in all { capture.add(encapsulation.frame, encapsulation.linkType) }
        #expect(decoded(capture).allSatisfy { $0 != nil })
        try compare(capture) { all[$0].testDescription }
    }

    @Test(arguments: [1, 793] as [UInt64])
    func findsTheSameInWhatTheEncoderWrites(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var capture = MixedCapture()
        for linkType in LinkType.allCases where !unknownToTshark.contains(linkType) {
            for _ in 0..<20 {
                var captured = randomSegment(using: &generator, linkType: linkType)
                captured.segment.payloadLength %= 1400
                var frame: [UInt8] = []
                FrameEncoder(linkType: linkType).encode(captured, into: &frame)
                capture.add(frame, linkType)
            }
        }
        try compare(capture) { "\(capture.frames[$0].linkType), seed \(seed): \(capture.frames[$0].octets)" }
    }

    @Test(arguments: [1, 793] as [UInt64])
    func putsTheSameFragmentsTogether(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var capture = MixedCapture()
        for number in 0..<60 {
            let text = Int(generator.next() % 300) + 1
            var pieces = randomPieces(Wrapping.packet4(text: text), UInt16(number), using: &generator)
            // The last one tells the length; tshark and Postel agree on which frame completes the whole.
            pieces.shuffle(using: &generator)
            for piece in pieces { capture.add(Wrapping.ethernet(0x0800, piece), .ethernet) }
        }
        #expect(decoded(capture).count { $0 != nil } == 60)
        try compare(capture) { _ in "seed \(seed)" }
    }
}

/// A packet in fragments: itself, or a packet that is a tunnel around it.
private func randomPieces(
    _ packet: [UInt8], _ identification: UInt16, using generator: inout SeededGenerator
) -> [[UInt8]] {
    let octets = 8 * Int(generator.next() % 12 + 1)
    let (number, payload): (UInt8, [UInt8]) =
        switch generator.next() % 4 {
        case 0: (17, Wrapping.udp(to: 4789, Wrapping.vxlan(5, Wrapping.ethernet(0x0800, packet))))
        case 1: (47, Wrapping.gre(0x2000, 0x0800, [0, 0, 0, 9], packet))
        case 2: (4, packet)
        default: (6, Array(packet[20...]))
        }
    return stride(from: 0, to: payload.count, by: octets).map { start in
        let end = min(start + octets, payload.count)
        return Wrapping.ipv4(
            number, Array(payload[start..<end]),
            fragment: UInt16(start / 8) | (end < payload.count ? 0x2000 : 0), identification: identification)
    }
}
