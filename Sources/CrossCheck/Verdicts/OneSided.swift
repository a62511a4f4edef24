/// Why a row, or a transition, of the kernel has no flow to be compared with.
public enum KernelOnlyReason: String, VerdictReason, Hashable, Sendable, CaseIterable {
    case listener
    case bound
    case beforeCapture = "before-capture"
    case afterCapture = "after-capture"
    case quiet
    case beforeFirstSegment = "before-first-segment"
    case synNotOnWire = "syn-not-on-wire"
    case elsewhere
    case anotherNamespace = "another-namespace"

    public var meaning: String {
        switch self {
        case .listener: "a listening socket has no connection"
        case .bound: "a bound socket has no connection"
        case .beforeCapture: "the capture had not begun"
        case .afterCapture: "the capture had ended"
        case .quiet: "no segment of it has passed while the capture ran"
        case .beforeFirstSegment: "no segment of it had passed yet"
        case .synNotOnWire: "its SYN never passed: it waits for a neighbor or a route, or is dropped on its way out"
        case .elsewhere: "it changed while the capture ran, and no segment of it passed there"
        case .anotherNamespace: "another network namespace has the same addresses and ports, and fits"
        }
    }

    public var source: String {
        switch self {
        case .listener: "RFC 9293 section 3.3.2"
        case .bound: "bind(2)"
        case .synNotOnWire: "RFC 9293 section 3.10.1"
        case .beforeCapture, .afterCapture, .quiet, .beforeFirstSegment, .elsewhere, .anotherNamespace:
            "Docs/crosscheck.md, what is compared"
        }
    }

    public var nextStep: String? {
        switch self {
        case .synNotOnWire: "ip neigh, ip route get ADDRESS, and the firewall's output rules"
        case .elsewhere: "the interface and the filter of the capture: ip route get ADDRESS"
        case .listener, .bound, .beforeCapture, .afterCapture, .quiet, .beforeFirstSegment, .anotherNamespace: nil
        }
    }
}

/// Why an endpoint on the wire has no row to be compared with.
public enum WireOnlyReason: String, VerdictReason, Hashable, Sendable, CaseIterable {
    case otherHost = "other-host"
    case noSnapshot = "no-snapshot"
    case noSocket = "no-socket"
    case unanswered

    public var meaning: String {
        switch self {
        case .otherHost: "its address is not one of the hosts whose sockets were looked at"
        case .noSnapshot: "nobody looked while it lived"
        case .noSocket: "the wire, too, leaves it without a connection whenever somebody looked"
        case .unanswered: "nothing that passed says what it is"
        }
    }

    public var source: String {
        switch self {
        case .otherHost, .noSnapshot: "Docs/crosscheck.md, what is compared"
        case .noSocket, .unanswered: "RFC 9293 section 3.10.7.1"
        }
    }

    public var nextStep: String? {
        switch self {
        case .noSnapshot: "snapshots at a shorter interval, or --events"
        case .otherHost, .noSocket, .unanswered: nil
        }
    }
}
