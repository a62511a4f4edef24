import Capture
import Flows
import TCPStateMachine
import WireFormat

/// A replay under way: the tracker, the batch that is being filled, and the counts.
struct ReplayRun: ~Copyable {
    var summary = Summary()
    /// Nothing more is to be read.
    private(set) var isOver = false

    private var problems: [CaptureError] = []
    var tracker: FlowTracker
    /// Filled in place and used again; the tracker touches the table slots of all of them before it steps the first.
    private var batch: [CapturedSegment]
    private var filled = 0
    var assembler = FragmentAssembler()
    var ticker = ProgressTicker()
    /// Only when packets are to be carved out: what belongs to whom in the first pass, and the writing in the second.
    private(set) var planner: CarvePlanner?
    private var carver: Carver?

    let tracking: TrackerOptions

    /// Enough to overlap the memory's latency, little enough to stay in the first-level cache.
    private static let batchSize = 64
    /// How many flows are settled at the end before their records are handed on.
    private static let reportedAtOnce = 512

    init(tracking: TrackerOptions, planner: CarvePlanner? = nil, carver: consuming Carver? = nil) {
        self.planner = planner
        self.carver = carver
        tracker = FlowTracker(options: tracking)
        self.tracking = tracking
        batch = Array(repeating: .blank(tracking.examination), count: ReplayRun.batchSize)
    }

    /// Which frame belongs to which flow is to be known, or written.
    var isCarving: Bool { planner != nil || carver != nil }

    /// A file that could not be read, or not to its end.
    mutating func note(_ error: CaptureError, interrupted: Bool) {
        // A signal makes a read from a pipe fail; that is the stop that was asked for and no damage.
        if interrupted {
            stop()
            return
        }
        if case .badFilter = error { isOver = true }
        problems.append(error)
    }

    /// Reads one file to its end, to its damage, or until it is to stop; or interfaces until nothing is to be had now.
    ///
    /// This is the loop that every packet goes through: it allocates nothing, and what looks
    /// like a closure is compiled into it.
    mutating func read<Source: FrameSource & ~Copyable, Sink: RecordSink & ~Copyable>(
        _ file: inout Source, at place: FilePlace, into sink: inout Sink,
        progress: (ReplayProgress) -> Void, shouldStop: () -> Bool
    ) throws(Sink.Failure) {
        var linkType = file.dataLinkType
        var decoder = FrameDecoder(dataLinkType: linkType)
        let index = UInt16(truncatingIfNeeded: place.index)
        var untilLook = ProgressTicker.packetsBetweenLooks
        var tally = ReadingTally()
        var failure: CaptureError?
        var interfaces = SeenInterfaces()

        reading: while true {
            do throws(CaptureError) {
                guard try file.advance() else { break reading }
            } catch {
                failure = error
                break reading
            }
            if let loss = file.loss { try note(loss, into: &sink) }
            // The interfaces of a pcapng file may differ.
            if file.dataLinkType != linkType {
                linkType = file.dataLinkType
                decoder = FrameDecoder(dataLinkType: linkType)
            }
            let frame = file.frame
            if interfaces.isNew(frame.interface) { noteAddresses(of: file.interface) }
            tally.count(at: frame.time)
            let position = filled
            var outcome = file.withBytes { bytes in
                decoder.decode(bytes, originalLength: frame.originalLength, into: &batch[position])
            }
            if case .fragment(let fragment) = outcome, let whole = assemble(fragment, of: file, index, into: position) {
                outcome = whole
            }
            switch outcome {
            case .segment:
                batch[position].complete(from: frame, file: index)
                tally.segments &+= 1
                filled = position &+ 1
                if carver != nil { hold(file, index) }
                if filled == ReplayRun.batchSize { try step(into: &sink) }
            case .icmpError(let error):
                try step(into: &sink)
                summary.icmpErrors &+= 1
                let flow = tracker.process(
                    error, time: frame.time, reference: PacketReference(file: index, packet: frame.packet))
                if carver != nil, let flow { write(file, index, of: flow) }
                planner?.noteError(at: PacketReference(file: index, packet: frame.packet), about: flow)
            case .fragment:  // The assembler counts it.
                if carver?.isLate(frame, index) == true { hold(file, index) }
            case .skipped(let reason):
                tally.skipped[Int(reason.rawValue)] &+= 1
            }
            untilLook &-= 1
            if untilLook == 0 {
                untilLook = ProgressTicker.packetsBetweenLooks
                if ticker.isDue() { progress(report(file, place)) }
                if shouldStop() {
                    stop()
                    break reading
                }
            }
            if carver != nil, isCarved(file.frame.packet, of: place.index) { break reading }
        }

        if let loss = file.loss { try note(loss, into: &sink) }
        try step(into: &sink)
        if let end = file.endTime { tracker.advance(to: end) }
        summary.count(tally, packets: file.frame.packet)
        if let failure { note(failure, interrupted: shouldStop()) }
    }

