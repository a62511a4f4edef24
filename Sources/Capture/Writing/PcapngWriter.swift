/// Writes a capture file: pcapng, with interfaces, directions and nanoseconds (draft-ietf-opsawg-pcapng).
///
///     var writer = try PcapngWriter(path: "trace.pcapng")
///     let interface = try writer.add(CaptureInterface(linkType: 1, name: "eth0"))
///     try writer.write(frame.span, time: stamp, direction: .outbound, on: interface)
///     try writer.flush()
///
/// Frames are written in the order in which they come; nothing is written before the buffer is full or `flush()` is
/// called, which also tells whether all of it arrived. What was not flushed is lost.
public struct PcapngWriter: ~Copyable {
    /// An interface of this file: what `add` gives.
    public struct Interface: Hashable, Sendable, BitwiseCopyable {
        let number: UInt32
    }

    private var output: DescriptorOutput
    private var interfaces: UInt32 = 0

    /// Makes a file and begins it; one that is there is emptied when the first piece is written.
    ///
    /// - Parameters:
    ///   - path: the file; `-` is standard output.
    ///   - application: the program that writes, as the file names it.
    ///   - comment: what is to be said of the whole file.
    public init(path: String, application: String? = nil, comment: String? = nil) throws(CaptureWriteError) {
        var output = try DescriptorOutput(path: path)
        try writeBlock(.sectionHeader, to: &output) { block in
            block.append(PcapngByteOrder.magic)
            block.append(UInt16(1))  // version 1.0
            block.append(UInt16(0))
            block.append(UInt64.max)  // the length of the section is not stated
            block.option(PcapngOption.comment, text: comment)
            block.option(PcapngOption.application, text: application)
            block.endOptions()
        }
        self.output = output
    }

    /// The name of the file as errors show it.
    public var name: String { output.name }

    /// Describes an interface that frames come from.
    ///
    /// - Throws: `tooLong` for a name, a description or addresses beyond 65535 octets; `cannotWrite`, `closed`.
    public mutating func add(_ interface: CaptureInterface) throws(CaptureWriteError) -> Interface {
        try writeBlock(.interfaceDescription, to: &output) { block in
            block.append(interface.linkType)
            block.append(UInt16(0))
            block.append(interface.snapshotLength)
            block.option(PcapngOption.interfaceName, text: interface.name)
            block.option(PcapngOption.interfaceDescription, text: interface.description)
            for address in interface.addresses { block.option(address) }
            // 10^-9 seconds.
            block.option(PcapngOption.interfaceResolution, [9])
            block.endOptions()
        }
        defer { interfaces += 1 }
        return Interface(number: interfaces)
    }

    /// Writes a frame.
    ///
    /// - Parameters:
    ///   - octets: what was captured of it, from the link layer's header on.
    ///   - time: nanoseconds since the epoch; before it, the epoch is written: the format has no negative stamps.
    ///   - originalLength: how many octets it had on the wire; nil if all of them were captured.
    ///   - interface: where it was captured.
    ///   - comment: what is to be said of it.
    /// - Throws: `tooLong`, `cannotWrite`, `closed`.
    public mutating func write(
        _ octets: Span<UInt8>, time: Int64, originalLength: Int? = nil, direction: FrameDirection = .unknown,
        on interface: Interface, comment: String? = nil
    ) throws(CaptureWriteError) {
        try writeBlock(.enhancedPacket, to: &output, atLeast: octets.count) { block in
            let stamp = UInt64(clamping: time)
            block.append(interface.number)
            block.append(UInt32(truncatingIfNeeded: stamp >> 32))
            block.append(UInt32(truncatingIfNeeded: stamp))
            block.append(UInt32(clamping: octets.count))
            block.append(UInt32(clamping: originalLength ?? octets.count))
            block.append(octets)
            guard direction != .unknown || comment != nil else { return }
            block.option(PcapngOption.comment, text: comment)
            if direction != .unknown { block.option(PcapngOption.packetFlags, [direction.rawValue, 0, 0, 0]) }
            block.endOptions()
        }
    }

    /// Writes what was counted on an interface so far.
    public mutating func write(
        _ statistics: CaptureStatistics, of interface: Interface
    ) throws(CaptureWriteError) {
        try writeBlock(.interfaceStatistics, to: &output) { block in
            let stamp = UInt64(clamping: statistics.time)
            block.append(interface.number)
            block.append(UInt32(truncatingIfNeeded: stamp >> 32))
            block.append(UInt32(truncatingIfNeeded: stamp))
            block.option(PcapngOption.statisticsReceived, number: statistics.received)
            block.option(PcapngOption.statisticsInterfaceDropped, number: statistics.lost)
            block.endOptions()
        }
    }

    /// Writes what is still in memory.
    ///
    /// - Throws: `cannotWrite`, `closed`.
    public mutating func flush() throws(CaptureWriteError) {
        try output.flush()
    }
}

/// A block whose body `fill` writes; taken back if it is too long.
@inline(__always)
private func writeBlock(
    _ type: PcapngBlockType, to output: inout DescriptorOutput, atLeast size: Int = 0,
    _ fill: (inout BlockBuilder) -> Void
) throws(CaptureWriteError) {
    guard size <= BlockBuilder.mostOctets else { throw .tooLong(file: output.name, octets: size) }
    let start = output.buffer.count
    // Moved out and back again, so that it is not copied when it is appended to.
    var buffer: [UInt8] = []
    swap(&buffer, &output.buffer)
    var builder = BlockBuilder(type, appendingTo: buffer)
    buffer = []
    fill(&builder)
    let isWhole = builder.finish()
    swap(&output.buffer, &builder.octets)
    guard isWhole else {
        let length = output.buffer.count - start
        output.buffer.removeLast(length)
        throw .tooLong(file: output.name, octets: length)
    }
    try output.flushIfFull()
}
