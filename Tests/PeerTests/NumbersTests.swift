import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Packets, octets of text and retransmissions as tshark and tcptrace count them; the rules by which they may differ
/// are those of Docs/compared.md, "Numbers".
@Suite struct NumbersTests {
    @Test func agreeWithPeersOnAFewStories() throws {
        try compare(PeerCaptures.sample.get(), atLeast: 20)
    }
}

@Suite(.enabled(if: Long.isWanted)) struct LongNumbersTests {
    @Test func agreeWithPeersOnAllCaptures() throws {
        try compare(PeerCaptures.all.get(), atLeast: 900)
    }
}

/// Why a number may differ, by the names that Docs/compared.md has.
private enum Difference: String, CaseIterable {
    case none = "no difference"
    case copy = "copy"
    case newNumbers = "new numbers"
    case outOfOrder = "out of order"
    case unbelieved = "unbelieved"
    case filledHole = "filled hole"
    case secondSyn = "second SYN"
    case fragments = "fragments"
    case notRead = "not read by tcptrace"
}

private func compare(_ captures: [PeerCapture], atLeast least: Int) throws {
    var counts: [Difference: Int] = [:]
    for capture in captures {
        let mine = PostelSegments(path: capture.path)
        for frame in capture.frames where !frame.isQuoted {
            guard let segment = mine.segments[frame.number] else {
                Issue.record("\(capture.name) packet \(frame.number): Wireshark sees a segment there")
                continue
            }
            #expect(segment.length == frame.length, "\(capture.name) packet \(frame.number)")
            let difference = explain(segment, frame, mine)
            #expect(difference != nil, "\(capture.name) packet \(frame.number): \(segment.note), \(frame.analysis)")
            if let difference { counts[difference, default: 0] += 1 }
        }
        #expect(mine.segments.count == capture.frames.count { !$0.isQuoted }, "\(capture.name)")
        guard Tcptrace.isInstalled else { continue }
        let theirs = try Tcptrace.count(capture.path)
        for (pair, own) in EndpointCounts.of(mine, capture) {
            for difference in own.differences(from: theirs[pair], "\(capture.name) \(pair.source)") {
                counts[difference, default: 0] += 1
            }
        }
    }
    #expect(captures.count >= least)
    for difference in Difference.allCases { print("== numbers: \(difference.rawValue) \(counts[difference] ?? 0)") }
}

/// Why Wireshark calls a segment a retransmission and Postel does not, or the other way round; nil if nothing says why.
private func explain(_ segment: SegmentRecord, _ frame: WiresharkFrame, _ mine: PostelSegments) -> Difference? {
    let isRetransmission = segment.note == .retransmission
    guard isRetransmission != frame.isRetransmission else { return Difference.none }
    if isRetransmission { return frame.analysis.contains("out_of_order") ? .outOfOrder : nil }
    if segment.note == .copy { return .copy }
    if !segment.isBelieved { return .unbelieved }
    return mine.news.contains(frame.number) ? .newNumbers : nil
}

extension WiresharkFrame {
    /// Any of Wireshark's three words for it.
    fileprivate var isRetransmission: Bool {
        !analysis.isDisjoint(with: ["retransmission", "fast_retransmission", "spurious_retransmission"])
    }
}

/// What one end sent, all flows of a pair of sockets together, and what tells how others may count it.
private struct EndpointCounts {
    var packets = 0
    var octets = 0
    var retransmissions = 0
    var candidates = 0
    var syns = 0
    var fillers = 0
    /// Wireshark calls them retransmissions and Postel does not: their numbers have been seen in some way.
    var seenNumbers = 0
    /// What segments that Postel does not believe can add to octets: their text, and one for SYN or FIN.
    var unbelieved = 0
    var hasFragments = false
    var isTunneled = false

    static func of(_ mine: PostelSegments, _ capture: PeerCapture) -> [SocketPair: EndpointCounts] {
        var counts: [SocketPair: EndpointCounts] = [:]
        var pairs: [UInt64: SocketPair] = [:]
        for flow in mine.flows {
            pairs[flow.flow] = flow.pair
            for (pair, end) in [(flow.pair, flow.initiator), (flow.pair.reversed, flow.responder)] {
                counts[pair, default: EndpointCounts()].packets += Int(end.packets)
                counts[pair]?.octets += Int(end.bytes)
                counts[pair]?.retransmissions += Int(end.retransmissions)
                counts[pair]?.hasFragments = mine.hasFragments
                if flow.tunnel != .none { counts[pair]?.isTunneled = true }
            }
        }
        let seen = Set(capture.frames.filter(\.isRetransmission).map(\.number))
        for (packet, segment) in mine.segments {
            guard let pair = pairs[segment.flow] else { continue }
            let sender = segment.from == .initiator ? pair : pair.reversed
            counts[sender]?.take(segment, isNew: mine.news.contains(packet), isSeen: seen.contains(packet))
        }
        return counts
    }

    private mutating func take(_ segment: SegmentRecord, isNew: Bool, isSeen: Bool) {
        if segment.note == .candidateSyn { candidates += 1 }
        if segment.controlBits.contains(.syn) { syns += 1 }
        if segment.note == .retransmission, isNew { fillers += 1 }
        if segment.note != .retransmission, isSeen { seenNumbers += 1 }
        if segment.note == .copy { return }
        if !segment.isBelieved { unbelieved += Int(segment.length) + 1 }
    }

    /// The rules by which tcptrace's numbers differ; what none explains is an issue.
    func differences(from theirs: TcptraceCounts?, _ name: String) -> [Difference] {
        guard let theirs else { return [.notRead] }
        if isTunneled { return [.notRead] }
        var found: [Difference] = []
        if theirs.packets != packets {
            #expect(theirs.packets == packets + candidates, "\(name): packets \(packets), tcptrace \(theirs.packets)")
            found.append(.unbelieved)
        }
        if theirs.octets != octets {
            let most = unbelieved + max(0, syns - 1)
            let isExplained = abs(theirs.octets - octets) <= most || hasFragments && theirs.octets < octets
            #expect(isExplained, "\(name): octets \(octets), tcptrace \(theirs.octets)")
            found.append(hasFragments ? .fragments : .unbelieved)
        }
        if theirs.retransmissions != retransmissions {
            let least = retransmissions - fillers
            let most = retransmissions + seenNumbers + max(0, syns - 1) + candidates
            #expect(
                (least...most).contains(theirs.retransmissions),
                "\(name): retransmissions \(retransmissions), tcptrace \(theirs.retransmissions)")
            found.append(theirs.retransmissions < retransmissions ? .filledHole : .secondSyn)
        }
        return found.isEmpty ? [.none] : found
    }
}
