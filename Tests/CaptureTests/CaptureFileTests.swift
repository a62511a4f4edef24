import Capture
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

private let threeFrames = [
    TestFrame(1_700_000_000, 123_456_000, Array(0..<60)),
    TestFrame(1_700_000_001, 999_999_000, Array(0..<7), originalLength: 1514),
    TestFrame(1_700_000_002, 0, []),
]

/// `threeFrames` as they must be read.
private let threeRead = [
    ReadFrame(
        info: FrameInfo(time: 1_700_000_000_123_456_000, packet: 1, capturedLength: 60, originalLength: 60),
        octets: Array(0..<60)),
    ReadFrame(
        info: FrameInfo(time: 1_700_000_001_999_999_000, packet: 2, capturedLength: 7, originalLength: 1514),
        octets: Array(0..<7)),
    ReadFrame(
        info: FrameInfo(time: 1_700_000_002_000_000_000, packet: 3, capturedLength: 0, originalLength: 0), octets: []),
]

@Test(arguments: FileFormat.allCases, ByteOrder.allCases)
func `every format in both orders is read`(_ format: FileFormat, _ order: ByteOrder) throws {
    let (frames, error) = try read(captureFile(threeFrames, format, order))
    #expect(error == nil)
    #expect(frames == threeRead)
}

@Test func `nanoseconds are kept`() throws {
    let frame = TestFrame(1, 123_456_789, [1])
    #expect(try read(captureFile([frame], .pcapNanoseconds)).frames[0].info.time == 1_123_456_789)
    #expect(try read(captureFile([frame], .pcapng)).frames[0].info.time == 1_123_456_789)
    #expect(try read(captureFile([frame], .pcapMicroseconds)).frames[0].info.time == 1_123_456_000)
}

@Test func `a file with a header and no frame is read to its end`() throws {
    for format in FileFormat.allCases {
        let (frames, error) = try read(captureFile([], format))
        #expect(frames == [])
        #expect(error == nil)
    }
}

@Test func `the file tells its link type, size and progress`() throws {
    let bytes = captureFile(threeFrames, linkType: 276)
    let temporary = try TemporaryFile(bytes)
    var file = try CaptureFile(path: temporary.path)
    #expect(file.name == temporary.path)
    #expect(file.dataLinkType == 276)
    #expect(file.snapshotLength == 262_144)
    #expect(file.fileSize == Int64(bytes.count))
    #expect(file.bytesRead == 24)
    #expect(file.withBytes { $0.count } == 0)
    #expect(try file.advance())
    #expect(file.bytesRead == 100, "header 24, record header 16, frame 60")
    while try file.advance() {}
    #expect(file.bytesRead == file.fileSize)
    #expect(file.withBytes { $0.count } == 0)
    #expect(try !file.advance(), "the end stays the end")
}

@Test func `the first stamp puts files in order`() throws {
    let late = try TemporaryFile(captureFile([TestFrame(9, 1, [1]), TestFrame(3, 0, [1])]))
    let early = try TemporaryFile(captureFile([TestFrame(8, 999_999_999, [1])], .pcapng))
    let none = try TemporaryFile(captureFile([]))
    #expect(try CaptureFile.firstTime(path: late.path) == 9_000_000_001)
    #expect(try CaptureFile.firstTime(path: early.path) == 8_999_999_999)
    #expect(try CaptureFile.firstTime(path: none.path) == nil)
}

@Test func `a filter holds frames back and counts them`() throws {
    // Ethernet, EtherType, filled up to a frame: ARP, IPv4, ARP, IPv4.
    func frame(_ type: [UInt8]) -> TestFrame {
        TestFrame(1, 0, Array(repeating: 2, count: 12) + type + [0x45] + Array(repeating: 0, count: 45))
    }
    let bytes = captureFile([[8, 6], [8, 0], [8, 6], [8, 0]].map(frame))
    let (frames, error) = try read(bytes, filter: "ip")
    #expect(error == nil)
    #expect(frames.map(\.info.packet) == [2, 4])
    #expect(try read(bytes, filter: "arp").frames.map(\.info.packet) == [1, 3])
    #expect(try read(bytes, filter: "tcp port 80").frames == [])
    #expect(try read(bytes, filter: "").frames.count == 4)
}

