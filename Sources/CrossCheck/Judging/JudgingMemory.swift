import KernelSockets

/// What judging hands on to judging later, of flows that are not concluded.
struct JudgingMemory {
    /// The last row of each endpoint that was judged.
    var rows: [Stories.Place: KernelSocket] = [:]
    /// Endpoints in whose life somebody looked.
    var looked: Set<Stories.Place> = []
    /// Steps that have been paired with the kernel's.
    var taken: Set<TransitionJudging.Pairing> = []

    /// How much it holds.
    var count: Int { rows.count + looked.count + taken.count }

    mutating func forget(_ flows: Set<UInt64>) {
        rows = rows.filter { !flows.contains($0.key.flow) }
        looked = looked.filter { !flows.contains($0.flow) }
        taken = taken.filter { !flows.contains($0.place.flow) }
    }
}
