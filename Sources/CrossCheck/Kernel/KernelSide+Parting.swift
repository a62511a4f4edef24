import KernelSockets
import WireFormat

extension KernelSide {
    /// Takes out all looks up to a time, with what was seen in them. Of the listeners both sides keep what was known.
    mutating func part(before time: Int64) -> KernelSide {
        let old = looks.firstIndex { $0.window.end >= time } ?? looks.count
        let limit = firstLook + old
        var earlier = self
        earlier.keep(looks: ..<old, runs: { $0.limited { $0 < limit } })
        keep(looks: old..., runs: { $0.limited { $0 >= limit } })
        earlier.note(laterPairs: connections.keys)
        return earlier
    }

    /// How many looks, and rows in them, it holds, and what it knows of pairs and owners.
    var kept: Int {
        let runs = [connections, others].flatMap(\.values).joined()
        return looks.count + runs.reduce(0) { $0 + $1.sightings.count } + namespacesOfPair.count + ownersKept
    }

    /// Forgets in which namespaces a pair was seen, but of these; and the owners of sockets that are no more.
    mutating func forget(allBut pairs: Set<SocketPair>) {
        let seen = Set(connections.keys.map(\.pair))
        var inodes: Set<UInt64> = []
        for runs in connections.values { inodes.formUnion(runs.compactMap(\.socket.inode)) }
        for runs in others.values { inodes.formUnion(runs.compactMap(\.socket.inode)) }
        forget(pairs: { !pairs.contains($0) && !seen.contains($0) }, inodes: { !inodes.contains($0) })
    }
}

extension KernelSide.Run {
    /// With the sightings in some looks only; nil if there are none.
    fileprivate func limited(to isWanted: (Int) -> Bool) -> KernelSide.Run? {
        var part = self
        part.sightings.removeAll { !isWanted($0.look) }
        return part.sightings.isEmpty ? nil : part
    }
}
