import CPcap

/// A filter in libpcap's language, compiled once for each link type that frames have.
final class PacketFilter {
    private let text: String
    private var programs: [Program] = []
    private var last: Program

    /// - Parameters:
    ///   - text: the filter (pcap-filter(7)).
    ///   - dataLinkType: the link type of the first frames: a filter that cannot be compiled for it is refused.
    /// - Throws: `badFilter`.
    init(_ text: String, dataLinkType: Int32) throws(CaptureError) {
        self.text = text
        last = Program(text, dataLinkType: dataLinkType)
        if let refusal = last.refusal { throw .badFilter(filter: text, detail: refusal) }
        programs = [last]
    }

    /// Whether the filter lets a frame through.
    ///
    /// What a filter asks for may not exist in a link type (a TCP port on a USB bus): nothing of that type matches.
    func matches(_ octets: UnsafePointer<UInt8>, _ frame: FrameInfo, dataLinkType: Int32) -> Bool {
        if last.dataLinkType != dataLinkType { choose(dataLinkType) }
        return unsafe last.matches(octets, frame)
    }

    @inline(never)
    private func choose(_ dataLinkType: Int32) {
        if let known = programs.first(where: { $0.dataLinkType == dataLinkType }) {
            last = known
            return
        }
        last = Program(text, dataLinkType: dataLinkType)
        programs.append(last)
    }
}

/// A filter compiled for one link type.
@safe
private final class Program {
    let dataLinkType: Int32
    /// Why libpcap could not compile it, in its words.
    private(set) var refusal: String?
    private var program = unsafe bpf_program()

    init(_ text: String, dataLinkType: Int32) {
        self.dataLinkType = dataLinkType
        guard let pcap = unsafe pcap_open_dead(dataLinkType, Int32(LinkTypeNumber.mostOctets(dataLinkType))) else {
            refusal = systemErrorText()
            return
        }
        defer { unsafe pcap_close(pcap) }
        guard unsafe pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            refusal = unsafe String(cString: pcap_geterr(pcap))
            return
        }
    }

    deinit {
        unsafe pcap_freecode(&program)
    }

    func matches(_ octets: UnsafePointer<UInt8>, _ frame: FrameInfo) -> Bool {
        guard refusal == nil else { return false }
        var header = pcap_pkthdr()
        header.caplen = UInt32(clamping: frame.capturedLength)
        header.len = UInt32(clamping: frame.originalLength)
        return unsafe pcap_offline_filter(&program, &header, octets) != 0
    }
}
