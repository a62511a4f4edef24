import Capture
import Flows

/// The second pass of carving: holds the frames of a batch until their segments have been stepped, and writes those
/// whose flow is selected.
struct Carver: ~Copyable {
    private var writer: PcapngWriter
    private let plan: CarvePlanner
    /// How many packets the first pass read of each file.
    private let packets: [UInt64]
    private var failure: CaptureWriteError?
    private var written: UInt64 = 0

    /// Frames that wait, in the order in which they were read, and their octets one behind the other.
    private var held: [HeldFrame] = []
    private var octets: [UInt8] = []
    private var interfaces: [InterfaceKey: PcapngWriter.Interface] = [:]

    /// - Parameter packets: how many packets the first pass read of each file: the second one goes no further.
    init(writer: consuming PcapngWriter, plan: CarvePlanner, packets: [UInt64]) {
        self.writer = writer
        self.plan = plan
        self.packets = packets
    }

    /// Whether the packets of a flow are to be written.
    func wants(_ flow: UInt64) -> Bool { plan.flows.contains(flow) }

    /// Whether nothing of the file is left to do behind a packet.
    func isOver(after packet: UInt64, of file: Int) -> Bool {
        failure != nil || file >= packets.count || packet >= packets[file]
    }

    /// Whether the packet is known to be wanted before it is stepped: a fragment is never stepped itself.
    func isLate(_ frame: FrameInfo, _ file: UInt16) -> Bool {
        plan.latePackets.contains(PacketReference(file: file, packet: frame.packet))
    }

    /// Keeps a frame until `settle`.
    mutating func hold(
        _ bytes: Span<UInt8>, _ frame: FrameInfo, _ interface: CaptureInterface, _ file: UInt16, isWanted: Bool = false
    ) {
        let reference = PacketReference(file: file, packet: frame.packet)
        held.append(
            HeldFrame(
                frame: frame, reference: reference, start: octets.count,
                interface: InterfaceKey(number: frame.interface, interface: interface),
                isWanted: isWanted || plan.latePackets.contains(reference)))
        for place in bytes.indices { octets.append(bytes[place]) }
    }

    /// Writes the frames whose segments belong to a selected flow, by the records of the batch, and forgets the rest.
    mutating func settle(_ records: [Record]) {
        for record in records {
            guard case .segment(let segment) = record, plan.flows.contains(segment.flow) else { continue }
            // Few wait, and the records come nearly in their order.
            if let place = held.firstIndex(where: { $0.reference == segment.reference }) { held[place].isWanted = true }
        }
        if failure == nil {
            do throws(CaptureWriteError) {
                for frame in held where frame.isWanted { try write(frame) }
            } catch {
                failure = error
            }
        }
        held.removeAll(keepingCapacity: true)
        octets.removeAll(keepingCapacity: true)
    }

    private mutating func write(_ held: HeldFrame) throws(CaptureWriteError) {
        let interface: PcapngWriter.Interface
        if let known = interfaces[held.interface] {
            interface = known
        } else {
            interface = try writer.add(held.interface.interface)
            interfaces[held.interface] = interface
        }
        let frame = held.frame
        let octets = octets
        try writer.write(
            octets.span.extracting(held.start..<held.start + frame.capturedLength), time: frame.time,
            originalLength: frame.originalLength, direction: frame.direction, on: interface)
        written += 1
    }

    /// Writes what is still in memory.
    ///
    /// - Returns: how many packets were written.
    /// - Throws: why not all could be.
    mutating func finish() throws(CaptureWriteError) -> UInt64 {
        if let failure { throw failure }
        try writer.flush()
        return written
    }
}

/// A frame that waits for its segment to be stepped.
private struct HeldFrame {
    var frame: FrameInfo
    var reference: PacketReference
    /// Where its octets begin among those held.
    var start: Int
    var interface: InterfaceKey
    var isWanted: Bool
}

/// An interface as the carved file tells it from others: rotated files that describe the same one have one.
private struct InterfaceKey: Hashable {
    var number: UInt32
    var interface: CaptureInterface
}
