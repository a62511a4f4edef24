import Flows
import TCPStateMachine
import WireFormat

/// Flows with what happened in them: a heading each, and below it the records of the kinds that are shown.
struct FlowBlocks {
    private let style: TableStyle
    /// Flows are shown for their own sake, also those without anything below them.
    private let showsFlows: Bool
    private var isEmpty = true

    init(style: TableStyle, showsFlows: Bool) {
        self.style = style
        self.showsFlows = showsFlows
    }

    /// One flow with its records.
    mutating func write(_ flow: FlowRecord, _ records: [Record], to buffer: inout ByteBuffer) {
        guard showsFlows || !records.isEmpty else { return }
        if !isEmpty { buffer.put(UInt8(ascii: "\n")) }
        isEmpty = false
        writeHeading(flow, to: &buffer)
        writeRows(transitionRows(records, flow), FlowBlocks.transitionLayout, to: &buffer)
        writeRows(segmentRows(records, flow), FlowBlocks.segmentLayout, to: &buffer)
        writeRows(records.compactMap { findingRow($0, flow) }, FlowBlocks.findingLayout, to: &buffer)
    }

    /// What the marks mean.
    func finish(to buffer: inout ByteBuffer) {
        guard !isEmpty else {
            buffer.put("Nothing to show.\n")
            return
        }
        buffer.put(UInt8(ascii: "\n"))
        let packets = style.namesFiles ? " Packets: index of the file in the summary, and number in it." : ""
        let times = "Times: seconds since the flow's first segment. "
        TableText.writeLegend(times + TableText.legend + packets, style, to: &buffer)
    }

    private func writeHeading(_ flow: FlowRecord, to buffer: inout ByteBuffer) {
        let sockets =
            "flow \(flow.flow)  \(TableText.source(flow.pair)) \(TableText.state(flow.initiator))"
            + "  \(TableText.destination(flow.pair)) \(TableText.state(flow.responder))"
        writeLine(sockets, .bold, to: &buffer)
        var details = "  \(TableText.stamp(flow.first)) UTC"
        details += ", \(TableText.interval(from: flow.first, to: flow.last, digits: 6)) s"
        details += ", packets \(flow.initiator.packets)+\(flow.responder.packets)"
        details += ", payload \(flow.initiator.bytes)+\(flow.responder.bytes)"
        if flow.tunnel != .none { details += ", in \(flow.tunnel)" }
        if flow.rolesGuessed { details += ", roles guessed" }
        if let earlier = flow.incarnationOf { details += ", after flow \(earlier)" }
        if let kind = flow.evicted { details += ", evicted while \(kind.name)" }
        if flow.findings != [] { details += ", " + TableText.findings(flow.findings) }
        writeLine(details, TableText.color(flow.findings), to: &buffer)
    }

    private func writeLine(_ text: String, _ color: TableStyle.Color, to buffer: inout ByteBuffer) {
        let isCut = text.count > style.width ?? Int.max
        style.write(isCut ? text.prefix((style.width ?? 1) - 1) + "…" : text[...], in: color, to: &buffer)
        buffer.put(UInt8(ascii: "\n"))
    }

    private func writeRows(_ rows: [[Cell]], _ empty: Layout, to buffer: inout ByteBuffer) {
        guard !rows.isEmpty else { return }
        var layout = empty
        for row in rows { layout.fit(row) }
        layout.writeTitles(style, to: &buffer)
        for row in rows { layout.write(row, style, to: &buffer) }
    }
}

/// The rows of each kind.
extension FlowBlocks {
    private static let transitionLayout = Layout(
        [
            .right("time"), .left("endpoint"), .left("from"), .left("to"), .left("event"), .right("packet"),
            .left("certainty"), .left("source"),
        ], indent: 2)

    private static let segmentLayout = Layout(
        [
            .right("time"), .right("packet"), .left("sender"), .left("flags"), .right("seq"), .right("ack"),
            .right("length"), .left("initiator"), .left("responder"), .left("note"),
        ], indent: 2)

    private static let findingLayout = Layout(
        [
            .right("time"), .right("packet"), .left("severity"), .left("finding"), .left("message"), .left("source"),
        ], indent: 2)

