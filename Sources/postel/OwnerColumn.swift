import Flows
import KernelSockets
import Reports
import WireFormat

/// Which programs hold the sockets of the flows that are shown, as far as they are this host's.
///
/// An owner that was found stays: a socket may be closed long before its flow ends.
final class OwnerColumn: LiveColumn {
    let title = "process"

    private let helper: SharedHelper
    private let view: KernelView
    /// By flow.
    private var owners: [UInt64: String] = [:]
    private var due = ContinuousClock.now

    /// Every descriptor of every process is looked at, some 6 µs each.
    private static let interval = Duration.seconds(2)
    private static let mostKept = 65536

    init(_ helper: SharedHelper) throws(KernelSocketsError) {
        view = try KernelView(namespace: .own())
        self.helper = helper
    }

    func text(for flow: LiveFlow) -> String { owners[flow.record.flow] ?? "" }

    func prepare(_ flows: [LiveFlow]) {
        let unknown = flows.filter { owners[$0.record.flow] == nil }
        guard !unknown.isEmpty, ContinuousClock.now >= due else { return }
        due = ContinuousClock.now + OwnerColumn.interval
        if owners.count > OwnerColumn.mostKept { owners = [:] }
        // What cannot be found now is looked for again; there is nothing else to be done about it.
        guard let snapshot = try? view.snapshot() else { return }
        var inodes: [SocketPair: UInt64] = [:]
        for socket in snapshot.sockets { if let inode = socket.inode, inode != 0 { inodes[socket.pair] = inode } }
        let sockets = unknown.map { flow -> (flow: UInt64, inodes: [UInt64]) in
            let pair = flow.record.pair
            return (flow.record.flow, [pair, pair.reversed].compactMap { inodes[$0] })
        }
        let wanted = sockets.flatMap(\.inodes)
        guard !wanted.isEmpty, let found = try? helper.owners(of: wanted) else { return }
        for socket in sockets {
            let names = socket.inodes.compactMap { found[$0]?.first }.map { "\($0.program) \($0.process)" }
            if !names.isEmpty { owners[socket.flow] = names.joined(separator: ", ") }
        }
    }
}
