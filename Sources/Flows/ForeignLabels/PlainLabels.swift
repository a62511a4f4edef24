import TCPStateMachine
import WireFormat

/// What Wireshark's and Zeek's labels need of a plain flow (`PlainFlow`) beside what the flow keeps itself.
///
/// Of a connection that goes on as expected, all that the two keep follows from the flow's numbers, from which letters
/// Zeek has written, and from when it looks at the connection. `ForeignLabelTests` and `ShortCutTests` compare with the
/// labels that are made of every segment.
struct PlainLabels: BitwiseCopyable {
    /// When Zeek looks at the connection next, of its own accord and because one end has closed; nanoseconds.
    private var look: Int64
    private var halfClosedLook = ZeekTimers.never
    /// Zeek's letters, the first in the lowest octet: each of S, H, A, D and F comes once for an end, and no more than
    /// eight of them can (an initiator sends no H, a responder no S).
    private var letters: UInt64 = 0
    private var count: UInt8 = 0
    /// What was written of the initiator and of the responder.
    private var written = WrittenLetters()
    private var shown: CompletenessBits = .syn
    /// Else nothing here means anything.
    let arePlain: Bool

    /// Those of a flow that has others.
    static var notPlain: PlainLabels { PlainLabels(arePlain: false, look: ZeekTimers.never) }

    private init(arePlain: Bool, look: Int64) {
        self.arePlain = arePlain
        self.look = look
    }

    /// Whether the labels of a flow that begins plainly with this SYN are plain, too.
    @inline(__always)
    static func canBegin(with c: SegmentLine) -> Bool {
        c.has(.isSound) && c.window != 0 && hasRoom(behind: c.sequenceNumber)
    }

    /// The SYN passed at this time, nanoseconds.
    init(begun time: Int64) {
        self.init(arePlain: true, look: Self.time(time, ZeekTimers.firstLook))
        write(.syn, UInt8(ascii: "S"), .initiator)
    }

    // MARK: Segments

    /// Whether the labels stay plain with a segment that the flow takes plainly: Zeek has not forgotten the connection,
    /// counts the segment, waits for no text when an end closes, and does not give up.
    @inline(__always)
    func staysPlain(_ c: SegmentLine, from e: EndpointRole, of flow: FlowBlock) -> Bool {
        let phase = flow.plain.phase
        guard c.has(.isSound), c.acknowledgmentNumber.rawValue != 0 else { return false }
        if phase == .opening { return Self.hasRoom(behind: c.sequenceNumber) && c.time &- flow.last < Self.attemptTime }
        if phase >= .bothClosed { return c.time &- flow.plain.secondFin.time < Self.deletionTime }
        guard c.time &- flow.last < Self.inactivityTime else { return false }
        if c.hasFin, c.acknowledgmentNumber != flow[plain: e.other].sndNxt { return false }
        return c.payloadLength == 0 || mayCarryText(c, from: e, flow)
    }

    private func mayCarryText(_ c: SegmentLine, from e: EndpointRole, _ flow: FlowBlock) -> Bool {
        let before = flow[plain: e].bytes
        let text = before &+ UInt64(c.payloadLength)
        // Text that is not acknowledged, for such a sender has sent no FIN.
        let waiting = UInt64(UInt32(bitPattern: flow[plain: e.other].rcvNxt.distance(to: flow[plain: e].sndNxt)))
        return !c.has(.isTextCut) && text < Self.mostText && (ZeekStream.isInitial(text) || waiting < before)
            && ZeekStream.mayWait(waiting &+ UInt64(c.payloadLength))
    }

    /// Takes a segment that the flow has taken.
    @inline(__always)
    mutating func take(_ c: SegmentLine, from e: EndpointRole) {
        if c.time >= look { look = Self.time(c.time, ZeekTimers.nextLook) }
        if c.time >= halfClosedLook { halfClosedLook = Self.time(c.time, ZeekTimers.nextLook) }
        if c.hasSyn {
            shown.insert(.synAck)
            write(.syn, UInt8(ascii: "H"), e)
            return
        }
        shown.insert(c.payloadLength > 0 ? .data : .ack)
        if c.hasFin {
            shown.insert(.fin)
            halfClosedLook = Self.time(c.time, ZeekTimers.nextLook)
            write(.fin, UInt8(ascii: "F"), e)
        } else if c.payloadLength > 0 {
            write(.data, UInt8(ascii: "D"), e)
        } else {
            write(.ack, UInt8(ascii: "A"), e)
        }
    }

