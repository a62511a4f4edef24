/// Frames that passed the interface and are not in the capture, by the capturing program's own count.
public struct CaptureLoss: Hashable, Sendable, BitwiseCopyable {
    /// How many, since the loss told before.
    public var packets: UInt64
    /// They were lost after this time, nanoseconds since the epoch; nil if it is not known since when.
    public var from: Int64?
    /// They were lost before this time, nanoseconds since the epoch.
    public var to: Int64

    public init(packets: UInt64, from: Int64?, to: Int64) {
        self.packets = packets
        self.from = from
        self.to = to
    }

    /// Both losses as one.
    func joined(with other: CaptureLoss) -> CaptureLoss {
        let from: Int64? = if let mine = self.from, let its = other.from { min(mine, its) } else { nil }
        return CaptureLoss(packets: packets.saturatingAdd(other.packets), from: from, to: max(to, other.to))
    }
}
