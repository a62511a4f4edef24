import Capture
import TestSupport
import Testing

/// What only a reader of our own tells, or reads at all.
@Suite struct PcapngReaderTests {
    private let little = ByteOrder.little
    private let frame = TestFrame(1_700_000_000, 5, Array(0..<14))

    /// What a file says of its frames, and what was lost before each, by the frame's number; 0 for the end.
    private func details(
        _ octets: [UInt8]
    ) throws -> (frames: [FrameInfo], links: [Int32], losses: [UInt64: CaptureLoss]) {
        let temporary = try TemporaryFile(octets)
        var file = try CaptureFile(path: temporary.path)
        var frames: [FrameInfo] = []
        var links: [Int32] = []
        var losses: [UInt64: CaptureLoss] = [:]
        while try file.advance() {
            frames.append(file.frame)
            links.append(file.dataLinkType)
            if let loss = file.loss { losses[file.frame.packet] = loss }
        }
        if let loss = file.loss { losses[0] = loss }
        return (frames, links, losses)
    }

    @Test func `interfaces of different link types and snapshot lengths are read`() throws {
        let bytes =
            sectionHeader(little) + interfaceDescription(1, little)
            + interfaceDescription(101, little, snapshotLength: 96) + enhancedPacket(frame, little)
            + enhancedPacket(frame, interface: 1, little) + enhancedPacket(frame, little)
        let (frames, links, _) = try details(bytes)
        #expect(frames.map(\.interface) == [0, 1, 0])
        #expect(links == [1, 12, 1], "LINKTYPE_RAW is 101 in files and 12 in libpcap")
    }

    @Test func `sections of both orders are read, their interfaces counted through`() throws {
        let big = ByteOrder.big
        let bytes =
            sectionHeader(little) + interfaceDescription(1, little) + interfaceDescription(1, little)
            + enhancedPacket(frame, interface: 1, little) + sectionHeader(big) + interfaceDescription(113, big)
            + enhancedPacket(frame, big) + sectionHeader(little) + interfaceDescription(1, little)
            + enhancedPacket(frame, little)
        let (frames, links, _) = try details(bytes)
        #expect(frames.map(\.interface) == [1, 2, 3])
        #expect(frames.map(\.time) == Array(repeating: 1_700_000_000_000_000_005, count: 3))
        #expect(links == [1, 113, 1])
    }

