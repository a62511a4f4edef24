import CrossCheck
import Flows
import KernelSockets
import TCPStateMachine
import WireFormat

/// The records of a cross-check as lines of JSON.
struct CrossCheckNDJSON {
    private let kernel = KernelNDJSON()

    /// `agreement` where both views agree, else `divergence`.
    func write(_ judgement: Judgement, to buffer: inout ByteBuffer) {
        let kind = judgement.verdict.kind
        buffer.put(kind == .agree || kind == .inFlight ? #"{"record":"agreement""# : #"{"record":"divergence""#)
        buffer.put(#","verdict":"#)
        buffer.put(quoted: kind.rawValue)
        buffer.put(#","subject":"#)
        buffer.put(quoted: judgement.subject.rawValue)
        buffer.put(#","count":"#)
        buffer.put(decimal: judgement.count)
        let reason = judgement.verdict.reason
        buffer.put(#","reason":"#)
        buffer.put(quotedOrNull: reason?.code)
        buffer.put(#","message":"#)
        buffer.put(quotedOrNull: reason?.meaning)
        buffer.put(#","next":"#)
        buffer.put(quotedOrNull: reason?.nextStep)
        buffer.put(#","source":"#)
        buffer.put(quotedOrNull: reason?.source)
        buffer.put(#","namespace":"#)
        buffer.put(decimalOrNull: judgement.namespace?.number)
        kernel.write(judgement.window, to: &buffer)
        kernel.write(judgement.pair, nil, to: &buffer)
        write(judgement.wire, to: &buffer)
        write(judgement.socket, judgement.owners, to: &buffer)
        buffer.put(#","transition":"#)
        if let transition = judgement.transition {
            buffer.put(#"{"from":"#)
            buffer.put(quoted: transition.from.name)
            buffer.put(#","to":"#)
            buffer.put(quoted: transition.to.name)
            buffer.put(UInt8(ascii: "}"))
        } else {
            buffer.put("null")
        }
        buffer.put("}\n")
    }

    private func write(_ wire: Judgement.Wire?, to buffer: inout ByteBuffer) {
        buffer.put(#","wire":"#)
        guard let wire else { return buffer.put("null") }
        buffer.put(#"{"flow":"#)
        buffer.put(decimal: wire.flow)
        buffer.put(#","endpoint":"#)
        buffer.put(quoted: wire.endpoint.name)
        buffer.put(#","states":["#)
        for (place, state) in wire.states.states.enumerated() {
            if place > 0 { buffer.put(UInt8(ascii: ",")) }
            buffer.put(quoted: state.name)
        }
        buffer.put(#"],"certainty":"#)
        buffer.put(quotedOrNull: wire.since?.certainty.name)
        buffer.put(#","rule":"#)
        buffer.put(quotedOrNull: wire.since?.rule?.id)
        write(wire.since?.cause ?? .none, to: &buffer)
        buffer.put(#","time":"#)
        if let since = wire.since { buffer.put(seconds: since.time) } else { buffer.put("null") }
        buffer.put(#","segment":"#)
        if let segment = wire.segment {
            buffer.put(#"{"flags":""#)
            buffer.put(segment.controlBits)
            buffer.put(UInt8(ascii: "\""))
            write(segment.reference, to: &buffer)
            buffer.put(#","time":"#)
            buffer.put(seconds: segment.time)
            buffer.put(UInt8(ascii: "}"))
        } else {
            buffer.put("null")
        }
        buffer.put(UInt8(ascii: "}"))
    }

    private func write(_ reference: PacketReference, to buffer: inout ByteBuffer) {
        buffer.put(#","file":"#)
        buffer.put(decimalOrNull: reference.isNone ? nil : UInt64(reference.file))
        buffer.put(#","packet":"#)
        buffer.put(decimalOrNull: reference.isNone ? nil : reference.packet)
    }

    private func write(_ socket: KernelSocket?, _ owners: [SocketOwner]?, to buffer: inout ByteBuffer) {
        buffer.put(#","kernel":"#)
        guard let socket else { return buffer.put("null") }
        buffer.put(#"{"state":"#)
        buffer.put(quoted: socket.state.name)
        buffer.put(#","kind":"#)
        buffer.put(quoted: socket.kind.name)
        buffer.put(#","inode":"#)
        buffer.put(decimalOrNull: socket.inode)
        KernelSocketFields(socket.kind).write(to: &buffer)
        buffer.put(#","owners":"#)
        kernel.writeOwners(owners, to: &buffer)
        buffer.put(UInt8(ascii: "}"))
    }

    /// The last record: everything added up.
    func write(_ totals: CrossCheckTotals, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"crosscheck","snapshots":"#)
        buffer.put(decimal: totals.snapshots)
        let kinds: [(StaticString, UInt64, StaticString, [Verdict.Kind: UInt64])] = [
            (#","rows":"#, totals.rows, #","rows_per_verdict":"#, totals.rowsPerVerdict),
            (#","flows":"#, totals.flows, #","endpoints_per_verdict":"#, totals.endpointsPerVerdict),
            (#","transitions":"#, totals.transitions, #","transitions_per_verdict":"#, totals.transitionsPerVerdict),
        ]
        for (name, number, perName, counts) in kinds {
            buffer.put(name)
            buffer.put(decimal: number)
            buffer.put(perName)
            write(Verdict.Kind.allCases.map { ($0.rawValue, counts[$0, default: 0]) }, to: &buffer)
        }
        buffer.put(#","absences_per_verdict":"#)
        write(Verdict.Kind.allCases.map { ($0.rawValue, totals.absencesPerVerdict[$0, default: 0]) }, to: &buffer)
        buffer.put(#","lost_transitions":"#)
        buffer.put(decimal: totals.lostTransitions)
        buffer.put(#","untold":"#)
        buffer.put(decimal: totals.untold)
        buffer.put(#","per_reason":"#)
        write(totals.perReason.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: &buffer)
        buffer.put("}\n")
    }

    private func write(_ counts: [(String, UInt64)], to buffer: inout ByteBuffer) {
        buffer.put(UInt8(ascii: "{"))
        var isFirst = true
        for (name, count) in counts where count > 0 {
            if !isFirst { buffer.put(UInt8(ascii: ",")) }
            isFirst = false
            buffer.put(quoted: name)
            buffer.put(UInt8(ascii: ":"))
            buffer.put(decimal: count)
        }
        buffer.put(UInt8(ascii: "}"))
    }
}
