extension FrameEncoder {
    /// Everything before the first IP header.
    ///
    /// - Parameter length: of the IP packet.
    func appendLinkHeader(of captured: CapturedSegment, length: Int, to bytes: inout [UInt8]) {
        switch linkType {
        case .ethernet:
            // Locally administered addresses: no vendor's.
            bytes += [0x02, 0, 0, 0, 0, 0x02]
            bytes += [0x02, 0, 0, 0, 0, 0x01]
            appendEtherType(of: captured, to: &bytes)
        case .linuxCooked:
            bytes.append(UInt16(packetType(captured.direction)))
            bytes.append(UInt16(1))  // ARPHRD_ETHER
            bytes.append(UInt16(6))
            bytes += [0x02, 0, 0, 0, 0, 0x01, 0, 0]
            appendEtherType(of: captured, to: &bytes)
        case .linuxCooked2:
            // The protocol stands first here, and a tag behind the header.
            bytes.append(captured.virtualLAN == 0 ? etherType(captured.pair.family) : EtherType.customerTag)
            bytes.append(UInt16(0))
            bytes.append(UInt32(captured.interface))
            bytes.append(UInt16(1))  // ARPHRD_ETHER
            bytes += [packetType(captured.direction), 6]
            bytes += [0x02, 0, 0, 0, 0, 0x01, 0, 0]
            if captured.virtualLAN != 0 {
                bytes.append(captured.virtualLAN & 0x0FFF)
                bytes.append(etherType(captured.pair.family))
            }
        case .null:
            bytes.append(loopbackFamily(captured.pair.family).byteSwapped)
        case .loop:
            bytes.append(loopbackFamily(captured.pair.family))
        case .rawInternet, .ipv4, .ipv6: break
        case .ppp, .pppSerial:
            bytes += [0xFF, 0x03]
            bytes.append(pppProtocol(captured.pair.family))
        case .pppOverEthernet:
            // Version and type 1, session 1.
            bytes += [0x11, 0, 0, 1]
            bytes.append(UInt16(exactly: length + 2) ?? 0)
            bytes.append(pppProtocol(captured.pair.family))
        case .pppd:
            bytes += [captured.direction == .received ? 0 : 1, 0x03]
            bytes.append(pppProtocol(captured.pair.family))
        case .pppWithDirection:
            bytes += [captured.direction == .received ? 0 : 1, 0xFF, 0x03]
            bytes.append(pppProtocol(captured.pair.family))
        case .ciscoHDLC:
            bytes += [0x0F, 0]
            bytes.append(etherType(captured.pair.family))
        case .mpls:
            // Label 16, the first that is nobody's; bottom of stack; time to live 64.
            bytes += [0x00, 0x01, 0x01, 64]
        case .wireless: appendWirelessHeader(of: captured, to: &bytes)
        case .wirelessRadiotap:
            // Nothing is present but the header.
            bytes += [0, 0, 8, 0, 0, 0, 0, 0]
            appendWirelessHeader(of: captured, to: &bytes)
        case .wirelessPrism:
            // The message's code 0x44 and length 144 in the order of the machine, as most are; the rest is not read.
            bytes += [0x44, 0, 0, 0, 144, 0, 0, 0]
            bytes.append(contentsOf: repeatElement(0, count: 136))
            appendWirelessHeader(of: captured, to: &bytes)
        case .wirelessAVS:
            bytes += [0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64]
            bytes.append(contentsOf: repeatElement(0, count: 56))
            appendWirelessHeader(of: captured, to: &bytes)
        case .packetFilterLog:
            bytes += [61, captured.pair.family == .ipv4 ? 2 : 24]
            bytes.append(contentsOf: repeatElement(0, count: 62))
        }
    }
}

/// A data frame from a station to its access point, with LLC and SNAP.
private func appendWirelessHeader(of captured: CapturedSegment, to bytes: inout [UInt8]) {
    bytes += [0x08, 0x01, 0, 0]
    for station: UInt8 in [3, 1, 2] { bytes += [0x02, 0, 0, 0, 0, station] }
    bytes += [0, 0, 0xAA, 0xAA, 0x03, 0, 0, 0]
    bytes.append(etherType(captured.pair.family))
}

private func pppProtocol(_ family: AddressFamily) -> UInt16 {
    switch family {
    case .ipv4: PPPProtocol.ipv4
    case .ipv6: PPPProtocol.ipv6
    }
}

private func appendEtherType(of captured: CapturedSegment, to bytes: inout [UInt8]) {
    if captured.virtualLAN != 0 {
        bytes.append(EtherType.customerTag)
        bytes.append(captured.virtualLAN & 0x0FFF)
    }
    bytes.append(etherType(captured.pair.family))
}

func etherType(_ family: AddressFamily) -> UInt16 {
    switch family {
    case .ipv4: EtherType.ipv4
    case .ipv6: EtherType.ipv6
    }
}

/// AF_INET, and AF_INET6 of NetBSD and OpenBSD.
private func loopbackFamily(_ family: AddressFamily) -> UInt32 {
    switch family {
    case .ipv4: 2
    case .ipv6: 24
    }
}

/// Linux's packet types (linux/if_packet.h).
private func packetType(_ direction: Direction) -> UInt8 {
    switch direction {
    case .received: 0
    case .unknown: 3
    case .sent: 4
    }
}
