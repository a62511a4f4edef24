/// A capture file that is being read: pcap or pcapng, packed with gzip or not, with nanoseconds.
///
///     var file = try CaptureFile(path: "trace.pcapng")
///     while try file.advance() {
///         file.withBytes { bytes in ... }     // and file.frame, file.dataLinkType
///     }
///
/// pcap and pcapng are read here; what they are not, libpcap gets to see. The octets of a frame die at the next
/// `advance()`; they are lent as a span, which cannot be kept.
@safe
public struct CaptureFile: ~Copyable {
    /// Which program code reads; `libpcap` is there to prove that it makes no difference.
    package enum Reader {
        case automatic
        case libpcap
    }

    /// The file's name as errors show it.
    public let name: String
    /// The frame that `advance()` reached; meaningless before.
    @inlinable public var frame: FrameInfo { reached }
    @usableFromInline var reached = FrameInfo(time: 0, packet: 0, capturedLength: 0, originalLength: 0)
    /// The link type of the frame, as libpcap numbers it (DLT_); before the first one, that of the first interface.
    public private(set) var dataLinkType: Int32
    /// Frames that the capture says it lost, told of since the last frame, or since the one before at the end.
    public private(set) var loss: CaptureLoss?

    /// All is as it was with the frame before, but for stamp and lengths: both are of the first interface, and nothing
    /// is told of this one's direction or of losses. False for the first frame.
    @inlinable package var isPlain: Bool { plain }
    @usableFromInline var plain = false

    /// The frame's octets, `frame.capturedLength` of them, valid until the next `advance()`.
    @usableFromInline var octets: UnsafePointer<UInt8>?

    /// What can be taken the short way: of a classic file in this machine's order that is not filtered, from the second
    /// frame on.
    @usableFromInline var ready: ReadyRecords?
    private var source: ByteSource
    private let format: Format
    private var classic: ClassicReader?
    private var pcapng: PcapngReader?
    private let libpcap: LibpcapReader?
    private let filter: PacketFilter?
    /// There has been a frame.
    private var isBegun = false

    private enum Format {
        case classic
        case pcapng
        case libpcap
    }

    /// Opens a capture file.
    ///
    /// - Parameters:
    ///   - path: the file, or "-" for standard input.
    ///   - filter: a filter in libpcap's language (pcap-filter(7)); frames that it does not match are passed over, but
    ///     counted in `frame.packet`.
    ///   - spooled: standard input, where it has been copied to be read more than once.
    /// - Throws: `cannotOpen`, `empty`, `notACapture`, `damagedHeader`, `badFilter`.
    public init(path: String, filter: String? = nil, spooled: SpooledInput? = nil) throws(CaptureError) {
        try self.init(path: path, filter: filter, spooled: spooled, reader: .automatic)
    }

    package init(
        path: String, filter: String? = nil, spooled: SpooledInput? = nil, reader: Reader
    ) throws(CaptureError) {
        var source = try ByteSource.open(path: path, spooled: spooled)
        let name = source.name
        let beginning = Beginning(&source)
        var classic: ClassicReader?
        var pcapng: PcapngReader?
        var libpcap: LibpcapReader?
        do throws(Damage) {
            if reader == .automatic { classic = ClassicReader(&source) }
            if reader == .automatic, classic == nil, beginning.isPcapng { pcapng = try PcapngReader(&source) }
            if classic == nil, pcapng == nil { libpcap = try LibpcapReader(&source) }
        } catch {
            throw beginning.refusal(name, error.detail)
        }
        let dataLinkType = classic?.dataLinkType ?? pcapng?.current.dataLinkType ?? libpcap?.dataLinkType ?? 0
        self.filter = if let filter { try PacketFilter(filter, dataLinkType: dataLinkType) } else { nil }
        self.name = name
        self.dataLinkType = dataLinkType
        format = classic != nil ? .classic : pcapng != nil ? .pcapng : .libpcap
        self.source = source
        self.classic = classic
        self.pcapng = pcapng
        self.libpcap = libpcap
    }

    /// Goes to the next frame that the filter matches.
    ///
    /// - Returns: false at the end of the file.
    /// - Throws: `damaged`; every frame before the damage has been delivered then.
    @inlinable @inline(__always)
    public mutating func advance() throws(CaptureError) -> Bool {
        guard let found = unsafe ready?.next(&reached) else { return try advanceByReader() }
        unsafe octets = found
        reached.packet &+= 1
        plain = true
        return true
    }

