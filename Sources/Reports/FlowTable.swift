import Flows
import TCPStateMachine
import WireFormat

/// The table of flows: one line each.
///
/// The first rows are kept until the widths of the columns are known; then rows go out as they come, so that a table of
/// any length takes no more memory than that.
struct FlowTable {
    private let style: TableStyle
    private var layout = Layout([])
    private var waiting: [FlowRecord] = []
    /// There is a column for tunnels: one of the flows that were measured is in one.
    private var hasTunnels = false
    private var hasTitles = false
    private static let rowsToMeasure = 1000

    init(style: TableStyle) {
        self.style = style
    }

    mutating func write(_ flow: FlowRecord, to buffer: inout ByteBuffer) {
        guard hasTitles else {
            waiting.append(flow)
            if waiting.count == FlowTable.rowsToMeasure { writeWaiting(to: &buffer) }
            return
        }
        layout.write(row(flow), style, to: &buffer)
    }

    /// The last rows, and what the marks mean.
    mutating func finish(to buffer: inout ByteBuffer) {
        if !hasTitles { writeWaiting(to: &buffer) }
        guard hasTitles else {
            buffer.put("No flows.\n")
            return
        }
        buffer.put(UInt8(ascii: "\n"))
        let counts = "Packets and octets of payload: initiator+responder. "
        TableText.writeLegend(counts + TableText.legend, style, to: &buffer)
    }

    private mutating func writeWaiting(to buffer: inout ByteBuffer) {
        guard !waiting.isEmpty else { return }
        hasTunnels = waiting.contains { $0.tunnel != .none }
        layout = FlowTable.layout(withTunnels: hasTunnels)
        let rows = waiting.map { row($0) }
        for row in rows { layout.fit(row) }
        layout.squeeze(into: style.width)
        layout.writeTitles(style, to: &buffer)
        for row in rows { layout.write(row, style, to: &buffer) }
        waiting = []
        hasTitles = true
    }

    private static func layout(withTunnels: Bool) -> Layout {
        let tunnel: [Layout.Column] = withTunnels ? [.left("tunnel")] : []
        return Layout(
            [.right("flow")] + tunnel + [
                .socket("initiator"), .left("state"), .socket("responder"), .left("state"), .right("duration"),
                .right("packets"), .right("payload"), .left("findings"),
            ])
    }

    private func row(_ flow: FlowRecord) -> [Cell] {
        // A tunnel that comes after the titles have gone out without it has no column of its own.
        let isLate = flow.tunnel != .none && !hasTunnels
        let findings = (isLate ? "in \(flow.tunnel) " : "") + TableText.findings(flow.findings)
        return [Cell(String(flow.flow))] + (hasTunnels ? [Cell(flow.tunnel.description)] : []) + [
            Cell(TableText.source(flow.pair)),
            Cell(TableText.state(flow.initiator), TableText.color(flow.initiator)),
            Cell(TableText.destination(flow.pair)),
            Cell(TableText.state(flow.responder), TableText.color(flow.responder)),
            Cell(TableText.interval(from: flow.first, to: flow.last, digits: 6)),
            Cell("\(flow.initiator.packets)+\(flow.responder.packets)"),
            Cell("\(flow.initiator.bytes)+\(flow.responder.bytes)"),
            Cell(findings, TableText.color(flow.findings)),
        ]
    }
}

extension TableText {
    static func findings(_ findings: FindingSet) -> String {
        findings.codes.map(\.name).joined(separator: " ")
    }

    /// The color of the worst of them.
    static func color(_ findings: FindingSet) -> TableStyle.Color {
        findings.codes.map(\.severity).max().map(TableStyle.Color.init) ?? .plain
    }

    /// What is not proven stands back.
    static func color(_ endpoint: EndpointRecord) -> TableStyle.Color {
        endpoint.state != nil && endpoint.certainty == .proven ? .plain : .faint
    }

    /// Words on as many lines as they need.
    static func writeLegend(_ text: String, _ style: TableStyle, to buffer: inout ByteBuffer) {
        for line in wrapped(text.split(separator: " ").map(String.init), width: style.width ?? 100) {
            style.write(line, in: .faint, to: &buffer)
            buffer.put(UInt8(ascii: "\n"))
        }
    }

    /// Words joined by spaces into lines of at most `width` columns; a longer word has a line of its own.
    static func wrapped(_ words: [String], width: Int) -> [String] {
        var lines: [String] = []
        for word in words {
            if let line = lines.last, line.count + 1 + word.count <= width {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }
}
