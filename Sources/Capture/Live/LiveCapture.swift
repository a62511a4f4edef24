#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Interfaces that are being captured, several as one: their frames come in the order of their stamps.
///
///     var capture = try LiveCapture(interfaces: ["eth0"], options: LiveOptions())
///     while wanted {
///         capture.wait(atMost: .milliseconds(100))
///         while try capture.advance() { capture.withBytes { bytes in ... } }
///     }
@safe
public struct LiveCapture: ~Copyable {
    /// The interfaces' names, joined by commas.
    public let name: String
    /// The frame that `advance()` reached; meaningless before.
    public private(set) var frame = FrameInfo(time: 0, packet: 0, capturedLength: 0, originalLength: 0)
    /// The link type of the frame, as libpcap numbers it (DLT_); before the first one, that of the first interface.
    public private(set) var dataLinkType: Int32
    /// Frames that were lost, told of since the last one.
    public private(set) var loss: CaptureLoss?
    /// All frames with earlier stamps have been handed out: nanoseconds since the epoch.
    public private(set) var drainedUpTo: Int64
    /// No frame is to come any more: all interfaces have failed, or a limit is reached.
    public private(set) var isOver = false
    /// Frames received and lost since the capture began, of all interfaces.
    public private(set) var received: UInt64 = 0
    public private(set) var lost: UInt64 = 0

    /// The frame's octets, `frame.capturedLength` of them, valid until the next `advance()`.
    @usableFromInline var octets: UnsafePointer<UInt8>?

    private let sources: [LiveInterface]
    private let latency: Int64
    /// Which interface the frame came from.
    private var current = 0
    private var handedOut = 0
    private var limit = UInt64.max
    private var stopTime = Int64.max
    private var isTurnOver = false
    private var recorder: LiveRecorder?
    private var counted: [CaptureStatistics]

    /// How many frames are handed out before whoever reads them may do something else.
    private static let framesInTurn = 8192

    /// Opens interfaces.
    ///
    /// - Parameter interfaces: their names; `any` stands for all.
    public init(interfaces names: [String], options: LiveOptions) throws(LiveCaptureError) {
        var opened: [LiveInterface] = []
        for name in names { opened.append(try LiveInterface(name, options)) }
        sources = opened
        name = names.joined(separator: ",")
        dataLinkType = opened.first?.dataLinkType ?? 0
        latency = options.latency
        let begin = WallClock.now
        drainedUpTo = begin
        counted = opened.map { _ in CaptureStatistics(time: begin) }
    }

    /// Writes every frame that is handed out from now on into a file, too.
    public mutating func record(into writer: consuming PcapngWriter) throws(CaptureWriteError) {
        recorder = try LiveRecorder(writer, interfaces)
    }

    /// The interfaces as a capture file describes them.
    public var interfaces: [CaptureInterface] { sources.map(\.description) }

    /// The interface that the frame came from; before the first one, the first.
    public var interface: CaptureInterface {
        sources.indices.contains(current) ? sources[current].description : CaptureInterface(linkType: 0)
    }

    // MARK: Frames

    /// Goes to the next frame.
    ///
    /// - Returns: false if none is to be had now; `wait` tells when to look again. Now and then it says so although
    ///   there are more, so that its reader is not held for ever.
    public mutating func advance() -> Bool {
        loss = nil
        guard frame.packet < limit, handedOut < LiveCapture.framesInTurn else {
            endTurn()
            return false
        }
        if unsafe octets != nil {
            unsafe octets = nil
            sources[current].look()
        }
        isTurnOver = false
        guard let next = nextSource() else {
            handedOut = 0
            return false
        }
        let packet = frame.packet &+ 1
        frame = sources[next].frame
        frame.packet = packet
        frame.interface = UInt32(truncatingIfNeeded: next)
        unsafe octets = sources[next].octets
        dataLinkType = sources[next].dataLinkType
        current = next
        handedOut &+= 1
        if let recorder { withBytes { bytes in recorder.write(bytes, frame) } }
        return true
    }

