/// What is known of a segment before its turn.
struct Lookup {
    /// Where the flow is that it belongs to, if it belongs to any and a look at the index tells; else some flow. Nil as
    /// long as there is none at all.
    var flow: FlowBlock?
    /// The slot of that flow.
    var slot = Flow.noSlot
    /// There is more of that flow than its block.
    var hasRest = false
}

/// Those of the segments whose turn comes next: a place is a number modulo their count. They lie where the compiler
/// knows, for rings would be asked for their memory for each segment.
struct Lookups {
    private var places = InlineArray<16, Lookup>(repeating: Lookup())

    subscript(place: Int) -> Lookup {
        @inline(__always) get { places[place & 15] }
        @inline(__always) set { places[place & 15] = newValue }
    }
}
