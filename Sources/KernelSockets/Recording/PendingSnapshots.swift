/// Rows whose snapshot has not been closed yet: its own record comes behind them.
struct PendingSnapshots {
    private struct Key: Hashable {
        let number: UInt64
        let namespace: UInt64
    }

    private struct Rows {
        var sockets: [KernelSocket] = []
        var owners: [UInt64: [SocketOwner]]?
    }

    private var rows: [Key: Rows] = [:]
    private var count = 0

    /// As many as a host can have sockets, and less than fills its memory.
    private static let mostRows = 4_000_000

    var isEmpty: Bool { rows.isEmpty }

    /// Takes a record; gives what is complete.
    mutating func take(_ value: JSONValue) throws(RecordError) -> KernelRecord? {
        let record = RecordFields(value)
        switch try record.text("record") {
        case "socket":
            try add(record)
            return nil
        case "snapshot": return .snapshot(try close(record))
        case "kernel-transition": return .transition(try record.transition())
        case "kernel-trace":
            return .trace(
                TraceRecord(
                    window: try record.window(), transitions: try record.number("transitions"),
                    lost: try record.number("lost")))
        default: return nil
        }
    }

    private mutating func add(_ record: RecordFields) throws(RecordError) {
        guard count < PendingSnapshots.mostRows else {
            throw RecordError(reason: "over \(PendingSnapshots.mostRows) sockets without the end of their snapshot")
        }
        let key = Key(number: try record.number("snapshot"), namespace: try record.number("namespace"))
        let socket = try record.socket()
        rows[key, default: Rows()].sockets.append(socket)
        count += 1
        guard let owners = try record.owners() else { return }
        if rows[key]?.owners == nil { rows[key]?.owners = [:] }
        if let inode = socket.inode, !owners.isEmpty { rows[key]?.owners?[inode] = owners }
    }

    private mutating func close(_ record: RecordFields) throws(RecordError) -> SnapshotRecord {
        let key = Key(number: try record.number("snapshot"), namespace: try record.number("namespace"))
        let found = rows.removeValue(forKey: key) ?? Rows()
        count -= found.sockets.count
        let sockets: Int = try record.number("sockets")
        guard sockets == found.sockets.count else {
            throw RecordError(
                reason: "snapshot \(key.number) should have \(sockets) sockets and has \(found.sockets.count)")
        }
        guard let source = KernelSource(rawValue: try record.text("source")) else {
            throw RecordError(reason: "'source' is neither procfs nor sockdiag")
        }
        var snapshot = KernelSnapshot(
            namespace: .init(key.namespace), source: source, window: try record.window(), sockets: found.sockets)
        snapshot.repeated = try record.number("repeated")
        snapshot.isInterrupted = try record.flag("interrupted")
        for reason in RowFault.allCases {
            if let skipped: Int = try record.member("skipped").optional(reason.rawValue) {
                snapshot.skipped[reason] = skipped
            }
        }
        return SnapshotRecord(
            number: key.number, snapshot: snapshot, namespaceName: record.optionalText("name"),
            selection: record.optionalText("selection"), owners: found.owners)
    }
}
