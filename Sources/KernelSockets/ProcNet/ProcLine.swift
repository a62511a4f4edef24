import TCPStateMachine
import WireFormat

/// One line of `/proc/net/tcp` or `tcp6`, taken apart by white space: columns grow with what they hold
/// (kernel-facts 1.1).
enum ProcLine {
    case header
    case blank
    case socket(KernelSocket)
    case malformed(RowFault)

    /// Fields of a socket without buffers: they end with the pointer.
    private static let shortCount = 12
    /// Fields of all others.
    private static let fullCount = 17

    init(_ line: Span<UInt8>, socketFamily: AddressFamily, seen: TimeWindow) {
        let fields = ProcFields(line)
        guard fields.count > 0 else {
            self = .blank
            return
        }
        guard !fields.isHeader(line) else {
            self = .header
            return
        }
        do throws(RowFault) {
            self = .socket(try ProcLine.socket(line, fields, socketFamily, seen))
        } catch {
            self = .malformed(error)
        }
    }

    private static func socket(
        _ line: Span<UInt8>, _ fields: ProcFields, _ family: AddressFamily, _ seen: TimeWindow
    ) throws(RowFault) -> KernelSocket {
        guard fields.count == shortCount || fields.count >= fullCount else { throw .fieldCount }
        let (local, localPort) = try fields.endpoint(1, family, of: line)
        let (remote, remotePort) = try fields.endpoint(2, family, of: line)
        let number = UInt32(truncatingIfNeeded: try fields.hexadecimal(3, digits: 2, of: line))
        guard let state = KernelStateNumber.state(number) else { throw .state }
        let inode = try fields.decimal(9, of: line)
        return KernelSocket(
            pair: SocketPair(
                local: local, localPort: localPort, remote: remote, remotePort: remotePort, socketFamily: family),
            socketFamily: family,
            kind: try kind(line, fields, state, isOrphan: inode == 0),
            uid: try narrow(fields.decimal(7, of: line)),
            inode: inode == 0 ? nil : inode,
            // Not a number where the kernel hides it.
            identity: (try? fields.hexadecimal(11, digits: 16, of: line)).flatMap { $0 == 0 ? nil : .pointer($0) },
            seen: seen)
    }

    private static func kind(
        _ line: Span<UInt8>, _ fields: ProcFields, _ state: State, isOrphan: Bool
    ) throws(RowFault) -> KernelSocket.Kind {
        let (sending, receiving) = try fields.pair(4, of: line)
        let (timer, ticks) = try fields.pair(5, of: line)
        let remaining = Int64(ticks) * nanosecondsPerTick
        let retransmissions: UInt32 = try narrow(fields.hexadecimal(6, digits: 8, of: line))
        guard fields.count >= fullCount else {
            switch state {
            case .synReceived: return .request(.init(retransmissions: retransmissions, remaining: remaining))
            case .finWait2: return .remnant(.init(phase: .finWait2, remaining: remaining))
            case .timeWait: return .remnant(.init(phase: .timeWait, remaining: remaining))
            case .closed, .listen, .synSent, .established, .finWait1, .closeWait, .closing, .lastAck: throw .fieldCount
            }
        }
        guard let phase = KernelSocket.Phase(state) else {
            switch state {
            case .closed: return .bound
            case .listen:
                let limit: UInt32 = try narrow(fields.decimal(16, of: line))
                return .listener(.init(acceptQueue: receiving, fastOpenLimit: limit))
            case .timeWait, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
                throw .fieldCount
            }
        }
        var socket = KernelSocket.FullSocket(
            phase: phase, sendQueue: sending, receiveQueue: receiving,
            timer: .init(
                number: UInt8(truncatingIfNeeded: timer), remaining: remaining, phase: phase, isOrphan: isOrphan),
            retransmissions: retransmissions, probes: try narrow(fields.decimal(8, of: line)))
        let timeout: UInt32 = try narrow(fields.decimal(12, of: line))
        socket.retransmissionTimeout = Int64(timeout) * nanosecondsPerTick
        socket.congestionWindow = try narrow(fields.decimal(15, of: line))
        // -1 as long as it is infinite.
        socket.slowStartThreshold = fields.isMinusOne(16, of: line) ? nil : try narrow(fields.decimal(16, of: line))
        return .full(socket)
    }

    /// The kernel counts in hundredths of a second, whatever its own clock is.
    private static let nanosecondsPerTick: Int64 = 10_000_000

    private static func narrow(_ number: UInt64) throws(RowFault) -> UInt32 {
        guard let narrow = UInt32(exactly: number) else { throw .number }
        return narrow
    }
}

/// Why a row was left out.
public enum RowFault: String, Error, Hashable, Sendable, CaseIterable {
    /// Neither the fields of a socket with buffers nor those of one without, or of the wrong one for its state.
    case fieldCount = "field-count"
    case address
    case state
    case number
    /// Longer than any row.
    case length
    /// A message of sock_diag that is shorter than it says.
    case truncated
}
