import Capture
import TestSupport
import Testing

/// What is written against what other programs, and Postel itself, read.
@Suite struct PcapngWriterTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("written.pcapng")
    }

    /// Three frames on two interfaces of the same kind, with all that a file can say.
    private func write() throws {
        let capture = CaptureInterface(
            linkType: 1, snapshotLength: 262_144, name: "eth0", description: "the wire",
            addresses: [
                .ipv4(0xC000_0201, mask: 0xFFFF_FF00),
                .ipv6(high: 0x2001_0DB8_0000_0000, low: 1, prefixLength: 64),
            ])
        var writer = try PcapngWriter(path: path, application: "postel", comment: "a test")
        let first = try writer.add(capture)
        try writer.write(udp.span, time: 1_700_000_000_123_456_789, direction: .outbound, on: first)
        let second = try writer.add(CaptureInterface(linkType: 1, snapshotLength: 262_144, name: "eth1"))
        try writer.write(
            udp.span, time: 1_700_000_001_000_000_000, originalLength: 1514, direction: .inbound, on: second,
            comment: "seen twice")
        try writer.write(udp.span, time: 0, on: first)
        try writer.write(CaptureStatistics(time: 1_700_000_002_000_000_000, received: 3, lost: 7), of: first)
        try writer.flush()
    }

    @Test func `what is written is read`() throws {
        try write()
        let (frames, error) = read(path)
        #expect(error == nil)
        #expect(frames.map(\.info.time) == [1_700_000_000_123_456_789, 1_700_000_001_000_000_000, 0])
        #expect(frames.map(\.info.originalLength) == [42, 1514, 42])
        #expect(frames.map(\.octets) == [udp, udp, udp])
    }

    @Test func `tshark shows stamps, interfaces, directions and comments`() throws {
        try write()
        let fields = ["frame.time_epoch", "frame.interface_name", "frame.packet_flags_direction", "frame.comment"]
        let result = try run(
            "/usr/bin/env",
            ["tshark", "-r", path, "-T", "fields", "-E", "separator=|"] + fields.flatMap { ["-e", $0] })
        #expect(result.status == 0)
        #expect(complaints(result.error) == [])
        #expect(result.output == """
            1700000000.123456789|eth0|0x00000002|
            1700000001.000000000|eth1|0x00000001|seen twice
            0.000000000|eth0||

            """)
    }

    @Test func `capinfos knows the interfaces and what was lost`() throws {
        try write()
        let result = try run("/usr/bin/env", ["capinfos", path])
        #expect(result.status == 0)
        #expect(complaints(result.error) == [])
        for line in [
            "pcapng", "Number of packets:   3", "Name = eth0", "Description = the wire", "Name = eth1",
            "Time precision = nanoseconds (9)", "Number of interfaces in file: 2", "Capture application: postel",
        ] {
            #expect(result.output.contains(line), "\(line) in \(result.output)")
        }
    }

    @Test func `tcpdump reads it`() throws {
        try write()
        let result = try run("/usr/bin/env", ["tcpdump", "--nano", "-tt", "-n", "-r", path])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.split(separator: "\n").count == 3)
        #expect(result.output.hasPrefix("1700000000.123456789 IP 192.0.2.1.53 > 198.51.100.2.53"))
    }

    @Test func `link types may differ in one file`() throws {
        var writer = try PcapngWriter(path: path)
        let ethernet = try writer.add(CaptureInterface(linkType: 1, name: "eth0"))
        let raw = try writer.add(CaptureInterface(linkType: 101, name: "tun0"))
        try writer.write(udp.span, time: 1, on: ethernet)
        let packet = Array(udp[14...])
        try writer.write(packet.span, time: 2, on: raw)
        try writer.flush()
        let result = try run("/usr/bin/env", ["tshark", "-r", path, "-T", "fields", "-e", "ip.src"])
        #expect(result.output == "192.0.2.1\n192.0.2.1\n", "\(result.error)")
    }

    @Test func `many frames go through a buffer`() throws {
        var writer = try PcapngWriter(path: path)
        let interface = try writer.add(CaptureInterface(linkType: 1))
        for number in 0..<20_000 {
            let octets = Array(repeating: UInt8(truncatingIfNeeded: number), count: number % 97)
            try writer.write(octets.span, time: Int64(number), on: interface)
        }
        try writer.flush()
        let (frames, error) = read(path)
        #expect(error == nil)
        #expect(frames.count == 20_000)
        for (number, frame) in frames.enumerated() {
            #expect(frame.info.time == Int64(number))
            #expect(frame.octets == Array(repeating: UInt8(truncatingIfNeeded: number), count: number % 97))
        }
    }

    @Test func `what cannot be written says so, with the file`() throws {
        let missing = folder.path("missing/written.pcapng")
        #expect(throws: CaptureWriteError.cannotCreate(file: missing, reason: "No such file or directory")) {
            _ = try PcapngWriter(path: missing)
        }
        var full = try PcapngWriter(path: "/dev/full")
        #expect(throws: CaptureWriteError.cannotWrite(file: "/dev/full", reason: "No space left on device")) {
            try full.flush()
        }
        var writer = try PcapngWriter(path: path)
        let interface = try writer.add(CaptureInterface(linkType: 1))
        let huge = [UInt8](repeating: 0, count: 16 << 20)
        #expect(throws: CaptureWriteError.tooLong(file: path, octets: 16 << 20)) {
            try writer.write(huge.span, time: 1, on: interface)
        }
        #expect(throws: CaptureWriteError.self) {
            try writer.add(CaptureInterface(linkType: 1, name: String(repeating: "x", count: 65536)))
        }
        // Neither left anything behind.
        try writer.write(udp.span, time: 2, on: interface)
        try writer.flush()
        #expect(read(path).frames.map(\.octets) == [udp])
    }

    /// What a program says on standard error, but for its remarks about being root.
    private func complaints(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.contains("Running as user") }
    }

    /// Ethernet, IPv4, UDP without text, from 192.0.2.1 to 198.51.100.2.
    private let udp: [UInt8] =
        [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1]
        + [198, 51, 100, 2, 0, 53, 0, 53, 0, 8, 0, 0]
}
