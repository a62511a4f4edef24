import TCPStateMachine
import TeachingMaterial

/// Diagnostics as compilers write them.
struct DiagnosticText {
    var style = TableStyle()

    func write(_ diagnostic: Diagnostic, to buffer: inout ByteBuffer) {
        write(file: diagnostic.file, diagnostic.place, to: &buffer)
        style.write("\(diagnostic.severity.name): ", in: TableStyle.Color(diagnostic.severity), to: &buffer)
        buffer.put(text: "\(diagnostic.message) [\(diagnostic.code.name)]\n")
        buffer.put(text: "    \(diagnostic.correction) (\(diagnostic.source))\n")
    }

    func write(_ coverage: Coverage, to buffer: inout ByteBuffer) {
        write(file: coverage.file, coverage.place, to: &buffer)
        buffer.put(text: "coverage: \(coverage.form): \(coverage.drawn) of \(coverage.total) rules")
        buffer.put(text: ", resets and timeouts aside")
        if !coverage.missing.isEmpty {
            buffer.put(text: "; left out: ")
            buffer.put(text: coverage.missing.map(\.id.description).joined(separator: ", "))
        }
        buffer.put(UInt8(ascii: "\n"))
    }

    func write(_ mention: Unchecked, to buffer: inout ByteBuffer) {
        write(file: mention.file, mention.place, to: &buffer)
        buffer.put(text: "unchecked: \(mention.text)\n")
    }

    private func write(file: String, _ place: Place, to buffer: inout ByteBuffer) {
        style.write("\(file):\(place.line):\(place.column): ", in: .bold, to: &buffer)
    }
}
