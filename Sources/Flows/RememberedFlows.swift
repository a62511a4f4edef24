/// Where flows were found last: what the thread that reads learns from the batches that come back to it, and adds to
/// those that it fills, so that whoever steps need not look it up.
///
/// That thread has time left, and the one that steps has not. Nothing rests on it: a flow that is somewhere else by now
/// is not the segment's, which is noticed as it is of one that the index named.
package final class RememberedFlows {
    /// By their hashes: who comes later takes the place.
    private let clues = Ring<FlowClue>(capacity: 1 << 18, repeating: FlowClue(hash: 0))

    package init() {}

    /// The segments of the batch have been stepped.
    package func learn(from batch: borrowing PreparedSegments, count: Int) {
        let found = batch.clues.span
        for place in 0..<min(count, found.count) { clues[Int(found[place].hash)] = found[place] }
    }

    /// The segments of the batch will be stepped.
    package func add(to batch: inout PreparedSegments, count: Int) {
        batch.amendClues(count) { clue in
            let known = clues[Int(clue.hash)]
            if known.hash == clue.hash { clue.slot = known.slot }
        }
    }
}
