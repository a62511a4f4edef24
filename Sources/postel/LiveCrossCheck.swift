import Capture
import CrossCheck
import Flows
import KernelSockets
import Replay
import Reports
import TCPStateMachine
import WireFormat

/// The kernel's side of a capture: snapshots at an interval while packets pass, transitions if they are wanted, and at
/// the end the comparison.
struct LiveCrossCheck: ~Copyable {
    private var checker: CrossChecker
    private let view: KernelView
    /// Holds the trace: this process gives up its privileges. Nil where transitions are not wanted.
    private let trace: SharedHelper?
    private var owners: OwnerWatch?
    private var column: KernelColumn?
    private let interval: Duration
    private var due = ContinuousClock.now
    private var number: UInt64 = 0
    private var transitions: UInt64 = 0
    /// The last snapshot, until all packets of its time have been taken.
    private var pending: KernelSnapshot?
    private var settlingDue = ContinuousClock.now + LiveCrossCheck.settlingInterval
    /// The kernel did not answer at some time, which has been said.
    private var status = ExitStatus.done

    /// Opens what takes privileges.
    ///
    /// - Parameter helper: keeps them; nil where nothing that takes them is wanted.
    init(_ arguments: CrossCheckArguments, _ helper: SharedHelper?) throws(KernelSocketsError) {
        let opened = try KernelView(namespace: .own(), source: arguments.kernel ?? .automatic)
        if arguments.kernelEvents { try helper?.beginTrace() }
        view = opened
        trace = arguments.kernelEvents ? helper : nil
        owners = arguments.owners ? helper.map(OwnerWatch.init) : nil
        interval = .seconds(arguments.interval ?? 0.1)
        checker = CrossChecker(localAddresses: [])
    }

    /// Shows in a column, too, what each look comes to.
    mutating func show(in column: KernelColumn) { self.column = column }

    /// The capture is open: its interfaces tell the addresses of this host.
    mutating func begin(_ interfaces: [CaptureInterface], vantage: TrackerOptions.Vantage) {
        let addresses: Set<Address> =
            switch vantage {
            case .automatic: Set(interfaces.flatMap(\.addresses).map(Address.init))
            case .host(let named): Set(named)
            case .middle: []
            }
        checker = CrossChecker(localAddresses: addresses)
        checker.mostJudgements = LiveCrossCheck.mostJudgements
    }

    /// What a tracker must tell so that it can be compared, besides what it tells anyway.
    func extend(_ tracking: inout TrackerOptions) {
        let needed = CrossChecker.tracking(localAddresses: checker.localAddresses)
        tracking.interest.formUnion(needed.interest)
        tracking.examinesChecksums = true
        tracking.vantage = needed.vantage
    }

    mutating func take(_ records: borrowing [Record]) { checker.take(records) }

    /// Looks if it is time to, and tells when it is next.
    mutating func turn(_ moment: LiveMoment, _ tracker: borrowing FlowTracker) -> ContinuousClock.Instant {
        lookAgain(moment, tracker)
        if moment.isLast { checker.captureEnd = moment.drainedUpTo }
        settle(moment, tracker)
        guard moment.isLast || ContinuousClock.now >= due else { return due }
        readTransitions(isLast: moment.isLast)
        guard !moment.isLast else { return due }
        look()
        repeat { due += interval } while due < ContinuousClock.now
        return due
    }

    /// What is old enough is judged, and leaves memory.
    private mutating func settle(_ moment: LiveMoment, _ tracker: borrowing FlowTracker) {
        let now = ContinuousClock.now
        guard now >= settlingDue, !moment.isLast else { return }
        settlingDue = now + LiveCrossCheck.settlingInterval
        var open: [FlowRecord] = []
        open.reserveCapacity(tracker.flowsInMemory)
        tracker.forEachFlow { open.append($0) }
        checker.captureEnd = moment.drainedUpTo
        checker.settle(before: moment.drainedUpTo &- horizon, open: open)
    }

    private static let settlingInterval = Duration.seconds(10)
    /// A minute ago: as long as TIME-WAIT lasts, and time for five repetitions of what was lost; and some looks ago.
    /// Nanoseconds.
    private var horizon: Int64 {
        let (seconds, attoseconds) = interval.components
        return max(60_000_000_000, 3 &* (seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000))
    }

    /// Some 70 MiB.
    private static let mostJudgements = 100_000

