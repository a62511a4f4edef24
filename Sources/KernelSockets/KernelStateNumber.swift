import TCPStateMachine

/// The kernel's numbers of states (include/net/tcp_states.h), which procfs, sock_diag and the tracepoint share.
enum KernelStateNumber {
    static let synReceived: UInt32 = 3
    static let listen: UInt32 = 10

    /// The state of a number; nil if there is no such state. NEW_SYN_RECV (12) is SYN-RECEIVED without a socket.
    static func state(_ number: UInt32) -> State? {
        switch number {
        case 1: .established
        case 2: .synSent
        case 3, 12: .synReceived
        case 4: .finWait1
        case 5: .finWait2
        case 6: .timeWait
        case 7: .closed
        case 8: .closeWait
        case 9: .lastAck
        case 10: .listen
        case 11: .closing
        default: nil
        }
    }

    /// The bits of all states as sock_diag asks for them: 1 to 12, and 13, which stands for sockets that are bound and
    /// neither listen nor connect (BOUND_INACTIVE; kernels before 6.8 ignore it).
    static let allBits: UInt32 = 0b11_1111_1111_1110
}
