public import Flows
public import KernelSockets
public import WireFormat

/// Holds what the wire shows of each endpoint against what the kernel says of its sockets.
///
///     var checker = CrossChecker(localAddresses: addresses)
///     checker.take(records)       // of a tracker with `CrossChecker.tracking`
///     checker.take(snapshot)
///     let outcome = checker.finish()
///
/// It is told everything first, in any order of the two sides, and judges at the end: only then is it known which
/// arrivals were taken. What runs long is judged meanwhile, some time behind what passes (`settle`), and leaves memory.
public struct CrossChecker: Sendable {
    private var wire = WireSide()
    private var kernel = KernelSide()
    /// Those that have not been judged.
    private var transitions: [KernelTransition] = []
    /// How many were ever told.
    private var told: UInt64 = 0
    private var lostTransitions: UInt64 = 0
    private var ledger = VerdictLedger()
    private var memory = JudgingMemory()
    /// Those of the host on which the capture is taken.
    public let localAddresses: Set<Address>
    /// So many judgements are kept to be told one by one. Beyond them those that agree, or have nothing to be compared
    /// with, are counted only; and beyond as many others, all.
    public var mostJudgements: Int {
        get { ledger.mostKept }
        set { ledger.mostKept = newValue }
    }
    /// Until when the capture ran, if that is known better than by its last packet.
    public var captureEnd: Int64?

    /// - Parameter localAddresses: those of the host on which the capture was taken: there a segment that has passed
    ///   the interface must have been taken a moment later. Empty for a capture that was taken elsewhere.
    public init(localAddresses: Set<Address>) {
        self.localAddresses = localAddresses
    }

    /// The addresses of the host, as far as its sockets tell.
    public static func localAddresses(in records: [KernelRecord]) -> Set<Address> {
        var addresses: Set<Address> = []
        for case .snapshot(let record) in records {
            for socket in record.snapshot.sockets where !socket.pair.source.isUnspecified {
                addresses.insert(socket.pair.source)
            }
        }
        return addresses
    }

    /// The options of a tracker whose records can be compared.
    public static func tracking(localAddresses: Set<Address>) -> TrackerOptions {
        var options = TrackerOptions()
        options.interest = [.flows, .transitions, .segments, .findings]
        options.examinesChecksums = true
        options.vantage = localAddresses.isEmpty ? .middle : .host(Array(localAddresses))
        return options
    }

    /// Takes what the tracker has settled.
    public mutating func take(_ records: borrowing [Record]) { wire.take(records) }

    /// Takes a snapshot.
    public mutating func take(_ snapshot: SnapshotRecord) { kernel.take(snapshot) }

    /// Takes what was found out of who holds sockets, by their inodes. What a snapshot tells itself goes before it.
    public mutating func take(owners: [UInt64: [SocketOwner]]) { kernel.take(owners) }

    /// Takes a transition that the kernel told.
    public mutating func take(_ transition: KernelTransition) {
        told &+= 1
        transitions.append(transition)
    }

    /// Takes what became of watching the transitions.
    public mutating func take(_ trace: TraceRecord) { lostTransitions &+= trace.lost }

    /// Takes a record of a recording.
    public mutating func take(_ record: KernelRecord) {
        switch record {
        case .snapshot(let snapshot): take(snapshot)
        case .transition(let transition): take(transition)
        case .trace(let trace): take(trace)
        }
    }

    // MARK: Judging

    /// Judges what happened before a time, for good, and forgets it. So much is known of it by then as ever will be.
    ///
    /// - Parameters:
    ///   - time: nanoseconds since the epoch. All segments up to it have been taken, and some time has passed since:
    ///     longer than what is lost takes to be sent again.
    ///   - open: the flows that were not reported, as they stand.
    public mutating func settle(before time: Int64, open: [FlowRecord]) {
        let earlier = kernel.part(before: time)
        let flows = wire.numbered(with: open, upTo: time &+ Judge.second)
        let known = Set(open.map(\.flow))
        let concluded = Set(flows.lazy.filter { !known.contains($0.number) && $0.lastMoment < time }.map(\.number))
        judge(earlier, Stories(flows), concluded: concluded, before: time)
        transitions.removeAll { $0.time < time }
        wire.forget(concluded, open: open)
        var pairs: Set<SocketPair> = []
        for case let record? in flows.map(\.record) where !concluded.contains(record.flow) {
            pairs.formUnion([record.pair, record.pair.reversed])
        }
        kernel.forget(allBut: pairs)
        ledger.forget(before: time &- CrossChecker.pause)
    }

    /// A socket whose rows come more rarely than that gets a judgement of its own for each, nanoseconds.
    private static let pause = 120 * Judge.second

    /// Judges everything. All flows must have been reported: finish the tracker first.
    public func finish() -> CrossCheckOutcome {
        var rest = self
        let flows = wire.numbered(with: [], upTo: .max)
        rest.judge(kernel, Stories(flows), concluded: Set(flows.map(\.number)), before: nil)
        return rest.ledger.outcome(wire, kernel, transitions: told, lost: lostTransitions)
    }

    private mutating func judge(_ kernel: KernelSide, _ stories: Stories, concluded: Set<UInt64>, before time: Int64?) {
        let captured = TimeWindow(
            begin: wire.first ?? .max, end: max(captureEnd ?? .min, wire.last ?? .min))
        let judge = Judge(kernel: kernel, captured: captured, localAddresses: localAddresses)
        var rows = RowJudging(judge: judge, stories: stories)
        rows.run(into: &ledger)
        AbsenceJudging(judge: judge, stories: stories, concluded: concluded, rows: rows.sightings)
            .run(&memory, into: &ledger)
        TransitionJudging(judge: judge, stories: stories, transitions: transitions)
            .run(before: time, &memory, into: &ledger)
        for history in stories.all where concluded.contains(history.flow.number) { ledger.conclude(history.place) }
        memory.forget(concluded)
    }

    /// How many things are kept that grow with time: snapshots, rows, flows, transitions, judgements, what joins them.
    public var kept: Int {
        kernel.kept + wire.flows.count + transitions.count + ledger.judgements.count + memory.count
    }
}
