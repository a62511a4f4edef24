public import WireFormat

/// What Wireshark and Zeek call a flow.
public struct ForeignLabels: Sendable, BitwiseCopyable {
    /// Zeek's name for how the connection went that the flow's first segment is part of.
    public var connState: ZeekConnState
    /// What happened in that connection, by Zeek's letters.
    public var history: ZeekHistory
    /// Wireshark's `tcp.completeness`, 0 ... 63, of the stream that the flow's first segment is part of.
    public var completeness: UInt8
}

/// One connection as Zeek writes it into conn.log.
public struct ZeekRecord: Sendable, BitwiseCopyable {
    /// From 1, in the order of first packets.
    public var number: UInt64
    /// The originator is the source.
    public var pair: SocketPair
    /// When its first packet came: microseconds since the epoch.
    public var first: Int64
    /// Microseconds to the last packet that counts.
    public var duration: Int64
    public var state: ZeekConnState
    public var history: ZeekHistory
    /// Octets that were acknowledged and never seen.
    public var missedOctets: UInt64
    public var originator: Endpoint
    public var responder: Endpoint

    /// One end.
    public struct Endpoint: Sendable, BitwiseCopyable {
        /// Octets of text by sequence numbers.
        public var octets: UInt64
        public var packets: UInt64
        /// Octets of the IP packets by their headers.
        public var internetOctets: UInt64
    }
}

extension ZeekConnection {
    func record(number: UInt64) -> ZeekRecord {
        ZeekRecord(
            number: number, pair: originator == 0 ? pair : pair.reversed, first: first, duration: last &- first,
            state: connState, history: history, missedOctets: missedOctets, originator: record(of: originator),
            responder: record(of: responder))
    }

    private func record(of side: Int) -> ZeekRecord.Endpoint {
        ZeekRecord.Endpoint(
            octets: size(side), packets: ends[side].packets, internetOctets: ends[side].internetOctets)
    }
}
