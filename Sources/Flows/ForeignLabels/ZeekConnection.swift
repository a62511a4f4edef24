import TCPStateMachine
import WireFormat

/// One connection as Zeek sees it: what it would call it, and how long it would remember it.
///
/// The rules are those of Zeek 8 (Docs/labels.md says where they differ from the RFC's and from Postel's). Times are
/// microseconds since the epoch, as Zeek reads them.
struct ZeekConnection {
    /// The source is the sender of the first segment.
    let pair: SocketPair
    let first: Int64
    /// When the last segment came that counted: not after both ends had closed.
    private(set) var last: Int64
    /// The two ends, by their place in `pair`.
    var ends: InlineArray<2, ZeekEndpoint> = [ZeekEndpoint(), ZeekEndpoint()]
    /// Which of them Zeek takes for the originator.
    private(set) var originator = 0
    var history = ZeekHistory()
    /// What was written, by whom; the originator's first.
    private var letters: InlineArray<2, ZeekLetters> = [[], []]
    /// The first segments of the originator and of the responder have been processed.
    private var sawOriginator = false
    private var sawResponder = false
    private(set) var isPartial = false
    /// Octets that were acknowledged and never seen.
    private(set) var missedOctets: UInt64 = 0
    /// A close that waits for text that is missing.
    private var isCloseDeferred = false
    private var isDeferredCloseReported = false
    var timers: ZeekTimers

    var responder: Int { 1 - originator }

    /// A connection begins with this segment, which `observe` is still to be told.
    init(_ captured: CapturedSegment, time: Int64, ports: LikelyServerPorts) {
        pair = captured.pair
        first = time
        last = time
        timers = ZeekTimers(first: time)
        if Self.isReversed(captured, ports) { flip() }
    }

    /// A connection that has gone on as expected from its SYN on; the source of `pair` has sent it.
    ///
    /// - Parameter letters: what was written, by initiator and responder.
    init(
        pair: SocketPair, first: Int64, last: Int64, ends: InlineArray<2, ZeekEndpoint>, history: ZeekHistory,
        letters: InlineArray<2, ZeekLetters>, timers: ZeekTimers
    ) {
        self.pair = pair
        self.first = first
        self.last = last
        self.ends = ends
        self.history = history
        self.letters = letters
        self.timers = timers
        sawOriginator = true
        sawResponder = ends[1].state != .inactive
    }

    /// Whether the first segment's sender is taken for the responder, by its port.
    private static func isReversed(_ captured: CapturedSegment, _ ports: LikelyServerPorts) -> Bool {
        let segment = captured.segment
        if segment.hasSyn, !segment.hasAck { return false }
        let pair = captured.pair
        guard ports.contains(pair.sourcePort), pair.destination != Address(ipv4: .max) else { return false }
        guard ports.contains(pair.destinationPort) else { return true }
        return !segment.hasSyn && pair.sourcePort < pair.destinationPort
    }

    /// Whether a segment of these addresses and ports begins another connection.
    func isReused(by segment: Segment, from side: Int) -> Bool {
        guard segment.hasSyn else { return false }
        var known = originator
        if segment.hasAck {
            guard ends[originator].state == .inactive else { return false }
            known = responder
        }
        if ends[0].hasClosed || ends[1].hasClosed { return true }
        let number = segment.sequenceNumber.rawValue
        if number == ends[known].startNumber { return false }
        // The SYN,ACK stands in the capture before the SYN that it answers.
        let isLate =
            !segment.hasAck && ends[originator].state == .synAckSent && ends[responder].state == .inactive
            && number == ends[responder].startNumber
        return !isLate
    }

    /// Takes a segment of `side`, 0 for the source of `pair`.
    mutating func observe(_ captured: CapturedSegment, from side: Int, time: Int64) {
        switch captured.verdict {
        case .badInternetHeader, .cutHeader: return
        case .badChecksum, .unfinishedChecksum:
            if ends[side].badChecksums.countOne() { write(UInt8(ascii: "C"), side) }
            return
        case .unexamined, .sound: break
        }
        process(captured, side, time)
        ends[side].packets &+= 1
        ends[side].internetOctets &+= UInt64(captured.internetLength)
    }

    private mutating func process(_ captured: CapturedSegment, _ side: Int, _ time: Int64) {
        let segment = captured.segment
        let peer = 1 - side
        let isOriginator = side == originator
        notePartial(segment, isOriginator)
        let number = segment.sequenceNumber.rawValue
        // What a RST carries is no part of the stream.
        let length = segment.hasRst ? segment.length &- segment.payloadLength : segment.length
        let end = number &+ length
        initialize(side, segment, number, end)
        let place = ends[side].relative(sent: number)
        writeLetters(segment, side, place.number)
        noteWindow(segment, side)
        if !(ends[0].hasClosed && ends[1].hasClosed) { last = time }
        if segment.hasFin {
            ends[side].finCount &+= 1
            ends[side].finEnd = place.number &+ UInt64(length)
        }
        let acknowledged = segment.hasAck ? noteAcknowledgment(segment, peer) : 0
        noteProgress(segment, side, end)
        let close = step(segment, side, isOriginator, time)
        if segment.hasAck { release(peer, acknowledged) }
        if isOriginator { sawOriginator = true } else { sawResponder = true }
        if segment.payloadLength > 0, !segment.hasRst, !place.isBeforeStart, !captured.isTextCut {
            send(segment, side, place.number)
        }
        noteEnd(side)
        if let close { finish(side, isReported: close == .reported) }
    }

