import Flows
import TCPStateMachine
import WireFormat

/// Records as lines of JSON: the reference form. Field names and their order are those of Docs/records.md.
struct NDJSON {
    /// In quotation marks; words of a vocabulary need no escapes.
    private let words = Vocabulary(between: "\"")

    /// One record, one line.
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
    }

    private func write(_ flow: FlowRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"flow","flow":"#)
        buffer.put(decimal: flow.flow)
        buffer.put(#","initiator":{"address":""#)
        buffer.put(flow.pair.source, family: flow.pair.family)
        writeEndpoint(flow.initiator, port: flow.pair.sourcePort, to: &buffer)
        buffer.put(#","responder":{"address":""#)
        buffer.put(flow.pair.destination, family: flow.pair.family)
        writeEndpoint(flow.responder, port: flow.pair.destinationPort, to: &buffer)
        buffer.put(#","first":"#)
        buffer.put(seconds: flow.first)
        buffer.put(#","last":"#)
        buffer.put(seconds: flow.last)
        buffer.put(flow.rolesGuessed ? #","roles":"guessed""# : #","roles":"seen""#)
        if flow.tunnel == .none {
            buffer.put(#","tunnel":null"#)
        } else {
            buffer.put(#","tunnel":""#)
            buffer.put(flow.tunnel)
            buffer.put(UInt8(ascii: "\""))
        }
        writeLabels(flow.labels, to: &buffer)
        buffer.put(#","incarnation_of":"#)
        buffer.put(decimalOrNull: flow.incarnationOf)
        buffer.put(#","findings":["#)
        writeFindings(flow.findings, to: &buffer)
        buffer.put(#"],"evicted":"#)
        if let kind = flow.evicted { buffer.put(quoted: kind.name) } else { buffer.put("null") }
        buffer.put("}\n")
    }

    private func writeLabels(_ labels: ForeignLabels?, to buffer: inout ByteBuffer) {
        guard let labels else { return buffer.put(#","conn_state":null,"history":null,"completeness":null"#) }
        buffer.put(#","conn_state":""#)
        buffer.put(labels.connState.name)
        if labels.history.count == 0 {
            // Zeek has taken none of its segments.
            buffer.put(#"","history":null"#)
        } else {
            buffer.put(#"","history":""#)
            buffer.put(labels.history)
            buffer.put(UInt8(ascii: "\""))
        }
        buffer.put(#","completeness":"#)
        buffer.put(decimal: UInt64(labels.completeness))
    }

    /// From the port on: the address depends on the flow's family and stands before.
    private func writeEndpoint(_ endpoint: EndpointRecord, port: UInt16, to buffer: inout ByteBuffer) {
        buffer.put(#"","port":"#)
        buffer.put(decimal: UInt64(port))
        buffer.put(#","state":"#)
        writeState(endpoint.state, to: &buffer)
        buffer.put(#","possible":["#)
        writeStates(endpoint.possible, to: &buffer)
        buffer.put(#"],"certainty":"#)
        writeCertainty(endpoint.certainty, to: &buffer)
        buffer.put(#","packets":"#)
        buffer.put(decimal: endpoint.packets)
        buffer.put(#","bytes":"#)
        buffer.put(decimal: endpoint.bytes)
        buffer.put(#","retransmissions":"#)
        buffer.put(decimal: endpoint.retransmissions)
        buffer.put(UInt8(ascii: "}"))
    }

    private func write(_ transition: TransitionRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"transition","flow":"#)
        buffer.put(decimal: transition.flow)
        writeEndpointName(transition.endpoint, to: &buffer)
        buffer.put(#","from":"#)
        writeState(transition.from, to: &buffer)
        buffer.put(#","to":"#)
        writeState(transition.to, to: &buffer)
        buffer.put(#","rule":"#)
        writeRule(transition.rule, words.rules, to: &buffer)
        buffer.put(#","event":"#)
        writeRule(transition.rule, words.events, to: &buffer)
        buffer.put(#","action":"#)
        writeRule(transition.rule, words.actions, to: &buffer)
        buffer.put(#","time":"#)
        buffer.put(seconds: transition.time)
        writeReference(transition.cause, to: &buffer)
        buffer.put(#","proof":"#)
        buffer.put(decimalOrNull: transition.proof.isNone ? nil : transition.proof.packet)
        buffer.put(#","certainty":"#)
        writeCertainty(transition.certainty, to: &buffer)
        buffer.put(#","seen":"#)
        buffer.put(transition.seen)
        buffer.put(#","source":"#)
        writeRule(transition.rule, words.sources, to: &buffer)
        buffer.put(#","proof_file":"#)
        buffer.put(decimalOrNull: transition.proof.isNone ? nil : UInt64(transition.proof.file))
        buffer.put("}\n")
    }

    private func write(_ withdrawal: WithdrawalRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"withdrawal","flow":"#)
        buffer.put(decimal: withdrawal.flow)
        writeEndpointName(withdrawal.endpoint, to: &buffer)
        buffer.put(#","rule":"#)
        words.rules.write(Int(withdrawal.rule.rawValue), to: &buffer)
        writeReference(withdrawal.cause, to: &buffer)
        buffer.put(#","time":"#)
        buffer.put(seconds: withdrawal.time)
        buffer.put(#","reason":"#)
        buffer.put(quoted: withdrawal.reason.name)
        buffer.put("}\n")
    }

    private func write(_ segment: SegmentRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"segment","flow":"#)
        buffer.put(decimal: segment.flow)
        writeReference(segment.reference, to: &buffer)
        buffer.put(#","time":"#)
        buffer.put(seconds: segment.time)
        buffer.put(segment.from == .initiator ? #","from":"initiator","flags":""# : #","from":"responder","flags":""#)
        buffer.put(segment.controlBits)
        buffer.put(#"","seq":"#)
        buffer.put(decimal: UInt64(segment.sequenceNumber.rawValue))
        buffer.put(#","ack":"#)
        buffer.put(decimalOrNull: segment.acknowledgmentNumber.map { UInt64($0.rawValue) })
        buffer.put(#","length":"#)
        buffer.put(decimal: UInt64(segment.length))
        buffer.put(#","note":"#)
        if segment.note == .none { buffer.put("null") } else { buffer.put(quoted: segment.note.name) }
        buffer.put(#","initiator_state":"#)
        writeState(segment.initiatorState, to: &buffer)
        buffer.put(#","responder_state":"#)
        writeState(segment.responderState, to: &buffer)
        buffer.put("}\n")
    }

    private func write(_ finding: FindingRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"finding","flow":"#)
        buffer.put(decimal: finding.flow)
        if let endpoint = finding.endpoint {
            writeEndpointName(endpoint, to: &buffer)
        } else {
            buffer.put(#","endpoint":null"#)
        }
        buffer.put(#","code":"#)
        words.findings.write(Int(finding.code.rawValue), to: &buffer)
        buffer.put(#","severity":"#)
        buffer.put(quoted: finding.code.severity.name)
        buffer.put(#","time":"#)
        buffer.put(seconds: finding.time)
        writeReference(finding.reference, to: &buffer)
        buffer.put(#","message":""#)
        writeMessage(of: finding, to: &buffer)
        buffer.put(#"","source":"#)
        buffer.put(quoted: finding.code.source)
        buffer.put("}\n")
    }
}

/// The pieces that several records share.
extension NDJSON {
    private func writeState(_ state: State?, to buffer: inout ByteBuffer) {
        guard let state else { return buffer.put("null") }
        words.states.write(Int(state.rawValue), to: &buffer)
    }

    private func writeStates(_ states: StateSet, to buffer: inout ByteBuffer) {
        var rest = states.rawValue
        while rest != 0 {
            words.states.write(rest.trailingZeroBitCount, to: &buffer)
            rest &= rest &- 1
            if rest != 0 { buffer.put(UInt8(ascii: ",")) }
        }
    }

    private func writeFindings(_ findings: FindingSet, to buffer: inout ByteBuffer) {
        var rest = findings.rawValue
        while rest != 0 {
            words.findings.write(rest.trailingZeroBitCount, to: &buffer)
            rest &= rest &- 1
            if rest != 0 { buffer.put(UInt8(ascii: ",")) }
        }
    }

    private func writeCertainty(_ certainty: Certainty, to buffer: inout ByteBuffer) {
        switch certainty {
        case .proven: buffer.put(#""proven""#)
        case .presumed: buffer.put(#""presumed""#)
        case .timer: buffer.put(#""timer""#)
        }
    }

    private func writeEndpointName(_ endpoint: EndpointRole, to buffer: inout ByteBuffer) {
        switch endpoint {
        case .initiator: buffer.put(#","endpoint":"initiator""#)
        case .responder: buffer.put(#","endpoint":"responder""#)
        }
    }

    private func writeRule(_ rule: Rule?, _ words: Vocabulary.Words, to buffer: inout ByteBuffer) {
        guard let rule else { return buffer.put("null") }
        words.write(Int(rule.rawValue), to: &buffer)
    }

    /// `file` and `packet`: both null where no packet was the cause.
    private func writeReference(_ reference: PacketReference, to buffer: inout ByteBuffer) {
        buffer.put(#","file":"#)
        buffer.put(decimalOrNull: reference.isNone ? nil : UInt64(reference.file))
        buffer.put(#","packet":"#)
        buffer.put(decimalOrNull: reference.isNone ? nil : reference.packet)
    }
}
