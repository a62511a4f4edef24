import TCPStateMachine
import WireFormat

/// Wireshark's and Zeek's labels of the flows in memory: fed with every segment of a pair of sockets in the order of
/// the capture, whichever flow takes it.
///
/// The two cut a pair's segments otherwise than Postel does. A flow has the labels of the stream and of the
/// connection that its first segment was part of; they are frozen when the other tool's next one begins.
struct FlowLabels: ~Copyable {
    /// Nothing is done or kept while it is off.
    let isOn: Bool
    private let ports: LikelyServerPorts
    private var pairs: [PairLabels] = []
    private var freePairs: [UInt32] = []
    /// By the flow's slot: those of flows that are alone on their pair of sockets. Half a cache line, for every segment
    /// of such a flow changes it, in place.
    private var flows = SlotTable<PlainLabels>()
    /// Likewise, of the flows whose labels are not plain.
    private var shares = SlotTable<Share>()
    /// The pair of the segment that is being taken.
    private var current: UInt32 = 0

    /// The newest stream and connection on a pair of sockets.
    fileprivate struct PairLabels {
        /// The source is the sender of the first segment.
        var pair: SocketPair
        var stream: WiresharkStream
        var streamNumber: UInt32 = 0
        var connection: ZeekConnection
        var connectionNumber: UInt32 = 0
        /// How many flows in memory are on this pair.
        var flows = 0

        /// 0 for the sender of the first segment of all.
        func side(of captured: CapturedSegment) -> Int {
            captured.pair.sourcePort == pair.sourcePort && captured.pair.source == pair.source ? 0 : 1
        }

        /// The same for the newest connection, which the other end may have begun.
        func connectionSide(of captured: CapturedSegment) -> Int {
            let pair = connection.pair
            return captured.pair.sourcePort == pair.sourcePort && captured.pair.source == pair.source ? 0 : 1
        }
    }

    /// A flow's part of what is kept of its pair of sockets.
    struct Share: BitwiseCopyable {
        /// Its place in `pairs`.
        var pair: UInt32
        var streamNumber: UInt32 = 0
        var connectionNumber: UInt32 = 0
        /// Something of it is in `frozen`.
        var isFrozen = false
    }

    /// What a flow keeps of a stream or connection that was followed by another.
    private struct Frozen {
        var completeness: UInt8?
        var connection: ZeekLabel?
    }

    /// By the flow's slot; few flows have any.
    private var frozen: [UInt32: Frozen] = [:]

    init(options: TrackerOptions) {
        isOn = options.interest.contains(.labels)
        ports = options.likelyServerPorts
    }

    // MARK: Segments

    /// Asks for what is read first of a flow's labels, so that the memory is on its way when it is needed.
    @inline(__always)
    func prefetch(flow slot: UInt32) {
        flows.prefetch(slot)
    }

    /// The same for the labels of the pair of sockets that the flow is on; its own must have come already.
    @inline(__always)
    func prefetchPair(of slot: UInt32) {
        guard slot < flows.highWater, !flows[slot].arePlain, slot < shares.highWater else { return }
        LargeMemory.prefetch(pairs, at: Int(shares[slot].pair), octets: MemoryLayout<PairLabels>.stride)
    }

    /// Takes the first segment of a pair that no flow in memory is on.
    private mutating func begin(_ captured: CapturedSegment) {
        enter(
            PairLabels(
                pair: captured.pair, stream: WiresharkStream(captured.segment, isReverse: false),
                connection: firstConnection(captured, from: 0)))
    }

    private mutating func enter(_ labels: PairLabels) {
        if let slot = freePairs.popLast() {
            pairs[Int(slot)] = labels
            current = slot
        } else {
            current = UInt32(truncatingIfNeeded: pairs.count)
            pairs.append(labels)
        }
    }

    private func firstConnection(_ captured: CapturedSegment, from side: Int) -> ZeekConnection {
        let time = ZeekTable.microseconds(captured.time)
        var connection = ZeekConnection(captured, time: time, ports: ports)
        if !captured.isHeaderCut { connection.observe(captured, from: 0, time: time) }
        return connection
    }

    // MARK: Plain flows

    /// Whether the labels of a plain flow are plain, and stay so if the flow takes this segment plainly.
    @inline(__always)
    func stayPlain(_ slot: UInt32, _ segment: SegmentLine, from e: EndpointRole, _ flow: FlowBlock) -> Bool {
        flows[slot].arePlain && flows[slot].staysPlain(segment, from: e, of: flow)
    }

    /// Takes a segment that the flow has taken, and with which the labels stay plain.
    @inline(__always)
    mutating func takePlainly(_ segment: SegmentLine, from e: EndpointRole, _ slot: UInt32) {
        flows[slot].take(segment, from: e)
    }

    /// Labels that are plain no longer become what the segments up to now would have made of them; the flow has its
    /// plain form still.
    mutating func expand(_ slot: UInt32, _ flow: Flow) {
        guard flows[slot].arePlain else { return }
        let labels = flows[slot]
        enter(
            PairLabels(
                pair: flow.pair, stream: labels.stream(of: flow), connection: labels.connection(of: flow), flows: 1))
        share(Share(pair: current), with: slot)
    }