    // MARK: Roles

    private mutating func flip() {
        originator = responder
        (sawOriginator, sawResponder) = (sawResponder, sawOriginator)
        isPartial = false
        history.append(UInt8(ascii: "^"))
    }

    private mutating func notePartial(_ segment: Segment, _ isOriginator: Bool) {
        if isOriginator {
            if !sawOriginator { isPartial = !segment.hasSyn || segment.hasAck }
        } else if !sawResponder, !isPartial {
            isPartial = !segment.hasSyn
        }
    }

    /// SYN and SYN,ACK stand in the capture the wrong way round.
    mutating func swapReordered(originatorWas side: Int) {
        isPartial = false
        flip()
        enter(1 - side, .established)
        sawOriginator = true
    }

    mutating func becomeWhole(_ isOriginator: Bool) {
        isPartial = false
        if isOriginator { sawOriginator = true } else { sawResponder = true }
    }

    // MARK: Letters

    private mutating func write(_ letter: UInt8, _ side: Int) {
        history.append(side == originator ? letter : letter | 0x20)
    }

    /// Writes a letter that comes once; whether it had been written before.
    private mutating func writeOnce(_ kind: ZeekLetters, _ letter: UInt8, _ side: Int) -> Bool {
        let role = side == originator ? 0 : 1
        guard !letters[role].contains(kind) else { return true }
        letters[role].insert(kind)
        write(letter, side)
        return false
    }

    private mutating func writeLetters(_ segment: Segment, _ side: Int, _ place: UInt64) {
        let flags = segment.controlBits.intersection([.syn, .fin, .rst])
        switch flags {
        case []:
            guard segment.payloadLength > 0 || segment.hasAck else { return }
            // Only a SYN,ACK was seen, and somebody goes on: its sender was the responder after all.
            if history.isSynAckAlone {
                flip()
                history.becomeFlippedSynAck()
            }
            if segment.payloadLength > 0 {
                _ = writeOnce(.data, UInt8(ascii: "D"), side)
            } else {
                _ = writeOnce(.ack, UInt8(ascii: "A"), side)
            }
        case .syn:
            let letter = segment.hasAck ? UInt8(ascii: "H") : UInt8(ascii: "S")
            if writeOnce(.syn, letter, side), place != ends[side].lastSyn { write(letter, side) }
            ends[side].lastSyn = place
        case .fin:
            let end = place &+ UInt64(segment.payloadLength)
            if writeOnce(.fin, UInt8(ascii: "F"), side), end != ends[side].lastFin { write(UInt8(ascii: "F"), side) }
            ends[side].lastFin = end
        case .rst:
            if writeOnce(.reset, UInt8(ascii: "R"), side), place != ends[side].lastReset {
                write(UInt8(ascii: "R"), side)
            }
            ends[side].lastReset = place
        default:
            if flags.isSuperset(of: [.fin, .rst]) {
                _ = writeOnce(.inconsistent, UInt8(ascii: "I"), side)
            } else {
                _ = writeOnce(.severalFlags, UInt8(ascii: "Q"), side)
            }
        }
    }

    private mutating func noteWindow(_ segment: Segment, _ side: Int) {
        guard segment.window == 0, !segment.hasRst, ends[1 - side].state != .closed, ends[side].state != .reset else {
            return
        }
        if ends[side].zeroWindows.countOne() { write(UInt8(ascii: "W"), side) }
    }

    // MARK: Numbers

    /// A SYN or RST that jumps farther than this moves nothing; neither does an ACK of zero.
    private static let tooFar: Int32 = 1 << 20

    /// Where the numbers of an end begin.
    private mutating func initialize(_ side: Int, _ segment: Segment, _ number: UInt32, _ end: UInt32) {
        switch ends[side].state {
        case .inactive:
            if segment.hasSyn {
                ends[side].begin(at: number, last: end)
            } else {
                // As if a SYN had stood before it; and the segment itself must not look like one sent again.
                ends[side].begin(at: number &- 1, last: number)
            }
        case .synSent, .synAckSent:
            if segment.hasSyn, number != ends[side].startNumber { ends[side].begin(at: number, last: end) }
        case .established, .partial:
            if segment.hasSyn { ends[side].begin(at: number, last: end) }
        case .reset:
            if segment.hasSyn, ends[side].previous == .inactive { ends[side].begin(at: number, last: end) }
        case .closed: break
        }
    }