    @Test(arguments: ByteOrder.allCases) func `directions come from the flags of a packet`(_ order: ByteOrder) throws {
        func flags(_ word: UInt32) -> [UInt8] {
            option(1, Array("a remark".utf8), order) + option(2, order.octets(word), order) + option(0, [], order)
        }
        let bytes =
            sectionHeader(order) + interfaceDescription(1, order)
            + [0, 1, 2, 3, 0xFFFF_FFFD].flatMap { enhancedPacket(frame, order, options: flags($0)) }
            + enhancedPacket(frame, order)
        #expect(
            try details(bytes).frames.map(\.direction) == [
                .unknown, .inbound, .outbound, .unknown, .inbound, .unknown,
            ])
    }

    @Test func `stamps are scaled and shifted as the interface says`() throws {
        func time(_ resolution: UInt8, _ offset: UInt32, _ stamp: UInt64) throws -> Int64 {
            let interface = interfaceDescription(
                1, little, resolution: resolution, options: option(14, little.octets(offset) + [0, 0, 0, 0], little))
            let body =
                little.octets(UInt32(0)) + little.octets(UInt32(stamp >> 32))
                + little.octets(UInt32(truncatingIfNeeded: stamp)) + little.octets(UInt32(0)) + little.octets(UInt32(0))
            return try details(sectionHeader(little) + interface + block(6, body, little)).frames[0].time
        }
        #expect(try time(9, 0, 1_500_000_001) == 1_500_000_001)
        #expect(try time(6, 0, 1_500_001) == 1_500_001_000)
        #expect(try time(3, 10, 1_500) == 11_500_000_000)
        #expect(try time(12, 0, 1_500_000_001_999) == 1_500_000_001)
        #expect(try time(0x81, 0, 3) == 1_500_000_000)
        #expect(try time(0xA0, 0, 3 << 31) == 1_500_000_000)
        #expect(try time(0xBF, 0, 3 << 62) == 1_500_000_000, "2^-63 s: the product takes more than 64 bits")
    }

    @Test func `packets without a stamp and old ones are read`() throws {
        let simple = block(3, little.octets(UInt32(9)) + Array(1...9), little)
        let obsolete = block(
            2, little.octets(UInt16(1)) + little.octets(UInt16(4)) + little.octets(UInt32(0))
                + little.octets(UInt32(77)) + little.octets(UInt32(3)) + little.octets(UInt32(1514)) + [1, 2, 3, 0],
            little)
        let bytes =
            sectionHeader(little) + interfaceDescription(1, little) + interfaceDescription(113, little) + simple
            + obsolete
        let (frames, links, losses) = try details(bytes)
        #expect(frames.map(\.capturedLength) == [9, 3])
        #expect(frames.map(\.originalLength) == [9, 1514])
        #expect(frames.map(\.time) == [0, 77])
        #expect(links == [1, 113])
        #expect(losses == [2: CaptureLoss(packets: 4, from: 0, to: 77)])
    }

    /// Interface statistics: interface, stamp, received 100, lost on the interface and in the system.
    private func statistics(_ time: UInt32, interface: UInt32 = 0, lost: UInt32, inSystem: UInt32 = 0) -> [UInt8] {
        func count(_ code: UInt16, _ number: UInt32) -> [UInt8] {
            option(code, little.octets(number) + [0, 0, 0, 0], little)
        }
        let body =
            little.octets(interface) + little.octets(UInt32(0)) + little.octets(time) + count(4, 100) + count(5, lost)
            + count(7, inSystem) + option(0, [], little)
        return block(5, body, little)
    }

    @Test func `losses between two statistics are told where they stand`() throws {
        let bytes =
            sectionHeader(little) + interfaceDescription(1, little) + interfaceDescription(1, little)
            + statistics(1000, lost: 0) + enhancedPacket(frame, little) + statistics(2000, lost: 5, inSystem: 2)
            + enhancedPacket(frame, little) + statistics(3000, lost: 5, inSystem: 2) + enhancedPacket(frame, little)
            + statistics(4000, lost: 8, inSystem: 2) + statistics(4500, interface: 1, lost: 1)
        let losses = try details(bytes).losses
        #expect(
            losses == [
                2: CaptureLoss(packets: 7, from: 1000, to: 2000), 0: CaptureLoss(packets: 4, from: nil, to: 4500),
            ])
    }

    @Test func `losses told at a packet and in the statistics count once`() throws {
        let dropped = option(4, little.octets(UInt32(3)) + [0, 0, 0, 0], little)
        let second = TestFrame(1_700_000_001, 0, [1])
        let bytes =
            sectionHeader(little) + interfaceDescription(1, little) + enhancedPacket(frame, little)
            + enhancedPacket(second, little, options: dropped) + statistics(7, lost: 3)
        #expect(
            try details(bytes).losses == [
                2: CaptureLoss(packets: 3, from: 1_700_000_000_000_000_005, to: 1_700_000_001_000_000_000)
            ])
    }

    @Test func `a filter is compiled for each link type`() throws {
        let packet: [UInt8] = [0x45, 0, 0, 20] + Array(repeating: 0, count: 16)
        let ethernet: [UInt8] = Array(repeating: 2, count: 12) + [8, 0] + packet
        let bytes =
            sectionHeader(little) + interfaceDescription(1, little) + interfaceDescription(101, little)
            // Nobody filters IP on a USB bus.
            + interfaceDescription(189, little) + enhancedPacket(TestFrame(1, 0, ethernet), little)
            + enhancedPacket(TestFrame(2, 0, packet), interface: 1, little)
            + enhancedPacket(TestFrame(3, 0, ethernet), interface: 2, little)
            + enhancedPacket(TestFrame(4, 0, ethernet), little)
        #expect(try read(bytes, filter: "ip").frames.map(\.info.packet) == [1, 2, 4])
        #expect(try read(bytes, filter: "arp").frames == [])
    }

    @Test func `what the file says of an interface is kept`() throws {
        let options =
            option(2, Array("eth7".utf8), little) + option(3, Array("the wire".utf8), little)
            + option(4, [192, 0, 2, 1, 255, 255, 255, 0], little)
            + option(5, [0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 64], little)
        let temporary = try TemporaryFile(
            sectionHeader(little) + interfaceDescription(101, little, snapshotLength: 96, options: options)
                + enhancedPacket(frame, little))
        var file = try CaptureFile(path: temporary.path)
        let expected = CaptureInterface(
            linkType: 101, snapshotLength: 96, name: "eth7", description: "the wire",
            addresses: [
                .ipv4(0xC000_0201, mask: 0xFFFF_FF00),
                .ipv6(high: 0x2001_0DB8_0000_0000, low: 1, prefixLength: 64),
            ])
        #expect(file.interface == expected)
        #expect(try file.advance())
        #expect(file.interface == expected)
    }

    @Test func `a name as long as a block is cut`() throws {
        let name = option(2, Array(repeating: 0x78, count: 65000), little)
        let temporary = try TemporaryFile(sectionHeader(little) + interfaceDescription(1, little, options: name))
        let file = try CaptureFile(path: temporary.path)
        #expect(file.interface.name?.count == 1024)
    }
}
