import WireFormat

/// Gathers rows; of rows that come again the last one counts (kernel-facts 2.2: the listing of procfs rewinds).
struct SnapshotBuilder {
    private struct Key: Hashable {
        let pair: SocketPair
        let socketFamily: AddressFamily
        let inode: UInt64
    }

    private var snapshot: KernelSnapshot
    private var places: [Key: Int] = [:]

    init(source: KernelSource, namespace: NetworkNamespace.Identifier) {
        snapshot = KernelSnapshot(
            namespace: namespace, source: source, window: TimeWindow(begin: 0, end: 0), sockets: [])
    }

    mutating func add(_ socket: KernelSocket) {
        let key = Key(pair: socket.pair, socketFamily: socket.socketFamily, inode: socket.inode ?? 0)
        if let place = places[key] {
            snapshot.sockets[place] = socket
            snapshot.repeated += 1
        } else {
            places[key] = snapshot.sockets.count
            snapshot.sockets.append(socket)
        }
    }

    mutating func skip(_ reason: RowFault) {
        snapshot.skipped[reason, default: 0] += 1
    }

    /// The kernel says that the table changed under the listing.
    mutating func interrupt() {
        snapshot.isInterrupted = true
    }

    consuming func finish(_ window: TimeWindow) -> KernelSnapshot {
        snapshot.window = window
        return snapshot
    }
}
