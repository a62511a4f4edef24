import WireFormat

/// A batch of segments where it lies, for the time that the tracker takes it.
@safe
struct BatchInPlace {
    private let compact: UnsafePointer<CompactSegment>
    /// Nil if all are whole in their compact form.
    private let whole: UnsafePointer<CapturedSegment>?
    private let clues: UnsafeMutablePointer<FlowClue>

    @unsafe
    @inline(__always)
    init(
        _ compact: UnsafePointer<CompactSegment>, _ whole: UnsafePointer<CapturedSegment>?,
        _ clues: UnsafeMutablePointer<FlowClue>
    ) {
        unsafe self.compact = unsafe compact
        unsafe self.whole = unsafe whole
        unsafe self.clues = unsafe clues
    }

    @inline(__always)
    func segment(_ place: Int) -> SegmentInPlace {
        unsafe SegmentInPlace(SegmentLine(compact + place), whole, place)
    }

    @inline(__always)
    func clue(_ place: Int) -> FlowClue { unsafe clues[place] }

    /// Its flow is here, or is believed to be.
    @inline(__always)
    func note(_ slot: UInt32, at place: Int) { unsafe clues[place].slot = slot }
}
