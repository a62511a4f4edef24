@testable import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Messages of sock_diag, made by hand as the kernel lays them out on a little-endian machine.
@Suite struct SockDiagTests {
    /// A row, `struct inet_diag_msg`, for 10.99.0.2:8080 to 10.99.0.1:46854.
    private func row(
        state: UInt8, timer: UInt8 = 0, count: UInt8 = 0, expires: UInt32 = 0, receive: UInt32 = 0, send: UInt32 = 0,
        inode: UInt32 = 4711, attributes: [UInt8] = []
    ) -> [UInt8] {
        var octets: [UInt8] = [2, state, timer, count, 0x1F, 0x90, 0xB7, 0x06]
        octets += [10, 99, 0, 2] + Array(repeating: 0, count: 12)
        octets += [10, 99, 0, 1] + Array(repeating: 0, count: 12)
        octets += number(7) + number(0xDEAD) + number(0xBEEF)
        octets += number(expires) + number(receive) + number(send) + number(1000) + number(inode)
        return octets + attributes
    }

    private func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func message(_ type: UInt16, flags: UInt16 = 0, sequence: UInt32 = 1, _ content: [UInt8]) -> [UInt8] {
        let length = UInt32(16 + content.count)
        let header = number(length) + [UInt8(type), 0, UInt8(truncatingIfNeeded: flags), UInt8(flags >> 8)]
        return header + number(sequence) + number(0) + content + Array(repeating: 0, count: -content.count & 3)
    }

    /// TCP_INFO as an attribute: 240 octets, each with its own place as its value where it is a single one.
    private var information: [UInt8] {
        var content = [UInt8](repeating: 0, count: 240)
        content[2] = 3
        content[3] = 1
        content[4] = 4
        content[5] = 0x47
        content[6] = 0x97
        func set(_ offset: Int, _ value: UInt32) { content.replaceSubrange(offset..<offset + 4, with: number(value)) }
        set(8, 204_000)
        set(24, 5)
        set(36, 2)
        set(44, 1500)
        set(68, 250)
        set(76, 0x7FFF_FFFF)
        set(80, 10)
        set(100, 9)
        set(120, 1001)
        set(144, 77)
        set(228, 65536)
        return number(UInt32(4 + content.count) | 2 << 16) + content
    }

    private func read(_ octets: [UInt8], sequence: UInt32 = 1) throws -> (snapshot: KernelSnapshot, isDone: Bool) {
        var builder = SnapshotBuilder(source: .sockdiag, namespace: .init(1))
        let window = TimeWindow(begin: 1, end: 2)
        let isDone = try SockDiagMessages.read(octets.span, sequence: sequence, window: window, into: &builder)
        return (builder.finish(window), isDone)
    }

    @Test func `a full socket`() throws {
        let octets = row(state: 1, timer: 1, count: 3, expires: 180, receive: 5, send: 9, attributes: information)
        let socket = try #require(try read(message(20, octets)).snapshot.sockets.first)
        #expect(socket.pair == pair("10.99.0.2", 8080, "10.99.0.1", 46854))
        #expect(socket.identity == .cookie(0xBEEF_0000_DEAD))
        #expect(socket.uid == 1000 && socket.inode == 4711 && socket.interface == 7)
        #expect(socket.seen == TimeWindow(begin: 1, end: 2))
        guard case .full(let full) = socket.kind, let information = full.information else {
            Issue.record("\(socket.kind)")
            return
        }
        #expect(full.phase == .established && full.sendQueue == 9 && full.receiveQueue == 5)
        #expect(full.timer == .retransmission(180_000_000))
        #expect(full.retransmissions == 3 && full.probes == 1)
        #expect(full.retransmissionTimeout == 204_000_000)
        #expect(full.congestionWindow == 10 && full.slowStartThreshold == nil)
        #expect(information.options == [.timestamps, .selectiveAcknowledgment, .windowScale])
        #expect(information.sendScale == 7 && information.receiveScale == 9)
        #expect(information.unacknowledged == 5 && information.retransmitted == 2)
        #expect(information.totalRetransmissions == 9 && information.backoff == 4)
        #expect(information.sinceDataSent == 1_500_000_000 && information.roundTripTime == 250_000)
        #expect(information.acknowledgedOctets == 1001 && information.unsentOctets == 77)
        #expect(information.sendWindow == 65536)
    }

