import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same numbers from the same seed on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    public mutating func next32() -> UInt32 {
        UInt32(truncatingIfNeeded: next())
    }
}

/// What random tests begin with; a failure prints the seed it had.
public enum Seeds {
    /// Fixed seeds, and one of today.
    public static let all = including([1, 2, 793, .max])

    /// The same seeds in every run and one that is new in each; or the one that POSTEL_SEED names, to repeat a failure.
    private static func including(_ fixed: [UInt64]) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let text = environment["POSTEL_SEED"], let seed = UInt64(text) { return [seed] }
        return fixed + [.random(in: .min ... .max)]
    }
}
