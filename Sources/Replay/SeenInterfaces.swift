/// Which interfaces of a capture have been met, so that each is asked for its addresses once.
struct SeenInterfaces {
    private var last: UInt32?
    private var seen: Set<UInt32> = []
    /// More than any machine has: the bound keeps a hostile file from filling the memory.
    private static let most = 4096

    /// Whether a frame is the first of its interface; neighbors mostly come from the same one.
    @inline(__always)
    mutating func isNew(_ interface: UInt32) -> Bool {
        interface != last && meet(interface)
    }

    @inline(never)
    private mutating func meet(_ interface: UInt32) -> Bool {
        last = interface
        return seen.count < SeenInterfaces.most && seen.insert(interface).inserted
    }
}
