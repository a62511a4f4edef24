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
/// arrivals were taken.
public struct CrossChecker: Sendable {
    private var wire = WireSide()
    private var kernel = KernelSide()
    private var transitions: [KernelTransition] = []
    private var lostTransitions: UInt64 = 0
    /// Those of the host on which the capture is taken.
    public let localAddresses: Set<Address>
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
    public mutating func take(_ transition: KernelTransition) { transitions.append(transition) }

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

    /// Judges everything. All flows must have been reported: finish the tracker first.
    public func finish() -> CrossCheckOutcome {
        let captured = TimeWindow(
            begin: wire.first ?? .max, end: max(captureEnd ?? .min, wire.last ?? .min))
        let judge = Judge(kernel: kernel, captured: captured, localAddresses: localAddresses)
        let stories = Stories(wire)
        var ledger = VerdictLedger()
        var rows = RowJudging(judge: judge, stories: stories)
        rows.run(into: &ledger)
        AbsenceJudging(judge: judge, stories: stories, rows: rows.sightings).run(into: &ledger)
        TransitionJudging(judge: judge, stories: stories, transitions: transitions).run(into: &ledger)
        return ledger.outcome(
            stories, snapshots: kernel.looks.count, rows: kernel.rows, transitions: transitions.count,
            lost: lostTransitions)
    }
}