    private mutating func share(_ share: Share, with slot: UInt32) {
        flows.enter(.notPlain, at: slot)
        shares.enter(share, at: slot)
    }

    // MARK: All flows

    /// Takes a segment of the pair that the flow in `slot` is on; its labels are not plain.
    ///
    /// - Returns: whether labels have to be frozen before: `freeze` the flows of the pair, then call `renew`.
    @inline(__always)
    mutating func take(_ captured: CapturedSegment, of slot: UInt32) -> Cut {
        current = share(of: slot).pair
        return pairs[Int(current)].take(captured)
    }

    /// Of a flow whose labels are not plain.
    private func share(of slot: UInt32) -> Share {
        precondition(!flows[slot].arePlain, "plain labels share nothing")
        return shares[slot]
    }

    /// Keeps what is about to be lost, for one of the flows on the current pair.
    mutating func freeze(_ slot: UInt32, _ cut: Cut) {
        let place = Int(current)
        var flow = share(of: slot)
        var kept = flow.isFrozen ? frozen[slot] ?? Frozen() : Frozen()
        if cut.contains(.stream), kept.completeness == nil, flow.streamNumber == pairs[place].streamNumber {
            kept.completeness = pairs[place].stream.completeness
        }
        if cut.contains(.connection), kept.connection == nil, flow.connectionNumber == pairs[place].connectionNumber {
            kept.connection = pairs[place].connection.label
        }
        guard kept.completeness != nil || kept.connection != nil else { return }
        frozen[slot] = kept
        flow.isFrozen = true
        shares[slot] = flow
    }

    /// Another stream or connection begins on the current pair.
    mutating func renew(_ captured: CapturedSegment, _ cut: Cut) {
        let place = Int(current)
        if cut.contains(.stream) {
            let isReverse = pairs[place].side(of: captured) == 1
            pairs[place].stream = WiresharkStream(captured.segment, isReverse: isReverse)
            pairs[place].streamNumber &+= 1
        }
        if cut.contains(.connection) {
            pairs[place].connection = firstConnection(captured, from: 0)
            pairs[place].connectionNumber &+= 1
        }
    }

    /// What a segment is not part of any more.
    struct Cut: OptionSet {
        let rawValue: UInt8

        static let stream = Cut(rawValue: 1)
        static let connection = Cut(rawValue: 2)
    }

    // MARK: Flows

    /// A flow begins plainly, the first on its pair of sockets, and its labels, too, if they can.
    @inline(__always)
    mutating func begin(_ slot: UInt32, _ segment: SegmentInPlace) {
        guard PlainLabels.canBegin(with: segment.line) else { return open(slot, segment.whole, isFirst: true) }
        flows.enter(PlainLabels(begun: segment.line.time), at: slot)
    }

    /// A flow begins with a segment, or with one shortly before it on the same pair.
    ///
    /// - Parameter isFirst: no other flow in memory is on its pair of sockets.
    mutating func open(_ slot: UInt32, _ captured: CapturedSegment, isFirst: Bool) {
        if isFirst { begin(captured) }
        let place = Int(current)
        share(
            Share(
                pair: current, streamNumber: pairs[place].streamNumber,
                connectionNumber: pairs[place].connectionNumber), with: slot)
        pairs[place].flows += 1
    }

    /// The flow leaves memory.
    mutating func close(_ slot: UInt32, _ reported: Flow) -> ForeignLabels {
        if flows[slot].arePlain { return flows[slot].labels(of: reported) }
        let flow = share(of: slot)
        let place = Int(flow.pair)
        let kept = flow.isFrozen ? frozen.removeValue(forKey: slot) : nil
        let label = kept?.connection ?? pairs[place].connection.label
        let labels = ForeignLabels(
            connState: label.state, history: label.history,
            completeness: kept?.completeness ?? pairs[place].stream.completeness)
        pairs[place].flows -= 1
        if pairs[place].flows == 0 { freePairs.append(flow.pair) }
        return labels
    }
}

extension FlowLabels.PairLabels {
    /// Both observers take the segment, unless it begins something new for them.
    @inline(__always)
    fileprivate mutating func take(_ captured: CapturedSegment) -> FlowLabels.Cut {
        var cut: FlowLabels.Cut = []
        let isReverse = side(of: captured) == 1
        if stream.isCut(by: captured.segment, isReverse: isReverse) {
            cut = .stream
        } else {
            stream.take(captured.segment, isReverse: isReverse)
        }
        // Such a packet does not come as far as Zeek's connections.
        if captured.verdict == .badInternetHeader || captured.isHeaderCut { return cut }
        let time = ZeekTable.microseconds(captured.time)
        let side = connectionSide(of: captured)
        if connection.isForgotten(at: time) || connection.isReused(by: captured.segment, from: side) {
            cut.insert(.connection)
        } else {
            connection.observe(captured, from: side, time: time)
        }
        return cut
    }
}

/// What Zeek calls a connection.
struct ZeekLabel: BitwiseCopyable {
    var state: ZeekConnState
    var history: ZeekHistory
}

extension ZeekConnection {
    var label: ZeekLabel { ZeekLabel(state: connState, history: history) }
}
