import TCPStateMachine
public import WireFormat

/// A batch of segments as the tracker takes them: each in one cache line, with what its flow is found by. Who reads a
/// capture fills it in place, on another thread if there is one, and uses it again.
public struct PreparedSegments: Sendable {
    private(set) var compact: [CompactSegment]
    /// Of a segment that is not whole in its compact form: all of it, at the same place.
    var whole: WholeSegments
    /// What the flows are found by.
    private(set) var hashes: [UInt64]

    /// Room for so many segments, of which nothing is known.
    ///
    /// - Parameter blank: what stands at each place; its `examination` stays as it is.
    package init(capacity: Int, blank: CapturedSegment) {
        compact = Array(repeating: CompactSegment(), count: capacity)
        whole = WholeSegments(capacity: capacity, blank: blank)
        hashes = Array(repeating: 0, count: capacity)
    }

    /// No room as yet.
    init() {
        compact = []
        whole = WholeSegments([])
        hashes = []
    }

    /// Fills the places of segments, and returns how many there are.
    package typealias Filling = (
        inout MutableSpan<CompactSegment>, inout WholeSegments, inout MutableSpan<UInt64>
    ) -> Int

    /// Lets it be filled in place. A segment that is not whole in its compact form is to be filled in as it was
    /// captured, too.
    ///
    /// - Returns: what `body` returns, how many segments there are.
    package mutating func fill(_ body: Filling) -> Int {
        Self.fill(&compact, &whole, &hashes, body)
    }

    private static func fill(
        _ compact: inout [CompactSegment], _ whole: inout WholeSegments, _ hashes: inout [UInt64], _ body: Filling
    ) -> Int {
        // An array would ask each time whether it is the only owner of its elements.
        var compact = compact.mutableSpan
        var hashes = hashes.mutableSpan
        return body(&compact, &whole, &hashes)
    }

    /// How many segments there is room for.
    var capacity: Int { min(compact.count, hashes.count) }

    /// Fills it with segments that have been decoded.
    mutating func prepare(_ segments: [CapturedSegment], count: Int, seed: UInt64) {
        whole = WholeSegments(segments)
        if hashes.count < count {
            compact = Array(repeating: CompactSegment(), count: max(count, 64))
            hashes = Array(repeating: 0, count: max(count, 64))
        }
        for position in 0..<count {
            compact[position] = CompactSegment(segments[position])
            hashes[position] = segments[position].flowHash(seed: seed)
        }
    }

    /// Lends pointers to the first segment, in both forms, and to the first hash: there are `capacity` of each at
    /// least, but no segments as they were captured if all are whole in their compact form.
    @unsafe
    @inline(__always)
    func withSegments(
        _ body: (UnsafePointer<CompactSegment>, UnsafePointer<CapturedSegment>?, UnsafePointer<UInt64>) -> Void
    ) {
        unsafe compact.withUnsafeBufferPointer { compact in
            unsafe whole.segments.withUnsafeBufferPointer { whole in
                unsafe hashes.withUnsafeBufferPointer { hashes in
                    guard let first = compact.baseAddress, let hash = hashes.baseAddress else { return }
                    unsafe body(first, whole.baseAddress, hash)
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
    package func flowHash(seed: UInt64) -> UInt64 {
        SocketPair(
            source: Address(ipv4: sourceAddress), destination: Address(ipv4: destinationAddress),
            sourcePort: sourcePort, destinationPort: destinationPort, family: .ipv4
        ).flowHash(in: .none, seed: seed)
    }
}
