import WireFormat

/// What is counted of the packets of a file.
struct ReadingTally {
    /// Packets that the filter let through, and the stamps of the first and last of them.
    private(set) var delivered: UInt64 = 0
    private(set) var first: Int64?
    private(set) var last: Int64?
    var segments: UInt64 = 0
    /// Frames that the capture says it lost.
    var losses: UInt64 = 0
    /// By `SkipReason.rawValue`.
    var skipped = Array(repeating: UInt64(0), count: SkipReason.allCases.count)

    /// The first packet, or any other one, has this stamp.
    mutating func begin(at time: Int64) {
        first = first ?? time
    }

    /// So many packets more, the last of them with this stamp, which means nothing if there were none.
    mutating func count(frames: Int, segments: Int, until time: Int64) {
        guard frames > 0 else { return }
        last = time
        delivered &+= UInt64(truncatingIfNeeded: frames)
        self.segments &+= UInt64(truncatingIfNeeded: segments)
    }

    /// A packet with this stamp.
    @inline(__always)
    mutating func count(at time: Int64) {
        begin(at: time)
        count(frames: 1, segments: 0, until: time)
    }
}

extension Summary {
    /// Counts what was read of the last file.
    ///
    /// - Parameter packets: those that the filter held back included; of interfaces, which are read again and again,
    ///   since their beginning.
    mutating func count(_ tally: ReadingTally, packets: UInt64) {
        let place = files.count - 1
        let read = packets &- files[place].packets
        files[place].packets = packets
        files[place].first = files[place].first ?? tally.first
        files[place].last = tally.last ?? files[place].last
        self.packets &+= read
        filtered &+= read &- tally.delivered
        segments &+= tally.segments
        captureLosses &+= tally.losses
        count(skipped: tally.skipped)
    }

    /// Counts packets that were left out, by `SkipReason.rawValue`.
    mutating func count(skipped: [UInt64]) {
        for (place, count) in skipped.enumerated() { self.skipped[place] &+= count }
    }
}
