import KernelSockets
import Reports

/// Takes snapshots at an interval until it is enough, and records transitions between them if it is asked to.
struct SnapshotRecording: ~Copyable {
    private var report: KernelReport
    private let namespace: String?
    private let source: KernelSourceChoice
    private var watch: EventWatch?
    private var number: UInt64 = 0
    private var status = ExitStatus.done
    /// Namespaces that have been complained about.
    private var refused: Set<NetworkNamespace.Identifier> = []
    var looksForOwners = false
    var selection: Selection?
    var selectionText: String?

    init(report: consuming KernelReport, namespace: String?, source: KernelSourceChoice) {
        self.report = report
        self.namespace = namespace
        self.source = source
        watch = nil
    }

    /// Records transitions, too.
    mutating func watch(into output: consuming OutputFile) {
        let report = KernelReport(format: .ndjson, output: output)
        do throws(KernelSocketsError) {
            watch = EventWatch(trace: try TransitionTrace(), report: report)
        } catch {
            status = Failure.report(error)
        }
    }

    /// Looks at every interval; once if there is none.
    mutating func run(interval: Double?, count: UInt64?) throws(OutputError) -> ExitStatus {
        guard status == .done else { return status }
        let start = ContinuousClock.now
        let period = Duration.seconds(interval ?? 0)
        var due = start
        while true {
            number += 1
            guard try look() else { break }
            if number == count ?? (interval == nil ? 1 : .max) { break }
            // Looks that took too long are left out: the next one is due at a multiple of the interval again.
            repeat { due += period } while due < ContinuousClock.now
            try wait(until: due)
            if Interruption.number != nil { break }
        }
        if let ending = try watch?.finish(), ending != .done { status = ending }
        return status
    }

    private mutating func wait(until due: ContinuousClock.Instant) throws(OutputError) {
        while Interruption.number == nil {
            let rest = due - ContinuousClock.now
            guard rest > .zero else { return }
            // A signal that comes just before the wait is noticed after it.
            let slice = min(rest, .milliseconds(100))
            if watch != nil {
                try watch?.wait(slice)
            } else {
                Environment.sleep(slice)
            }
        }
    }

    /// Takes a snapshot of each namespace that was asked for; says whether it makes sense to go on.
    private mutating func look() throws(OutputError) -> Bool {
        guard let namespaces = namespaces() else { return false }
        let owners = looksForOwners ? OwnerTable() : nil
        var taken = 0
        for chosen in namespaces {
            guard let snapshot = take(chosen) else { continue }
            taken += 1
            try report.write(record(snapshot, of: chosen, owners))
        }
        return taken > 0
    }

    /// The namespaces to look into; nil if they cannot be found, which has then been said.
    private mutating func namespaces() -> [NetworkNamespace]? {
        do throws(KernelSocketsError) {
            switch namespace {
            case nil: return [try .own()]
            case "all"?:
                let (found, hidden) = try NetworkNamespace.all()
                if hidden > 0, number == 1 { complainOfHidden(hidden) }
                return found
            case let name?: return [try named(name)]
            }
        } catch {
            status = Failure.report(error)
            return nil
        }
    }

    /// A number is a process; if there is none, it may be a name.
    private func named(_ name: String) throws(KernelSocketsError) -> NetworkNamespace {
        guard let process = Int32(name) else { return try .named(name) }
        do throws(KernelSocketsError) {
            return try .ofProcess(process)
        } catch .noSuchNamespace {
            return try .named(name)
        }
    }

    private mutating func complainOfHidden(_ processes: Int) {
        StandardError.complain(
            """
            The network namespaces of \(processes) processes may not be seen: that takes CAP_SYS_PTRACE.
            Run as root, or grant it: sudo setcap cap_sys_admin,cap_sys_ptrace+ep "$(command -v postel)"
            """)
        status = .incomplete
    }

    /// Looks once; what cannot be looked at is said once for each namespace.
    private mutating func take(_ chosen: NetworkNamespace) -> KernelSnapshot? {
        do throws(KernelSocketsError) {
            return try KernelView(namespace: chosen, source: source).snapshot()
        } catch .noSuchNamespace where namespace == "all" {
            // It ended after it was found.
            return nil
        } catch {
            if refused.insert(chosen.identifier).inserted { status = Failure.report(error) }
            return nil
        }
    }

    private func record(
        _ snapshot: KernelSnapshot, of namespace: NetworkNamespace, _ owners: OwnerTable?
    ) -> SnapshotRecord {
        var kept = snapshot
        if let selection { kept.sockets.removeAll { !selection.matches($0) } }
        return SnapshotRecord(
            number: number, snapshot: kept, namespaceName: namespace.name, selection: selectionText,
            owners: owners?.owners)
    }
}
