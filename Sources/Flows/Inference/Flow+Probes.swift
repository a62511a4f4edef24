import TCPStateMachine
import WireFormat

/// Closed windows, and segments whose only purpose is to be answered.
extension Flow {
    /// A probe of an end that waits: no octet that the peer did not have or may not have (RFC 1122 section 4.2.3.6, RFC
    /// 9293 section 3.8.6.1). Nil: it is none.
    ///
    /// Keepalives are sent when everything is acknowledged; Linux asks a closed window by the same empty segment.
    func probe(
        _ c: CapturedSegment, of e: EndpointRole, before sndNxt: SequenceNumber, isOld: Bool, _ d: FlowDetail
    ) -> SegmentNote? {
        let s = c.segment
        guard self[e].has(.hasSndNxt), !s.hasFin, !s.hasSyn, !isOld else { return nil }
        let peer = e.other
        if s.payloadLength <= 1, seemsClosed(peer, to: e, now: c.time, d) {
            let isBelow = s.payloadLength == 0 && s.sequenceNumber == self[peer].rcvNxt - 1
            let isBeyond = s.payloadLength == 1 && s.sequenceNumber == self[peer].rcvNxt
            if isBelow || isBeyond { return .windowProbe }
        }
        guard self[peer].has(.hasRcvNxt), self[peer].rcvNxt.isAtOrAfter(sndNxt) else { return nil }
        let isIdle = s.payloadLength <= 1 && s.sequenceNumber == sndNxt - 1
        return isIdle ? .keepalive : nil
    }

    /// The window is closed, or the endpoint cannot have heard yet that it opened.
    private func seemsClosed(_ peer: EndpointRole, to e: EndpointRole, now: Int64, _ d: FlowDetail) -> Bool {
        if self[peer].has(.closedWindow) { return true }
        return d[peer].observed.contains(.closedWindow)
            && !speaksAgainst(e, d[peer].observations.closedWindow.opened, now: now)
    }

    /// Counts a probe; the one before it stayed without an answer if the peer has said nothing since.
    func count(_ probe: SegmentNote, _ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail) {
        switch probe {
        case .keepalive: count(.keepalives, c, e, d)
        case .windowProbe: count(.windowProbes, c, e, d)
        case .none, .retransmission, .copy, .stranger, .reordered, .outOfOrder, .challengeAck, .candidateSyn: return
        }
    }

    private func count(_ kind: ObservationKinds, _ c: CapturedSegment, _ e: EndpointRole, _ d: FlowDetail) {
        var probes = Probes(sent: 0, unanswered: 0, peerPackets: 0, time: c.time, reference: c.reference)
        if d[e].observed.contains(kind) {
            probes = d[e].observations.probes(kind)
            if probes.peerPackets == self[e.other].packets { probes.unanswered &+= 1 }
        }
        probes.sent &+= 1
        probes.peerPackets = self[e.other].packets
        d[e].observations.setProbes(probes, kind)
        d[e].observed.insert(kind)
    }

    /// The sender's window closes or opens with this segment. What it says while it may get nothing more means nothing.
    func noteWindow(of e: EndpointRole, _ c: CapturedSegment, isOld: Bool, _ d: FlowDetail) {
        let s = c.segment
        let isClosed = self[e].has(.closedWindow)
        guard !isOld, isClosed != (s.window == 0) else { return }
        if isClosed {
            guard d[e].observed.contains(.closedWindow) else { return }
            d[e].observations.closedWindow.opened = c.time
            d[e].observations.closedWindow.before &+= max(0, c.time &- d[e].observations.closedWindow.since)
            return
        }
        guard !s.hasSyn, !s.hasFin, !self[e].has(.hasFin), !self[e.other].has(.hasFin) else { return }
        if d[e].observed.contains(.closedWindow) {
            d[e].observations.closedWindow.since = c.time
        } else {
            d[e].observations.closedWindow = ClosedWindow(
                since: c.time, opened: c.time, before: 0, time: c.time, reference: c.reference)
            d[e].observed.insert(.closedWindow)
        }
    }

    /// The counts are complete: the flow is being reported.
    func reportProbes(_ e: EndpointRole, now: Int64, _ d: FlowDetail, _ l: inout Ledger) {
        report(.keepalive, d[e].observations.keepalives, .keepalives, e, d, &l)
        report(.windowProbe, d[e].observations.windowProbes, .windowProbes, e, d, &l)
        guard d[e].observed.contains(.closedWindow) else { return }
        d[e].observed.remove(.closedWindow)
        let window = d[e].observations.closedWindow
        let isClosed = self[e].has(.closedWindow)
        let isOver = self[e].state == .closed || self[e.other].state == .closed
        let more = isClosed ? max(0, (isOver ? last : now) &- window.since) : 0
        find(
            .zeroWindow, at: e, time: window.time, window.reference, &l,
            detail: .windowClosed(window.before &+ more, isClosedAtEnd: isClosed))
    }

    private func report(
        _ code: FindingCode, _ probes: Probes, _ kind: ObservationKinds, _ e: EndpointRole, _ d: FlowDetail,
        _ l: inout Ledger
    ) {
        guard d[e].observed.contains(kind) else { return }
        d[e].observed.remove(kind)
        let isLastUnanswered = probes.peerPackets == self[e.other].packets
        find(
            code, at: e, time: probes.time, probes.reference, &l,
            detail: .probes(sent: probes.sent, unanswered: probes.unanswered &+ (isLastUnanswered ? 1 : 0)))
    }
}
