/// Where a session shows itself: each piece of text goes out at once.
public struct SessionReport: ~Copyable {
    private var output: OutputFile

    public init(output: consuming OutputFile) {
        self.output = output
    }

    public mutating func write(_ text: String) throws(OutputError) {
        output.buffer.put(text: text)
        try output.flush()
    }
}
