/// What has arrived beyond a hole: up to four ranges of octets, and the number of a FIN. Only numbers, no text.
///
/// RFC 793 p. 70: "segments with higher beginning sequence numbers may be held for later processing"; RFC 1122 section
/// 4.2.2.20 makes that a "should". A fifth range is dropped, as any segment may be: its sender will repeat it. What
/// lies at RCV.NXT waits for nothing and is never dropped.
struct Reassembly: Hashable, Sendable, BitwiseCopyable {
    /// Octets from `start` up to, not including, `end`, as distances from RCV.NXT.
    struct Range: Hashable, Sendable, BitwiseCopyable {
        var start: UInt32 = 0
        var end: UInt32 = 0
        var isEmpty: Bool { end <= start }
    }

    private var a = Range()
    private var b = Range()
    private var c = Range()
    private var d = Range()
    /// The slot of the range that has grown last.
    private var latest: UInt8 = 0
    /// Octets at RCV.NXT that reach none of four ranges.
    private var next: UInt32 = 0
    /// The number of the peer's FIN, once one has arrived that could not be processed at once.
    var finNumber: SequenceNumber?

    private subscript(slot: Int) -> Range {
        get {
            switch slot {
            case 0: a
            case 1: b
            case 2: c
            default: d
            }
        }
        set {
            switch slot {
            case 0: a = newValue
            case 1: b = newValue
            case 2: c = newValue
            default: d = newValue
            }
        }
    }

    /// The right edge of what has arrived, as a distance from RCV.NXT; 0 if nothing waits.
    var rightEdge: UInt32 {
        max(max(a.end, b.end), max(c.end, d.end))
    }

    /// Whether octets `start ..< end`, distances from RCV.NXT, are all there.
    func holds(_ start: UInt32, _ end: UInt32) -> Bool {
        (0..<4).contains { !self[$0].isEmpty && self[$0].start <= start && end <= self[$0].end && start < end }
    }

    /// Takes octets `start ..< end`, distances from RCV.NXT within the window, joined with what they touch.
    ///
    /// The ranges never touch each other, so one look at each is enough: what joins one of them cannot reach another
    /// that the new octets do not reach themselves.
    mutating func insert(_ start: UInt32, _ end: UInt32) {
        var new = Range(start: start, end: end)
        guard !new.isEmpty else { return }
        var free: Int?
        for slot in 0..<4 {
            let old = self[slot]
            if old.isEmpty {
                free = free ?? slot
            } else if old.start <= new.end, new.start <= old.end {
                new = Range(start: min(old.start, new.start), end: max(old.end, new.end))
                self[slot] = Range()
                free = free ?? slot
            }
        }
        guard let free else {
            if start == 0 { next = max(next, end) }
            return
        }
        self[free] = new
        latest = UInt8(free)
    }

    /// The ranges as blocks of a SACK option: "the first SACK block MUST specify the contiguous block of data
    /// containing the segment which triggered this ACK" (RFC 2018 section 4).
    func addBlocks(from next: SequenceNumber, atMost limit: Int, to options: inout SegmentOptions) {
        for offset in 0..<4 {
            let range = self[(Int(latest) + offset) & 3]
            guard !range.isEmpty, Int(options.sackBlockCount) < limit else { continue }
            options.appendSackBlock(SackBlock(left: next + range.start, right: next + range.end))
        }
        if options.sackBlockCount > 0 { options.present.insert(.sack) }
    }

    /// Takes away what lies at RCV.NXT and returns how many octets it is; the rest is counted from there on.
    mutating func advance() -> UInt32 {
        var octets = next
        next = 0
        for slot in 0..<4 where !self[slot].isEmpty && self[slot].start == 0 {
            octets = max(octets, self[slot].end)
            self[slot] = Range()
        }
        guard octets > 0 else { return 0 }
        for slot in 0..<4 where !self[slot].isEmpty {
            self[slot] = Range(start: self[slot].start &- octets, end: self[slot].end &- octets)
        }
        if rightEdge == 0 { latest = 0 }
        return octets
    }
}
