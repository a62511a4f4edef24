import TCPStateMachine

/// What has been told of steps before they were settled, so that each is told once and taken back if it was untrue.
struct ToldSteps {
    private struct Key: Hashable {
        let flow: UInt64
        let endpoint: EndpointRole
    }

    /// By flow and endpoint; an endpoint of which nothing is open has none.
    private var told: [Key: [PresumedStep]] = [:]

    /// A step has been settled.
    ///
    /// - Returns: whether it is to be told: not if it was, and nothing has been proven since.
    mutating func settle(_ record: TransitionRecord, now: Int64, into records: inout [Record]) -> Bool {
        let key = Key(flow: record.flow, endpoint: record.endpoint)
        guard let steps = told[key], let first = steps.first else { return true }
        // What is known first of an endpoint has no rule, and takes back whatever was told before.
        guard first.rule == record.rule else {
            withdraw(steps[...], of: key, now: now, .otherwise, into: &records)
            told[key] = nil
            return true
        }
        told[key] = steps.count > 1 ? Array(steps.dropFirst()) : nil
        return record.certainty == .proven || first.cause != record.cause
    }

    /// What an endpoint is presumed to have done is now `steps`: the new ones are told, others taken back.
    mutating func tell(
        _ steps: [PresumedStep], of flow: UInt64, _ endpoint: EndpointRole, now: Int64, into records: inout [Record]
    ) {
        let key = Key(flow: flow, endpoint: endpoint)
        let before = told[key] ?? []
        let common = zip(before, steps).prefix { $0.isSame(as: $1) }.count
        if common < before.count {
            let reason: WithdrawalRecord.Reason = common == steps.count ? .arrivalNotTaken : .otherwise
            withdraw(before[common...], of: key, now: now, reason, into: &records)
        }
        for step in steps[common...] {
            records.append(
                .transition(
                    TransitionRecord(
                        flow: flow, endpoint: endpoint, from: step.rule.from, to: step.rule.to, rule: step.rule,
                        time: step.time, cause: step.cause, proof: step.proof, certainty: step.certainty,
                        seen: step.seen)))
        }
        if common < max(before.count, steps.count) { told[key] = steps.isEmpty ? nil : steps }
    }

    /// The last step first, so that each withdrawal leads back to the state before it.
    private func withdraw(
        _ steps: ArraySlice<PresumedStep>, of key: Key, now: Int64, _ reason: WithdrawalRecord.Reason,
        into records: inout [Record]
    ) {
        for step in steps.reversed() {
            records.append(
                .withdrawal(
                    WithdrawalRecord(
                        flow: key.flow, endpoint: key.endpoint, rule: step.rule, cause: step.cause, time: now,
                        reason: reason)))
        }
    }
}
