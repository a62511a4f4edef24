import Flows

/// Records as lines of NDJSON or CSV: each is text for itself, whatever came before it.
struct RecordLines: Sendable {
    let ndjson = NDJSON()
    let csv = CSV()
    private let isCSV: Bool
    private let shown: TrackerOptions.Interest
    /// All if empty.
    private let flows: Set<UInt64>

    init(_ options: ReportOptions) {
        isCSV = options.format == .csv
        shown = TrackerOptions.Interest(options.kinds)
        flows = options.flows
    }

    /// `--flow` names its flow, or none.
    @inline(__always)
    func isOfFlowShown(_ record: Record) -> Bool { flows.isEmpty || flows.contains(record.flow) }

    /// Records of its kind are shown.
    @inline(__always)
    func shows(_ record: Record) -> Bool { shown.contains(TrackerOptions.Interest(record.kind)) }

    @inline(__always)
    func write(_ record: Record, to buffer: inout ByteBuffer) {
        if isCSV { csv.write(record, to: &buffer) } else { ndjson.write(record, to: &buffer) }
    }

    /// The lines of those that are shown.
    func text(of records: borrowing [Record]) -> [UInt8] {
        // Most lines are shorter: what is too small is copied to grow.
        ByteBuffer.octets(capacity: records.count * 768) { buffer in
            for index in records.indices { writeIfShown(records[index], to: &buffer) }
        }
    }

    /// A record that is named by its place is not copied to be asked.
    @inline(__always)
    func writeIfShown(_ record: Record, to buffer: inout ByteBuffer) {
        if isOfFlowShown(record), shows(record) { write(record, to: &buffer) }
    }
}
