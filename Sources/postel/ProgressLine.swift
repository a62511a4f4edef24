import Replay
import Simulation

/// One line on the terminal that tells how far a command has come, and goes when it is over.
struct ProgressLine {
    private let isShown = StandardError.isTerminal
    private let columns = 79

    func show(_ progress: ReplayProgress) {
        guard isShown else { return }
        var text = progress.file == "-" ? "standard input" : progress.file
        if progress.stage == .writing { text = "writing from " + text }
        if progress.files > 1 { text += " (\(progress.index + 1) of \(progress.files))" }
        if let fraction = progress.fraction { text += ", \(Int(fraction * 100)) %" }
        show(text + ", \(progress.packets) packets")
    }

    func show(_ progress: Exploration) {
        show("\(progress.distinct) states, depth \(progress.depth), \(progress.violations.count) invariants violated")
    }

    private func show(_ text: String) {
        guard isShown else { return }
        var text = text
        // The end tells more than the beginning of a long path.
        if text.count > columns { text = "…" + text.suffix(columns - 1) }
        StandardError.write("\r\u{1B}[K" + text)
    }

    func clear() {
        guard isShown else { return }
        StandardError.write("\r\u{1B}[K")
    }
}
