import TCPStateMachine

/// Turns a segment into the octets of a frame: what `FrameDecoder` reads, for captures that the simulator writes and
/// for tests. Checksums are right; the text is zeros, as only its length is known.
public struct FrameEncoder: Sendable, BitwiseCopyable {
    public let linkType: LinkType

    public init(linkType: LinkType) {
        self.linkType = linkType
    }

    /// Appends the frame of a segment.
    ///
    /// The link layer carries what it can of `virtualLAN`, `interface` and `direction`. A tunnel goes from 192.0.2.1 to
    /// 192.0.2.2, or 2001:db8::1 to 2001:db8::2. Options are written in the order that Linux uses, as far as forty
    /// octets take them. A segment that is too long for IP's length fields is written as segmentation offload shows it,
    /// with the length zero.
    ///
    /// - Parameters:
    ///   - includingText: false leaves the text out, like a capture with a short snapshot length.
    ///   - bytes: is appended to.
    /// - Returns: the octets of the whole frame, text included: its original length.
    @discardableResult
    public func encode(_ captured: CapturedSegment, includingText: Bool = true, into bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        let options = encodeOptions(captured.segment.options)
        let textLength = Int(captured.segment.payloadLength)
        appendOuterHeaders(of: captured, length: 20 + options.count + textLength, to: &bytes)
        appendInternetHeader(
            captured.pair, timeToLive: captured.timeToLive, identification: captured.identification,
            protocolNumber: InternetProtocol.tcp, length: 20 + options.count + textLength, to: &bytes)
        appendTCP(captured.segment, pair: captured.pair, options: options, to: &bytes)
        let length = bytes.count - start + textLength
        if includingText { bytes.append(contentsOf: repeatElement(0, count: textLength)) }
        return length
    }

    /// Appends the frame of an ICMP or ICMPv6 error, which quotes the IP header and eight octets of TCP.
    ///
    /// - Parameters:
    ///   - sender: the router or host that reports the error; it goes to the source of the quoted segment.
    ///   - bytes: is appended to.
    public func encode(_ error: ICMPError, from sender: Address, into bytes: inout [UInt8]) {
        var outer = CapturedSegment(
            segment: Segment(sequenceNumber: error.sequenceNumber, controlBits: []), pair: error.pair)
        outer.pair.source = sender
        outer.pair.destination = error.pair.source
        outer.tunnel = error.tunnel
        var quoted: [UInt8] = []
        appendInternetHeader(
            error.pair, timeToLive: 1, identification: 0, protocolNumber: InternetProtocol.tcp, length: 20, to: &quoted)
        quoted.append(error.pair.sourcePort)
        quoted.append(error.pair.destinationPort)
        quoted.append(error.sequenceNumber.rawValue)
        appendOuterHeaders(of: outer, length: 8 + quoted.count, to: &bytes)
        let protocolNumber = error.pair.family == .ipv4 ? InternetProtocol.icmp : InternetProtocol.icmpv6
        appendInternetHeader(
            outer.pair, timeToLive: 64, identification: 0, protocolNumber: protocolNumber, length: 8 + quoted.count,
            to: &bytes)
        let message = [error.type, error.code, 0, 0, 0, 0, 0, 0] + quoted
        var checksum = Checksum()
        if error.pair.family == .ipv6 {
            checksum.addPseudoHeader(
                source: sender, destination: error.pair.source, family: .ipv6, protocolNumber: protocolNumber,
                length: UInt32(message.count))
        }
        checksum.add(message.span)
        bytes.append(contentsOf: message[..<2])
        bytes.append(checksum.value)
        bytes.append(contentsOf: message[4...])
    }

