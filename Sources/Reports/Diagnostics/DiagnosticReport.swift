import TCPStateMachine
public import TeachingMaterial

/// How diagnostics are written.
public enum DiagnosticFormat: String, CaseIterable, Sendable {
    /// As compilers do: `file:line:column: error: message [code]`, and what is right below it.
    case text
    /// Records, one JSON object for each line.
    case ndjson
    /// SARIF 2.1.0, for what collects the results of checks.
    case sarif
    /// Workflow commands of GitHub Actions, which become remarks beside the lines of a pull request.
    case github
}

/// What of a verification is shown.
public enum DiagnosticPart: String, CaseIterable, Sendable {
    case diagnostics, coverage, unchecked
}

/// Writes what was found in documents, document by document.
public struct DiagnosticReport: ~Copyable {
    private var output: OutputFile
    private let format: DiagnosticFormat
    private let parts: Set<DiagnosticPart>
    private let text: DiagnosticText
    private var counts = [Int](repeating: 0, count: Severity.allCases.count)
    private var documents = 0
    private var unchecked = 0
    private var results = 0

    /// - Parameter hasColors: the text goes to a terminal that shows colors.
    public init(
        format: DiagnosticFormat, parts: Set<DiagnosticPart>, hasColors: Bool = false, output: consuming OutputFile
    ) {
        text = DiagnosticText(style: TableStyle(hasColors: hasColors))
        self.format = format
        self.parts = parts
        self.output = output
    }

    public mutating func write(_ verification: Verifier.Verification) throws(OutputError) {
        if documents == 0, format == .sarif { SARIF.begin(&output.buffer) }
        documents += 1
        unchecked += verification.unchecked.count
        if parts.contains(.diagnostics) {
            for diagnostic in verification.diagnostics {
                counts[Int(diagnostic.severity.rawValue)] += 1
                write(diagnostic)
                try output.flushIfFull()
            }
        }
        if parts.contains(.coverage) { for coverage in verification.coverage { write(coverage) } }
        if parts.contains(.unchecked) { for mention in verification.unchecked { write(mention) } }
        try output.flushIfFull()
    }

    /// Writes the end of the report.
    public consuming func finish() throws(OutputError) {
        switch format {
        case .text: if parts.contains(.diagnostics) { writeCounts() }
        case .sarif:
            if documents == 0 { SARIF.begin(&output.buffer) }
            SARIF.end(&output.buffer)
        case .ndjson, .github: break
        }
        try output.flush()
    }

    private mutating func write(_ diagnostic: Diagnostic) {
        switch format {
        case .text: text.write(diagnostic, to: &output.buffer)
        case .ndjson: DiagnosticRecords.write(diagnostic, to: &output.buffer)
        case .github: GitHubCommands.write(diagnostic, to: &output.buffer)
        case .sarif:
            SARIF.write(diagnostic, isFirst: results == 0, to: &output.buffer)
            results += 1
        }
    }

    private mutating func write(_ coverage: Coverage) {
        switch format {
        case .text: text.write(coverage, to: &output.buffer)
        case .ndjson: DiagnosticRecords.write(coverage, to: &output.buffer)
        case .github, .sarif: break
        }
    }

    private mutating func write(_ mention: Unchecked) {
        switch format {
        case .text: text.write(mention, to: &output.buffer)
        case .ndjson: DiagnosticRecords.write(mention, to: &output.buffer)
        case .github, .sarif: break
        }
    }

    private mutating func writeCounts() {
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        var text = [Severity.error, .warning, .note]
            .map { count(counts[Int($0.rawValue)], $0.name) }.joined(separator: ", ")
        text += " in \(count(documents, "document"))"
        if unchecked > 0 { text += "; \(count(unchecked, "mention")) of states not checked" }
        output.buffer.put(text: text + ".\n")
    }
}
