import CrossCheck
import Flows
import KernelSockets
import TCPStateMachine
import TestSupport
import WireFormat

/// A connection as it passed one host's interface, and what that host's kernel made of it.
///
/// Its own numbers begin at 100, those of its peer at 300; times are milliseconds.
struct Tale {
    /// What becomes of a segment between the interface and TCP.
    enum Loss: String, CaseIterable, Sendable {
        case dropped
        /// Its checksum was wrong already on the wire.
        case damaged
    }

    /// Which of the kernel's accounts is told.
    enum Account: String, CaseIterable, Sendable {
        case rows
        case transitions
        case both
    }

    private static let start: Int64 = 1_700_000_000_000_000_000
    private var capture = SyntheticCapture(time: Tale.start)
    private let local: EndpointRole
    private let loss: Loss
    private var transitions: [KernelTransition] = []
    /// What a snapshot would have shown, and from when on; nil for no row.
    private var rows: [(time: Int64, kind: KernelSocket.Kind?)] = []
    private var state = State.closed

    init(local: EndpointRole, loss: Loss) {
        self.local = local
        self.loss = loss
    }

    /// Of the host; its own socket is the source.
    private var pair: SocketPair { local == .initiator ? capture.pair : capture.pair.reversed }

    // MARK: The wire

    mutating func at(_ milliseconds: Double) {
        capture.time = Tale.start + Int64(milliseconds * 1000) * 1000
    }

    /// A segment of the host.
    mutating func sends(_ bits: ControlBits, seq: UInt32, ack: UInt32 = 0, length: UInt32 = 0) {
        add(bits, seq, ack, length, from: local)
    }

    /// A segment of its peer that TCP takes.
    mutating func takes(_ bits: ControlBits, seq: UInt32, ack: UInt32 = 0, length: UInt32 = 0) {
        add(bits, seq, ack, length, from: local.other)
    }

    /// A segment of its peer that passes the interface and never comes to TCP.
    mutating func misses(_ bits: ControlBits, seq: UInt32, ack: UInt32 = 0, length: UInt32 = 0) {
        add(bits, seq, ack, length, from: local.other)
        if loss == .damaged { capture.damage() }
    }

    private mutating func add(_ bits: ControlBits, _ seq: UInt32, _ ack: UInt32, _ length: UInt32, from: EndpointRole) {
        if from == .initiator {
            capture.send(bits, seq: seq, ack: ack, length: length)
        } else {
            capture.reply(bits, seq: seq, ack: ack, length: length)
        }
    }

    /// The handshake, whoever begins it.
    mutating func opens() {
        at(0)
        if local == .initiator {
            sends(.syn, seq: 100)
            becomes(.synSent)
            takes([.syn, .ack], seq: 300, ack: 101)
            becomes(.established)
            sends(.ack, seq: 101, ack: 301)
        } else {
            takes(.syn, seq: 300)
            sends([.syn, .ack], seq: 100, ack: 301)
            state = .listen
            takes(.ack, seq: 301, ack: 101)
            becomes(.synReceived)
            becomes(.established)
        }
    }

    // MARK: The kernel

    /// The kernel changes the state at the last segment: a moment before it was sent, or after it came.
    mutating func becomes(_ next: State) {
        // The capture stands a millisecond behind it.
        let isOwn = next == .synSent || next == .finWait1 || next == .lastAck
        let time = max(capture.time - 1_000_000 + (isOwn ? -5000 : 20_000), (transitions.last?.time ?? .min) + 4000)
        transitions.append(
            KernelTransition(time: time, pair: pair, socketFamily: .ipv4, from: state, to: next, socket: 1))
        state = next
        rows.append((time, KernelSocket.Phase.allCases.first { $0.state == next }.map(Tale.full)))
    }

    /// The socket goes, and what is left of it waits.
    mutating func leaves(_ phase: KernelSocket.Remnant.Phase) {
        becomes(.closed)
        remains(phase)
    }

    /// What is left of the socket changes, which no transition tells.
    mutating func remains(_ phase: KernelSocket.Remnant.Phase) {
        rows.append((capture.time - 970_000, .remnant(.init(phase: phase, remaining: 60_000_000_000))))
    }

    private static func full(_ phase: KernelSocket.Phase) -> KernelSocket.Kind {
        .full(.init(phase: phase, sendQueue: 0, receiveQueue: 0, timer: .none, retransmissions: 0))
    }

    // MARK: The comparison

    /// A snapshot every 50 ms, all transitions, or both, held against the capture.
    func check(_ account: Account) throws -> CrossCheckOutcome {
        var capture = capture
        let end = capture.time + 300_000_000
        // Somebody else's connection shows that the capture still ran.
        capture.time = end + 1_000_000_000
        capture.pair.sourcePort = 50000
        capture.send(.syn, seq: 1)
        capture.reply([.rst, .ack], seq: 0, ack: 2)
        var records: [KernelRecord] = account == .rows ? [] : transitions.map { .transition($0) }
        if account != .transitions {
            var number: UInt64 = 0
            for time in stride(from: Tale.start + 27_000_000, to: end, by: 50_000_000) {
                number += 1
                records.append(.snapshot(SnapshotRecord(number: number, snapshot: snapshot(at: time))))
            }
        }
        let folder = try TemporaryFolder()
        return try crossCheck(folder.write(capture.bytes, to: "capture"), records, local: [pair.source])
    }

    private func snapshot(at time: Int64) -> KernelSnapshot {
        let window = TimeWindow(begin: time, end: time + 50_000)
        let socket = rows.last { $0.time <= time }?.kind.map { kind in
            KernelSocket(
                pair: pair, socketFamily: .ipv4, kind: kind, inode: 7, identity: .cookie(1), seen: window)
        }
        return KernelSnapshot(
            namespace: .init(1), source: .sockdiag, window: window, sockets: socket.map { [$0] } ?? [])
    }
}
