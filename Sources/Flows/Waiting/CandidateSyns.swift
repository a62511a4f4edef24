import TCPStateMachine
import WireFormat

/// SYNs with another ISN on addresses and ports that are in use: each becomes a flow when it is answered.
///
/// A fixed number at most, the oldest goes first. Their hashes lie apart, so that a look-up reads a few kilobytes,
/// however many wait.
struct CandidateSyns {
    /// How long a SYN waits for its answer, nanoseconds.
    private static let lifetime: Int64 = 3_000_000_000
    static let limit = 256

    private var hashes: [UInt32] = []
    private var segments: [CapturedSegment] = []

    var isEmpty: Bool { hashes.isEmpty }
    var count: Int { hashes.count }

    /// Keeps a SYN, once for each sequence number.
    mutating func keep(_ c: CapturedSegment, hash: UInt32) {
        let isKnown = hashes.indices.contains { place in
            hashes[place] == hash && segments[place].pair == c.pair && segments[place].tunnel == c.tunnel
                && segments[place].segment.sequenceNumber == c.segment.sequenceNumber
                && !isOver(segments[place], at: c.time)
        }
        if isKnown { return }
        if hashes.count >= CandidateSyns.limit { dropExpired(now: c.time) }
        if hashes.count >= CandidateSyns.limit { remove(0) }
        hashes.append(hash)
        segments.append(c)
    }

    /// Takes out the SYN that a segment answers, the last one if there are several.
    mutating func take(answeredBy c: CapturedSegment, hash: UInt32) -> CapturedSegment? {
        let place = hashes.indices.last { place in
            guard hashes[place] == hash else { return false }
            let candidate = segments[place]
            let acked = candidate.segment.sequenceNumber.distance(to: c.segment.acknowledgmentNumber)
            return candidate.pair == c.pair.reversed && candidate.tunnel == c.tunnel && acked > 0 && acked <= 1 << 16
                && !isOver(candidate, at: c.time)
        }
        guard let place else { return nil }
        let taken = segments[place]
        remove(place)
        return taken
    }

    /// Takes out the last SYN of the segment's own sender.
    mutating func take(sentLike c: CapturedSegment, hash: UInt32) -> CapturedSegment? {
        let place = hashes.indices.last { place in
            hashes[place] == hash && segments[place].pair == c.pair && segments[place].tunnel == c.tunnel
                && !isOver(segments[place], at: c.time)
        }
        guard let place else { return nil }
        let taken = segments[place]
        remove(place)
        return taken
    }

    /// Takes out the SYN that is sent again.
    mutating func take(repeatedBy c: CapturedSegment, hash: UInt32) -> CapturedSegment? {
        guard !isEmpty else { return nil }
        let place = hashes.indices.last { place in
            hashes[place] == hash && segments[place].pair == c.pair && segments[place].tunnel == c.tunnel
                && segments[place].segment.sequenceNumber == c.segment.sequenceNumber
                && !isOver(segments[place], at: c.time)
        }
        guard let place else { return nil }
        let taken = segments[place]
        remove(place)
        return taken
    }

    private func isOver(_ candidate: CapturedSegment, at time: Int64) -> Bool {
        time &- candidate.time > CandidateSyns.lifetime
    }

    /// Drops what has waited too long, and with it a part of the rest: so that a flood is not gone through each time.
    private mutating func dropExpired(now: Int64) {
        let kept = segments.indices.suffix(CandidateSyns.limit * 7 / 8).filter { !isOver(segments[$0], at: now) }
        hashes = kept.map { hashes[$0] }
        segments = kept.map { segments[$0] }
    }

    private mutating func remove(_ place: Int) {
        hashes.remove(at: place)
        segments.remove(at: place)
    }
}
