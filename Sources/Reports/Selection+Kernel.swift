public import KernelSockets
import WireFormat

extension Selection {
    /// Whether a socket of the kernel meets every condition; one on what only flows have is never met.
    public func matches(_ socket: KernelSocket) -> Bool {
        for condition in conditions where !condition.holds(for: socket) { return false }
        return true
    }

    /// Whether a condition is about what only flows have.
    public var isOnlyForFlows: Bool {
        conditions.contains { !$0.isForSockets }
    }
}

extension Selection.Condition {
    fileprivate var isForSockets: Bool {
        switch self {
        case .state, .port, .address: true
        case .finding, .tunnel, .tunnelKind: false
        }
    }

    fileprivate func holds(for socket: KernelSocket) -> Bool {
        switch self {
        case .state(let state): socket.state == state
        case .finding, .tunnel, .tunnelKind: false
        case .port(let port): socket.pair.sourcePort == port || socket.pair.destinationPort == port
        case .address(let prefix, let length):
            socket.pair.source.begins(with: prefix, bits: length)
                || socket.pair.destination.begins(with: prefix, bits: length)
        }
    }
}
