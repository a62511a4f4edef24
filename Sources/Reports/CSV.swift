import Flows
import Replay
import TCPStateMachine
import WireFormat

/// Records as comma-separated values (RFC 4180): one kind to an output, a line of column names first.
///
/// The columns are the fields of the JSON form, nested ones joined by a dot; null is an empty field, lists are joined
/// by a bar. Rows end in CR LF as the RFC says.
struct CSV {
    private let words = Vocabulary()

    /// The names of the columns.
    func writeHeader(of kind: RecordKind, to buffer: inout ByteBuffer) {
        switch kind {
        case .flows:
            buffer.put("record,flow")
            writeEndpointHeader("initiator", to: &buffer)
            writeEndpointHeader("responder", to: &buffer)
            buffer.put(",first,last,roles,tunnel,conn_state,history,completeness,incarnation_of,findings,evicted")
        case .transitions:
            buffer.put("record,flow,endpoint,from,to,rule,event,action,time,file,packet,proof,certainty,seen,source")
            buffer.put(",proof_file,reason")
        case .segments:
            buffer.put("record,flow,file,packet,time,from,flags,seq,ack,length,note,initiator_state,responder_state")
        case .findings:
            buffer.put("record,flow,endpoint,code,severity,time,file,packet,message,source")
        case .summary:
            buffer.put("record,name,count")
        }
        buffer.put("\r\n")
    }

    private func writeEndpointHeader(_ name: StaticString, to buffer: inout ByteBuffer) {
        let fields: [StaticString] = [
            "address", "port", "state", "possible", "certainty", "packets", "bytes", "retransmissions",
        ]
        for field in fields {
            buffer.put(UInt8(ascii: ","))
            buffer.put(name)
            buffer.put(UInt8(ascii: "."))
            buffer.put(field)
        }
    }

    /// One record, one row.
    func write(_ record: Record, to buffer: inout ByteBuffer) {
        switch record {
        case .flow(let flow): write(flow, to: &buffer)
        case .transition(let transition): write(transition, to: &buffer)
        case .withdrawal(let withdrawal): write(withdrawal, to: &buffer)
        case .segment(let segment): write(segment, to: &buffer)
        case .finding(let finding): write(finding, to: &buffer)
        // Only `--format zeek` asks for them.
        case .connection: return
        }
        buffer.put("\r\n")
    }

    private func write(_ flow: FlowRecord, to buffer: inout ByteBuffer) {
        buffer.put("flow,")
        buffer.put(decimal: flow.flow)
        buffer.put(UInt8(ascii: ","))
        buffer.put(flow.pair.source, family: flow.pair.family)
        writeEndpoint(flow.initiator, port: flow.pair.sourcePort, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        buffer.put(flow.pair.destination, family: flow.pair.family)
        writeEndpoint(flow.responder, port: flow.pair.destinationPort, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        buffer.put(seconds: flow.first)
        buffer.put(UInt8(ascii: ","))
        buffer.put(seconds: flow.last)
        buffer.put(flow.rolesGuessed ? ",guessed" : ",seen")
        buffer.put(UInt8(ascii: ","))
        buffer.put(flow.tunnel)
        writeLabels(flow.labels, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        if let incarnation = flow.incarnationOf { buffer.put(decimal: incarnation) }
        buffer.put(UInt8(ascii: ","))
        writeJoined(flow.findings.rawValue, words.findings, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        if let kind = flow.evicted { buffer.put(text: kind.name) }
    }

    private func writeLabels(_ labels: ForeignLabels?, to buffer: inout ByteBuffer) {
        guard let labels else { return buffer.put(",,,") }
        buffer.put(UInt8(ascii: ","))
        buffer.put(labels.connState.name)
        buffer.put(UInt8(ascii: ","))
        buffer.put(labels.history)
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: UInt64(labels.completeness))
    }

    private func writeEndpoint(_ endpoint: EndpointRecord, port: UInt16, to buffer: inout ByteBuffer) {
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: UInt64(port))
        buffer.put(UInt8(ascii: ","))
        writeState(endpoint.state, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        writeJoined(UInt64(endpoint.possible.rawValue), words.states, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: endpoint.certainty.name)
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: endpoint.packets)
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: endpoint.bytes)
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: endpoint.retransmissions)
    }

    private func write(_ transition: TransitionRecord, to buffer: inout ByteBuffer) {
        buffer.put("transition,")
        buffer.put(decimal: transition.flow)
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: transition.endpoint.name)
        buffer.put(UInt8(ascii: ","))
        writeState(transition.from, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        writeState(transition.to, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        if let rule = transition.rule { buffer.put(text: rule.id) }
        buffer.put(UInt8(ascii: ","))
        if let rule = transition.rule { writeField(rule.event, to: &buffer) }
        buffer.put(UInt8(ascii: ","))
        if let rule = transition.rule { writeField(rule.action, to: &buffer) }
        buffer.put(UInt8(ascii: ","))
        buffer.put(seconds: transition.time)
        writeReference(transition.cause, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        if !transition.proof.isNone { buffer.put(decimal: transition.proof.packet) }
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: transition.certainty.name)
        buffer.put(UInt8(ascii: ","))
        buffer.put(transition.seen)
        buffer.put(UInt8(ascii: ","))
        if let rule = transition.rule { writeField(rule.source, to: &buffer) }
        buffer.put(UInt8(ascii: ","))
        if !transition.proof.isNone { buffer.put(decimal: UInt64(transition.proof.file)) }
        // reason: only a withdrawal has one
        buffer.put(UInt8(ascii: ","))
    }

    /// A withdrawal stands among the transitions, in their columns, so that none is lost.
    private func write(_ withdrawal: WithdrawalRecord, to buffer: inout ByteBuffer) {
        buffer.put("withdrawal,")
        buffer.put(decimal: withdrawal.flow)
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: withdrawal.endpoint.name)
        buffer.put(",,,")
        buffer.put(text: withdrawal.rule.id)
        buffer.put(",,,")
        buffer.put(seconds: withdrawal.time)
        writeReference(withdrawal.cause, to: &buffer)
        buffer.put(",,,,,,")
        writeField(withdrawal.reason.name, to: &buffer)
    }