@Test func `a filter that is not understood is named`() throws {
    let (frames, error) = try read(captureFile(threeFrames), filter: "tcp prot 80")
    #expect(frames == [])
    guard case .badFilter("tcp prot 80", let detail) = error else {
        Issue.record("\(String(describing: error))")
        return
    }
    #expect(!detail.isEmpty)
    #expect(error?.message.contains("'tcp prot 80'") == true)
}

/// Whatever stamps are, they must not trap.
@Test func `hostile stamps and lengths are survived`() throws {
    let hostile: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1_000_000_000]
    for format in [FileFormat.pcapMicroseconds, .pcapNanoseconds] {
        for seconds in hostile {
            for nanoseconds in hostile {
                let frame = TestFrame(seconds, nanoseconds, [1, 2], originalLength: nanoseconds)
                let (frames, error) = try read(captureFile([frame], format))
                #expect(error == nil)
                #expect(frames.count == 1)
                #expect(frames[0].info.originalLength == Int(nanoseconds))
            }
        }
    }
    // pcapng: 64 bits of time, with resolutions from whole seconds to 10^-127 and 2^-127.
    for resolution: UInt8 in [0, 1, 6, 9, 19, 127, 128, 137, 191, 255] {
        for time in hostile {
            let order = ByteOrder.little
            var interface = interfaceDescription(1, order)
            interface[20] = resolution
            let body =
                order.octets(UInt32(0)) + order.octets(time) + order.octets(time) + order.octets(UInt32(1))
                + order.octets(time) + [7]
            let (frames, error) = try read(sectionHeader(order) + interface + block(6, body, order))
            #expect(error != nil || frames.count == 1)
            // 2^63 seconds and more do not fit in nanoseconds; the nearest that does is what there is.
            if resolution == 0, time == 0x7FFF_FFFF { #expect(frames.first?.info.time == .max) }
            if resolution == 0, time == 0x8000_0000 { #expect(frames.first?.info.time == .min) }
        }
    }
}

@Test func `standard input is read through a pipe`() async throws {
    // In a process of its own: standard input belongs to the whole process.
    await #expect(processExitsWith: .success) {
        let bytes = captureFile(threeFrames, .pcapng)
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0, dup2(ends[0], STDIN_FILENO) == STDIN_FILENO else { exit(10) }
        guard unsafe bytes.withUnsafeBytes({ unsafe write(ends[1], $0.baseAddress, $0.count) }) == bytes.count else {
            exit(11)
        }
        close(ends[1])
        var file = try CaptureFile(path: "-")
        guard file.name == "standard input", file.fileSize == nil else { exit(12) }
        for expected in threeRead {
            guard try file.advance(), file.frame == expected.info else { exit(13) }
        }
        guard try !file.advance() else { exit(14) }
    }
}

@Test func `a pipe that is cut, empty or no capture says so`() async throws {
    await #expect(processExitsWith: .success) {
        func errorOfPipe(_ bytes: [UInt8]) -> CaptureError? {
            var ends: [Int32] = [0, 0]
            guard unsafe pipe(&ends) == 0, dup2(ends[0], STDIN_FILENO) == STDIN_FILENO else { exit(10) }
            _ = unsafe bytes.withUnsafeBytes { unsafe write(ends[1], $0.baseAddress, $0.count) }
            close(ends[0])
            close(ends[1])
            return read("-").error
        }
        guard case .empty("standard input") = errorOfPipe([]) else { exit(11) }
        guard case .notACapture = errorOfPipe(Array("hello, world, this is no capture".utf8)) else { exit(12) }
        let whole = captureFile(threeFrames)
        guard case .damaged(_, packet: 2, offset: 110, _) = errorOfPipe(Array(whole[..<110])) else { exit(13) }
        guard case .damagedHeader = errorOfPipe(Array(whole[..<20])) else { exit(14) }
    }
}
