public import TCPStateMachine

extension KernelSocket {
    /// A socket with its buffers.
    public struct FullSocket: Hashable, Sendable {
        public var phase: Phase
        /// Octets sent and not acknowledged, or not sent yet; a SYN and a FIN count as one (SND.UNA to the end).
        public var sendQueue: UInt32
        /// Octets received and not read by the program; an unread FIN counts as one.
        public var receiveQueue: UInt32
        public var timer: Timer
        /// Retransmission timeouts in a row without an acknowledgment; nil where sock_diag runs another timer and told
        /// no more.
        public var retransmissions: UInt32?
        /// Window probes or keepalives in a row without an answer; nil where sock_diag did not tell.
        public var probes: UInt32?
        /// Nanoseconds; procfs rounds to a hundredth of a second.
        public var retransmissionTimeout: Int64?
        /// Segments.
        public var congestionWindow: UInt32?
        /// Segments; nil as long as nothing was lost.
        public var slowStartThreshold: UInt32?
        /// The directions that are shut down; only sock_diag tells.
        public var shutdown: Shutdown?
        /// What only sock_diag tells.
        public var information: TCPInformation?

        public init(
            phase: Phase, sendQueue: UInt32, receiveQueue: UInt32, timer: Timer, retransmissions: UInt32? = nil,
            probes: UInt32? = nil
        ) {
            self.phase = phase
            self.sendQueue = sendQueue
            self.receiveQueue = receiveQueue
            self.timer = timer
            self.retransmissions = retransmissions
            self.probes = probes
        }
    }

    /// The states that a socket with buffers can be in.
    public enum Phase: UInt8, Hashable, Sendable, CaseIterable {
        case synSent
        /// By simultaneous open or Fast Open; else SYN-RECEIVED is a `Request`.
        case synReceived
        case established
        case finWait1
        case finWait2
        case closeWait
        case closing
        case lastAck

        public var state: State {
            switch self {
            case .synSent: .synSent
            case .synReceived: .synReceived
            case .established: .established
            case .finWait1: .finWait1
            case .finWait2: .finWait2
            case .closeWait: .closeWait
            case .closing: .closing
            case .lastAck: .lastAck
            }
        }

        /// The phase of a state; nil for CLOSED, LISTEN and TIME-WAIT, in which no socket has buffers.
        public init?(_ state: State) {
            switch state {
            case .synSent: self = .synSent
            case .synReceived: self = .synReceived
            case .established: self = .established
            case .finWait1: self = .finWait1
            case .finWait2: self = .finWait2
            case .closeWait: self = .closeWait
            case .closing: self = .closing
            case .lastAck: self = .lastAck
            case .closed, .listen, .timeWait: return nil
            }
        }
    }

    /// The timer that a full socket runs, with the nanoseconds until it ends.
    public enum Timer: Hashable, Sendable {
        case none
        /// Retransmission of a SYN, of data or of a FIN; tail loss probes too.
        case retransmission(Int64)
        case keepalive(Int64)
        /// The program has closed the socket in FIN-WAIT-2: what is left of it ends with this timer.
        case finWait2(Int64)
        /// The peer's window is closed, or a segment could not leave this host.
        case windowProbe(Int64)
        /// One that this kernel has and Postel does not know, by the kernel's number.
        case other(UInt8, Int64)

        /// From the kernel's number: `tr` of procfs, `idiag_timer` of sock_diag. The kernel runs the timer of an
        /// orphan's FIN-WAIT-2 on the keepalive timer.
        init(number: UInt8, remaining: Int64, phase: Phase, isOrphan: Bool) {
            switch number {
            case 0: self = .none
            case 1: self = .retransmission(remaining)
            case 2: self = phase == .finWait2 && isOrphan ? .finWait2(remaining) : .keepalive(remaining)
            case 4: self = .windowProbe(remaining)
            default: self = .other(number, remaining)
            }
        }

        /// Nanoseconds until it ends; nil if none runs.
        public var remaining: Int64? {
            switch self {
            case .none: nil
            case .retransmission(let time), .keepalive(let time), .finWait2(let time), .windowProbe(let time),
                .other(_, let time):
                time
            }
        }

        /// The name in records; nil if none runs.
        public var name: String? {
            switch self {
            case .none: nil
            case .retransmission: "retransmission"
            case .keepalive: "keepalive"
            case .finWait2: "fin-wait-2"
            case .windowProbe: "window-probe"
            case .other(let number, _): "timer-\(number)"
            }
        }
    }

    /// The directions of a socket that are shut down, by the program or by the peer's FIN.
    public struct Shutdown: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public static let receive = Shutdown(rawValue: 1)
        public static let send = Shutdown(rawValue: 2)

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }
    }
}
