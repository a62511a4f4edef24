import CPcap

/// Reads through libpcap what the readers of our own leave to it: dialects of pcap and whatever it learns.
@safe
final class LibpcapReader {
    let dataLinkType: Int32
    let snapshotLength: Int
    private let pcap: OpaquePointer
    /// What kept the source from being read to its end.
    private let failure: String?

    /// Opens a capture, from the source's first octet on.
    ///
    /// - Throws: libpcap's words.
    init(_ source: inout ByteSource) throws(Damage) {
        let stream = try unsafe source.stream()
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard
            let pcap = unsafe pcap_fopen_offline_with_tstamp_precision(
                stream, UInt32(PCAP_TSTAMP_PRECISION_NANO), &text)
        else {
            let detail = unsafe String(cString: &text)
            unsafe fclose(stream)
            throw Damage(offset: 0, detail: detail)
        }
        unsafe self.pcap = unsafe pcap
        failure = if case .failed(let reason) = source.ending { reason } else { nil }
        dataLinkType = unsafe pcap_datalink(pcap)
        snapshotLength = Int(unsafe pcap_snapshot(pcap))
    }

    deinit {
        // Closes the stream, too.
        unsafe pcap_close(pcap)
    }

    /// Goes to the next frame; as those of the other readers.
    func next(_ frame: inout FrameInfo) throws(Damage) -> UnsafePointer<UInt8>? {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var octets: UnsafePointer<UInt8>?
        let status = unsafe pcap_next_ex(pcap, &header, &octets)
        guard status == 1, let header = unsafe header, let octets = unsafe octets else {
            guard let failure else {
                if status == PCAP_ERROR_BREAK { return nil }
                throw Damage(offset: position, detail: unsafe String(cString: pcap_geterr(pcap)))
            }
            throw Damage(offset: position, detail: failure)
        }
        // libpcap was asked for nanoseconds, and keeps them in the field that is named for microseconds.
        frame.time = unsafe nanoseconds(
            seconds: header.pointee.ts.tv_sec, nanoseconds: Int(header.pointee.ts.tv_usec))
        frame.capturedLength = unsafe Int(header.pointee.caplen)
        frame.originalLength = unsafe Int(header.pointee.len)
        return unsafe octets
    }

    /// Where libpcap stands, in octets of the capture.
    var position: Int64 { Int64(unsafe ftell(pcap_file(pcap))) }
}