    /// The same, for all formats and however the frame lies.
    @usableFromInline @inline(never)
    mutating func advanceByReader() throws(CaptureError) -> Bool {
        source.skip(ready?.passed ?? 0)
        ready = nil
        let last = (frame.interface, dataLinkType)
        if loss != nil { loss = nil }
        repeat {
            do throws(Damage) {
                unsafe octets = try next()
            } catch {
                unsafe octets = nil
                throw damaged(error)
            }
            guard let octets = unsafe octets else { return false }
            reached.packet &+= 1
            if let filter, unsafe !filter.matches(octets, frame, dataLinkType: dataLinkType) { continue }
            plain = isBegun && loss == nil && frame.direction == .unknown && frame.interface == 0
                && last == (0, dataLinkType)
            isBegun = true
            if let classic, filter == nil { ready = ReadyRecords(classic.records, in: source) }
            return true
        } while true
    }

    @inline(__always)
    private mutating func next() throws(Damage) -> UnsafePointer<UInt8>? {
        switch format {
        case .classic: return try unsafe classic?.next(&source, &reached)
        case .pcapng: return try unsafe nextOfPcapng()
        case .libpcap: return try unsafe libpcap?.next(&reached)
        }
    }

    private mutating func nextOfPcapng() throws(Damage) -> UnsafePointer<UInt8>? {
        let found = try unsafe pcapng?.next(&source, &reached)
        if let link = pcapng?.current.dataLinkType { dataLinkType = link }
        if let lost = pcapng?.takeLoss() { loss = loss?.joined(with: lost) ?? lost }
        return unsafe found
    }

    /// Lends the octets of the frame; an empty span before the first `advance()` and at the end.
    @inlinable
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The one seam: the reader found `capturedLength` octets at the pointer, which stay there until its next step,
        // and the span cannot outlive `body`, in which `self` cannot advance.
        let buffer = unsafe UnsafeBufferPointer(start: octets, count: octets == nil ? 0 : frame.capturedLength)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    /// What the file says of the interface that the frame came from; before the first one, of the first.
    public var interface: CaptureInterface {
        if let classic { return classic.interface }
        if let pcapng { return pcapng.currentDescription }
        return CaptureInterface(
            linkType: UInt16(truncatingIfNeeded: LinkTypeNumber.inFile(dataLinkType)),
            snapshotLength: UInt32(clamping: snapshotLength))
    }

    /// When the last statistics of an interface were taken that have been read: until then the capture lasted at least,
    /// nanoseconds since the epoch. Nil where the file has none.
    public var endTime: Int64? { pcapng?.countedAt }

    /// How many octets of a frame its interface was to keep at most.
    public var snapshotLength: Int {
        if let classic { return Int(classic.snapshotLength) }
        if let pcapng { return Int(pcapng.current.snapshotLength) }
        return libpcap?.snapshotLength ?? 0
    }

    /// The size of the file in octets; nil for a pipe.
    public var fileSize: Int64? { source.fileSize }

    /// How many octets of the file have been read, of the packed ones where they are packed: for showing progress, not
    /// for every frame.
    public var bytesRead: Int64 {
        guard !source.isPacked else { return source.filePosition }
        switch format {
        case .classic: return source.filePosition &+ Int64(ready?.passed ?? 0)
        // What was handed out lies in the window until the next step.
        case .pcapng: return source.filePosition &+ Int64(pcapng?.pending ?? 0)
        case .libpcap: return libpcap?.position ?? 0
        }
    }

    /// The error at the packet behind the last one.
    private func damaged(_ damage: Damage) -> CaptureError {
        .damaged(
            file: name, packet: frame.packet &+ 1, offset: damage.offset,
            detail: source.isPacked ? damage.detail + " (unpacked octets are counted)" : damage.detail)
    }

    /// When the first frame of a file was captured, nanoseconds since the epoch: what puts several files in order.
    /// Nil if the file holds no frame.
    public static func firstTime(path: String) throws(CaptureError) -> Int64? {
        var file = try CaptureFile(path: path)
        return try file.advance() ? file.frame.time : nil
    }
}
