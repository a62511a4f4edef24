import Foundation

/// What random tests begin with: fixed seeds, and one of today; a failure prints the one it had. POSTEL_SEED repeats
/// it.
enum Seeds {
    static let all: [UInt64] = {
        if let text = ProcessInfo.processInfo.environment["POSTEL_SEED"], let seed = UInt64(text) { return [seed] }
        return [1, 793, UInt64.random(in: 0...UInt64.max)]
    }()
}

/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
