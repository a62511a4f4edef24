import TCPStateMachine
import WireFormat

/// Segments that do not stand where their numbers would have them: sent again, overtaken, or shuffled by the capture.
extension Flow {
    /// Without a measured round trip, what fills a hole within this time was overtaken. Nanoseconds.
    private static var overtakingTime: Int64 { 3 * millisecond }
    /// An answer may stand in a capture before its question by as much; a lost ACK makes its sender's peer send again
    /// only later (the least retransmission time-out in use is 200 ms). Nanoseconds.
    private static var shufflingTime: Int64 { 100 * millisecond }

    /// New octets behind others of their sender that have passed already. Their sender learns of the hole only from
    /// what the octets beyond it made the receiver say: a retransmission comes a round trip later and was sent later.
    func fillHole(_ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) -> SegmentNote {
        guard let beyond = firstBeyond(c.segment, from: e, d) else { return resend(c, of: e, &l) }
        let isBefore: Bool
        if let sentBefore = wasSentBefore(c, beyond.segment, by: e) {
            isBefore = sentBefore
        } else {
            let isMeasured = knowsTrip(e) && knowsTrip(e.other)
            let limit = isMeasured ? (trip(e) &+ trip(e.other)) / 10 * 9 : Self.overtakingTime
            isBefore = c.time &- beyond.time < limit
        }
        guard isBefore else { return resend(c, of: e, &l) }
        // Nothing is overtaken on the way from a host to its own interface, and no network turns the clock back.
        if self[e].has(.isLocal) || c.time < beyond.time {
            find(.captureReordered, at: e, time: c.time, c.reference, &l)
            return .reordered
        }
        find(.outOfOrder, at: e, time: c.time, c.reference, &l)
        return .outOfOrder
    }

    private func resend(_ c: CapturedSegment, of e: EndpointRole, _ l: inout Ledger) -> SegmentNote {
        self[e].retransmissions &+= 1
        find(.retransmission, at: e, time: c.time, c.reference, &l)
        return .retransmission
    }

    /// The first segment behind the hole that passed, as far as it is remembered, and when the hole came to be.
    private func firstBeyond(
        _ s: Segment, from e: EndpointRole, _ d: FlowDetail
    ) -> (segment: RecentSegment, time: Int64)? {
        let p = e.other
        var age = Int(d[p].recent.count) - 1
        let isFull = d[p].recent.count == UInt8(RecentSegments.capacity)
        while age >= 0 {
            let segment = d[p].recent[age: age]
            if segment.end != segment.sequenceNumber, segment.sequenceNumber.isAtOrAfter(s.end) {
                let isOldest = isFull && age == Int(d[p].recent.count) - 1
                let time = isOldest && d[e].observed.contains(.hole) ? d[e].observations.holeTime : segment.time
                return (segment, min(time, segment.time))
            }
            age -= 1
        }
        return nil
    }

    /// Whether the marks of two segments of one sender tell which was sent first: TSval, then the IPv4 identification
    /// of a sender that counts them.
    private func wasSentBefore(_ c: CapturedSegment, _ other: RecentSegment, by e: EndpointRole) -> Bool? {
        let options = c.segment.options
        if options.hasTimestamps, self[e].has(.usesTimestamps), other.timestamp != 0 {
            let newer = Int32(bitPattern: options.timestampValue &- other.timestamp)
            if newer != 0 { return newer < 0 }
        }
        guard c.hasIdentification, c.identification != 0, other.identification != 0 else { return nil }
        let ahead = Int16(bitPattern: c.identification &- other.identification)
        return ahead != 0 && ahead.magnitude < 512 ? ahead < 0 : nil
    }

    /// The same segment once more, not sent again: duplicated on its way, or by what mirrors the traffic.
    func isDuplicate(_ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail) -> Bool {
        let s = c.segment
        for age in 0..<Int(d[e.other].recent.count) {
            let before = d[e.other].recent[age: age]
            guard before.isLike(s), !s.options.hasTimestamps || before.timestamp == s.options.timestampValue
            else { continue }
            if c.hasIdentification, c.identification != 0 {
                if before.identification == c.identification { return true }
            } else if s.options.hasTimestamps, (c.time &- before.time).magnitude < 10 * UInt64(Self.millisecond) {
                return true
            }
        }
        return false
    }

    // MARK: Octets that the receiver had before they passed

    /// An ACK covers octets of `p` that have not passed. They may still come, if the capture was shuffled.
    func noteUnseen(
        of p: EndpointRole, from left: SequenceNumber, to right: SequenceNumber, acknowledgedBy c: CapturedSegment,
        _ d: FlowDetail, _ l: inout Ledger
    ) {
        let octets = UInt32(bitPattern: left.distance(to: right))
        if d[p].observed.contains(.unseen) {
            if d[p].observations.unseen.right == left {
                d[p].observations.unseen.right = right
                d[p].observations.unseen.octets &+= octets
                return
            }
            settleUnseen(of: p, d, &l)
        }
        d[p].observations.unseen = UnseenOctets(
            left: left, right: right, timestampEcho: c.segment.options.timestampEcho, octets: octets, time: c.time,
            reference: c.reference)
        d[p].observed.insert(.unseen)
    }

    /// Text passes whose ACK passed before it: how much of it, and what that makes of the segment. Nil if none.
    func passLate(
        _ c: CapturedSegment, of e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger
    ) -> (octets: UInt32, note: SegmentNote)? {
        guard d[e].observed.contains(.unseen) else { return nil }
        let s = c.segment
        let unseen = d[e].observations.unseen
        let left = later(s.payloadStart, unseen.left)
        let right = s.end.isBefore(unseen.right) ? s.end : unseen.right
        guard left.isBefore(right) else { return nil }
        let isCounted = s.finNumber.isBefore(right) ? left.distance(to: s.finNumber) : left.distance(to: right)
        let octets = UInt32(max(0, isCounted))
        let lag = c.time &- unseen.time
        let isShuffled = s.options.hasTimestamps
            ? Int32(bitPattern: s.options.timestampValue &- unseen.timestampEcho) <= 0 && lag < Self.shufflingTime
            : lag < Self.shufflingTime
        guard isShuffled else {
            // The first sending escaped the capture; this one is another.
            settleUnseen(of: e, d, &l)
            return (octets, resend(c, of: e, &l))
        }
        if left == unseen.left { d[e].observations.unseen.left = right } else { d[e].observations.unseen.right = left }
        if !d[e].observations.unseen.left.isBefore(d[e].observations.unseen.right) { d[e].observed.remove(.unseen) }
        find(.captureReordered, at: e, time: c.time, c.reference, &l)
        return (octets, .reordered)
    }

    /// The octets did not pass. If a later segment of their sender did, the capture sees this direction and lost them;
    /// else nothing tells where they went.
    func settleUnseen(of p: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        guard d[p].observed.contains(.unseen) else { return }
        d[p].observed.remove(.unseen)
        let unseen = d[p].observations.unseen
        let isFollowed = self[p].packets > 0 && self[p].lastSequenceNumber.isAtOrAfter(unseen.right)
        find(
            isFollowed ? .captureLoss : .ackedUnseen, at: p, time: unseen.time, unseen.reference, &l,
            detail: isFollowed ? .lostOctets(unseen.octets) : .octets(unseen.octets))
    }
}
