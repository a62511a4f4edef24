/// A packet of which some fragments have come.
struct FragmentedPacket {
    /// What its fragments have in common (RFC 791 section 3.2, RFC 8200 section 4.5), and the tunnel around them.
    struct Key: Hashable {
        let source: Address
        let destination: Address
        let identification: UInt32
        /// Of IPv4; 0 in IPv6, where it is no part of the key.
        let protocolNumber: UInt8
        let family: AddressFamily
        let tunnel: Tunnel
    }

    /// What a fragment did.
    enum Verdict {
        case waiting
        /// The packet stays to take what still comes of it; so many fragments are to be counted for this reason.
        case counted(SkipReason, UInt64)
        /// The packet is gone, and so many of its fragments are to be counted for this reason.
        case over(SkipReason, UInt64)
        /// All of it is there.
        case complete
    }

    let serial: UInt64
    let began: Int64
    /// Fragments that have come and are not yet counted; of a complete packet, those that it consists of.
    private(set) var fragments: UInt64 = 0
    /// It is nothing, and this is why.
    private var verdict: SkipReason?
    /// Which octets have come: in order, apart from each other.
    private var ranges: [Range<Int>] = []
    /// The length of the whole, once the last fragment has told it.
    private var length: Int?
    /// Of IPv6's the first fragment tells (RFC 8200 section 4.5).
    private var protocolNumber: UInt8 = 0
    /// The first octets, and which of them are known.
    private var head: [UInt8] = []
    private var isKnown: [Bool] = []

    /// Of TCP, the longest header; of what carries packets, enough for several headers.
    private static let longestTCPHeader = 60
    private static let longestHeaders = 512
    /// A packet in more pieces that do not touch than this is given up.
    private static let mostRanges = 64

    init(serial: UInt64, began: Int64) {
        self.serial = serial
        self.began = began
    }

    /// What it takes of the memory that is bounded.
    var octets: Int { head.count }

    /// Fragments that have come and are not yet counted.
    var uncounted: UInt64 { verdict == nil ? fragments : 0 }

    /// Takes a fragment.
    ///
    /// - Parameter data: its octets as far as they were captured.
    mutating func add(_ piece: FragmentPiece, _ data: Span<UInt8>) -> Verdict {
        fragments += 1
        // One that overlaps is not trusted again; of the others the end is waited for, so that the key becomes free.
        if verdict == .fragmentOverlap { return .counted(.fragmentOverlap, 1) }
        guard agreesOnLength(piece) else { return giveUp(.fragmentOverlap) }
        let overlap = overlap(of: piece.range)
        guard overlap == .none || (agreesOnOctets(piece, data) && (overlap == .whole || piece.family == .ipv4))
        else { return giveUp(.fragmentOverlap) }
        if !piece.hasMore { length = piece.range.upperBound }
        if piece.range.lowerBound == 0 { protocolNumber = piece.protocolNumber }
        keep(piece, data)
        insert(piece.range)
        guard ranges.count <= Self.mostRanges else { return end(.fragmentEvicted) }
        let isComplete = ranges.count == 1 && ranges[0].lowerBound == 0 && ranges[0].upperBound == length
        if let verdict { return isComplete ? .over(verdict, 1) : .counted(verdict, 1) }
        if isComplete { return .complete }
        if isOther(piece) { return giveUp(.notTCP) }
        guard overlap == .none else {
            fragments -= 1
            return .counted(overlap == .whole ? .fragment : .fragmentOverlap, 1)
        }
        return .waiting
    }

    /// The packet is nothing: what has come of it is counted now, and what still comes as it comes.
    private mutating func giveUp(_ reason: SkipReason) -> Verdict {
        let number = verdict == nil ? fragments : 1
        verdict = reason
        return .counted(reason, number)
    }

    private func end(_ reason: SkipReason) -> Verdict {
        .over(reason, verdict == nil ? fragments : 1)
    }

