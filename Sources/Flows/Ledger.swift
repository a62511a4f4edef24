import TCPStateMachine
import WireFormat

/// What the inference writes to: the records that are settled, the totals, the packet clock.
struct Ledger {
    let options: TrackerOptions
    var records: [Record] = []
    var counts = TrackerCounts()
    /// The highest stamp so far, nanoseconds since the epoch.
    var clock: Int64 = .min

    init(options: TrackerOptions) {
        self.options = options
        counts.transitionsPerRule = Array(repeating: 0, count: 1 << 8)
    }

    mutating func transition(_ record: TransitionRecord) {
        if let rule = record.rule {
            counts.transitionsPerRule[Int(rule.rawValue)] &+= 1
        }
        if options.interest.contains(.transitions) {
            records.append(.transition(record))
        }
    }

    mutating func finding(_ record: FindingRecord) {
        if options.interest.contains(.findings) {
            records.append(.finding(record))
        }
    }
}
