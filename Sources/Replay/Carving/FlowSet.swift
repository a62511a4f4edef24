/// Numbers of flows: one bit for each, up to the highest.
struct FlowSet {
    private var words: [UInt64] = []

    mutating func insert(_ number: UInt64) {
        let word = Int(clamping: number >> 6)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        words[word] |= 1 << (number & 63)
    }

    func contains(_ number: UInt64) -> Bool {
        let word = Int(clamping: number >> 6)
        return word < words.count && words[word] & 1 << (number & 63) != 0
    }
}
