import CPcap

/// One interface that is being captured: libpcap's handle, and the frame that it handed out last.
@safe
final class LiveInterface {
    let description: CaptureInterface
    let dataLinkType: Int32
    /// To wait for.
    let descriptor: Int32
    private let pcap: OpaquePointer
    private let hasNanoseconds: Bool
    private let hardwareAddress: UInt64?

    /// A frame that waits to be taken: its time, lengths and direction, and where its octets are.
    private(set) var frame = FrameInfo(time: 0, packet: 0, capturedLength: 0, originalLength: 0)
    private(set) var octets: UnsafePointer<UInt8>?
    /// No frame waited at this time, nanoseconds since the epoch.
    private(set) var emptyAt: Int64 = .min
    /// Why it gives no frames any more.
    private(set) var failure: String?

    init(_ name: String, _ options: LiveOptions) throws(LiveCaptureError) {
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let pcap = unsafe pcap_create(name, &text) else {
            throw .cannotOpen(interface: name, reason: unsafe String(cString: &text))
        }
        do throws(LiveCaptureError) {
            try unsafe LiveInterface.activate(pcap, name, options)
        } catch {
            unsafe pcap_close(pcap)
            throw error
        }
        // With it each frame of `any` tells its interface.
        if name == "any" { _ = unsafe pcap_set_datalink(pcap, LinkTypeNumber.linuxCooked2) }
        dataLinkType = unsafe pcap_datalink(pcap)
        hasNanoseconds = unsafe pcap_get_tstamp_precision(pcap) == PCAP_TSTAMP_PRECISION_NANO
        descriptor = unsafe pcap_get_selectable_fd(pcap)
        unsafe self.pcap = unsafe pcap
        let host = HostInterface.named(name)
        hardwareAddress = host.hardwareAddress
        description = CaptureInterface(
            linkType: UInt16(truncatingIfNeeded: LinkTypeNumber.inFile(dataLinkType)),
            snapshotLength: UInt32(clamping: unsafe pcap_snapshot(pcap)), name: name, addresses: host.addresses)
        try setFilter(options.filter)
    }

    deinit {
        unsafe pcap_close(pcap)
    }

    private static func activate(
        _ pcap: OpaquePointer, _ name: String, _ options: LiveOptions
    ) throws(LiveCaptureError) {
        unsafe pcap_set_snaplen(pcap, Int32(clamping: options.snapshotLength))
        unsafe pcap_set_promisc(pcap, options.isPromiscuous ? 1 : 0)
        unsafe pcap_set_buffer_size(pcap, Int32(clamping: options.bufferSize << 20))
        unsafe pcap_set_immediate_mode(pcap, options.timeout == nil ? 1 : 0)
        unsafe pcap_set_timeout(pcap, options.timeout ?? 1)
        // Where nanoseconds are not offered, stamps have microseconds.
        _ = unsafe pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO)
        let status = unsafe pcap_activate(pcap)
        let detail = unsafe String(cString: pcap_geterr(pcap))
        switch status {
        case 0...:
            // Warnings are about what was asked for and is not there; the capture goes on.
            break
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
            throw .notAllowed(interface: name)
        case PCAP_ERROR_NO_SUCH_DEVICE:
            throw .noSuchInterface(name, known: HostInterface.all().keys.sorted() + ["any"])
        case PCAP_ERROR_IFACE_NOT_UP:
            throw .isDown(interface: name)
        default:
            let words = unsafe String(cString: pcap_statustostr(status))
            throw .cannotOpen(interface: name, reason: detail.isEmpty ? words : detail)
        }
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard unsafe pcap_setnonblock(pcap, 1, &text) == 0 else {
            throw .cannotOpen(interface: name, reason: unsafe String(cString: &text))
        }
    }

    private func setFilter(_ filter: String?) throws(LiveCaptureError) {
        guard let filter else { return }
        var program = unsafe bpf_program()
        guard unsafe pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw .badFilter(filter: filter, detail: unsafe String(cString: pcap_geterr(pcap)))
        }
        defer { unsafe pcap_freecode(&program) }
        guard unsafe pcap_setfilter(pcap, &program) == 0 else {
            throw .badFilter(filter: filter, detail: unsafe String(cString: pcap_geterr(pcap)))
        }
    }

    // MARK: Frames

    /// Looks for a frame; one that is there stays until the next call.
    func look() {
        unsafe octets = nil
        guard failure == nil, !next() else { return }
        // Only a look that began at a known time tells until when there was nothing.
        let now = WallClock.now
        if !next() { emptyAt = now }
    }

    private func next() -> Bool {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var found: UnsafePointer<UInt8>?
        let status = unsafe pcap_next_ex(pcap, &header, &found)
        guard status == 1, let header = unsafe header, let found = unsafe found else {
            if status < 0 { failure = unsafe String(cString: pcap_geterr(pcap)) }
            return false
        }
        // libpcap keeps nanoseconds in the field that is named for microseconds, if it was asked for them.
        let fraction = unsafe Int(header.pointee.ts.tv_usec)
        frame.time = unsafe nanoseconds(
            seconds: header.pointee.ts.tv_sec, nanoseconds: hasNanoseconds ? fraction : fraction &* 1000)
        frame.capturedLength = unsafe Int(header.pointee.caplen)
        frame.originalLength = unsafe Int(header.pointee.len)
        unsafe octets = unsafe found
        frame.direction = unsafe direction(of: Span(_unsafeStart: found, count: frame.capturedLength))
        return true
    }

    /// Which way a frame went: cooked ones say it, those of Ethernet show it by their hardware addresses.
    private func direction(of bytes: Span<UInt8>) -> FrameDirection {
        switch dataLinkType {
        case LinkTypeNumber.linuxCooked where bytes.count > 1: bytes[1] == 4 ? .outbound : .inbound
        case LinkTypeNumber.linuxCooked2 where bytes.count > 10: bytes[10] == 4 ? .outbound : .inbound
        case LinkTypeNumber.ethernet where bytes.count >= 12:
            // On a bridge frames pass that are neither from this host nor for it: nothing tells their way.
            if number(bytes, at: 6) == hardwareAddress {
                .outbound
            } else {
                number(bytes, at: 0) == hardwareAddress ? .inbound : .unknown
            }
        default: .unknown
        }
    }

    private func number(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        (offset..<offset + 6).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    // MARK: Counts

    /// Frames received and lost since the capture began; nil if the system does not tell.
    ///
    /// - Parameter time: what the counts are stamped with.
    func statistics(at time: Int64) -> CaptureStatistics? {
        var counts = pcap_stat()
        guard unsafe pcap_stats(pcap, &counts) == 0 else { return nil }
        return CaptureStatistics(
            time: time, received: UInt64(counts.ps_recv), lost: UInt64(counts.ps_drop) + UInt64(counts.ps_ifdrop))
    }
}

extension LinkTypeNumber {
    static let ethernet: Int32 = 1
    static let linuxCooked: Int32 = 113
    static let linuxCooked2: Int32 = 276
}
