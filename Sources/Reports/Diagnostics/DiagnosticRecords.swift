import TCPStateMachine
import TeachingMaterial

/// The records `diagnostic`, `coverage` and `unchecked` (Docs/records.md).
enum DiagnosticRecords {
    static func write(_ diagnostic: Diagnostic, to buffer: inout ByteBuffer) {
        begin("diagnostic", file: diagnostic.file, diagnostic.place, &buffer)
        field("severity", diagnostic.severity.name, &buffer)
        field("code", diagnostic.code.name, &buffer)
        field("message", diagnostic.message, &buffer)
        field("correction", diagnostic.correction, &buffer)
        field("source", diagnostic.source, &buffer)
        buffer.put("}\n" as StaticString)
    }

    static func write(_ coverage: Coverage, to buffer: inout ByteBuffer) {
        begin("coverage", file: coverage.file, coverage.place, &buffer)
        field("form", coverage.form, &buffer)
        buffer.put(text: ",\"drawn\":\(coverage.drawn),\"total\":\(coverage.total),\"missing\":[")
        for (index, rule) in coverage.missing.enumerated() {
            if index > 0 { buffer.put(UInt8(ascii: ",")) }
            buffer.put(quoted: rule.id.description)
        }
        buffer.put("]}\n" as StaticString)
    }

    static func write(_ mention: Unchecked, to buffer: inout ByteBuffer) {
        begin("unchecked", file: mention.file, mention.place, &buffer)
        field("text", mention.text, &buffer)
        buffer.put("}\n" as StaticString)
    }

    private static func begin(_ record: StaticString, file: String, _ place: Place, _ buffer: inout ByteBuffer) {
        buffer.put("{\"record\":\"" as StaticString)
        buffer.put(record)
        buffer.put("\"" as StaticString)
        field("file", file, &buffer)
        buffer.put(text: ",\"line\":\(place.line),\"column\":\(place.column)")
    }

    private static func field(_ name: StaticString, _ value: String, _ buffer: inout ByteBuffer) {
        buffer.put(",\"" as StaticString)
        buffer.put(name)
        buffer.put("\":" as StaticString)
        buffer.put(quoted: value)
    }
}
