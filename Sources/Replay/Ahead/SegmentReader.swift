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
    private let examination: Examination
    /// A batch is handed on after so many frames, however few of them were segments.
    private static let mostFrames = 8192

    /// - Parameter index: the file's place in the list.
    init(_ file: consuming CaptureFile, index: UInt16, _ tracking: TrackerOptions) {
        linkType = file.dataLinkType
        decoder = FrameDecoder(dataLinkType: linkType)
        self.file = file
        self.index = index
        hashSeed = tracking.hashSeed
        examination = tracking.examination
    }

    /// Lends the assembler, or gives it back.
    mutating func exchange(_ other: inout FragmentAssembler) {
        swap(&assembler, &other)
    }

    /// Until when the capture lasted, by its own word.
    var endTime: Int64? { file.endTime }

    /// Fills a batch with what comes next. It is the last one if the reader `isOver` then.
    ///
    /// - Parameter hashes: whether it finds what flows are looked up by; else it is left to who steps.
    mutating func fill(_ batch: inout SegmentBatch, hashes: Bool) {
        batch.others = SegmentBatch.Others()
        batch.segments.lacksHashes = !hashes
        batch.count = batch.segments.fill { fill(&$0, &$1, &$2, &batch.others, hashes) }
        if isOver, let loss = file.loss { batch.others.loss = loss }
        tally.losses &+= batch.others.loss?.packets ?? 0
        batch.packets = file.frame.packet
        batch.fraction = file.fractionRead
    }

    /// The loop that every frame of a file goes through.
    ///
    /// - Returns: how many segments there are now.
    @inline(__always)
    private mutating func fill(
        _ compact: inout MutableSpan<CompactSegment>, _ whole: inout WholeSegments,
        _ clues: inout MutableSpan<FlowClue>, _ others: inout SegmentBatch.Others, _ hashes: Bool
    ) -> Int {
        var room = clues.count
        var count = 0
        var frames = 0
        var time: Int64 = 0
        while count < room, frames < Self.mostFrames, advance() {
            frames &+= 1
            time = file.frame.time
            if !file.isPlain, notice(&others) { room = 0 }
            let isStraight = file.withBytes { bytes in
                decoder.decodeStraight(
                    bytes, originalLength: file.frame.originalLength, examination, into: &compact[count])
            }
            if isStraight {
                complete(&compact[count], &clues[count], hashes)
                count &+= 1
            } else {
                whole.makeRoom()
                let isSegment = decodeByLayers(
                    into: &whole.segments[count], &compact[count], &clues[count], &others)
                if isSegment { count &+= 1 }
                if others.error != nil { room = 0 }
            }
        }
        tally.count(frames: frames, segments: count, until: time)
        return count
    }

    /// Goes to the next frame, or is over.
    @inline(__always)
    private mutating func advance() -> Bool {
        do throws(CaptureError) {
            if try file.advance() { return true }
        } catch {
            failure = error
        }
        isOver = true
        return false
    }

    /// What is told of the frame beside its stamp, if anything is.
    ///
    /// - Returns: whether frames were lost before it.
    @inline(never)
    private mutating func notice(_ others: inout SegmentBatch.Others) -> Bool {
        // The interfaces of a pcapng file may differ.
        if file.dataLinkType != linkType {
            linkType = file.dataLinkType
            decoder = FrameDecoder(dataLinkType: linkType)
        }
        if interfaces.isNew(file.frame.interface) { others.interfaces.append(file.interface) }
        tally.begin(at: file.frame.time)
        others.loss = file.loss
        return others.loss != nil
    }

    /// Adds to what the decoder found what it does not know. The hash first: all that it takes is in registers still.
    @inline(__always)
    private mutating func complete(_ segment: inout CompactSegment, _ clue: inout FlowClue, _ hashes: Bool) {
        if hashes { clue.hash = segment.flowHash(seed: hashSeed) }
        clue.slot = FlowClue.unknown
        segment.time = file.frame.time
        segment.packetOfFile = CompactSegment.packet(file.frame.packet, ofFile: index)
        if !file.isPlain { completeSight(of: &segment) }
    }

    /// Not inlined, or all that is told of a frame is copied for each; and if it did not say that it changes the
    /// reader, that would be.
    @inline(never)
    private mutating func completeSight(of segment: inout CompactSegment) {
        segment.sight.complete(from: file.frame)
    }

    /// Decodes what does not go straight.
    ///
    /// - Returns: whether it was a segment, or the last fragment of one.
    @inline(never)
    private mutating func decodeByLayers(
        into segment: inout CapturedSegment, _ compact: inout CompactSegment, _ clue: inout FlowClue,
        _ others: inout SegmentBatch.Others
    ) -> Bool {
        let frame = file.frame
        let outcome = file.withBytes { bytes in
            let outcome = decoder.decode(bytes, originalLength: frame.originalLength, into: &segment)
            guard case .fragment(let fragment) = outcome else { return outcome }
            return assembler.take(fragment, of: bytes, into: &segment, time: frame.time) ?? outcome
        }
        switch outcome {
        case .segment:
            segment.complete(from: frame, file: index)
            compact = CompactSegment(segment)
            clue.hash = segment.flowHash(seed: hashSeed)
            clue.slot = FlowClue.unknown
            return true
        case .icmpError(let error):
            others.error = SegmentBatch.Error(error: error, time: frame.time, packet: frame.packet)
        case .fragment:  // The assembler counts it.
            break
        case .skipped(let reason):
            tally.skipped[Int(reason.rawValue)] &+= 1
        }
        return false
    }
}
