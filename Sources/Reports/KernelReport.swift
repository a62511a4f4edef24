public import KernelSockets

/// The forms that the kernel's view comes in.
public enum KernelReportFormat: String, CaseIterable, Hashable, Sendable {
    /// For people.
    case table
    /// One JSON object to a line.
    case ndjson
}

/// Writes the kernel's view as it comes.
public struct KernelReport: ~Copyable {
    private let format: KernelReportFormat
    private var output: OutputFile
    private let ndjson = KernelNDJSON()
    private let table: SocketTable
    private var snapshots = 0

    /// - Parameter showsOwners: the table has a column for the processes that hold the sockets.
    /// - Parameter width: lines of a table are cut to so many columns.
    public init(
        format: KernelReportFormat, output: consuming OutputFile, showsOwners: Bool = false, width: Int? = nil,
        hasColors: Bool = false
    ) {
        self.format = format
        self.output = output
        table = SocketTable(style: TableStyle(hasColors: hasColors, width: width), showsOwners: showsOwners)
    }

    /// Writes a snapshot, and hands it on at once.
    public mutating func write(_ record: SnapshotRecord) throws(OutputError) {
        switch format {
        case .ndjson:
            for socket in record.snapshot.sockets {
                ndjson.write(socket, of: record, to: &output.buffer)
                try output.flushIfFull()
            }
            ndjson.write(record, to: &output.buffer)
        case .table:
            if snapshots > 0 { output.buffer.put(UInt8(ascii: "\n")) }
            table.write(record, to: &output.buffer)
        }
        snapshots += 1
        try output.flush()
    }

    /// Writes transitions as lines of JSON: they have no table of their own.
    public mutating func write(_ transitions: [KernelTransition]) throws(OutputError) {
        for transition in transitions {
            ndjson.write(transition, to: &output.buffer)
            try output.flushIfFull()
        }
        try output.flush()
    }

    /// Writes the last record of a trace.
    public mutating func write(_ trace: TraceRecord) throws(OutputError) {
        ndjson.write(trace, to: &output.buffer)
        try output.flush()
    }
}
