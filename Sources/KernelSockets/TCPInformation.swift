/// What TCP_INFO tells of a connection, as far as a diagnosis needs it. Times are nanoseconds.
public struct TCPInformation: Hashable, Sendable {
    /// The TCP options that both ends agreed on, and what came of Fast Open.
    public struct Options: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public static let timestamps = Options(rawValue: 1)
        public static let selectiveAcknowledgment = Options(rawValue: 2)
        public static let windowScale = Options(rawValue: 4)
        public static let congestionNotification = Options(rawValue: 8)
        public static let congestionNotificationSeen = Options(rawValue: 16)
        /// The peer acknowledged data that was sent in the SYN.
        public static let fastOpen = Options(rawValue: 32)
        /// The socket was made by a SYN with data (Linux 6.14 or later).
        public static let fastOpenChild = Options(rawValue: 128)

        /// Those that have names here.
        static let known = Options(names.map(\.option))

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// Each option with its name in records.
        public static let names: [(option: Options, name: String)] = [
            (.timestamps, "timestamps"), (.selectiveAcknowledgment, "sack"), (.windowScale, "window-scale"),
            (.congestionNotification, "ecn"), (.congestionNotificationSeen, "ecn-seen"), (.fastOpen, "fast-open"),
            (.fastOpenChild, "fast-open-child"),
        ]
    }

    public var options: Options = []
    /// Shift counts of the windows that are sent to this end, and by it (RFC 7323).
    public var sendScale: UInt8 = 0
    public var receiveScale: UInt8 = 0
    /// How often the retransmission timeout has been doubled.
    public var backoff: UInt32 = 0
    /// Octets.
    public var sendSegmentSize: UInt32 = 0
    public var receiveSegmentSize: UInt32 = 0
    /// Segments that are out and not acknowledged; of these: SACKed, held for lost, sent again.
    public var unacknowledged: UInt32 = 0
    public var sacked: UInt32 = 0
    public var lost: UInt32 = 0
    public var retransmitted: UInt32 = 0
    /// Segments sent again since the connection began.
    public var totalRetransmissions: UInt32 = 0
    /// How long ago; 0 at the beginning of a connection counts from the boot of the machine.
    public var sinceDataSent: Int64 = 0
    public var sinceDataReceived: Int64 = 0
    public var sinceAcknowledgmentReceived: Int64 = 0
    public var roundTripTime: Int64 = 0
    public var roundTripVariation: Int64 = 0
    /// Octets; nil where the kernel is older than the field.
    public var acknowledgedOctets: UInt64?
    public var receivedOctets: UInt64?
    public var unsentOctets: UInt32?
    /// Segments, those without text included.
    public var segmentsSent: UInt32?
    public var segmentsReceived: UInt32?
    /// SND.WND, in octets.
    public var sendWindow: UInt32?

    public init() {}
}
