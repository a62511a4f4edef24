import Capture
import Testing

private let frames = [
    TestFrame(1, 0, Array(0..<60)), TestFrame(2, 0, Array(0..<7), originalLength: 1514), TestFrame(3, 0, Array(0..<20)),
]

/// Where each record of a file ends, the header first.
private func boundaries(_ format: FileFormat) -> [Int] {
    (0...frames.count).map { captureFile(Array(frames[..<$0]), format).count }
}

@Test(arguments: FileFormat.allCases, ByteOrder.allCases)
func `a file cut anywhere gives what stands before the cut`(_ format: FileFormat, _ order: ByteOrder) throws {
    let whole = captureFile(frames, format, order)
    let boundaries = boundaries(format)
    let intact = try read(whole).frames
    for length in 0..<whole.count {
        let (read, error) = try read(Array(whole[..<length]))
        let complete = boundaries.lastIndex { $0 <= length } ?? 0
        #expect(read == Array(intact[..<complete]), "cut at \(length)")
        if boundaries.contains(length) {
            #expect(error == nil, "cut at \(length)")
            continue
        }
        switch error {
        case .empty: #expect(length == 0)
        case .notACapture: #expect(length < 4)
        case .damagedHeader: #expect((4..<boundaries[0]).contains(length))
        case .damaged(_, let packet, let offset, let detail):
            #expect(length > boundaries[0], "cut at \(length)")
            #expect(packet == UInt64(complete) + 1)
            #expect(offset == Int64(length), "reading stops where the file does")
            #expect(!detail.isEmpty)
        case .cannotOpen, .interfaceFailed, .badFilter, nil:
            Issue.record("cut at \(length): \(String(describing: error))")
        }
    }
}

@Test func `a captured length that no frame has is damage`() throws {
    var bytes = captureFile(frames)
    // The captured length of the second record.
    bytes.replaceSubrange(24 + 76 + 8..<24 + 76 + 12, with: [0xFF, 0xFF, 0xFF, 0x7F])
    let (read, error) = try read(bytes)
    #expect(read.count == 1)
    guard case .damaged(_, packet: 2, offset: 116, _) = error else {
        Issue.record("\(String(describing: error))")
        return
    }
}

@Test func `every flipped bit of a file is survived`() throws {
    for format in FileFormat.allCases {
        let whole = captureFile(frames, format)
        for bit in 0..<whole.count * 8 where bit % 3 == 0 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let (read, _) = try read(bytes)
            #expect(read.count <= 6)
        }
    }
}

@Test func `a file that is not there is named with the system's reason`() {
    let error = read("/nonexistent/trace.pcap").error
    #expect(error == .cannotOpen(file: "/nonexistent/trace.pcap", reason: "No such file or directory"))
    #expect(error?.message == "/nonexistent/trace.pcap: cannot be opened: No such file or directory.")
    #expect(read("/tmp").error == .cannotOpen(file: "/tmp", reason: "it is a directory"))
}

@Test(arguments: [
    ("text", Array("GET / HTTP/1.1".utf8), "0x47455420"), ("zstd", [0x28, 0xB5, 0x2F, 0xFD, 0, 0], "unzstd"),
    ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "unxz"), ("one octet", [0xD4], "0xd4000000"),
] as [(String, [UInt8], String)])
func `what is no capture is said to be none, with what it may be`(
    _ name: String, _ bytes: [UInt8], _ hint: String
) throws {
    let error = try read(bytes).error
    guard case .notACapture(_, let detail) = error else {
        Issue.record("\(String(describing: error))")
        return
    }
    #expect(detail.contains(hint))
}

@Test func `messages say what, where and what next`() {
    let damage = CaptureError.damaged(file: "a.pcap", packet: 42, offset: 5023, detail: "truncated dump file")
    #expect(damage.message == """
        a.pcap: damaged at packet 42, reading stopped at offset 5023: truncated dump file.
        The 41 packets before it were read. A file that is still being written ends like this, too.
        """)
    let first = CaptureError.damaged(file: "a.pcap", packet: 1, offset: 30, detail: "x")
    #expect(
        first.message.hasPrefix("a.pcap: damaged at packet 1, reading stopped at offset 30: x.\nThere was no packet"))
    #expect(CaptureError.empty(file: "a.pcap").message.contains("a.pcap: the file is empty."))
}
