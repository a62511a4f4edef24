import Flows
import KernelSockets
import Reports
import TCPStateMachine
import WireFormat

/// How the kernel sees the flows that are shown, as of its last look: whether it says the same.
///
/// A difference stands there when a second look has found it, too: what is only under way is none.
final class KernelColumn: LiveColumn {
    let title = "kernel"

    private var sockets: [KernelSocket] = []
    private var differing: [SocketPair: State] = [:]
    private var marks: [SocketPair: String] = [:]

    /// A snapshot has been compared with what is presumed.
    ///
    /// - Parameter differing: the sockets that are in another state than the wire shows, and that state.
    func show(_ snapshot: KernelSnapshot, differing: [SocketPair: State]) {
        sockets = snapshot.sockets
        self.differing = differing
    }

    func prepare(_ flows: [LiveFlow]) {
        marks = [:]
        let shown = Set(flows.flatMap { [$0.record.pair, $0.record.pair.reversed] })
        for socket in sockets where shown.contains(socket.pair) {
            marks[socket.pair] = differing[socket.pair].map { "differs: \($0.name)" } ?? "agrees"
        }
    }

    func text(for flow: LiveFlow) -> String {
        let pair = flow.record.pair
        let found = [marks[pair], marks[pair.reversed]].compactMap { $0 }
        // Both ends are here: what differs is what is worth the room.
        return found.first { $0 != "agrees" } ?? found.first ?? ""
    }
}
