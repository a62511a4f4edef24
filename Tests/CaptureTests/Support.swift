import Capture
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A frame as a test writes it: seconds, nanoseconds, octets, and the length on the wire if it differs.
struct TestFrame {
    var seconds: UInt32
    var nanoseconds: UInt32
    var octets: [UInt8]
    var originalLength: UInt32?

    init(_ seconds: UInt32, _ nanoseconds: UInt32, _ octets: [UInt8], originalLength: UInt32? = nil) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.octets = octets
        self.originalLength = originalLength
    }
}

/// The order in which a file's numbers are written.
enum ByteOrder: CaseIterable {
    case little
    case big

    func octets(_ number: UInt32) -> [UInt8] {
        let little = (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
        return self == .little ? little : little.reversed()
    }

    func octets(_ number: UInt16) -> [UInt8] {
        let little = [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        return self == .little ? little : little.reversed()
    }
}

/// The formats that the tests write.
enum FileFormat: CaseIterable {
    case pcapMicroseconds
    case pcapNanoseconds
    case pcapng
}

/// A capture file's octets.
func captureFile(
    _ frames: [TestFrame], _ format: FileFormat = .pcapNanoseconds, _ order: ByteOrder = .little, linkType: UInt32 = 1
) -> [UInt8] {
    switch format {
    case .pcapMicroseconds: pcap(frames, magic: 0xA1B2_C3D4, divisor: 1000, order, linkType)
    case .pcapNanoseconds: pcap(frames, magic: 0xA1B2_3C4D, divisor: 1, order, linkType)
    case .pcapng: pcapng(frames, order, linkType)
    }
}

private func pcap(
    _ frames: [TestFrame], magic: UInt32, divisor: UInt32, _ order: ByteOrder, _ linkType: UInt32
) -> [UInt8] {
    var bytes = order.octets(magic) + order.octets(UInt16(2)) + order.octets(UInt16(4))  // magic, version 2.4
    bytes += order.octets(UInt32(0)) + order.octets(UInt32(0))  // time zone, accuracy
    bytes += order.octets(UInt32(262_144)) + order.octets(linkType)  // snapshot length, link type
    for frame in frames {
        bytes += order.octets(frame.seconds) + order.octets(frame.nanoseconds / divisor)
        bytes += order.octets(UInt32(frame.octets.count))
        bytes += order.octets(frame.originalLength ?? UInt32(frame.octets.count))
        bytes += frame.octets
    }
    return bytes
}

/// A block: type, total length, body filled up to words, total length again.
func block(_ type: UInt32, _ body: [UInt8], _ order: ByteOrder) -> [UInt8] {
    let padded = body + Array(repeating: 0, count: -body.count & 3)
    let length = order.octets(UInt32(padded.count + 12))
    return order.octets(type) + length + padded + length
}

/// Section header: byte order magic, version 1.0, section length not stated.
func sectionHeader(_ order: ByteOrder) -> [UInt8] {
    let body = order.octets(UInt32(0x1A2B_3C4D)) + order.octets(UInt16(1)) + order.octets(UInt16(0))
    return block(0x0A0D_0D0A, body + Array(repeating: 0xFF, count: 8), order)
}

/// Interface description: link type, reserved, snapshot length; resolution (option 9), further options, end of options.
func interfaceDescription(
    _ linkType: UInt32, _ order: ByteOrder, snapshotLength: UInt32 = 262_144, resolution: UInt8 = 9,
    options: [UInt8] = []
) -> [UInt8] {
    var body = order.octets(UInt16(linkType)) + order.octets(UInt16(0)) + order.octets(snapshotLength)
    body += order.octets(UInt16(9)) + order.octets(UInt16(1)) + [resolution, 0, 0, 0]
    body += options
    body += order.octets(UInt16(0)) + order.octets(UInt16(0))
    return block(1, body, order)
}

/// An option: code, length, value filled up to words.
func option(_ code: UInt16, _ value: [UInt8], _ order: ByteOrder) -> [UInt8] {
    order.octets(code) + order.octets(UInt16(value.count)) + value + Array(repeating: 0, count: -value.count & 3)
}

/// Enhanced packet: interface, time in two halves, captured and original length, octets, options.
func enhancedPacket(
    _ frame: TestFrame, interface: UInt32 = 0, _ order: ByteOrder, options: [UInt8] = []
) -> [UInt8] {
    let time = UInt64(frame.seconds) * 1_000_000_000 + UInt64(frame.nanoseconds)
    var body = order.octets(interface)
    body += order.octets(UInt32(time >> 32)) + order.octets(UInt32(truncatingIfNeeded: time))
    body += order.octets(UInt32(frame.octets.count))
    body += order.octets(frame.originalLength ?? UInt32(frame.octets.count)) + frame.octets
    body += Array(repeating: 0, count: -body.count & 3) + options
    return block(6, body, order)
}

private func pcapng(_ frames: [TestFrame], _ order: ByteOrder, _ linkType: UInt32) -> [UInt8] {
    sectionHeader(order) + interfaceDescription(linkType, order) + frames.flatMap { enhancedPacket($0, order) }
}

/// A file that is gone when the test is over.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8]) throws {
        var template = Array("/tmp/postel-capture-XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&template)
        path = unsafe String(cString: &template)
        try #require(descriptor >= 0)
        let written = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        try #require(written == bytes.count)
    }

    deinit {
        unsafe unlink(path)
    }
}

/// A frame as it was read.
struct ReadFrame: Equatable {
    var info: FrameInfo
    var octets: [UInt8]
}

/// Everything that a capture gives, and how it ended.
func read(
    _ path: String, filter: String? = nil, reader: CaptureFile.Reader = .automatic
) -> (frames: [ReadFrame], error: CaptureError?) {
    var frames: [ReadFrame] = []
    do throws(CaptureError) {
        var file = try CaptureFile(path: path, filter: filter, reader: reader)
        var linkType: Int32?
        while try file.advance() {
            let octets = file.withBytes { bytes in (0..<bytes.count).map { bytes[$0] } }
            if file.isPlain, !isPlain(file, after: frames.last?.info, linkType) {
                Issue.record("packet \(file.frame.packet) is not what it is taken for")
            }
            linkType = file.dataLinkType
            frames.append(ReadFrame(info: file.frame, octets: octets))
        }
        return (frames, nil)
    } catch {
        return (frames, error)
    }
}

/// Whether all is as before with a frame, but for its stamp and its lengths: what `CaptureFile.isPlain` promises.
private func isPlain(_ file: borrowing CaptureFile, after last: FrameInfo?, _ linkType: Int32?) -> Bool {
    last?.interface == 0 && linkType == file.dataLinkType && file.frame.interface == 0
        && file.frame.direction == .unknown && file.loss == nil
}

/// The same from the octets of a file.
func read(_ bytes: [UInt8], filter: String? = nil) throws -> (frames: [ReadFrame], error: CaptureError?) {
    let file = try TemporaryFile(bytes)
    defer { withExtendedLifetime(file) {} }
    return read(file.path, filter: filter)
}