    private mutating func look() {
        do throws(KernelSocketsError) {
            number += 1
            let snapshot = try view.snapshot()
            checker.take(SnapshotRecord(number: number, snapshot: snapshot))
            pending = snapshot
            if let found = try owners?.look(at: snapshot.sockets) { checker.take(owners: found) }
        } catch {
            complain(error)
        }
    }

    /// Rows that differ from what is presumed once all packets of their time have been taken are looked up once more: a
    /// difference that was one of time only is gone then.
    private mutating func lookAgain(_ moment: LiveMoment, _ tracker: borrowing FlowTracker) {
        guard var snapshot = pending, snapshot.window.end &+ LiveCrossCheck.tolerance < moment.drainedUpTo else {
            return
        }
        pending = nil
        let found = lookUp(disputed(snapshot, tracker))
        var differing: [SocketPair: State] = [:]
        for socket in found where isDisputed(socket, tracker) { differing[socket.pair] = socket.state }
        column?.show(snapshot, differing: differing)
        guard !found.isEmpty else { return }
        // Part of the same look: what is not in it says nothing.
        snapshot.sockets = found
        for socket in found { snapshot.window.end = max(snapshot.window.end, socket.seen.end) }
        checker.take(SnapshotRecord(number: number, snapshot: snapshot, selection: "looked up again"))
    }

    private func disputed(_ snapshot: KernelSnapshot, _ tracker: borrowing FlowTracker) -> [KernelSocket] {
        var disputed: [KernelSocket] = []
        for socket in snapshot.sockets where isDisputed(socket, tracker) { disputed.append(socket) }
        return disputed
    }

    private func isDisputed(_ socket: KernelSocket, _ tracker: borrowing FlowTracker) -> Bool {
        guard let states = tracker.states(of: socket.pair), !states.isEmpty else { return false }
        return !states.contains(socket.state)
    }

    /// What the kernel says of these sockets now.
    private mutating func lookUp(_ disputed: [KernelSocket]) -> [KernelSocket] {
        var found: [KernelSocket] = []
        do throws(KernelSocketsError) {
            for socket in disputed.prefix(view.source == .procfs ? 4 : LiveCrossCheck.mostDisputed) {
                guard case .socket(let again) = try view.lookUp(socket.pair, interface: socket.interface) else {
                    continue
                }
                found.append(again)
            }
        } catch {
            complain(error)
        }
        return found
    }

    private static let tolerance: Int64 = 1_000_000
    /// A look-up takes 5 µs with sock_diag; with procfs it takes the whole table.
    private static let mostDisputed = 256

    private mutating func readTransitions(isLast: Bool) {
        do throws(KernelSocketsError) {
            guard let traced = try trace?.transitions(isLast: isLast), let begin = trace?.traceBegin else { return }
            for transition in traced.transitions { checker.take(transition) }
            transitions += UInt64(traced.transitions.count)
            guard isLast else { return }
            let window = TimeWindow(begin: begin, end: traced.end)
            checker.take(TraceRecord(window: window, transitions: transitions, lost: traced.lost))
        } catch {
            complain(error)
        }
    }

    /// Once: what does not answer now will not answer a tenth of a second later.
    private mutating func complain(_ error: KernelSocketsError) {
        if status == .done { status = Failure.report(error) }
    }

    /// Compares, and writes what it came to behind the records of the capture.
    borrowing func finish(into report: inout CrossCheckReport, captures: [String]) throws(OutputError) -> ExitStatus {
        let outcome = checker.finish()
        try report.write(outcome, files: captures)
        return .worst(status, outcome.totals.hasDivergence ? .checkFailed : .done)
    }
}

/// Hands everything on, and to the cross-check too.
struct CrossCheckingSink<Inner: LiveSink & ~Copyable>: LiveSink, ~Copyable {
    typealias Failure = Inner.Failure

    var inner: Inner
    var crossCheck: LiveCrossCheck

    mutating func receive(_ records: borrowing [Record]) throws(Inner.Failure) {
        crossCheck.take(records)
        try inner.receive(records)
    }

    mutating func turn(
        _ moment: LiveMoment, _ tracker: borrowing FlowTracker
    ) throws(Inner.Failure) -> ContinuousClock.Instant? {
        let wish = crossCheck.turn(moment, tracker)
        guard let other = try inner.turn(moment, tracker) else { return wish }
        return min(wish, other)
    }
}

extension Address {
    fileprivate init(_ address: CaptureInterface.Address) {
        switch address {
        case .ipv4(let bits, _): self.init(ipv4: bits)
        case .ipv6(let high, let low, _): self.init(high: high, low: low)
        }
    }
}
