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

    /// The sockets of a segment from `end`.
    public func pair(_ ports: PortPair, from end: End) -> SocketPair {
        let pair = SocketPair(
            source: a, destination: b, sourcePort: ports.a, destinationPort: ports.b, family: family)
        return end == .a ? pair : pair.reversed
    }
}

extension Simulator {
    /// What a capture at `vantage` holds of all that has happened so far, in the order in which it passed.
    public func capture(at vantage: Vantage, _ setting: CaptureSetting = CaptureSetting()) -> [TappedSegment] {
        let sights: [Sight] =
            switch vantage {
            case .host(let end): sights(at: end)
            case .middle: sightsInTheMiddle()
            }
        return sights.enumerated().map { index, sight in
            let sent = history.segments[Int(sight.number)]
            var captured = CapturedSegment(
                segment: sent.segment, pair: setting.pair(sent.ports, from: sent.from),
                time: setting.begin &+ sight.time.nanoseconds, packet: UInt64(index) + 1)
            captured.direction = sight.direction
            captured.identification = sent.identification
            captured.hasIdentification = setting.family == .ipv4
            captured.timeToLive = sent.timeToLive - sight.hops
            return TappedSegment(captured: captured, number: sight.number, isCorrupt: sent.isCorrupt)
        }
    }

    private struct Sight {
        var number: Int32
        var time: VirtualTime
        var direction: Direction
        var hops: UInt8
    }

    /// In the order in which they left and came, which is more than the clock tells.
    private func sights(at end: End) -> [Sight] {
        history.incidents.compactMap { incident in
            guard incident.end == end else { return nil }
            switch incident.what {
            case .departure(let number):
                return Sight(number: number, time: incident.time, direction: .sent, hops: 0)
            case .arrival(let number, _):
                guard history.segments[Int(number)].fate != .metNoHost else { return nil }
                return Sight(number: number, time: incident.time, direction: .received, hops: 2)
            case .call, .timeout, .crash, .restart, .signal, .remark, .statesAsked: return nil
            }
        }
    }

    private func sightsInTheMiddle() -> [Sight] {
        let seen = history.segments.indices.filter {
            history.segments[$0].passesMiddle && history.segments[$0].middle <= now
        }
        let order = seen.sorted {
            (history.segments[$0].middle, $0) < (history.segments[$1].middle, $1)
        }
        return order.map {
            Sight(number: Int32($0), time: history.segments[$0].middle, direction: .unknown, hops: 1)
        }
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
