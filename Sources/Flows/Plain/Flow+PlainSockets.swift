import TCPStateMachine
import WireFormat

/// Which segments may begin a plain flow, and which are of one.
extension Flow {
    /// Whether a flow that begins with this segment may be plain: with a SYN and nothing else, between two ends that
    /// are not on the capture's host.
    @inline(__always)
    static func isPlainBeginning(_ c: SegmentInPlace, _ vantage: TrackerOptions.Vantage) -> Bool {
        let line = c.line
        guard line.controlBits.intersection(FlowBlock.opening) == .syn, line.payloadLength == 0,
            line.sight.direction == .unknown, !line.has(.hasFastOpen), line.time > 0
        else { return false }
        let pair = c.anyPair
        return !vantage.includes(pair.source, pair.family) && !vantage.includes(pair.destination, pair.family)
    }

    /// Which end sent the segment; nil if it is none of this flow.
    @inline(__always)
    func plainRole(of c: SegmentInPlace) -> EndpointRole? {
        guard let sockets = c.line.sockets else { return plainRole(of: c.pair, in: c.tunnel) }
        return tunnel == .none ? ipv4Sockets?.role(of: sockets) : nil
    }

    private func plainRole(of pair: SocketPair, in tunnel: Tunnel) -> EndpointRole? {
        guard tunnel == self.tunnel else { return nil }
        if let sockets = ipv4Sockets { return IPv4Pair(pair).flatMap { sockets.role(of: $0) } }
        if pair == self.pair { return .initiator }
        return pair.reversed == self.pair ? .responder : nil
    }
}
