/// `struct tcp_info` (linux/tcp.h) as the kernel sent it: it grows at its end from version to version.
struct SockDiagInformation {
    private let content: TCPInformation
    private let retransmissions: UInt32
    private let probes: UInt32
    private let retransmissionTimeout: UInt32
    private let congestionWindow: UInt32
    private let slowStartThreshold: UInt32

    /// What the oldest kernel with sock_diag sends: up to tcpi_total_retrans.
    private static let leastSize = 104

    /// Nil if it is shorter than any kernel's.
    init?(_ octets: Span<UInt8>) {
        guard octets.count >= SockDiagInformation.leastSize else { return nil }
        retransmissions = UInt32(octets[2])
        probes = UInt32(octets[3])
        retransmissionTimeout = octets.native32(8)
        slowStartThreshold = octets.native32(76)
        congestionWindow = octets.native32(80)
        var content = TCPInformation()
        content.backoff = UInt32(octets[4])
        content.options = TCPInformation.Options(rawValue: octets[5]).intersection(.known)
        // Two fields of four bits, which compilers lay out by the order of octets.
        #if _endian(little)
        content.sendScale = octets[6] & 0xF
        content.receiveScale = octets[6] >> 4
        #else
        content.sendScale = octets[6] >> 4
        content.receiveScale = octets[6] & 0xF
        #endif
        content.sendSegmentSize = octets.native32(16)
        content.receiveSegmentSize = octets.native32(20)
        content.unacknowledged = octets.native32(24)
        content.sacked = octets.native32(28)
        content.lost = octets.native32(32)
        content.retransmitted = octets.native32(36)
        content.sinceDataSent = Int64(octets.native32(44)) * 1_000_000
        content.sinceDataReceived = Int64(octets.native32(52)) * 1_000_000
        content.sinceAcknowledgmentReceived = Int64(octets.native32(56)) * 1_000_000
        content.roundTripTime = Int64(octets.native32(68)) * 1_000
        content.roundTripVariation = Int64(octets.native32(72)) * 1_000
        content.totalRetransmissions = octets.native32(100)
        if octets.count >= 136 {
            content.acknowledgedOctets = octets.native64(120)
            content.receivedOctets = octets.native64(128)
        }
        if octets.count >= 148 {
            content.segmentsSent = octets.native32(136)
            content.segmentsReceived = octets.native32(140)
            content.unsentOctets = octets.native32(144)
        }
        if octets.count >= 232 { content.sendWindow = octets.native32(228) }
        self.content = content
    }

    /// Says of a socket what its row did not.
    func complete(_ socket: inout KernelSocket.FullSocket) {
        socket.retransmissions = retransmissions
        socket.probes = probes
        socket.retransmissionTimeout = Int64(retransmissionTimeout) * 1_000
        socket.congestionWindow = congestionWindow
        // TCP_INFINITE_SSTHRESH.
        socket.slowStartThreshold = slowStartThreshold >= 0x7FFF_FFFF ? nil : slowStartThreshold
        socket.information = content
    }
}
