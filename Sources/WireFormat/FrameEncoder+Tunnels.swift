/// The headers of a tunnel, from the IP header around it to what stands before the segment's own.
///
/// - Parameters:
///   - outer: the addresses of the tunnel's ends.
///   - length: octets of the packet inside, its IP header included.
func appendTunnelHeaders(
    _ captured: CapturedSegment, in outer: SocketPair, length: Int, to bytes: inout [UInt8]
) {
    let headers = tunnelHeaders(captured, length: length)
    appendInternetHeader(
        outer, timeToLive: captured.outerTimeToLive, identification: 0, protocolNumber: headers.protocolNumber,
        length: headers.octets.count + length, to: &bytes)
    bytes += headers.octets
}

private func tunnelHeaders(_ captured: CapturedSegment, length: Int) -> (protocolNumber: UInt8, octets: [UInt8]) {
    let type = etherType(captured.pair.family)
    let key = captured.tunnel.key
    var octets: [UInt8] = []
    switch captured.tunnel.kind {
    case .none, .ipInIP, .fourInSix: return (InternetProtocol.ipv4, [])
    case .sixInFour, .sixInSix: return (InternetProtocol.ipv6, [])
    case .gre:
        octets.append(UInt16(key == nil ? 0 : 0x2000))
        octets.append(type)
        if let key { octets.append(key) }
        return (InternetProtocol.gre, octets)
    case .pptp:
        // Version 1 with key and sequence number.
        octets.append(UInt16(0x3001))
        octets.append(EtherType.ppp)
        octets.append(UInt16(exactly: length + 4) ?? 0)
        octets += [0, 1, 0, 0, 0, 0, 0xFF, 0x03]
        octets.append(captured.pair.family == .ipv4 ? PPPProtocol.ipv4 : PPPProtocol.ipv6)
        return (InternetProtocol.gre, octets)
    case .erspan:
        // Without a session it is version I, which has no sequence number.
        octets.append(UInt16(key == nil ? 0 : 0x1000))
        octets.append(EtherType.erspan)
        if let key {
            octets += [0, 0, 0, 0, 0x10, 0]
            octets.append(UInt16(truncatingIfNeeded: key & 0x03FF))
            octets += [0, 0, 0, 0]
        }
        appendInnerEthernet(type, to: &octets)
        return (InternetProtocol.gre, octets)
    case .vxlan:
        appendUDP(to: 4789, length: 8 + 14 + length, to: &octets)
        octets.append(UInt32(0x0800_0000))
        octets.append((key ?? 0) << 8)
        appendInnerEthernet(type, to: &octets)
        return (InternetProtocol.udp, octets)
    case .geneve:
        appendUDP(to: 6081, length: 8 + 14 + length, to: &octets)
        octets.append(UInt16(0))
        octets.append(EtherType.ethernet)
        octets.append((key ?? 0) << 8)
        appendInnerEthernet(type, to: &octets)
        return (InternetProtocol.udp, octets)
    }
}

/// The checksum is left out, as it is in tunnels over IPv4 (RFC 7348 section 5, RFC 6935).
private func appendUDP(to port: UInt16, length: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt16(0xC000))
    bytes.append(port)
    bytes.append(UInt16(exactly: 8 + length) ?? 0)
    bytes.append(UInt16(0))
}

private func appendInnerEthernet(_ type: UInt16, to bytes: inout [UInt8]) {
    bytes += [0x02, 0, 0, 0, 0, 0x04]
    bytes += [0x02, 0, 0, 0, 0, 0x03]
    bytes.append(type)
}
