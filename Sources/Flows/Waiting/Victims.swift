/// The flows that are to go next when memory is full, chosen many at once: a sweep over all flows costs little for
/// each.
struct Victims {
    struct Entry {
        var slot: UInt32
        var number: UInt64
        /// Its last segment, as it was when the flow was chosen: one that has gone on is spared.
        var last: Int64
    }

    private var entries: [Entry] = []
    private var head = 0

    mutating func next() -> Entry? {
        guard head < entries.count else { return nil }
        defer { head += 1 }
        return entries[head]
    }

    /// Who goes so many turns behind the next one.
    func later(by turns: Int) -> Entry? {
        head + turns < entries.count ? entries[head + turns] : nil
    }

    mutating func replace(with chosen: [Entry]) {
        entries = chosen
        head = 0
    }
}

/// Flows by how long they have been quiet, in steps of a sixteenth: what a sweep counts, so that nothing has to be
/// sorted.
struct QuietCensus: ~Copyable {
    private static let placeBits = 4
    /// Sixteen steps for each power of two of nanoseconds.
    private static let steps = 64 << placeBits

    /// How many flows were counted in each step.
    private let counts = Ring<Int>(capacity: QuietCensus.steps, repeating: 0)

    /// The step of a time in nanoseconds: 0 for the longest; negative times count as none.
    @inline(__always)
    static func step(of quiet: Int64) -> UInt16 {
        let quiet = UInt64(max(quiet, 1))
        let exponent = 63 - quiet.leadingZeroBitCount
        let place =
            exponent >= placeBits ? quiet &>> UInt64(exponent - placeBits) : quiet &<< UInt64(placeBits - exponent)
        return UInt16(steps - 1 - (exponent << placeBits | Int(place & 15)))
    }

    func count(_ step: UInt16) {
        counts[Int(step)] &+= 1
    }

    /// Where the flows of each step begin, if the longest quiet come first, and the first step that begins at `limit`
    /// or behind it.
    func starts(limit: Int) -> (starts: [Int], end: UInt16) {
        var starts: [Int] = []
        var sum = 0
        for step in 0..<Self.steps {
            if sum >= limit { break }
            starts.append(sum)
            sum += counts[step]
        }
        return (starts, UInt16(starts.count))
    }
}
