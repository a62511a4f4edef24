import CrossCheck
import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// A cross-check for people: what it adds up to, then both views of each difference side by side.
struct CrossCheckTable {
    let style: TableStyle

    // MARK: Totals

    func writeTotals(_ totals: CrossCheckTotals, to buffer: inout ByteBuffer) {
        var layout = Layout([
            .left("verdict"), .right("rows"), .right("endpoints"), .right("absences"), .right("transitions"),
        ])
        var rows: [[Cell]] = []
        for kind in Verdict.Kind.allCases {
            let counts = [
                totals.rowsPerVerdict, totals.endpointsPerVerdict, totals.absencesPerVerdict,
                totals.transitionsPerVerdict,
            ].map { $0[kind, default: 0] }
            guard counts.contains(where: { $0 > 0 }) else { continue }
            rows.append([Cell(kind.rawValue, color(kind))] + counts.map { Cell($0 > 0 ? "\($0)" : "") })
        }
        let all = [totals.rows, 2 * totals.flows, totals.absencesPerVerdict.values.reduce(0, +), totals.transitions]
        rows.append([Cell("all", .bold)] + all.map { Cell("\($0)") })
        for row in rows { layout.fit(row) }
        layout.writeTitles(style, to: &buffer)
        for row in rows { layout.write(row, style, to: &buffer) }
        buffer.put(UInt8(ascii: "\n"))
        writeReasons(totals, to: &buffer)
        if totals.lostTransitions > 0 {
            buffer.put(text: "\(totals.lostTransitions) transitions were lost: ")
            buffer.put(text: "the kernel made more than could be read.\n")
            buffer.put(UInt8(ascii: "\n"))
        }
        if totals.untold > 0 {
            buffer.put(text: "\(totals.untold) judgements were counted and not kept.\n\n")
        }
    }

    /// How often each reason was given, the most frequent first.
    private func writeReasons(_ totals: CrossCheckTotals, to buffer: inout ByteBuffer) {
        guard !totals.perReason.isEmpty else { return }
        var layout = Layout([.right("number"), .left("verdict"), .left("reason"), .left("meaning")])
        let known = VerdictReasons.all.filter { totals.perReason[$0.reason.code, default: 0] > 0 }
        let rows = known.map { kind, reason in
            [
                Cell("\(totals.perReason[reason.code, default: 0])"), Cell(kind.rawValue, color(kind)),
                Cell(reason.code), Cell(reason.meaning, .faint),
            ]
        }
        for row in rows { layout.fit(row) }
        layout.writeTitles(style, to: &buffer)
        for row in rows { layout.write(row, style, to: &buffer) }
        buffer.put(UInt8(ascii: "\n"))
    }

    func writeNothing(_ shown: Set<Verdict.Kind>, to buffer: inout ByteBuffer) {
        guard shown == [.divergent] else { return }
        buffer.put("Nothing diverges.\n")
    }

    private func color(_ kind: Verdict.Kind) -> TableStyle.Color {
        switch kind {
        case .agree, .inFlight: .plain
        case .wireOnly, .kernelOnly, .explained: .faint
        case .divergent: .red
        }
    }

    // MARK: One difference

    func write(_ group: JudgementGroup, files: [String], to buffer: inout ByteBuffer) {
        let judgement = group.latest
        let reason = judgement.verdict.reason
        put(
            "\(judgement.verdict.kind.rawValue)\(reason.map { ": \($0.code)" } ?? "")", color(judgement.verdict.kind),
            to: &buffer)
        buffer.put(text: "  \(pairText(judgement.pair))  \(number(group))\n")
        line("wire", wireText(judgement, files), to: &buffer)
        line("kernel", kernelText(judgement), to: &buffer)
        if let segment = judgement.wire?.segment {
            line("segment", segmentText(segment, files), to: &buffer)
        }
        if let reason {
            line("why", reason.meaning, to: &buffer)
            if let step = reason.nextStep { line("next", step, to: &buffer) }
            line("source", reason.source, to: &buffer)
        }
        buffer.put(UInt8(ascii: "\n"))
    }

    private func put(_ text: String, _ color: TableStyle.Color, to buffer: inout ByteBuffer) {
        style.write(text, in: color, to: &buffer)
    }

