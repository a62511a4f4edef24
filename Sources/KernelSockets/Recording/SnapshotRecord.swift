/// A snapshot with what makes it a part of a recording.
public struct SnapshotRecord: Hashable, Sendable {
    /// From 1, in the order of time; snapshots of several namespaces taken together share it.
    public var number: UInt64
    public var snapshot: KernelSnapshot
    /// What `ip netns` calls the namespace, or nil.
    public var namespaceName: String?
    /// Which sockets were kept, as it was asked for, or nil for all: then the absence of a socket says nothing.
    public var selection: String?
    /// By inode, for the sockets that have owners; nil if nobody looked.
    public var owners: [UInt64: [SocketOwner]]?

    public init(
        number: UInt64, snapshot: KernelSnapshot, namespaceName: String? = nil, selection: String? = nil,
        owners: [UInt64: [SocketOwner]]? = nil
    ) {
        self.number = number
        self.snapshot = snapshot
        self.namespaceName = namespaceName
        self.selection = selection
        self.owners = owners
    }

    /// Who holds a socket; empty if nobody does or nobody looked.
    public func owners(of socket: KernelSocket) -> [SocketOwner] {
        socket.inode.flatMap { owners?[$0] } ?? []
    }
}

/// What became of watching the kernel's transitions: the last record of it.
public struct TraceRecord: Hashable, Sendable {
    public var window: TimeWindow
    public var transitions: UInt64
    /// Events that the kernel made and nobody could read.
    public var lost: UInt64

    public init(window: TimeWindow, transitions: UInt64, lost: UInt64) {
        self.window = window
        self.transitions = transitions
        self.lost = lost
    }
}

/// What stands in a recording of the kernel's view.
public enum KernelRecord: Hashable, Sendable {
    case snapshot(SnapshotRecord)
    case transition(KernelTransition)
    case trace(TraceRecord)
}
