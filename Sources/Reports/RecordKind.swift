import Flows

/// What `--show` chooses among. Withdrawals go with the transitions that they take back.
public enum RecordKind: String, CaseIterable, Hashable, Sendable {
    case flows
    case transitions
    case segments
    case findings
    case summary
}

/// The form of the output.
public enum OutputFormat: String, CaseIterable, Hashable, Sendable {
    /// For people.
    case table
    /// One JSON object to a line: the reference form.
    case ndjson
    /// RFC 4180, one kind of records to an output.
    case csv
    /// Zeek's conn.log: connections as Zeek cuts them.
    case zeek
}

extension Record {
    /// The number of the flow that the record is about; 0 for what is no flow of Postel's.
    var flow: UInt64 {
        switch self {
        case .flow(let record): record.flow
        case .transition(let record): record.flow
        case .withdrawal(let record): record.flow
        case .segment(let record): record.flow
        case .finding(let record): record.flow
        case .connection: 0
        }
    }

    /// What `--show` calls it.
    var kind: RecordKind {
        switch self {
        case .flow, .connection: .flows
        case .transition, .withdrawal: .transitions
        case .segment: .segments
        case .finding: .findings
        }
    }
}

extension TrackerOptions.Interest {
    /// What the tracker must make so that this kind can be shown.
    @inline(__always)
    init(_ kind: RecordKind) {
        switch kind {
        case .flows: self = .flows
        case .transitions: self = .transitions
        case .segments: self = .segments
        case .findings: self = .findings
        case .summary: self = []
        }
    }

    /// What the tracker must make so that these kinds can be shown.
    init(_ kinds: some Sequence<RecordKind>) {
        self = kinds.reduce(into: []) { $0.formUnion(TrackerOptions.Interest($1)) }
    }
}
