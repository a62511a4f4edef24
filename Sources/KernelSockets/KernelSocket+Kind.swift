public import TCPStateMachine

extension KernelSocket {
    /// The shapes that the kernel keeps a socket in; each has only what exists in it (kernel-facts 1.1).
    public enum Kind: Hashable, Sendable {
        /// CLOSED, with a local port taken by bind(2). Only sock_diag tells of these.
        case bound
        /// LISTEN.
        case listener(Listener)
        /// SYN-RECEIVED of a connection that is no socket yet: the listener answered SYN,ACK and remembers it.
        case request(Request)
        /// A socket with its buffers, in any state from SYN-SENT to LAST-ACK.
        case full(FullSocket)
        /// What is left in FIN-WAIT-2 or TIME-WAIT of a socket that the program has closed.
        case remnant(Remnant)

        public var state: State {
            switch self {
            case .bound: .closed
            case .listener: .listen
            case .request: .synReceived
            case .full(let socket): socket.phase.state
            case .remnant(let remnant): remnant.phase.state
            }
        }

        /// The name in records.
        public var name: String {
            switch self {
            case .bound: "bound"
            case .listener: "listener"
            case .request: "request"
            case .full: "full"
            case .remnant: "remnant"
            }
        }
    }

    /// A socket in LISTEN. Its queues count connections and not octets.
    public struct Listener: Hashable, Sendable {
        /// Connections that are complete and wait for accept(2).
        public var acceptQueue: UInt32
        /// How many may wait: the kernel holds one more than this. Only sock_diag tells.
        public var backlog: UInt32?
        /// How many Fast Open requests may be pending (TCP_FASTOPEN). Only procfs tells.
        public var fastOpenLimit: UInt32?

        public init(acceptQueue: UInt32, backlog: UInt32? = nil, fastOpenLimit: UInt32? = nil) {
            self.acceptQueue = acceptQueue
            self.backlog = backlog
            self.fastOpenLimit = fastOpenLimit
        }
    }

    /// A handshake that a listener has answered.
    public struct Request: Hashable, Sendable {
        /// How often the SYN,ACK has been sent again.
        public var retransmissions: UInt32
        /// Nanoseconds until it is sent again.
        public var remaining: Int64

        public init(retransmissions: UInt32, remaining: Int64) {
            self.retransmissions = retransmissions
            self.remaining = remaining
        }
    }

    /// A closed socket's memory of its connection.
    public struct Remnant: Hashable, Sendable {
        public enum Phase: Hashable, Sendable, CaseIterable {
            case finWait2
            case timeWait

            public var state: State {
                switch self {
                case .finWait2: .finWait2
                case .timeWait: .timeWait
                }
            }
        }

        public var phase: Phase
        /// Nanoseconds until the kernel forgets it.
        public var remaining: Int64

        public init(phase: Phase, remaining: Int64) {
            self.phase = phase
            self.remaining = remaining
        }
    }
}
