import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Tables that no kernel wrote.
@Suite struct ProcTableTests {
    private static let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    private static let mini =
        "   0: 0100630A:890E 0200630A:1F90 06 00000000:00000000 03:000016A8 00000000     0        0 0 3 "
        + "000000008cb6b174\n"
    private static let whole =
        "   1: 0200630A:1F90 0100630A:B706 01 00000000:00000005 00:00000000 00000000     0        0 20373 1 "
        + "000000009eb6be6e 20 4 30 10 -1\n"

    private func parse(_ text: String) throws -> KernelSnapshot {
        try ProcTable.parse(Array(text.utf8), socketFamily: .ipv4)
    }

    @Test func `the last occurrence of a row counts`() throws {
        let later = Self.whole.replacing(" 01 00000000:00000005", with: " 08 00000000:00000006")
        let snapshot = try parse(Self.header + Self.whole + Self.mini + later)
        #expect(snapshot.sockets.map(\.state) == [.closeWait, .timeWait])
        #expect(snapshot.repeated == 1)
    }

    @Test func `another inode is another socket`() throws {
        let other = Self.whole.replacing(" 20373 ", with: " 20374 ")
        #expect(try parse(Self.header + Self.whole + other).sockets.count == 2)
    }

    @Test func `what is no table is refused`() throws {
        for text in ["", "\n", "root:x:0:0:root:/root:/bin/bash\n", Self.whole] {
            #expect(throws: KernelSocketsError.notATable(path: "/proc/net/tcp")) { try parse(text) }
        }
        #expect(try parse(Self.header).sockets == [])
    }

    @Test(arguments: [
        ("   0: 0100630A:890E\n", RowFault.fieldCount),
        (mini.replacing(" 06 ", with: " 01 "), .fieldCount),
        (whole.replacing(" 01 ", with: " 06 "), .fieldCount),
        (whole.replacing(" 10 -1", with: ""), .fieldCount),
        (whole.replacing(" 01 ", with: " 00 "), .state),
        (whole.replacing(" 01 ", with: " FF "), .state),
        (whole.replacing(" 01 ", with: " 0x "), .number),
        (whole.replacing("0200630A", with: "200630A"), .address),
        (whole.replacing("0200630A:1F90", with: "0200630A1F90"), .number),
        (whole.replacing(":1F90", with: ":11F90"), .number),
        (whole.replacing(" 20373 ", with: " 99999999999999999999 "), .number),
        (whole.replacing(" 0        0 20373", with: " 4294967296 0 20373"), .number),
        (whole.replacing(" 10 -1", with: " ten -1"), .number),
        (whole.replacing(" 10 -1", with: " 10 -2"), .number),
        (String(repeating: "0", count: 5000) + "\n", .length),
    ])
    func `an unreadable row is counted, and the others are read`(row: String, reason: RowFault) throws {
        let snapshot = try parse(Self.header + Self.mini + row + Self.whole)
        #expect(snapshot.skipped == [reason: 1])
        #expect(snapshot.sockets.map(\.state) == [.timeWait, .established])
    }

    @Test func `more fields than today's are no fault, and a hidden pointer is none`() throws {
        let longer = Self.whole.replacing(" 10 -1", with: " 10 25 7 8")
        guard case .full(let socket)? = try parse(Self.header + longer).sockets.first?.kind else {
            Issue.record("no full socket")
            return
        }
        #expect(socket.slowStartThreshold == 25)
        let hidden = Self.whole.replacing("000000009eb6be6e", with: "(____ptrval____)")
        #expect(try parse(Self.header + hidden).sockets.first?.identity == nil)
    }

    @Test func `a last line without its end is a line`() throws {
        #expect(try parse(Self.header + String(Self.whole.dropLast())).sockets.count == 1)
    }

    @Test(arguments: Seeds.all)
    func `damage anywhere never stops the reading`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let table = Array((Self.header + Self.mini + Self.whole + Self.whole + Self.mini).utf8)
        for _ in 0..<2_000 {
            var octets = table
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                switch Int.random(in: 0...2, using: &generator) {
                case 0:
                    let place = Int.random(in: 0..<octets.count, using: &generator)
                    octets[place] = .random(in: 0...255, using: &generator)
                case 1: octets.removeSubrange(Int.random(in: 0..<octets.count, using: &generator)...)
                default:
                    let place = Int.random(in: 0...octets.count, using: &generator)
                    octets.insert(contentsOf: octets.suffix(100), at: place)
                }
                if octets.isEmpty { octets = [0] }
            }
            for family in [AddressFamily.ipv4, .ipv6] {
                let snapshot = try? ProcTable.parse(octets, socketFamily: family)
                #expect(snapshot?.sockets.count ?? 0 <= 9)
            }
        }
    }
}
