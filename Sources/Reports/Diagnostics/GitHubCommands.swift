import TCPStateMachine
import TeachingMaterial

/// Workflow commands of GitHub Actions: `::error file=...,line=...,col=...,title=...::message`.
enum GitHubCommands {
    static func write(_ diagnostic: Diagnostic, to buffer: inout ByteBuffer) {
        let command = diagnostic.severity == .note ? "notice" : diagnostic.severity.name
        buffer.put(text: "::\(command) file=\(property(diagnostic.file)),line=\(diagnostic.place.line)")
        buffer.put(text: ",col=\(diagnostic.place.column),title=\(property(diagnostic.code.name))::")
        buffer.put(text: data("\(diagnostic.message). Right: \(diagnostic.correction) (\(diagnostic.source))"))
        buffer.put(UInt8(ascii: "\n"))
    }

    /// A percent sign and line ends would end the command.
    private static func data(_ text: String) -> String {
        escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// In a property, so would a colon and a comma.
    private static func property(_ text: String) -> String {
        escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    private static func escaped(_ text: String, _ escapes: [Unicode.Scalar: String]) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if let escape = escapes[scalar] { result += escape } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
