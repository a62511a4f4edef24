import TCPStateMachine
import TeachingMaterial

/// SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): one log with one run.
enum SARIF {
    static func begin(_ buffer: inout ByteBuffer) {
        buffer.put(
            text: """
                {"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":\
                {"name":"postel","semanticVersion":"0.1.0","rules":[
                """)
        for (index, code) in DiagnosticCode.allCases.enumerated() {
            buffer.put(text: index == 0 ? "\n" : ",\n")
            buffer.put("{\"id\":" as StaticString)
            buffer.put(quoted: code.name)
            buffer.put(",\"shortDescription\":{\"text\":" as StaticString)
            buffer.put(quoted: code.title)
            buffer.put("},\"fullDescription\":{\"text\":" as StaticString)
            buffer.put(quoted: code.fact)
            buffer.put("},\"help\":{\"text\":" as StaticString)
            buffer.put(quoted: "\(code.fact) (\(code.source)). `postel verify --explain \(code.name)` shows it.")
            buffer.put("},\"defaultConfiguration\":{\"level\":" as StaticString)
            buffer.put(quoted: code.severity.name)
            buffer.put("}}" as StaticString)
        }
        // Columns are counted in characters, not in UTF-16's units, which SARIF would take otherwise.
        buffer.put("\n]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[" as StaticString)
    }

    static func write(_ diagnostic: Diagnostic, isFirst: Bool, to buffer: inout ByteBuffer) {
        buffer.put(text: isFirst ? "\n" : ",\n")
        buffer.put("{\"ruleId\":" as StaticString)
        buffer.put(quoted: diagnostic.code.name)
        buffer.put(text: ",\"ruleIndex\":\(diagnostic.code.rawValue),\"level\":")
        buffer.put(quoted: diagnostic.severity.name)
        buffer.put(",\"message\":{\"text\":" as StaticString)
        buffer.put(quoted: "\(diagnostic.message). Right: \(diagnostic.correction) (\(diagnostic.source)).")
        buffer.put("},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":" as StaticString)
        buffer.put(quoted: uri(of: diagnostic.file))
        buffer.put("},\"region\":{\"startLine\":" as StaticString)
        buffer.put(decimal: UInt64(max(diagnostic.place.line, 1)))
        buffer.put(",\"startColumn\":" as StaticString)
        buffer.put(decimal: UInt64(max(diagnostic.place.column, 1)))
        buffer.put("}}}]}" as StaticString)
    }

    static func end(_ buffer: inout ByteBuffer) {
        buffer.put("\n]}]}\n" as StaticString)
    }

    /// A path as a relative reference of RFC 3986: what it may not hold is written as %XX.
    static func uri(of path: String) -> String {
        var uri = path.hasPrefix("/") ? "file://" : ""
        for byte in path.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
                UInt8(ascii: "/"):
                uri.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                uri += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return uri
    }
}
