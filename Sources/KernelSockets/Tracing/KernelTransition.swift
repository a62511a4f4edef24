public import TCPStateMachine
public import WireFormat

/// A change of state that the kernel reported as it made it (tracepoint `sock:inet_sock_set_state`).
///
/// Not reported: what happens to a connection before it is a socket and after it is none (kernel-facts 3.1). So LISTEN
/// to SYN-RECEIVED comes with the last segment of the handshake, and entering TIME-WAIT is FIN-WAIT-2 to CLOSED. Nor is
/// the network namespace told.
public struct KernelTransition: Hashable, Sendable, BitwiseCopyable {
    /// Nanoseconds since the epoch, by the clock that captures are stamped with.
    public var time: Int64
    /// The local socket is the source. The local port is 0 at CLOSED to SYN-SENT, when it has not been chosen: the
    /// next transition of the same `socket` has it.
    public var pair: SocketPair
    /// What the program opened; see `KernelSocket.socketFamily`.
    public var socketFamily: AddressFamily
    public var from: State
    public var to: State
    /// Where the socket is in the kernel's memory: the same for one socket while it lives, used again afterwards.
    public var socket: UInt64

    public init(
        time: Int64, pair: SocketPair, socketFamily: AddressFamily, from: State, to: State, socket: UInt64
    ) {
        self.time = time
        self.pair = pair
        self.socketFamily = socketFamily
        self.from = from
        self.to = to
        self.socket = socket
    }
}
