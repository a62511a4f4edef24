import TCPStateMachine
import WireFormat

/// Flows that have ended, first in, first out: each waits equally long, so the queue is in the order of its times.
struct EndedFlows {
    struct Entry {
        var slot: UInt32
        var number: UInt64
        var leaves: Int64
    }

    private var entries: [Entry] = []
    private var head = 0

    var first: Entry? { head < entries.count ? entries[head] : nil }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    mutating func removeFirst() {
        head += 1
        if head > 4096, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }
}

/// When a flow is reported and leaves memory: both ends done and quiet for as long as TIME-WAIT lasts, no room, or the end.
extension FlowTracker {
    /// The packet clock is the highest stamp so far.
    mutating func advance(to time: Int64) {
        guard time > ledger.clock else { return }
        ledger.clock = time
        while let entry = ended.first, entry.leaves <= time {
            ended.removeFirst()
            leave(entry)
        }
    }

    /// How long a flow waits for late segments: the longer of the two 2 MSL, nanoseconds.
    private var linger: Int64 {
        let options = ledger.options
        return Int64(max(options.initiatorProfile.timeWaitSeconds, options.responderProfile.timeWaitSeconds))
            * 1_000_000_000
    }

    private mutating func leave(_ entry: EndedFlows.Entry) {
        guard !flows[entry.slot].isGone, flows[entry.slot].number == entry.number else { return }
        flows[entry.slot].isQueued = false
        let (leaves, overflow) = flows[entry.slot].last.addingReportingOverflow(linger)
        if !overflow, leaves <= ledger.clock, hasEnded(entry.slot) {
            report(entry.slot)
        } else {
            queueIfEnded(entry.slot)
        }
    }

    mutating func queueIfEnded(_ slot: UInt32) {
        guard !flows[slot].isQueued, flows[slot].mayHaveEnded, hasEnded(slot) else { return }
        flows[slot].isQueued = true
        let (leaves, overflow) = ledger.clock.addingReportingOverflow(linger)
        ended.append(EndedFlows.Entry(slot: slot, number: flows[slot].number, leaves: overflow ? .max : leaves))
    }

    private func hasEnded(_ slot: UInt32) -> Bool {
        let done: StateSet = [StateSet(.closed), StateSet(.listen), StateSet(.timeWait)]
        let detail = flows[slot].detail
        let initiator = flows[slot].presumedStates(.initiator, details[detail], ledger)
        let responder = flows[slot].presumedStates(.responder, details[detail], ledger)
        return initiator.isSubset(of: done) && responder.isSubset(of: done)
    }

    /// Room for one more: a flow that has ended, or else the one of a few that was quiet longest.
    mutating func evictOne(keeping kept: UInt32?) {
        while let entry = ended.first {
            ended.removeFirst()
            guard entry.slot != kept, !flows[entry.slot].isGone, flows[entry.slot].number == entry.number else {
                continue
            }
            ledger.counts.evictedFlows &+= 1
            report(entry.slot)
            return
        }
        var quietest: UInt32?
        var examined = 0
        for _ in 0..<flows.highWater {
            sweepPosition = sweepPosition &+ 1 < flows.highWater ? sweepPosition &+ 1 : 0
            guard !flows[sweepPosition].isGone, sweepPosition != kept else { continue }
            if quietest.map({ flows[sweepPosition].last < flows[$0].last }) ?? true { quietest = sweepPosition }
            examined += 1
            if examined == 32 { break }
        }
        guard let quietest else { return }
        ledger.counts.evictedFlows &+= 1
        report(quietest)
    }

    /// Settles a flow, reports it, and gives its memory back.
    mutating func report(_ slot: UInt32) {
        let detail = flows[slot].detail
        flows[slot].conclude(now: ledger.clock, details[detail], &ledger)
        count(slot)
        if ledger.options.interest.contains(.flows) {
            ledger.records.append(.flow(flows[slot].record(details[detail])))
        }
        unlink(slot)
        flows[slot].isGone = true
        details.free(detail)
        flows.free(slot)
        alive -= 1
    }

    private mutating func count(_ slot: UInt32) {
        for side in EndpointRole.allCases {
            let place = flows[slot][side].state.map { Int($0.rawValue) } ?? State.allCases.count
            ledger.counts.endpointsPerState[place] &+= 1
        }
        var findings = flows[slot].findings.rawValue
        while findings != 0 {
            ledger.counts.flowsPerFinding[findings.trailingZeroBitCount] &+= 1
            findings &= findings - 1
        }
    }

    /// Takes the flow out of the chain of its incarnations, and out of the index if it is the only one.
    private mutating func unlink(_ slot: UInt32) {
        let hash = flows[slot].pair.flowHash(seed: ledger.options.hashSeed)
        guard let newest = find(flows[slot].pair, hash: hash) else { return }
        let older = flows[slot].older
        if newest.slot == slot {
            if older == Flow.noSlot {
                index.remove(at: newest.position)
            } else {
                flows[older].isNewest = true
                index.replace(at: newest.position, hash: hash, slot: older)
            }
            return
        }
        var before = newest.slot
        while before != Flow.noSlot {
            if flows[before].older == slot {
                flows[before].older = older
                return
            }
            before = flows[before].older
        }
    }
}

extension Flow {
    /// Cheap: something was seen that ends connections.
    var mayHaveEnded: Bool {
        let closing: EndpointFlags = [.hasFin, .sentReset]
        return !initiator.flags.isDisjoint(with: closing) || !responder.flags.isDisjoint(with: closing)
            || initiator.pending.contains(.rst) || responder.pending.contains(.rst)
            || initiator.state == .closed || responder.state == .closed
    }

    func record(_ d: FlowDetail) -> FlowRecord {
        FlowRecord(
            flow: number, pair: pair, initiator: endpointRecord(.initiator, d), responder: endpointRecord(.responder, d),
            first: first, last: last, rolesGuessed: rolesGuessed,
            incarnationOf: incarnationOf == 0 ? nil : incarnationOf, findings: findings)
    }

    private func endpointRecord(_ e: EndpointRole, _ d: FlowDetail) -> EndpointRecord {
        return EndpointRecord(
            state: self[e].state, possible: self[e].states.isEmpty ? possibleOfUnknown(e) : self[e].states,
            certainty: d[e].journal.reportedCertainty, packets: self[e].packets, bytes: self[e].bytes,
            retransmissions: self[e].retransmissions)
    }

    /// An endpoint that showed nothing: before its answer it listens or not; else anything.
    private func possibleOfUnknown(_ e: EndpointRole) -> StateSet {
        if self[e.other].has(.sentSyn) {
            return [StateSet(.closed), StateSet(.listen), StateSet(.synReceived)]
        }
        return .all
    }
}
