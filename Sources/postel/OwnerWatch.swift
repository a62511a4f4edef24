import KernelSockets

/// Looks for the programs that hold the sockets of snapshots, each socket once.
struct OwnerWatch {
    private let helper: SharedHelper
    /// Sockets that have been looked for, found or not, while they are there.
    private var known: Set<UInt64> = []
    private var due = ContinuousClock.now

    /// Every descriptor of every process is looked at, some 6 µs each: this takes a twentieth of the time at most.
    private static let share = 20
    private static let shortest = Duration.milliseconds(100)

    init(_ helper: SharedHelper) {
        self.helper = helper
    }

    /// The owners of sockets that are new.
    mutating func look(at sockets: [KernelSocket]) throws(KernelSocketsError) -> [UInt64: [SocketOwner]] {
        let now = ContinuousClock.now
        guard now >= due else { return [:] }
        let present = Set(sockets.lazy.compactMap(\.inode))
        known.formIntersection(present)
        let wanted = present.subtracting(known)
        guard !wanted.isEmpty else { return [:] }
        known.formUnion(wanted)
        let found = try helper.owners(of: Array(wanted))
        let end = ContinuousClock.now
        due = end + max(OwnerWatch.shortest, (end - now) * OwnerWatch.share)
        return found
    }
}