    /// Lends the octets of the frame; an empty span before the first `advance()` and where it returned false.
    @inlinable
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // libpcap keeps `capturedLength` octets at the pointer until its interface is looked at again, which only
        // `advance()` does; the span cannot outlive `body`.
        let buffer = unsafe UnsafeBufferPointer(start: octets, count: octets == nil ? 0 : frame.capturedLength)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    /// There may be more frames, but not for now, or not for this capture.
    private mutating func endTurn() {
        if frame.packet >= limit { isOver = true }
        isTurnOver = true
        handedOut = 0
        drainedUpTo = max(drainedUpTo, frame.time)
    }

    /// The interface whose frame is the next one; nil if there is none, or if an earlier one may still come.
    private mutating func nextSource() -> Int? {
        if let next = earliest(), sources.count == 1 || sources[next].frame.time <= drainedUpTo { return next }
        for source in sources where unsafe source.octets == nil { source.look() }
        // What an interface that has none waiting was asked for in vain is complete.
        var complete = stopTime
        for source in sources where unsafe source.octets == nil && source.failure == nil {
            complete = min(complete, source.emptyAt &- latency)
        }
        let next = earliest()
        if next == nil, complete == stopTime { isOver = true }
        if complete != .max { drainedUpTo = max(drainedUpTo, complete) }
        guard let next else { return nil }
        return sources.count == 1 || sources[next].frame.time <= complete ? next : nil
    }

    private func earliest() -> Int? {
        var found: Int?
        var time = stopTime
        for place in sources.indices where unsafe sources[place].octets != nil {
            let frameTime = sources[place].frame.time
            guard frameTime < time || (found == nil && frameTime == time) else { continue }
            found = place
            time = sources[place].frame.time
        }
        return found
    }

    /// Hands out so many frames in all and no more; nil for no limit.
    public mutating func limit(to packets: UInt64?) {
        limit = packets ?? .max
    }

    /// What passes from now on is not handed out any more: `isOver` once all that passed before has been.
    public mutating func stop() {
        if stopTime == .max { stopTime = WallClock.now }
    }

    /// Waits until frames can be had, or the time is over, or a signal comes.
    public func wait(atMost time: Duration) {
        guard !isTurnOver, !isOver, time > .zero else { return }
        let (seconds, attoseconds) = time.components
        let milliseconds = Int32(clamping: seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000 &+ 1)
        // A frame that is held back until the others have none before it needs time and no event.
        let isHeldBack = earliest() != nil
        var requests = isHeldBack ? [] : sources.filter { $0.failure == nil }.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        _ = unsafe poll(&requests, nfds_t(requests.count), isHeldBack ? min(milliseconds, 1) : milliseconds)
    }

    /// Interfaces that give no frames any more.
    public var failures: [CaptureError] {
        sources.compactMap { source in
            source.failure.map {
                .interfaceFailed(interface: source.description.name ?? "", packet: frame.packet, reason: $0)
            }
        }
    }

    // MARK: Counts

    /// Asks the system how many frames were received and lost; `loss` has what was lost since it was asked last.
    public mutating func count() {
        // Behind a stop nothing is handed out, so the counts must not tell a reader of the file of a later end.
        let now = isOver ? drainedUpTo : min(WallClock.now, stopTime)
        received = 0
        lost = 0
        loss = nil
        for place in sources.indices {
            let before = counted[place]
            if let statistics = sources[place].statistics(at: now) { counted[place] = statistics }
            received &+= counted[place].received ?? 0
            lost &+= counted[place].lost ?? 0
            recorder?.write(counted[place], of: place)
            let missing = (counted[place].lost ?? 0) &- (before.lost ?? 0)
            guard missing > 0 else { continue }
            let new = CaptureLoss(packets: missing, from: before.time, to: counted[place].time)
            loss = loss?.joined(with: new) ?? new
        }
        recorder?.flush()
    }

    /// Why not everything was written that was to be, if so.
    public var recordingError: CaptureWriteError? { recorder?.error }
}
