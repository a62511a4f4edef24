/// The processes that /proc shows.
enum ProcessList {
    /// Their numbers, ascending.
    static func numbers() -> [Int32] {
        (SmallFile.names(in: "/proc") ?? []).compactMap { Int32($0) }.filter { $0 > 0 }.sorted()
    }
}