    private func write(_ segment: SegmentRecord, to buffer: inout ByteBuffer) {
        buffer.put("segment,")
        buffer.put(decimal: segment.flow)
        writeReference(segment.reference, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        buffer.put(seconds: segment.time)
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: segment.from.name)
        // Control bits are joined by commas.
        buffer.put(",\"")
        buffer.put(segment.controlBits)
        buffer.put("\",")
        buffer.put(decimal: UInt64(segment.sequenceNumber.rawValue))
        buffer.put(UInt8(ascii: ","))
        if let number = segment.acknowledgmentNumber { buffer.put(decimal: UInt64(number.rawValue)) }
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: UInt64(segment.length))
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: segment.note.name)
        buffer.put(UInt8(ascii: ","))
        writeState(segment.initiatorState, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        writeState(segment.responderState, to: &buffer)
    }

    private func write(_ finding: FindingRecord, to buffer: inout ByteBuffer) {
        buffer.put("finding,")
        buffer.put(decimal: finding.flow)
        buffer.put(UInt8(ascii: ","))
        if let endpoint = finding.endpoint { buffer.put(text: endpoint.name) }
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: finding.code.name)
        buffer.put(UInt8(ascii: ","))
        buffer.put(text: finding.code.severity.name)
        buffer.put(UInt8(ascii: ","))
        buffer.put(seconds: finding.time)
        writeReference(finding.reference, to: &buffer)
        // Messages hold no quotation marks, but may hold commas.
        buffer.put(",\"")
        writeMessage(of: finding, to: &buffer)
        buffer.put("\",")
        writeField(finding.code.source, to: &buffer)
    }

    /// The summary as rows of a name and a count: its numbers of names would be too many columns.
    func write(_ summary: Summary, to buffer: inout ByteBuffer) {
        for file in summary.files { writeCount("file.", NamedCount(name: file.name, count: file.packets), to: &buffer) }
        let totals = [
            NamedCount(name: "packets", count: summary.packets),
            NamedCount(name: "segments", count: summary.segments),
            NamedCount(name: "copies", count: summary.counts.copies),
            NamedCount(name: "icmp_errors", count: summary.icmpErrors),
            NamedCount(name: "flows", count: summary.counts.flows),
            NamedCount(name: "capture_losses", count: summary.captureLosses),
        ]
        for entry in totals { writeCount("", entry, to: &buffer) }
        for entry in summary.skippedCounts { writeCount("skipped.", entry, to: &buffer) }
        for entry in summary.evictedCounts { writeCount("evicted_flows.", entry, to: &buffer) }
        for entry in summary.endpointCounts { writeCount("endpoint_states.", entry, to: &buffer) }
        for entry in summary.ruleCounts { writeCount("transitions.", entry, to: &buffer) }
        for entry in summary.findingCounts { writeCount("findings.", entry, to: &buffer) }
    }

    private func writeCount(_ group: String, _ entry: NamedCount, to buffer: inout ByteBuffer) {
        buffer.put("summary,")
        writeField(group + entry.name, to: &buffer)
        buffer.put(UInt8(ascii: ","))
        buffer.put(decimal: entry.count)
        buffer.put("\r\n")
    }
}

/// The pieces that several rows share.
extension CSV {
    private func writeState(_ state: State?, to buffer: inout ByteBuffer) {
        guard let state else { return }
        words.states.write(Int(state.rawValue), to: &buffer)
    }

    /// The words whose bits are set, with bars between them.
    private func writeJoined(_ bits: UInt64, _ words: Vocabulary.Words, to buffer: inout ByteBuffer) {
        var rest = bits
        while rest != 0 {
            words.write(rest.trailingZeroBitCount, to: &buffer)
            rest &= rest &- 1
            if rest != 0 { buffer.put(UInt8(ascii: "|")) }
        }
    }

    private func writeReference(_ reference: PacketReference, to buffer: inout ByteBuffer) {
        buffer.put(UInt8(ascii: ","))
        if !reference.isNone { buffer.put(decimal: UInt64(reference.file)) }
        buffer.put(UInt8(ascii: ","))
        if !reference.isNone { buffer.put(decimal: reference.packet) }
    }

    /// A text, in quotation marks where the RFC demands them.
    private func writeField(_ text: String, to buffer: inout ByteBuffer) {
        let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        guard text.utf8.contains(where: special.contains) else { return buffer.put(text: text) }
        buffer.put(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { buffer.put(byte) }
            buffer.put(byte)
        }
        buffer.put(UInt8(ascii: "\""))
    }
}