    /// Everything before the IP header of the segment itself, behind which `length` octets follow.
    private func appendOuterHeaders(of captured: CapturedSegment, length: Int, to bytes: inout [UInt8]) {
        let packetLength = length + (captured.pair.family == .ipv4 ? 20 : 40)
        guard captured.tunnel != .none else {
            return appendLinkHeader(of: captured, length: packetLength, to: &bytes)
        }
        var outer = captured
        let family = tunnelFamily(captured)
        outer.pair = SocketPair(
            source: family == .ipv4 ? Address(ipv4: 0xC000_0201) : Address(high: 0x2001_0DB8_0000_0000, low: 1),
            destination: family == .ipv4 ? Address(ipv4: 0xC000_0202) : Address(high: 0x2001_0DB8_0000_0000, low: 2),
            sourcePort: 0, destinationPort: 0, family: family)
        var headers: [UInt8] = []
        appendTunnelHeaders(captured, in: outer.pair, length: packetLength, to: &headers)
        appendLinkHeader(of: outer, length: headers.count + packetLength, to: &bytes)
        bytes += headers
    }

    /// Link types that carry one version of IP only carry tunnels in that.
    private func tunnelFamily(_ captured: CapturedSegment) -> AddressFamily {
        switch captured.tunnel.kind {
        case .fourInSix, .sixInSix: .ipv6
        case .none, .ipInIP, .sixInFour, .gre, .pptp, .erspan, .vxlan, .geneve: linkType == .ipv6 ? .ipv6 : .ipv4
        }
    }
}

/// - Parameter length: octets behind the header.
func appendInternetHeader(
    _ pair: SocketPair, timeToLive: UInt8, identification: UInt16, protocolNumber: UInt8, length: Int,
    to bytes: inout [UInt8]
) {
    switch pair.family {
    case .ipv4:
        var header: [UInt8] = [0x45, 0]
        header.append(UInt16(exactly: length + 20) ?? 0)
        header.append(identification)
        header += [0x40, 0, timeToLive, protocolNumber, 0, 0]  // don't fragment; checksum still zero
        header.append(UInt32(truncatingIfNeeded: pair.source.low))
        header.append(UInt32(truncatingIfNeeded: pair.destination.low))
        var checksum = Checksum()
        checksum.add(header.span)
        bytes.append(contentsOf: header[..<10])
        bytes.append(checksum.value)
        bytes.append(contentsOf: header[12...])
    case .ipv6:
        bytes += [0x60, 0, 0, 0]
        bytes.append(UInt16(exactly: length) ?? 0)
        bytes += [protocolNumber, timeToLive]
        for half in [pair.source.high, pair.source.low, pair.destination.high, pair.destination.low] {
            bytes.append(UInt32(truncatingIfNeeded: half >> 32))
            bytes.append(UInt32(truncatingIfNeeded: half))
        }
    }
}

/// The TCP header with its options, as RFC 9293 section 3.1 draws it; the checksum is that with a text of zeros.
private func appendTCP(_ segment: Segment, pair: SocketPair, options: [UInt8], to bytes: inout [UInt8]) {
    var header: [UInt8] = []
    header.append(pair.sourcePort)
    header.append(pair.destinationPort)
    header.append(segment.sequenceNumber.rawValue)
    header.append(segment.acknowledgmentNumber.rawValue)
    header += [UInt8(5 + options.count / 4) << 4, segment.controlBits.rawValue]
    header.append(segment.window)
    header += [0, 0, 0, 0]  // checksum, urgent pointer
    header += options
    var checksum = Checksum()
    checksum.addPseudoHeader(
        source: pair.source, destination: pair.destination, family: pair.family, protocolNumber: InternetProtocol.tcp,
        length: UInt32(header.count) &+ segment.payloadLength)
    checksum.add(header.span)
    bytes.append(contentsOf: header[..<16])
    bytes.append(checksum.value)
    bytes.append(contentsOf: header[18...])
}

extension [UInt8] {
    /// In network order.
    mutating func append(_ number: UInt16) {
        append(UInt8(truncatingIfNeeded: number >> 8))
        append(UInt8(truncatingIfNeeded: number))
    }

    /// In network order.
    mutating func append(_ number: UInt32) {
        append(UInt16(truncatingIfNeeded: number >> 16))
        append(UInt16(truncatingIfNeeded: number))
    }
}