    /// What an ACK says of the other end; the number that it acknowledges there, relative.
    private mutating func noteAcknowledgment(_ segment: Segment, _ peer: Int) -> UInt64 {
        let number = segment.acknowledgmentNumber.rawValue
        if ends[peer].state == .inactive {
            ends[peer].begin(at: number &- 1, last: number &- 1)
            return 1
        }
        let place = ends[peer].relative(acknowledged: number)
        if place.isBeforeStart { return 0 }
        if !segment.hasRst {
            let distance = Int32(bitPattern: number &- ends[peer].acknowledged)
            if distance > 0, number != 0 || distance <= Self.tooFar { ends[peer].acknowledge(number) }
        }
        return place.number
    }

    /// How far an end has come; text that does not bring it on was sent again.
    private mutating func noteProgress(_ segment: Segment, _ side: Int, _ end: UInt32) {
        let distance = Int32(bitPattern: end &- ends[side].last)
        if segment.hasSyn || segment.hasRst, distance > Self.tooFar || distance < -Self.tooFar { return }
        if segment.hasFin, ends[side].last == ends[side].startNumber &+ 1 {
            // Between SYN and FIN nothing was captured: the FIN is to be believed, however far it is.
            ends[side].advance(to: end)
        } else if ends[side].state == .reset {
            return
        } else if distance > 0 {
            ends[side].advance(to: end)
        } else if segment.payloadLength > 0, ends[side].retransmissions.countOne() {
            write(UInt8(ascii: "T"), side)
        }
    }

    /// What Zeek calls the size of an end: 0 for a SYN that was taken back before anybody answered.
    func size(_ side: Int) -> UInt64 {
        if ends[side].previous == .synSent, ends[side].state == .reset, ends[1 - side].state == .inactive,
            ends[side].isAnyAcknowledged
        {
            return 0
        }
        return ends[side].size
    }

    // MARK: The stream

    private mutating func send(_ segment: Segment, _ side: Int, _ place: UInt64) {
        let size = self.size(side)
        let acknowledged = ends[side].relativeAcknowledged
        let isAnyAcknowledged = ends[side].isAnyAcknowledged
        ends[side].stream.send(
            from: segment.hasSyn ? place &+ 1 : place, length: UInt64(segment.payloadLength),
            acknowledged: acknowledged, isAnyAcknowledged: isAnyAcknowledged, size: size)
    }

    /// What the ACK covers of an end need not be kept; what was never seen of it is a gap.
    private mutating func release(_ side: Int, _ acknowledged: UInt64) {
        var number = acknowledged
        if ends[side].finCount > 0, number >= ends[side].finEnd { number = ends[side].finEnd &- 1 }
        guard Int64(bitPattern: number) > 0 else { return }
        guard let gaps = ends[side].stream.acknowledge(number, isPartial: isPartial) else { return }
        if gaps.count > 0, isClean(0), isClean(1) {
            missedOctets &+= gaps.octets
            for _ in 0..<gaps.count where ends[side].gaps.countOne() { write(UInt8(ascii: "G"), side) }
        }
        noteEnd(side)
    }

    private func isClean(_ side: Int) -> Bool {
        let state = ends[side].state
        return state == .established || (state == .closed && ends[side].previous == .established)
    }

    // MARK: The end

    /// Text is missing before an end's FIN, or the other's text waits for an ACK that would have come with it.
    ///
    /// It changes nothing; to call what cannot, the compiler would copy the connection.
    private mutating func isPending(_ side: Int) -> Bool {
        switch ends[side].progress {
        case .beyond: false
        case .missing: true
        // An end that sent a RST sends no more ACKs.
        case .complete: ends[side].state != .reset && ends[1 - side].stream.isHolding
        }
    }

    /// An end has sent everything up to its FIN or RST: a close that waited for that goes on.
    private mutating func noteEnd(_ side: Int) {
        guard !ends[side].stream.hasEnded,
            ends[side].finCount > 0 || ends[side].state == .closed || ends[side].state == .reset, !isPending(side)
        else { return }
        ends[side].stream.hasEnded = true
        if isCloseDeferred {
            finish(side, isReported: isDeferredCloseReported)
            isCloseDeferred = false
        }
    }

    /// An end has closed, unless text is still missing.
    private mutating func finish(_ side: Int, isReported: Bool) {
        guard !isPending(side) else {
            isCloseDeferred = true
            if !isDeferredCloseReported { isDeferredCloseReported = isReported }
            return
        }
        isCloseDeferred = false
        guard !ends[side].hasClosed else { return }
        ends[side].hasClosed = true
        let peer = ends[1 - side].state
        guard ends[side].state == .reset || ends[1 - side].hasClosed || peer == .inactive else {
            if ends[side].previous != .inactive { timers.watchHalfClosed(last: last) }
            return
        }
        if ends[side].previous != .inactive || peer != .inactive, isReported || isDeferredCloseReported {
            isDeferredCloseReported = false
            timers.isActive = false
        }
        timers.delete(last: last)
    }

    mutating func enter(_ side: Int, _ state: ZeekEndpointState) {
        let was = ends[side].state
        if state != was, !state.isHandshake, was.isHandshake, ends[1 - side].state.isHandshake {
            timers.inactivity = ZeekTimers.establishedInactivity
        }
        ends[side].enter(state)
    }
}
