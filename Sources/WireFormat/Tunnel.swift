/// The tunnel that a packet travels in: a part of the name of its flow, for the same addresses and ports may be in use
/// in many tunnels at once.
///
/// Of tunnels in tunnels it is the innermost. The addresses of the tunnel's ends are not part of it: they differ where
/// a tunnel has several, and a key is there to tell tunnels apart.
public struct Tunnel: Hashable, Sendable, BitwiseCopyable {
    /// How packets are put into packets.
    public enum Kind: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
        /// No tunnel.
        case none
        /// IPv4 in IPv4 (RFC 2003).
        case ipInIP
        /// IPv6 in IPv4 (RFC 4213).
        case sixInFour
        /// IPv4 in IPv6 (RFC 2473).
        case fourInSix
        /// IPv6 in IPv6 (RFC 2473).
        case sixInSix
        /// Generic Routing Encapsulation (RFC 2784), with or without a key (RFC 2890).
        case gre
        /// PPP in the GRE of PPTP (RFC 2637). Each way has a call identifier of its own, so it is no key.
        case pptp
        /// A mirrored frame, by its session identifier (draft-foschiano-erspan).
        case erspan
        /// By its VXLAN network identifier (RFC 7348).
        case vxlan
        /// By its virtual network identifier (RFC 8926).
        case geneve

        /// The name in records; empty for `none`.
        public var name: String {
            switch self {
            case .none: ""
            case .ipInIP: "ipip"
            case .sixInFour: "6in4"
            case .fourInSix: "4in6"
            case .sixInSix: "6in6"
            case .gre: "gre"
            case .pptp: "pptp"
            case .erspan: "erspan"
            case .vxlan: "vxlan"
            case .geneve: "geneve"
            }
        }
    }

    /// Key 32, whether there is one 1, kind 8 from bit 40 on: in one word, because it is part of every look-up.
    public let bits: UInt64

    @inlinable
    init(bits: UInt64) {
        self.bits = bits
    }

    /// A tunnel of this kind; of a kind that has no key, and of GRE without one, the key is nil.
    @inlinable
    public init(_ kind: Kind, key: UInt32? = nil) {
        self.init(bits: UInt64(kind.rawValue) << 40 | (key.map { 1 << 32 | UInt64($0) } ?? 0))
    }

    /// No tunnel.
    @inlinable
    public static var none: Tunnel { Tunnel(bits: 0) }

    public var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: bits >> 40)) ?? .none }

    /// The number that tells this tunnel from others of its kind; nil if it has none.
    public var key: UInt32? { bits >> 32 & 1 == 1 ? UInt32(truncatingIfNeeded: bits) : nil }
}

extension Tunnel: LosslessStringConvertible {
    /// The name in records: `vxlan:5001`, `gre`, `gre:7`, `6in4`; empty for `none`.
    public var description: String {
        key.map { "\(kind.name):\($0)" } ?? kind.name
    }

    /// The tunnel of a name in records; nil if there is none of that name.
    public init?(_ description: String) {
        let pieces = description.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = Kind.allCases.first(where: { $0.name == pieces[0] && $0 != .none }) else { return nil }
        guard pieces.count == 2 else {
            self.init(kind)
            return
        }
        guard kind.hasKeys, let key = UInt32(pieces[1]) else { return nil }
        self.init(kind, key: key)
    }
}

extension Tunnel.Kind {
    /// Whether tunnels of this kind have a key, or may have one.
    public var hasKeys: Bool {
        switch self {
        case .none, .ipInIP, .sixInFour, .fourInSix, .sixInSix, .pptp: false
        case .gre, .erspan, .vxlan, .geneve: true
        }
    }
}
