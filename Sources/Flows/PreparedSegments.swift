import TCPStateMachine
public import WireFormat

/// A batch of segments as the tracker takes them: each in one cache line, with what its flow is found by. Who reads a
/// capture fills it in place, on another thread if there is one, and uses it again.
public struct PreparedSegments: Sendable {
    private(set) var compact: [CompactSegment]
    /// Of a segment that is not whole in its compact form: all of it, at the same place.
    var whole: WholeSegments
    /// What the flows are found by.
    private(set) var clues: [FlowClue]
    /// Who filled it left it to the tracker to find the hashes of the segments that have addresses in their lines.
    package var lacksHashes = false

    /// Room for so many segments, of which nothing is known.
    ///
    /// - Parameter blank: what stands at each place; its `examination` stays as it is.
    package init(capacity: Int, blank: CapturedSegment) {
        compact = Array(repeating: CompactSegment(), count: capacity)
        whole = WholeSegments(capacity: capacity, blank: blank)
        clues = Array(repeating: FlowClue(hash: 0), count: capacity)
    }

    /// No room as yet.
    init() {
        compact = []
        whole = WholeSegments([])
        clues = []
    }

    /// Fills the places of segments, and returns how many there are.
    package typealias Filling = (
        inout MutableSpan<CompactSegment>, inout WholeSegments, inout MutableSpan<FlowClue>
    ) -> Int

    /// Lets it be filled in place. A segment that is not whole in its compact form is to be filled in as it was
    /// captured, too.
    ///
    /// - Returns: what `body` returns, how many segments there are.
    package mutating func fill(_ body: Filling) -> Int {
        Self.fill(&compact, &whole, &clues, body)
    }

    private static func fill(
        _ compact: inout [CompactSegment], _ whole: inout WholeSegments, _ clues: inout [FlowClue], _ body: Filling
    ) -> Int {
        // An array would ask each time whether it is the only owner of its elements.
        var compact = compact.mutableSpan
        var clues = clues.mutableSpan
        return body(&compact, &whole, &clues)
    }

    /// Finds the hashes that are lacking.
    @inline(never)
    mutating func addHashes(_ count: Int, seed: UInt64) {
        lacksHashes = false
        _ = fill { segments, _, clues in
            for place in 0..<count where segments[place].notes.contains(.hasAddresses) {
                clues[place].hash = segments[place].flowHash(seed: seed)
            }
            return count
        }
    }

    /// Hands out the first clues, one after the other.
    @inline(__always)
    mutating func amendClues(_ count: Int, _ body: (inout FlowClue) -> Void) {
        var clues = clues.mutableSpan
        for place in 0..<min(count, clues.count) { body(&clues[place]) }
    }

    /// How many segments there is room for.
    var capacity: Int { min(compact.count, clues.count) }

    /// Fills it with segments that have been decoded.
    mutating func prepare(_ segments: [CapturedSegment], count: Int, seed: UInt64) {
        whole = WholeSegments(segments)
        if clues.count < count {
            compact = Array(repeating: CompactSegment(), count: max(count, 64))
            clues = Array(repeating: FlowClue(hash: 0), count: max(count, 64))
        }
        for position in 0..<count {
            compact[position] = CompactSegment(segments[position])
            clues[position] = FlowClue(hash: segments[position].flowHash(seed: seed))
        }
    }

    /// Lends all of it in place: there are `capacity` segments at least.
    @unsafe
    @inline(__always)
    mutating func withSegments(_ body: (BatchInPlace) -> Void) {
        unsafe compact.withUnsafeBufferPointer { compact in
            unsafe whole.segments.withUnsafeBufferPointer { whole in
                unsafe clues.withUnsafeMutableBufferPointer { clues in
                    guard let compact = compact.baseAddress, let clues = clues.baseAddress else { return }
                    unsafe body(BatchInPlace(compact, whole.baseAddress, clues))
                }
            }
        }
    }
}

/// Segments as they were captured. Where all are whole in their compact form there is no memory for them.
public struct WholeSegments: Sendable {
    /// At their places, or none at all.
    package var segments: [CapturedSegment]
    private let capacity: Int
    private let blank: CapturedSegment?

    fileprivate init(capacity: Int, blank: CapturedSegment) {
        segments = []
        self.capacity = capacity
        self.blank = blank
    }

    init(_ segments: [CapturedSegment]) {
        self.segments = segments
        capacity = segments.count
        blank = nil
    }

    /// All places are there from now on. No accessor does it: one that lends an element takes memory each time.
    package mutating func makeRoom() {
        if segments.isEmpty, let blank { segments = Array(repeating: blank, count: capacity) }
    }
}

extension CompactSegment {
    /// What its flow is found by, with the options' `hashSeed`; of a segment that has addresses.
    @inlinable @inline(__always)
    package func flowHash(seed: UInt64) -> UInt32 {
        SocketPair(
            source: Address(ipv4: sourceAddress), destination: Address(ipv4: destinationAddress),
            sourcePort: sourcePort, destinationPort: destinationPort, family: .ipv4
        ).flowHash(in: .none, seed: seed)
    }
}
