import Simulation
import TCPStateMachine
public import TeachingMaterial

/// A code explained: the claim, what is right, where that is written, and a ladder of two machines that shows it.
public struct CodeExplanation {
    private let code: DiagnosticCode

    public init(_ code: DiagnosticCode) {
        self.code = code
    }

    /// The whole text.
    public var text: String {
        var text = "\(code.name) (\(code.severity.name) at worst\(code.claim.isEmpty ? "" : ", \(code.claim)"))\n\n"
        text += "\(code.title).\n\nRight: \(code.fact).\nSource: \(code.source).\n"
        if let story = try? code.demonstration.story() {
            let ladder = Ladder(of: story.run().simulator.history, from: story.ladderBegin)
            text += "\n\(story.title ?? code.name):\n\n" + LadderText(remarks: story.remarks).render(ladder)
        }
        return text
    }

    public func write(to output: inout OutputFile) throws(OutputError) {
        output.buffer.put(text: text)
        try output.flush()
    }
}
