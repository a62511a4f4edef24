/// How interfaces are captured.
public struct LiveOptions: Hashable, Sendable {
    /// How many octets of a frame are kept. The default holds the headers of TCP in a tunnel with VLAN tags.
    public var snapshotLength = 256
    /// Captures frames that are not for this host, too.
    public var isPromiscuous = false
    /// The room for frames that wait to be read, for each interface: mebibytes.
    public var bufferSize = 16
    /// How long the system may gather frames before it hands them on, milliseconds; nil hands on each at once.
    public var timeout: Int32? = 50
    /// A filter in libpcap's language, which the system applies to the outer headers.
    public var filter: String?

    public init() {}

    /// After so many nanoseconds a frame has been handed on, if it was captured.
    var latency: Int64 {
        // The system looks at its timers a few milliseconds late.
        guard let timeout else { return 1_000_000 }
        return (Int64(timeout) + 20) * 1_000_000
    }
}
