import Capture
import Flows
import WireFormat

/// Reads a file and decodes its frames, batch by batch: the half of a replay that knows no flows.
struct SegmentReader: ~Copyable {
    private var file: CaptureFile
    /// Lent by the run, because fragments in one file may be completed in the next.
    private var assembler = FragmentAssembler()
    /// There is nothing more to read, for the reason that `failure` gives if it was no end.
    private(set) var isOver = false
    /// Packets read, those that the filter held back included.
    var packets: UInt64 { file.frame.packet }
    private(set) var failure: CaptureError?
    private(set) var tally = ReadingTally()

    private var decoder: FrameDecoder
    private var linkType: Int32
    private var interfaces = SeenInterfaces()
    private let index: UInt16
    private let hashSeed: UInt64
    /// A batch is handed on after so many frames, however few of them were segments.
    private static let mostFrames = 8192

    /// - Parameter index: the file's place in the list.
    init(_ file: consuming CaptureFile, index: UInt16, _ tracking: TrackerOptions) {
        linkType = file.dataLinkType
        decoder = FrameDecoder(dataLinkType: linkType)
        self.file = file
        self.index = index
        hashSeed = tracking.hashSeed
    }

    /// Lends the assembler, or gives it back.
    mutating func exchange(_ other: inout FragmentAssembler) {
        swap(&assembler, &other)
    }

    /// Until when the capture lasted, by its own word.
    var endTime: Int64? { file.endTime }

    /// Fills a batch with what comes next. It is the last one if the reader `isOver` then.
    mutating func fill(_ batch: inout SegmentBatch) {
        batch.count = 0
        batch.error = nil
        batch.loss = nil
        batch.interfaces.removeAll(keepingCapacity: true)
        let room = batch.segments.count
        var frames = 0
        var goesOn = true
        while batch.count < room, goesOn, frames < Self.mostFrames {
            do throws(CaptureError) {
                guard try file.advance() else {
                    isOver = true
                    break
                }
            } catch {
                failure = error
                isOver = true
                break
            }
            frames &+= 1
            goesOn = take(into: &batch)
        }
        if isOver, let loss = file.loss { batch.loss = loss }
        tally.losses &+= batch.loss?.packets ?? 0
        batch.packets = file.frame.packet
        batch.fraction = file.fractionRead
    }

    /// Decodes the frame that was reached.
    ///
    /// - Returns: whether the batch can take more: an ICMP error or a loss stands behind its segments.
    @inline(__always)
    private mutating func take(into batch: inout SegmentBatch) -> Bool {
        let loss = file.loss
        if let loss { batch.loss = loss }
        // The interfaces of a pcapng file may differ.
        if file.dataLinkType != linkType {
            linkType = file.dataLinkType
            decoder = FrameDecoder(dataLinkType: linkType)
        }
        // Part by part: the whole of what was just written in parts would be waited for.
        let time = file.frame.time
        let position = batch.count
        if interfaces.isNew(file.frame.interface) { batch.interfaces.append(file.interface) }
        tally.count(at: time)
        let outcome = file.withBytes { bytes in
            let length = file.frame.originalLength
            let outcome = decoder.decode(bytes, originalLength: length, into: &batch.segments[position])
            guard case .fragment(let fragment) = outcome else { return outcome }
            return assembler.take(fragment, of: bytes, into: &batch.segments[position], time: time) ?? outcome
        }
        switch outcome {
        case .segment:
            batch.segments[position].complete(from: file.frame, file: index)
            batch.hashes[position] = FlowTracker.hash(of: batch.segments[position], seed: hashSeed)
            batch.count = position &+ 1
            tally.segments &+= 1
        case .icmpError(let error):
            batch.error = SegmentBatch.Error(error: error, time: time, packet: file.frame.packet)
            return false
        case .fragment:  // The assembler counts it.
            break
        case .skipped(let reason):
            tally.skipped[Int(reason.rawValue)] &+= 1
        }
        return loss == nil
    }
}