    /// It is UDP, and not to a port of a tunnel.
    private func isOther(_ piece: FragmentPiece) -> Bool {
        guard ranges[0].lowerBound == 0, protocolNumber == InternetProtocol.udp, head.count >= 4 else { return false }
        guard isKnown[2], isKnown[3] else { return false }
        return !isTunnelPort(UInt16(head[2]) << 8 | UInt16(head[3]))
    }

    // MARK: Octets

    private enum Overlap {
        case none
        /// All of it had come before.
        case whole
        case part
    }

    private func overlap(of range: Range<Int>) -> Overlap {
        guard let met = ranges.first(where: { $0.overlaps(range) }) else { return .none }
        return met.lowerBound <= range.lowerBound && range.upperBound <= met.upperBound ? .whole : .part
    }

    /// Two fragments that both claim to be the last, or one that goes beyond the last, cannot both be true.
    private func agreesOnLength(_ piece: FragmentPiece) -> Bool {
        if let length {
            return piece.hasMore ? piece.range.upperBound < length : piece.range.upperBound == length
        }
        return piece.hasMore || (ranges.last?.upperBound ?? 0) <= piece.range.upperBound
    }

    /// As far as octets are kept: those of the headers, which decide what the packet says.
    private func agreesOnOctets(_ piece: FragmentPiece, _ data: Span<UInt8>) -> Bool {
        guard piece.range.lowerBound < head.count else { return true }
        let end = min(head.count, piece.range.lowerBound + data.count)
        for place in piece.range.lowerBound..<end where isKnown[place] {
            if head[place] != data[place - piece.range.lowerBound] { return false }
        }
        return true
    }

    private mutating func keep(_ piece: FragmentPiece, _ data: Span<UInt8>) {
        let isTCP = piece.protocolNumber == InternetProtocol.tcp
        let limit = isTCP ? Self.longestTCPHeader : Self.longestHeaders
        let end = min(piece.range.lowerBound + data.count, limit)
        guard piece.range.lowerBound < end else { return }
        if head.count < end {
            let missing = end - head.count
            head.append(contentsOf: repeatElement(0, count: missing))
            isKnown.append(contentsOf: repeatElement(false, count: missing))
        }
        for place in piece.range.lowerBound..<end where !isKnown[place] {
            head[place] = data[place - piece.range.lowerBound]
            isKnown[place] = true
        }
        if isTCP { dropText() }
    }

    /// Octets behind the TCP header are of no use once it is known where it ends.
    private mutating func dropText() {
        guard head.count > 20, isKnown[12] else { return }
        let headerLength = max(20, Int(head[12] >> 4) * 4)
        guard head.count > headerLength else { return }
        head.removeLast(head.count - headerLength)
        isKnown.removeLast(isKnown.count - headerLength)
    }

    private mutating func insert(_ range: Range<Int>) {
        var merged = range
        var place = 0
        while place < ranges.count, ranges[place].upperBound < range.lowerBound { place += 1 }
        let first = place
        while place < ranges.count, ranges[place].lowerBound <= merged.upperBound {
            let lower = min(merged.lowerBound, ranges[place].lowerBound)
            merged = lower..<max(merged.upperBound, ranges[place].upperBound)
            place += 1
        }
        ranges.replaceSubrange(first..<place, with: CollectionOfOne(merged))
    }

    // MARK: The whole

    /// The packet with a header of its own, as if it had been captured up to the last of its octets that are known.
    func whole(_ last: FragmentPiece) -> (bytes: [UInt8], originalLength: Int) {
        let length = length ?? 0
        var bytes: [UInt8] = []
        appendInternetHeader(
            SocketPair(
                source: last.source, destination: last.destination, sourcePort: 0, destinationPort: 0,
                family: last.family),
            timeToLive: last.timeToLive, identification: UInt16(truncatingIfNeeded: last.identification),
            protocolNumber: protocolNumber, length: length, to: &bytes)
        let originalLength = bytes.count + length
        bytes.append(contentsOf: head[..<(isKnown.firstIndex(of: false) ?? head.count)])
        return (bytes, originalLength)
    }
}
