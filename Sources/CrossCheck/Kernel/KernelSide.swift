import KernelSockets
import TCPStateMachine
import WireFormat

/// Everything that was seen of the kernel's sockets, put together by socket.
struct KernelSide {
    /// One snapshot, without its rows.
    struct Look {
        let number: UInt64
        let namespace: NetworkNamespace.Identifier
        let window: TimeWindow
        /// A row that is missing here was not there: nothing was left out, and the table did not change under way.
        let isWhole: Bool
    }

    /// A row in one snapshot.
    struct Sighting {
        /// The number of the snapshot among all looks, from 0.
        let look: Int
        let seen: TimeWindow
    }

    /// The same socket in the same shape, in one snapshot after the other.
    struct Run {
        /// As it was first seen in this shape.
        let socket: KernelSocket
        let owners: [SocketOwner]?
        /// When it was first seen so.
        let begin: Int64
        fileprivate let shape: Shape
        /// In the order of the looks.
        var sightings: [Sighting]
    }

    struct Key: Hashable {
        let namespace: NetworkNamespace.Identifier
        /// The local socket is the source.
        let pair: SocketPair
    }

    /// In the order in which they were taken; those before them have been judged.
    private(set) var looks: [Look] = []
    /// The number of the first of them.
    private(set) var firstLook = 0
    /// Sockets with a connection; the runs of each pair in the order of time.
    private(set) var connections: [Key: [Run]] = [:]
    /// Listening and bound sockets.
    private(set) var others: [Key: [Run]] = [:]
    /// The namespaces in which a pair has been seen.
    private(set) var namespacesOfPair: [SocketPair: Set<NetworkNamespace.Identifier>] = [:]
    /// The namespaces in which an address is a local one.
    private(set) var namespacesOfAddress: [Address: Set<NetworkNamespace.Identifier>] = [:]
    /// All that were ever seen.
    private(set) var rows = 0
    /// The pairs of which rows are left behind those that are to be judged.
    private(set) var laterPairs: Set<SocketPair> = []
    private var owners: [UInt64: [SocketOwner]] = [:]

    /// How many snapshots were ever taken.
    var lookCount: Int { firstLook + looks.count }

    func look(_ number: Int) -> Look { looks[number - firstLook] }

    mutating func take(_ found: [UInt64: [SocketOwner]]) { owners.merge(found) { $1 } }

    var ownersKept: Int { owners.count }

    /// Who holds a socket; nil if nobody looked, or found it.
    func owners(of run: Run) -> [SocketOwner]? {
        if let told = run.owners { return told }
        return run.socket.inode.flatMap { owners[$0] }
    }

    mutating func take(_ record: SnapshotRecord) {
        let snapshot = record.snapshot
        looks.append(
            Look(
                number: record.number, namespace: snapshot.namespace, window: snapshot.window,
                isWhole: record.selection == nil && !snapshot.isInterrupted && snapshot.skipped.isEmpty))
        for socket in snapshot.sockets {
            take(socket, in: snapshot.namespace, record.owners == nil ? nil : record.owners(of: socket))
        }
    }

    private mutating func take(
        _ socket: KernelSocket, in namespace: NetworkNamespace.Identifier, _ owners: [SocketOwner]?
    ) {
        rows += 1
        let key = Key(namespace: namespace, pair: socket.pair)
        let sighting = Sighting(look: lookCount - 1, seen: socket.seen)
        let run = Run(
            socket: socket, owners: owners, begin: socket.seen.begin, shape: Shape(socket), sightings: [sighting])
        if !socket.pair.source.isUnspecified { namespacesOfAddress[socket.pair.source, default: []].insert(namespace) }
        switch socket.kind {
        case .listener, .bound:
            KernelSide.add(run, to: &others[key, default: []])
        case .request, .full, .remnant:
            namespacesOfPair[socket.pair, default: []].insert(namespace)
            KernelSide.add(run, to: &connections[key, default: []])
        }
    }

    private static func add(_ run: Run, to runs: inout [Run]) {
        if let last = runs.indices.last, runs[last].shape == run.shape {
            runs[last].sightings += run.sightings
        } else {
            runs.append(run)
        }
    }

