import Flows

/// Keeps the records of a flow until the flow itself is reported.
///
/// Only then is it known whether a selection wants them, and only then can they be shown together. What is kept is
/// bounded: beyond the limit records are dropped and counted, and the command says so.
struct FlowHold {
    /// How many records are kept at most, of all flows.
    private let limit: Int
    private var records: [UInt64: [Record]] = [:]
    private var count = 0
    /// Records that were not kept.
    private(set) var dropped: UInt64 = 0

    /// Two million records are some 300 MB.
    init(limit: Int = 2_000_000) {
        self.limit = limit
    }

    /// Keeps a record for its flow.
    mutating func keep(_ record: Record) {
        guard count < limit else {
            dropped += 1
            return
        }
        count += 1
        records[record.flow, default: []].append(record)
    }

    /// Hands out what was kept for a flow, in the order in which it came.
    mutating func take(_ flow: UInt64) -> [Record] {
        guard let taken = records.removeValue(forKey: flow) else { return [] }
        count -= taken.count
        return taken
    }
}
