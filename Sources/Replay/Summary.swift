public import Flows
public import WireFormat

/// The last record of a replay: what was read, what was made of it, what was left out and why.
///
/// Nothing vanishes: `packets` is `segments`, `icmpErrors`, `filtered` and everything in `skipped` together.
public struct Summary: Sendable {
    /// One file of the replay; its place in the list is the index that records name.
    public struct File: Sendable {
        /// As it was named; `-` is standard input.
        public var name: String
        /// Packets read, those that the filter held back included.
        public var packets: UInt64 = 0
        /// When the first and the last packet that the filter let through were captured, nanoseconds since the epoch.
        public var first: Int64?
        public var last: Int64?

        public init(name: String) {
            self.name = name
        }
    }

    /// The files in the order in which they were read: by the stamps of their first packets.
    public var files: [File] = []
    /// Packets read from all files.
    public var packets: UInt64 = 0
    /// Packets that the filter held back.
    public var filtered: UInt64 = 0
    /// TCP segments.
    public var segments: UInt64 = 0
    /// ICMP errors about TCP segments.
    public var icmpErrors: UInt64 = 0
    /// Packets that say nothing about TCP connections, by `SkipReason.rawValue`.
    public var skipped: [UInt64] = Array(repeating: 0, count: SkipReason.allCases.count)
    /// Packets that the capturing program lost, by its own count: pcapng files may tell, in the statistics of their
    /// interfaces or at the packets.
    public var captureLosses: UInt64 = 0
    /// What the tracker counted: flows, states, rules, findings.
    public var counts = TrackerCounts()
    /// The replay was stopped before the end of its input.
    public var isInterrupted = false

    public init() {}

    /// Packets skipped for this reason.
    public func skipped(_ reason: SkipReason) -> UInt64 {
        skipped[Int(reason.rawValue)]
    }
}
