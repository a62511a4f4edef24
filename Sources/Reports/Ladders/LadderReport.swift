public import Simulation

/// Writes ladders, as text or as pictures, to where a report goes.
public struct LadderReport: ~Copyable {
    private var output: OutputFile
    /// Ladders written so far.
    private var count = 0

    public init(output: consuming OutputFile) {
        self.output = output
    }

    /// Writes a ladder as text; several are divided by a blank line.
    public mutating func write(_ ladder: Ladder, title: String?, as style: LadderText) throws(OutputError) {
        if count > 0 { output.buffer.put(text: "\n") }
        if let title { output.buffer.put(text: title + "\n\n") }
        output.buffer.put(text: style.render(ladder))
        count += 1
        try output.flushIfFull()
    }

    /// Writes a ladder as a picture. A file holds one.
    public mutating func write(_ ladder: Ladder, title: String?, as style: LadderPicture) throws(OutputError) {
        output.buffer.put(text: style.render(ladder, title: title))
        try output.flushIfFull()
    }

    /// All of it is written.
    public mutating func finish() throws(OutputError) {
        try output.flush()
    }
}