    /// Whose addresses an interface has is this host's.
    @inline(never)
    mutating func noteAddresses(of interface: CaptureInterface) {
        for address in interface.addresses {
            switch address {
            case .ipv4(let bits, _): tracker.noteLocalAddress(Address(ipv4: bits))
            case .ipv6(let high, let low, _): tracker.noteLocalAddress(Address(high: high, low: low))
            }
        }
    }

    /// The capture has ended: what is left is settled and handed on.
    mutating func finish<Sink: RecordSink & ~Copyable>(
        into sink: inout Sink
    ) throws(Sink.Failure) -> ReplayPipeline.Outcome {
        var isLeft = true
        while isLeft {
            isLeft = tracker.finish(atMost: ReplayRun.reportedAtOnce)
            try drain(into: &sink, isLast: !isLeft)
        }
        assembler.finish()
        summary.count(skipped: assembler.skipped)
        summary.counts = tracker.counts
        return ReplayPipeline.Outcome(summary: summary, problems: problems)
    }

    /// The capture says that frames are missing: they may have been segments of any flow that is alive.
    mutating func note<Sink: RecordSink & ~Copyable>(
        _ loss: CaptureLoss, into sink: inout Sink
    ) throws(Sink.Failure) {
        try step(into: &sink)
        summary.captureLosses &+= loss.packets
        tracker.noteLoss(of: loss.packets, from: loss.from, to: loss.to)
        try drain(into: &sink)
    }

    /// What a fragment completes; nil if it waits for others, or is nothing.
    @inline(never)
    private mutating func assemble(
        _ fragment: Fragment, of file: borrowing some FrameSource & ~Copyable, _ index: UInt16, into position: Int
    ) -> DecodeOutcome? {
        let frame = file.frame
        return file.withBytes { bytes -> DecodeOutcome? in
            guard planner != nil,
                let identity = FragmentIdentity(fragment, of: bytes, in: batch[position].tunnel)
            else { return assembler.take(fragment, of: bytes, into: &batch[position], time: frame.time) }
            let reference = PacketReference(file: index, packet: frame.packet)
            planner?.note(identity, at: reference)
            let whole = assembler.take(fragment, of: bytes, into: &batch[position], time: frame.time)
            if whole != nil { planner?.complete(identity, at: reference) }
            return whole
        }
    }

    /// Nothing that was captured before `time` is still to come: the packet clock goes on, though no packet passes.
    mutating func advance<Sink: RecordSink & ~Copyable>(
        to time: Int64, into sink: inout Sink
    ) throws(Sink.Failure) {
        tracker.advance(to: time)
        try drain(into: &sink)
    }

    mutating func stop() {
        isOver = true
        summary.isInterrupted = true
    }

    /// Steps the segments collected so far.
    private mutating func step<Sink: RecordSink & ~Copyable>(into sink: inout Sink) throws(Sink.Failure) {
        tracker.process(batch, count: filled)
        filled = 0
        if carver != nil { carver?.settle(tracker.records) }
        try drain(into: &sink)
    }

    /// - Parameter isLast: nothing more will come.
    mutating func drain<Sink: RecordSink & ~Copyable>(
        into sink: inout Sink, isLast: Bool = false
    ) throws(Sink.Failure) {
        guard tracker.records.count >= (isLast ? 1 : sink.patience) else { return }
        if planner != nil { planner?.look(at: tracker.records) }
        try sink.take(&tracker.records)
    }

    // MARK: Carving, the second pass

    /// Keeps a frame until its segment has been stepped, which tells its flow.
    @inline(never)
    private mutating func hold(_ file: borrowing some FrameSource & ~Copyable, _ index: UInt16) {
        file.withBytes { bytes in carver?.hold(bytes, file.frame, file.interface, index) }
    }

    /// Writes what is no segment and belongs to a flow.
    @inline(never)
    private mutating func write(
        _ file: borrowing some FrameSource & ~Copyable, _ index: UInt16, of flow: UInt64
    ) {
        guard carver?.wants(flow) == true else { return }
        file.withBytes { bytes in carver?.hold(bytes, file.frame, file.interface, index, isWanted: true) }
        carver?.settle([])
    }

    /// Whether the packet is the last that the first pass read of the file, or nothing can be written any more.
    private func isCarved(_ packet: UInt64, of file: Int) -> Bool {
        carver?.isOver(after: packet, of: file) ?? false
    }

    /// Ends the writing.
    ///
    /// - Returns: how many packets were written.
    consuming func carved() throws(CaptureWriteError) -> UInt64 {
        try carver?.finish() ?? 0
    }

    private func report(
        _ file: borrowing some FrameSource & ~Copyable, _ place: FilePlace
    ) -> ReplayProgress {
        ReplayProgress(
            stage: carver == nil ? .replaying : .writing, file: place.name, index: place.index, files: place.count,
            packets: summary.packets &+ file.frame.packet, fraction: file.fractionRead)
    }
}
