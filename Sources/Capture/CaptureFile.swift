import CPcap

/// A capture file that is being read: pcap or pcapng, through libpcap, with nanoseconds.
///
///     var file = try CaptureFile(path: "trace.pcap")
///     while try file.advance() {
///         file.withBytes { bytes in ... }     // and file.frame
///     }
///
/// The octets are libpcap's and die at the next `advance()`. They are lent as a span, which cannot be kept.
@safe
public struct CaptureFile: ~Copyable {
    /// The file's name as errors show it.
    public let name: String
    /// The link type of all frames, as libpcap numbers it (DLT_).
    public let dataLinkType: Int32
    /// How many octets of each frame the capture was to hold at most.
    public let snapshotLength: Int
    /// The frame that `advance()` reached; meaningless before.
    public private(set) var frame = FrameInfo(time: 0, packet: 0, capturedLength: 0, originalLength: 0)

    /// The frame's octets, `frame.capturedLength` of them; libpcap's memory, valid until the next `advance()`.
    @usableFromInline var octets: UnsafePointer<UInt8>?

    private let pcap: OpaquePointer
    private let input: InputFile
    private var filter: bpf_program?

    /// Opens a capture file.
    ///
    /// - Parameters:
    ///   - path: the file, or "-" for standard input.
    ///   - filter: a filter in libpcap's language (pcap-filter(7)); frames that it does not match are passed over, but
    ///     counted in `frame.packet`.
    public init(path: String, filter: String? = nil) throws(CaptureError) {
        let input = try InputFile(path: path)
        let pcap = try unsafe openCapture(input)
        if let filter {
            do throws(CaptureError) {
                unsafe self.filter = try unsafe compileFilter(filter, for: pcap)
            } catch {
                unsafe pcap_close(pcap)
                throw error
            }
        }
        name = input.name
        dataLinkType = unsafe pcap_datalink(pcap)
        snapshotLength = Int(unsafe pcap_snapshot(pcap))
        unsafe self.pcap = unsafe pcap
        self.input = input
    }

    deinit {
        if var filter = unsafe filter { unsafe pcap_freecode(&filter) }
        // Closes the stream, too.
        unsafe pcap_close(pcap)
    }

    /// Goes to the next frame that the filter matches.
    ///
    /// - Returns: false at the end of the file.
    /// - Throws: `damaged` or `mixedInterfaces`; every frame before the damage has been delivered then.
    public mutating func advance() throws(CaptureError) -> Bool {
        repeat {
            var header: UnsafeMutablePointer<pcap_pkthdr>?
            let status = unsafe pcap_next_ex(pcap, &header, &octets)
            guard status == 1, let header = unsafe header else {
                unsafe octets = nil
                if status == PCAP_ERROR_BREAK { return false }
                throw damage()
            }
            frame.packet &+= 1
            // libpcap was asked for nanoseconds, and keeps them in the field that is named for microseconds.
            frame.time = unsafe nanoseconds(
                seconds: header.pointee.ts.tv_sec, nanoseconds: Int(header.pointee.ts.tv_usec))
            frame.capturedLength = unsafe Int(header.pointee.caplen)
            frame.originalLength = unsafe Int(header.pointee.len)
            if unsafe filter == nil || matches(header) { return true }
        } while true
    }

    /// Lends the octets of the frame; an empty span before the first `advance()` and at the end.
    @inlinable
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The one seam: libpcap promises `caplen` octets at the pointer until its next call, and the span cannot
        // outlive `body`, in which `self` cannot advance.
        let buffer = unsafe UnsafeBufferPointer(start: octets, count: octets == nil ? 0 : frame.capturedLength)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    /// libpcap's name for the link type, without DLT_, or its number if it has none.
    public var linkTypeName: String {
        guard let name = unsafe pcap_datalink_val_to_name(dataLinkType) else { return String(dataLinkType) }
        return unsafe String(cString: name)
    }

    /// The size of the file in octets; nil for a pipe.
    public var fileSize: Int64? { input.size }

    /// How many octets of the file have been read: for showing progress, not for every frame. Nil for a pipe.
    public var bytesRead: Int64? { input.position() }

    /// libpcap applies a filter to a file only before it hands a packet out, which would hide how many there were.
    private mutating func matches(_ header: UnsafePointer<pcap_pkthdr>) -> Bool {
        guard unsafe filter != nil, let octets = unsafe octets else { return true }
        return unsafe pcap_offline_filter(&filter!, header, octets) != 0
    }

    /// The error at the packet behind the last one.
    private func damage() -> CaptureError {
        let detail = unsafe String(cString: pcap_geterr(pcap))
        let packet = frame.packet &+ 1
        if detail.contains("of the first interface") {
            return .mixedInterfaces(file: name, packet: packet, detail: detail)
        }
        return .damaged(file: name, packet: packet, offset: bytesRead, detail: detail)
    }

    /// When the first frame of a file was captured, nanoseconds since the epoch: what puts several files in order.
    /// Nil if the file holds no frame.
    public static func firstTime(path: String) throws(CaptureError) -> Int64? {
        var file = try CaptureFile(path: path)
        return try file.advance() ? file.frame.time : nil
    }
}

/// Hands an open stream to libpcap, which owns it from then on; closes it if libpcap refuses.
private func openCapture(_ input: InputFile) throws(CaptureError) -> OpaquePointer {
    guard !input.isEmpty() else {
        unsafe fclose(input.stream)
        throw .empty(file: input.name)
    }
    var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard
        let pcap = unsafe pcap_fopen_offline_with_tstamp_precision(
            input.stream, UInt32(PCAP_TSTAMP_PRECISION_NANO), &text)
    else {
        let error = unsafe input.refusal(String(cString: &text))
        unsafe fclose(input.stream)
        throw error
    }
    return unsafe pcap
}

/// Compiles a filter for the link type of a capture; the caller frees it.
private func compileFilter(_ filter: String, for pcap: OpaquePointer) throws(CaptureError) -> bpf_program {
    var program = unsafe bpf_program()
    guard unsafe pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
        throw .badFilter(filter: filter, detail: unsafe String(cString: pcap_geterr(pcap)))
    }
    return unsafe program
}
