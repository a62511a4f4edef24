import TCPStateMachine
import WireFormat

/// Octets that were sent again although they had arrived: the receiver had acknowledged them, or says that they came
/// twice.
extension Flow {
    /// All that a segment carries was acknowledged before it passed: to its sender the ACK came too late, or never.
    func noticeNeedlessResend(_ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        let s = c.segment
        guard !s.hasSyn, self[e.other].has(.hasRcvNxt), self[e.other].rcvNxt.isAtOrAfter(s.end),
            !d[e].observed.contains(.unseen)
        else { return }
        find(.spuriousResend, at: e, time: c.time, c.reference, &l)
    }

    /// D-SACK (RFC 2883 section 4): the first block lies below the ACK, or within the second. What it names came twice,
    /// and its sender did send it twice: a network may duplicate a segment, too.
    func takeDuplicateSack(of p: EndpointRole, from c: CapturedSegment, _ d: FlowDetail, _ l: inout Ledger) {
        let s = c.segment
        guard let block = s.options.sackBlock(at: 0), block.left.isBefore(block.right), isDuplicateSack(block, s) else {
            return
        }
        let e = p.other
        for age in 0..<Int(d[e].recent.count) {
            let segment = d[e].recent[age: age]
            if segment.isResent, segment.sequenceNumber.isAtOrBefore(block.left), segment.end.isAfter(block.left) {
                find(.spuriousResend, at: p, time: c.time, c.reference, &l)
                return
            }
        }
    }

    private func isDuplicateSack(_ block: SackBlock, _ s: Segment) -> Bool {
        if block.right.isAtOrBefore(s.acknowledgmentNumber) { return true }
        guard let whole = s.options.sackBlock(at: 1) else { return false }
        return whole.left.isAtOrBefore(block.left) && block.right.isAtOrBefore(whole.right)
    }
}
