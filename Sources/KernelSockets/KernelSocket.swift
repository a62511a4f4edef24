public import TCPStateMachine
public import WireFormat

/// One row of the kernel's table of TCP sockets, whichever source told it.
///
/// What a source does not tell is nil, and never zero.
public struct KernelSocket: Hashable, Sendable {
    /// The local socket is the source, the remote one the destination; a listener's remote socket is 0.0.0.0:0 or
    /// [::]:0. An IPv4 connection on an IPv6 socket (::ffff:192.0.2.1) is `.ipv4` here, as it is on the wire.
    public var pair: SocketPair
    /// What the program opened: `.ipv6` for an IPv4 connection on a dual-stack socket.
    public var socketFamily: AddressFamily
    public var kind: Kind
    /// The user who made the socket; the listener's for a request, 0 for what is left of a closed socket.
    public var uid: UInt32
    /// The number by which a process holds the socket (`/proc/PID/fd`); nil where none does: closed by the program,
    /// or not yet accepted.
    public var inode: UInt64?
    /// What tells this socket from another one with the same pair.
    public var identity: Identity?
    /// The interface that the socket is bound to, or 0; only sock_diag tells.
    public var interface: UInt32
    /// When the kernel looked: the row was so at some moment between the two.
    public var seen: TimeWindow

    public init(
        pair: SocketPair, socketFamily: AddressFamily, kind: Kind, uid: UInt32 = 0, inode: UInt64? = nil,
        identity: Identity? = nil, interface: UInt32 = 0, seen: TimeWindow
    ) {
        self.pair = pair
        self.socketFamily = socketFamily
        self.kind = kind
        self.uid = uid
        self.inode = inode
        self.identity = identity
        self.interface = interface
        self.seen = seen
    }

    public var state: State { kind.state }

    /// What tells sockets with the same pair apart.
    public enum Identity: Hashable, Sendable {
        /// sock_diag's cookie: the same for one connection from the first time that it was asked for until TIME-WAIT
        /// ends.
        case cookie(UInt64)
        /// The pointer of `/proc/net/tcp`, hashed by the kernel: the same while one socket structure lives, and another
        /// one when FIN-WAIT-2 or TIME-WAIT takes less room.
        case pointer(UInt64)
    }
}

/// Two moments, in nanoseconds since the epoch; `begin` is not after `end`, unless the clock was set back between them.
public struct TimeWindow: Hashable, Sendable, BitwiseCopyable {
    public var begin: Int64
    public var end: Int64

    public init(begin: Int64, end: Int64) {
        self.begin = begin
        self.end = end
    }
}

extension SocketPair {
    /// The pair of a socket of this family as it is on the wire: ::ffff:192.0.2.1 speaks IPv4.
    init(
        local: Address, localPort: UInt16, remote: Address, remotePort: UInt16, socketFamily: AddressFamily
    ) {
        let unspecified = Address(high: 0, low: 0)
        let isMapped = local.isMapped && (remote.isMapped || remote == unspecified)
        let isIPv4 = socketFamily == .ipv4 || isMapped
        self.init(
            source: local, destination: isIPv4 && remote == unspecified ? Address(ipv4: 0) : remote,
            sourcePort: localPort, destinationPort: remotePort, family: isIPv4 ? .ipv4 : .ipv6)
    }
}
