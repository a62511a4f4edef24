import Foundation
import Simulation

/// The simulator's dice: small, and the same numbers from the same seed on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var dice: Dice

    public init(seed: UInt64) {
        dice = Dice(seed: seed)
    }

    public mutating func next() -> UInt64 {
        dice.next()
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
