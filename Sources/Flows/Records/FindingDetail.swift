public import WireFormat

/// What a finding says beyond its code, as values; `Reports` makes the second half of the sentence of it.
public enum FindingDetail: Hashable, Sendable, BitwiseCopyable {
    case none
    /// ICMP type and code as on the wire, of which ICMP, and whether it is a hard error (RFC 1122 section 4.2.3.9).
    case icmp(type: UInt8, code: UInt8, family: AddressFamily, isHard: Bool)
    /// How long it had lasted when it ended, or when the capture did: nanoseconds.
    case lasted(Int64)
    /// How long the window was closed in all, nanoseconds, and whether it was closed when the flow was reported.
    case windowClosed(Int64, isClosedAtEnd: Bool)
    /// How many probes there were, and to how many of them the peer said nothing before the next one or the end.
    case probes(sent: UInt32, unanswered: UInt32)
    /// Whether a Fast Open option asked for it (RFC 7413).
    case fastOpen(Bool)
    /// Whether the RST ends TIME-WAIT there, as its receiver's profile has it (RFC 1337).
    case timeWait(ends: Bool)
    /// Connections begun within the time looked at, and how many of them came about.
    case openings(begun: UInt32, completed: UInt32)
    /// Octets that it is about, at least.
    case octets(UInt32)
    /// Octets that were acknowledged and never passed, though later ones did.
    case lostOctets(UInt32)
    /// Packets that the capture lost by its own count while the flow was alive.
    case lostPackets(UInt64)
}