    private func line(_ title: String, _ text: String, to buffer: inout ByteBuffer) {
        buffer.put(text: "  " + title + String(repeating: " ", count: max(9 - title.count, 1)) + text + "\n")
    }

    private func number(_ group: JudgementGroup) -> String {
        let seconds = Double(max(group.end &- group.begin, 0)) / 1e9
        let tenths = (seconds * 10).rounded() / 10
        switch group.latest.subject {
        case .row: return "(\(group.count) \(group.count == 1 ? "row" : "rows") in \(tenths) s)"
        case .absence: return "(no row in \(group.count) \(group.count == 1 ? "snapshot" : "snapshots"), \(tenths) s)"
        case .endpoint: return "(an endpoint)"
        case .transition: return "(\(group.count) \(group.count == 1 ? "transition" : "transitions"))"
        }
    }

    private func wireText(_ judgement: Judgement, _ files: [String]) -> String {
        guard let wire = judgement.wire else { return "no flow" }
        let states = wire.states.states.map(\.name).joined(separator: " or ")
        let isPresumed = wire.since.map { !wire.states.contains($0.to) } ?? false
        let shown = states.isEmpty ? "unknown" : isPresumed ? "\(states) presumed" : states
        var text = "\(shown), flow \(wire.flow), \(wire.endpoint.name)"
        if let since = wire.since {
            text += isPresumed ? ", \(since.to.name) since" : ", since"
            text += " \(place(since.cause, files)) (\(since.rule?.event ?? "first seen"), \(since.certainty.name))"
        }
        return text
    }

    private func place(_ reference: PacketReference, _ files: [String]) -> String {
        guard !reference.isNone else { return "a moment without a packet" }
        guard files.count > 1, files.indices.contains(Int(reference.file)) else { return "packet \(reference.packet)" }
        return "packet \(reference.packet) of \(files[Int(reference.file)])"
    }

    private func kernelText(_ judgement: Judgement) -> String {
        if let transition = judgement.transition {
            return "\(transition.from.name) to \(transition.to.name) at \(Self.time(transition.time))"
        }
        guard let socket = judgement.socket else { return "no row from \(Self.time(judgement.window.begin)) on" }
        var parts = [socket.state.name]
        switch socket.kind {
        case .bound, .listener: break
        case .request(let request):
            parts.append("no socket yet, SYN,ACK sent again \(request.retransmissions) times")
        case .remnant(let remnant): parts.append("closed, \(Self.seconds(remnant.remaining)) left")
        case .full(let full):
            parts.append("send queue \(full.sendQueue), receive queue \(full.receiveQueue)")
            if let name = full.timer.name, let rest = full.timer.remaining {
                parts.append("\(name) in \(Self.seconds(rest))")
            }
            if let tries = full.retransmissions, tries > 0 { parts.append("sent again \(tries) times") }
            if let probes = full.probes, probes > 0 { parts.append("\(probes) probes unanswered") }
        }
        parts.append(ownerText(judgement))
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private func ownerText(_ judgement: Judgement) -> String {
        guard let socket = judgement.socket else { return "" }
        if let owner = judgement.owners?.first {
            let more = (judgement.owners?.count ?? 1) > 1 ? " and others" : ""
            let name = owner.program.filter { !$0.isNewline && $0 >= " " && $0 != "\u{7F}" }
            return "held by \(name)(\(owner.process))\(more)"
        }
        let absent = socket.absentOwner
        return absent.isEmpty ? socket.inode.map { "inode \($0)" } ?? "" : absent
    }

    private func segmentText(_ segment: SegmentRecord, _ files: [String]) -> String {
        var flags = ByteBuffer()
        flags.put(segment.controlBits)
        let text = "\(flags.text) of the \(segment.from.name), \(place(segment.reference, files))"
        return text + " at \(Self.time(segment.time))"
    }

    private func pairText(_ pair: SocketPair) -> String {
        func end(_ address: Address, _ port: UInt16) -> String {
            let text = address.text(as: pair.family)
            let number = port == 0 ? "*" : "\(port)"
            return pair.family == .ipv6 ? "[\(text)]:\(number)" : "\(text):\(number)"
        }
        return "\(end(pair.source, pair.sourcePort)) to \(end(pair.destination, pair.destinationPort))"
    }

    private static func time(_ nanoseconds: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.put(seconds: nanoseconds)
        return buffer.text
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let tenths = (max(nanoseconds, 0) &+ 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
