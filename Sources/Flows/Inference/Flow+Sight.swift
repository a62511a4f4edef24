import TCPStateMachine
import WireFormat

/// Where a segment was seen: on whose host, and whether it is the second sight of one.
extension Flow {
    /// A segment that was already seen on another interface, with another TTL, VLAN or direction, or with other packets
    /// around its tunnel, within 2 ms.
    ///
    /// A pure ACK without timestamp and IP identification is never called a copy: nothing tells it from a second one.
    func isCopy(_ c: CapturedSegment, from e: EndpointRole, _ d: FlowDetail) -> Bool {
        guard self[e].packets > 0, self[e].sight != Sight(c) else { return false }
        let s = c.segment
        for age in 0..<Int(d[e.other].recent.count) {
            let before = d[e.other].recent[age: age]
            guard (c.time &- before.time).magnitude <= 2_000_000, before.sequenceNumber == s.sequenceNumber,
                before.end == s.end, before.acknowledgmentNumber == s.acknowledgmentNumber,
                before.controlBits == s.controlBits
            else { continue }
            let sameIdentification = c.hasIdentification && c.identification != 0
                && before.identification == c.identification
            let sameTimestamp = s.options.hasTimestamps && before.timestamp == s.options.timestampValue
            if c.hasIdentification && c.identification != 0 ? sameIdentification : sameTimestamp { return true }
        }
        return false
    }

    /// Whether the endpoint is on the host where the capture was taken.
    func locate(_ e: EndpointRole, _ l: borrowing Ledger) {
        let address = e == .initiator ? pair.source : pair.destination
        let vantage = l.options.vantage
        var isLocal = vantage.includes(address, pair.family)
        if case .automatic = vantage {
            if self[e].has(.seenSent), !self[e].has(.seenReceived) { isLocal = true }
            // What is in a tunnel has addresses of its own.
            if tunnel == .none, l.localAddresses.contains(address) { isLocal = true }
        }
        if isLocal { self[e].flags.insert(.isLocal) } else { self[e].flags.remove(.isLocal) }
    }
}

extension TrackerOptions.Vantage {
    /// Whether an address is on the capture's host, as far as the address tells.
    func includes(_ address: Address, _ family: AddressFamily) -> Bool {
        switch self {
        case .middle: false
        case .host(let addresses): addresses.contains(address)
        case .automatic: address.isLoopback(family)
        }
    }
}

extension Address {
    /// 127.0.0.0/8 or ::1: both ends are on the capture's host.
    func isLoopback(_ family: AddressFamily) -> Bool {
        switch family {
        case .ipv4: low >> 24 & 0xFF == 127
        case .ipv6: high == 0 && low == 1
        }
    }
}