    /// One endpoint after the other: each one's steps are a path from state to state, in the order of their causes.
    private func transitionRows(_ records: [Record], _ flow: FlowRecord) -> [[Cell]] {
        EndpointRole.allCases.flatMap { endpoint in
            records.filter { $0.steppingEndpoint == endpoint }.compactMap { transitionRow($0, flow) }
        }
    }

    private func transitionRow(_ record: Record, _ flow: FlowRecord) -> [Cell]? {
        switch record {
        case .transition(let step):
            let color: TableStyle.Color = step.certainty == .proven ? .plain : .faint
            return [
                Cell(TableText.interval(from: flow.first, to: step.time, digits: 9)),
                Cell(step.endpoint.name),
                Cell(step.from?.name ?? "?"),
                Cell("-> \(step.to.name)", color),
                Cell(step.rule?.event ?? "first seen"),
                Cell(TableText.packet(step.cause, style)),
                Cell(step.certainty.name, color),
                Cell(step.rule?.source ?? "", .faint),
            ]
        case .withdrawal(let withdrawal):
            return [
                Cell(TableText.interval(from: flow.first, to: withdrawal.time, digits: 9)),
                Cell(withdrawal.endpoint.name),
                Cell(withdrawal.rule.from.name),
                Cell("-> \(withdrawal.rule.to.name)", .yellow),
                Cell("withdrawn", .yellow),
                Cell(TableText.packet(withdrawal.cause, style)),
                Cell(""),
                Cell(withdrawal.reason.name),
            ]
        case .flow, .segment, .finding, .connection:
            return nil
        }
    }

    /// Numbers count from the first that each endpoint was seen to use, as tcpdump and Wireshark show them.
    private func segmentRows(_ records: [Record], _ flow: FlowRecord) -> [[Cell]] {
        var origins: [EndpointRole: SequenceNumber] = [:]
        var rows: [[Cell]] = []
        for case .segment(let segment) in records {
            let origin = origins[segment.from] ?? segment.sequenceNumber
            origins[segment.from] = origin
            var acknowledged = ""
            if let number = segment.acknowledgmentNumber {
                let peer = origins[segment.from.other] ?? number
                origins[segment.from.other] = peer
                acknowledged = FlowBlocks.relative(number, to: peer)
            }
            rows.append([
                Cell(TableText.interval(from: flow.first, to: segment.time, digits: 9)),
                Cell(TableText.packet(segment.reference, style)),
                Cell(segment.from.name),
                Cell(FlowBlocks.flags(segment.controlBits)),
                Cell(FlowBlocks.relative(segment.sequenceNumber, to: origin)),
                Cell(acknowledged),
                Cell(String(segment.length)),
                Cell(segment.initiatorState?.name ?? "?"),
                Cell(segment.responderState?.name ?? "?"),
                Cell(segment.note.name, .yellow),
            ])
        }
        return rows
    }

    /// How far a number is from the origin: negative a little before it, else up to 2^32 - 1 behind it.
    private static func relative(_ number: SequenceNumber, to origin: SequenceNumber) -> String {
        let distance = origin.distance(to: number)
        return distance < 0 && distance > -1_048_576 ? String(distance) : String(number.rawValue &- origin.rawValue)
    }

    private func findingRow(_ record: Record, _ flow: FlowRecord) -> [Cell]? {
        guard case .finding(let finding) = record else { return nil }
        var message = ByteBuffer(capacity: 256)
        writeSentence(of: finding, to: &message)
        return [
            Cell(TableText.interval(from: flow.first, to: finding.time, digits: 9)),
            Cell(TableText.packet(finding.reference, style)),
            Cell(finding.code.severity.name, TableStyle.Color(finding.code.severity)),
            Cell(finding.code.name),
            Cell(message.text),
            Cell(finding.code.source, .faint),
        ]
    }

    private static func flags(_ bits: ControlBits) -> String {
        guard bits != [] else { return "none" }
        var text = ByteBuffer(capacity: 64)
        text.put(bits)
        return text.text
    }
}

extension Record {
    /// Whose step it is, or takes back.
    fileprivate var steppingEndpoint: EndpointRole? {
        switch self {
        case .transition(let transition): transition.endpoint
        case .withdrawal(let withdrawal): withdrawal.endpoint
        case .flow, .segment, .finding, .connection: nil
        }
    }
}
