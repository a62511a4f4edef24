/// How far a replay has come: told now and then, at most ten times a second.
public struct ReplayProgress: Sendable {
    /// What is being done with the packets.
    public enum Stage: Sendable {
        case replaying
        /// Everything has been replayed; the packets of selected flows are read again and written.
        case writing
    }

    public var stage = Stage.replaying
    /// The file that is being read.
    public var file: String
    /// Its place among the files, from 0.
    public var index: Int
    /// How many files there are.
    public var files: Int
    /// Packets read so far, of all files.
    public var packets: UInt64
    /// How much of the file has been read, 0 ... 1; nil where its size is not known.
    public var fraction: Double?
}

/// Decides when progress is worth telling, without asking the clock for every packet.
struct ProgressTicker {
    /// How many packets pass between two looks at the clock and at the stop flag.
    static let packetsBetweenLooks = 1024
    private static let interval = Duration.milliseconds(100)

    private var due = ContinuousClock.now + ProgressTicker.interval

    /// Whether a tenth of a second has passed since the last time that this was true.
    mutating func isDue() -> Bool {
        let now = ContinuousClock.now
        guard now >= due else { return false }
        due = now + ProgressTicker.interval
        return true
    }
}