    @inline(__always)
    private mutating func write(_ kind: ZeekLetters, _ letter: UInt8, _ e: EndpointRole) {
        guard written.insert(kind, of: e) else { return }
        letters |= UInt64(e == .initiator ? letter : letter | 0x20) << UInt64(count &* 8)
        count &+= 1
    }

    /// Zeek counts how often numbers run over 2^32, and a SYN that does so itself is a case of its own.
    private static func hasRoom(behind iss: SequenceNumber) -> Bool { iss.rawValue != .max }

    /// Fewer octets than make numbers run over twice.
    private static let mostText: UInt64 = 1 << 30

    // MARK: Times

    // Zeek counts in microseconds, so in nanoseconds its times come up to one earlier: who asks `staysPlain` is told
    // no then, and the labels that are made of every segment decide.
    private static let attemptTime = (ZeekTimers.attemptDelay - 1) * 1000
    private static let deletionTime = (ZeekTimers.closeDelay - 1) * 1000
    private static let inactivityTime = (ZeekTimers.establishedInactivity - 1) * 1000

    /// So many microseconds behind a time, as Zeek counts.
    private static func time(_ time: Int64, _ delay: Int64) -> Int64 {
        let (product, overflow) = (ZeekTable.microseconds(time) &+ delay).multipliedReportingOverflow(by: 1000)
        return overflow ? ZeekTimers.never : product
    }

    // MARK: What follows

    func labels(of flow: Flow) -> ForeignLabels {
        ForeignLabels(connState: flow.plainConnState, history: history, completeness: shown.rawValue)
    }

    private var history: ZeekHistory { ZeekHistory(letters, count: count) }

    func stream(of flow: Flow) -> WiresharkStream {
        WiresharkStream(
            initiator: flow.block.initialNumber(.initiator),
            responder: flow.plain.phase == .opening ? nil : flow.block.initialNumber(.responder), shown: shown)
    }

    func connection(of flow: Flow) -> ZeekConnection {
        let isOver = flow.plain.phase >= .bothClosed
        let first = ZeekTable.microseconds(flow.first)
        let last = ZeekTable.microseconds(isOver ? flow.plain.secondFin.time : flow.last)
        return ZeekConnection(
            pair: flow.pair, first: first, last: last, ends: [flow.zeekEnd(.initiator), flow.zeekEnd(.responder)],
            history: history, letters: [written.letters(of: .initiator), written.letters(of: .responder)],
            timers: ZeekTimers(
                first: first, last: last, look: inMicroseconds(look), halfClosedLook: inMicroseconds(halfClosedLook),
                isAnswered: flow.plain.phase != .opening, closed: isOver ? last : nil))
    }

    private func inMicroseconds(_ time: Int64) -> Int64 {
        time == ZeekTimers.never ? time : ZeekTable.microseconds(time)
    }
}

/// Which letters were written of both ends, in one number: which end it is cannot be guessed.
struct WrittenLetters: BitwiseCopyable {
    private var bits: UInt16 = 0

    @inline(__always)
    private static func shift(_ e: EndpointRole) -> UInt16 { UInt16(e.rawValue) &* 8 }

    /// - Returns: whether it was not written before.
    @inline(__always)
    mutating func insert(_ kind: ZeekLetters, of e: EndpointRole) -> Bool {
        let bit = UInt16(kind.rawValue) &<< Self.shift(e)
        let isNew = bits & bit == 0
        bits |= bit
        return isNew
    }

    func letters(of e: EndpointRole) -> ZeekLetters {
        ZeekLetters(rawValue: UInt8(truncatingIfNeeded: bits &>> Self.shift(e)))
    }
}

extension Flow {
    fileprivate var plainConnState: ZeekConnState {
        switch plain.phase {
        case .opening: .s0
        case .answered, .acknowledged, .established: .s1
        case .closing, .closeAcknowledged: plain.closer == .initiator ? .s2 : .s3
        case .bothClosed, .done, .settled: .sf
        }
    }

    fileprivate func zeekEnd(_ e: EndpointRole) -> ZeekEndpoint {
        let known = self[plain: e]
        guard known.packets > 0 else { return ZeekEndpoint() }
        let iss = block.initialNumber(e)
        let (state, previous): (ZeekEndpointState, ZeekEndpointState) =
            if block.hasFinPlainly(e) {
                (.closed, .established)
            } else if plain.phase == .opening {
                (.synSent, .inactive)
            } else {
                (.established, e == .initiator ? .synSent : .inactive)
            }
        return ZeekEndpoint(
            state: state, previous: previous, iss: iss, text: known.bytes, last: known.sndNxt,
            acknowledged: hasAcknowledged(e.other) ? self[plain: e.other].rcvNxt : iss)
    }
}