    /// Keeps some looks, and of each run what belongs to them.
    mutating func keep(looks range: some RangeExpression<Int>, runs part: (Run) -> Run?) {
        let kept = range.relative(to: looks)
        firstLook += kept.lowerBound
        looks = Array(looks[kept])
        func parts(_ runs: [Run]) -> [Run]? {
            let parts = runs.compactMap(part)
            return parts.isEmpty ? nil : parts
        }
        connections = connections.compactMapValues(parts)
        others = others.compactMapValues(parts)
    }

    mutating func note(laterPairs keys: some Sequence<Key>) { laterPairs = Set(keys.map(\.pair)) }

    mutating func forget(pairs isGone: (SocketPair) -> Bool, inodes isClosed: (UInt64) -> Bool) {
        namespacesOfPair = namespacesOfPair.filter { !isGone($0.key) }
        owners = owners.filter { !isClosed($0.key) }
    }

    /// The listener that a connection to a local socket would meet, as it was last seen up to a time, or first after.
    func listener(for pair: SocketPair, in namespace: NetworkNamespace.Identifier, at time: Int64)
        -> KernelSocket.Listener?
    {
        var found: (time: Int64, listener: KernelSocket.Listener)?
        for candidate in KernelSide.listeningPairs(for: pair) {
            for run in others[Key(namespace: namespace, pair: candidate)] ?? [] {
                guard case .listener(let listener) = run.socket.kind else { continue }
                let distance = run.begin <= time ? run.begin : Int64.min
                if found.map({ distance >= $0.time }) ?? true { found = (distance, listener) }
            }
        }
        return found?.listener
    }

    /// The pairs that a listener for a local socket can have: its address or any, in its family or in IPv6 for both.
    private static func listeningPairs(for pair: SocketPair) -> [SocketPair] {
        let none = pair.family == .ipv4 ? Address(ipv4: 0) : Address(high: 0, low: 0)
        let any6 = Address(high: 0, low: 0)
        return [
            SocketPair(
                source: pair.source, destination: none, sourcePort: pair.sourcePort, destinationPort: 0,
                family: pair.family),
            SocketPair(
                source: none, destination: none, sourcePort: pair.sourcePort, destinationPort: 0, family: pair.family),
            SocketPair(
                source: any6, destination: any6, sourcePort: pair.sourcePort, destinationPort: 0, family: .ipv6),
        ]
    }

    /// The namespaces that a wildcard listener on a port stands in.
    func namespaces(listeningFor pair: SocketPair) -> Set<NetworkNamespace.Identifier> {
        var found: Set<NetworkNamespace.Identifier> = []
        for namespace in Set(others.keys.map(\.namespace))
        where listener(for: pair, in: namespace, at: .max) != nil {
            found.insert(namespace)
        }
        return found
    }
}

/// What makes a row worth a judgement of its own: timers run and queues fill without that.
private struct Shape: Hashable {
    let state: State
    let kind: String
    let isOwned: Bool
    let identity: KernelSocket.Identity?
    /// Nothing, one octet (a SYN or FIN alone), or more.
    var sendQueue: UInt32 = 0
    var retransmissions: UInt32 = 0
    var probes: UInt32 = 0
    var acceptQueue: UInt32 = 0
    var backlog: UInt32?

    init(_ socket: KernelSocket) {
        state = socket.state
        kind = socket.kind.name
        isOwned = socket.inode != nil
        identity = socket.identity
        switch socket.kind {
        case .bound, .remnant: break
        case .listener(let listener):
            acceptQueue = listener.acceptQueue
            backlog = listener.backlog
        case .request(let request): retransmissions = request.retransmissions
        case .full(let full):
            sendQueue = min(full.sendQueue, 2)
            retransmissions = full.retransmissions ?? 0
            probes = full.probes ?? 0
        }
    }
}

extension Address {
    /// 0.0.0.0 or ::.
    var isUnspecified: Bool { high == 0 && (low == 0 || low == Address(ipv4: 0).low) }
}
