public import WireFormat

/// Where a capture is taken.
public enum Vantage: Hashable, Sendable, BitwiseCopyable {
    /// On one of the two hosts.
    case host(End)
    /// Half way between them.
    case middle

    public static let all: [Vantage] = [.host(.a), .middle, .host(.b)]

    /// As on the command line: A, middle, B.
    public var name: String {
        switch self {
        case .host(let end): end.name
        case .middle: "middle"
        }
    }
}

/// A segment as a capture shows it.
public struct TappedSegment: Sendable, BitwiseCopyable {
    public var captured: CapturedSegment
    /// Which one it is, of those that were sent.
    public var number: Int32
    public var isCorrupt: Bool
}

/// The two ends' addresses, and when the simulation began by the calendar.
public struct CaptureSetting: Hashable, Sendable {
    public var a: Address
    public var b: Address
    public var family: AddressFamily
    /// Nanoseconds since the epoch.
    public var begin: Int64

    /// Addresses for documentation (RFC 5737, RFC 3849), and the day of RFC 793.
    public init(family: AddressFamily = .ipv4, begin: Int64 = 368_150_400 * Duration.second) {
        self.family = family
        self.begin = begin
        switch family {
        case .ipv4:
            a = Address(ipv4: 0xC000_0201)
            b = Address(ipv4: 0xC633_6402)
        case .ipv6:
            a = Address(high: 0x2001_0DB8_0000_000A, low: 1)
            b = Address(high: 0x2001_0DB8_0000_000B, low: 2)
        }
    }

    /// Where ICMP errors come from.
    var router: Address {
        family == .ipv4 ? Address(ipv4: 0xCB00_7101) : Address(high: 0x2001_0DB8_0000_000C, low: 1)
    }

    /// The sockets of a segment from `end`.
    public func pair(_ ports: PortPair, from end: End) -> SocketPair {
        let pair = SocketPair(
            source: a, destination: b, sourcePort: ports.a, destinationPort: ports.b, family: family)
        return end == .a ? pair : pair.reversed
    }
}

/// An ICMP error as a capture shows it.
public struct TappedError: Sendable, BitwiseCopyable {
    public var error: ICMPError
    /// Nanoseconds since the epoch.
    public var time: Int64
    /// The number of its packet in the capture, from 1.
    public var packet: UInt64
}

/// One packet of a capture.
public enum TappedPacket: Sendable, BitwiseCopyable {
    case segment(TappedSegment)
    case error(TappedError)
}

extension Simulator {
    /// What a capture at `vantage` holds of all that has happened so far, in the order in which it passed.
    public func packets(at vantage: Vantage, _ setting: CaptureSetting = CaptureSetting()) -> [TappedPacket] {
        let sights: [Sight] =
            switch vantage {
            case .host(let end): sights(at: end)
            case .middle: sightsInTheMiddle()
            }
        return sights.enumerated().map { index, sight in
            let packet = UInt64(index) + 1
            let time = setting.begin &+ sight.time.nanoseconds
            guard !sight.isError else {
                let error = history.errors[Int(sight.number)].captured(history, setting)
                return .error(TappedError(error: error, time: time, packet: packet))
            }
            let sent = history.segments[Int(sight.number)]
            var captured = CapturedSegment(
                segment: sent.segment, pair: setting.pair(sent.ports, from: sent.from), time: time, packet: packet)
            captured.direction = sight.direction
            captured.identification = sent.identification
            captured.hasIdentification = setting.family == .ipv4
            captured.timeToLive = sent.timeToLive - sight.hops
            // It is damaged on its way.
            let isCorrupt = sent.isCorrupt && sight.direction != .sent
            return .segment(TappedSegment(captured: captured, number: sight.number, isCorrupt: isCorrupt))
        }
    }

    /// The segments among these packets.
    public func capture(at vantage: Vantage, _ setting: CaptureSetting = CaptureSetting()) -> [TappedSegment] {
        packets(at: vantage, setting).compactMap { packet in
            if case .segment(let tapped) = packet { tapped } else { nil }
        }
    }

    private struct Sight {
        /// Of the segment, or of the ICMP error.
        var number: Int32
        var time: VirtualTime
        var direction = Direction.unknown
        var hops: UInt8 = 0
        var isError = false
    }

    /// In the order in which they left and came, which is more than the clock tells.
    private func sights(at end: End) -> [Sight] {
        history.incidents.compactMap { incident in
            guard incident.end == end else { return nil }
            switch incident.what {
            case .departure(let number): return Sight(number: number, time: incident.time, direction: .sent)
            case .arrival(let number, _):
                guard history.segments[Int(number)].fate != .metNoHost else { return nil }
                return Sight(number: number, time: incident.time, direction: .received, hops: 2)
            case .icmpError(let number, _): return Sight(number: number, time: incident.time, isError: true)
            case .call, .timeout, .crash, .restart, .signal, .remark, .statesAsked: return nil
            }
        }
    }

    private func sightsInTheMiddle() -> [Sight] {
        let segments = history.segments.indices.filter { history.segments[$0].passesMiddle }.map {
            Sight(number: Int32($0), time: history.segments[$0].middle, hops: 1)
        }
        let errors = history.errors.indices.map {
            Sight(number: Int32($0), time: history.errors[$0].middle, isError: true)
        }
        // Those of the same moment as they were sent.
        let all = (segments + errors).enumerated().filter { $0.element.time <= now }
        return all.sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
}

extension SentSegment {
    /// 64 hops from a host; who forges is elsewhere.
    fileprivate var timeToLive: UInt8 {
        switch origin {
        case .host, .copy, .injected(.oldDuplicate): 64
        case .injected(.forged): 57
        }
    }
}