    @Test func `kinds by state, timer and what comes with it`() throws {
        let rows: [([UInt8], KernelSocket.Kind)] = [
            (row(state: 10, receive: 2, send: 1), .listener(.init(acceptQueue: 2, backlog: 1))),
            (row(state: 3, timer: 1, count: 2, expires: 9), .request(.init(retransmissions: 2, remaining: 9_000_000))),
            (row(state: 12, timer: 1, expires: 900), .request(.init(retransmissions: 0, remaining: 900_000_000))),
            (row(state: 6, timer: 3, expires: 59_000), .remnant(.init(phase: .timeWait, remaining: 59_000_000_000))),
            (row(state: 5, timer: 3, expires: 59_000), .remnant(.init(phase: .finWait2, remaining: 59_000_000_000))),
            (row(state: 7), .bound),
        ]
        for (octets, kind) in rows {
            #expect(try read(message(20, octets)).snapshot.sockets.map(\.kind) == [kind])
        }
        let owned = try read(message(20, row(state: 5, timer: 2, expires: 100, attributes: information)))
        let orphan = try read(message(20, row(state: 5, timer: 2, expires: 100, inode: 0, attributes: information)))
        for (result, timer) in [(owned, KernelSocket.Timer.keepalive(100_000_000)), (orphan, .finWait2(100_000_000))] {
            guard case .full(let socket)? = result.snapshot.sockets.first?.kind else {
                Issue.record("no full socket")
                continue
            }
            #expect(socket.timer == timer)
        }
    }

    @Test func `several messages, and the end`() throws {
        let rows = message(20, row(state: 6, timer: 3)) + message(20, flags: 0x10, row(state: 10, inode: 4712))
        let (snapshot, isDone) = try read(rows)
        #expect(snapshot.sockets.count == 2 && snapshot.isInterrupted && !isDone)
        #expect(try read(message(3, number(0))).isDone)
        // An answer to an older question.
        #expect(try read(rows, sequence: 2).snapshot.sockets == [])
    }

    @Test func `errors are errors`() throws {
        for type: UInt16 in [2, 3] {
            #expect(throws: KernelSocketsError.noSockDiag(number: 2)) {
                try read(message(type, number(UInt32(bitPattern: -2))))
            }
            #expect(throws: KernelSocketsError.system(operation: "ask", subject: "sock_diag", number: 105)) {
                try read(message(type, number(UInt32(bitPattern: -105))))
            }
        }
        #expect(throws: KernelSocketsError.self) { try read(message(2, number(0x8000_0000))) }
        #expect(throws: KernelSocketsError.malformedReply("a message of 8 octets where 16 are left")) {
            try read(number(8) + Array(repeating: 0, count: 12))
        }
        #expect(throws: KernelSocketsError.malformedReply("a message of 90 octets where 88 are left")) {
            try read(number(90) + message(20, row(state: 1)).dropFirst(4))
        }
    }

    @Test func `rows that break off are counted`() throws {
        #expect(try read(message(20, Array(row(state: 1).prefix(71)))).snapshot.skipped == [.truncated: 1])
        #expect(try read(message(20, row(state: 0))).snapshot.skipped == [.state: 1])
        #expect(try read(message(20, [1] + row(state: 1).dropFirst())).snapshot.skipped == [.address: 1])
        let overlong = row(state: 1, attributes: number(400 | 2 << 16) + number(0))
        #expect(try read(message(20, overlong)).snapshot.skipped == [.truncated: 1])
        // TCP_INFO of no kernel: as if there were none.
        let short = row(state: 1, attributes: number(8 | 2 << 16) + number(0))
        guard case .full(let socket)? = try read(message(20, short)).snapshot.sockets.first?.kind else {
            Issue.record("no full socket")
            return
        }
        #expect(socket.information == nil && socket.retransmissions == nil)
    }

    @Test(arguments: Seeds.all)
    func `damage anywhere never stops the reading`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let rows = message(20, row(state: 1, attributes: information)) + message(20, row(state: 6))
        let good = rows + message(3, number(0))
        for _ in 0..<2_000 {
            var octets = good
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            octets.removeLast(Int.random(in: 0...octets.count, using: &generator) / 4)
            #expect((try? read(octets).snapshot.sockets.count) ?? 0 <= 2)
        }
    }

    @Test func `a request is as the kernel expects it`() throws {
        let octets = SockDiagRequest.find(pair("10.99.0.2", 8080, "10.99.0.1", 46854), interface: 7, sequence: 9)
        #expect(octets.count == 72)
        #expect(octets.prefix(16) == [72, 0, 0, 0, 20, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0])
        #expect(octets[16..<20] == [2, 6, 0x82, 0])
        #expect(octets[24..<32] == [0x1F, 0x90, 0xB7, 0x06, 10, 99, 0, 2])
        #expect(octets[44..<48] == [10, 99, 0, 1])
        #expect(octets[60..<64] == [7, 0, 0, 0])
        #expect(octets[64...] == [255, 255, 255, 255, 255, 255, 255, 255])
        let six = SockDiagRequest.find(pair("fd99::1", 1, "fd99::2", 2), interface: 0, sequence: 1)
        #expect(six[28..<44] == [0xFD, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    }
}
