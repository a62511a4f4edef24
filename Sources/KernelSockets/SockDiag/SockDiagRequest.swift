import WireFormat

/// A request to sock_diag, as octets.
enum SockDiagRequest {
    /// Lists the sockets of a family in any of these states.
    static func list(_ family: AddressFamily, states: UInt32, sequence: UInt32) -> [UInt8] {
        var octets = header(SockDiagFormat.flagRequest | SockDiagFormat.flagDump, sequence)
        begin(family, states: states, to: &octets)
        octets.append(contentsOf: repeatElement(0, count: 48))
        return octets
    }

    /// Looks for the socket of a pair. IPv4 is asked for as IPv4: that finds dual-stack sockets too.
    static func find(_ pair: SocketPair, interface: UInt32, sequence: UInt32) -> [UInt8] {
        var octets = header(SockDiagFormat.flagRequest, sequence)
        begin(pair.family, states: KernelStateNumber.allBits, to: &octets)
        append(network: pair.sourcePort, to: &octets)
        append(network: pair.destinationPort, to: &octets)
        append(pair.source, pair.family, to: &octets)
        append(pair.destination, pair.family, to: &octets)
        append(native: interface, to: &octets)
        // INET_DIAG_NOCOOKIE.
        octets.append(contentsOf: repeatElement(0xFF, count: 8))
        return octets
    }

    private static func header(_ flags: UInt16, _ sequence: UInt32) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(SockDiagFormat.headerSize + SockDiagFormat.requestSize)
        append(native: UInt32(SockDiagFormat.headerSize + SockDiagFormat.requestSize), to: &octets)
        append(native: SockDiagFormat.byFamily, to: &octets)
        append(native: flags, to: &octets)
        append(native: sequence, to: &octets)
        append(native: UInt32(0), to: &octets)
        return octets
    }

    private static func begin(_ family: AddressFamily, states: UInt32, to octets: inout [UInt8]) {
        octets.append(family == .ipv4 ? SockDiagFormat.familyIPv4 : SockDiagFormat.familyIPv6)
        octets.append(SockDiagFormat.protocolTCP)
        octets.append(SockDiagFormat.extensions)
        octets.append(0)
        append(native: states, to: &octets)
    }

    private static func append(_ address: Address, _ family: AddressFamily, to octets: inout [UInt8]) {
        switch family {
        case .ipv4:
            append(network: UInt32(truncatingIfNeeded: address.low), to: &octets)
            octets.append(contentsOf: repeatElement(0, count: 12))
        case .ipv6:
            append(network: address.high, to: &octets)
            append(network: address.low, to: &octets)
        }
    }

    private static func append(network number: some FixedWidthInteger, to octets: inout [UInt8]) {
        append(native: number.bigEndian, to: &octets)
    }

    private static func append(native number: some FixedWidthInteger, to octets: inout [UInt8]) {
        var rest = number.littleEndian
        #if _endian(big)
        rest = number.byteSwapped.littleEndian
        #endif
        for _ in 0..<number.bitWidth / 8 {
            octets.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}
