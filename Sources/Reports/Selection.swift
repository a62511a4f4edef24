public import Flows
public import TCPStateMachine
public import WireFormat

/// Which flows are shown: those that meet every condition.
///
///     let selection = try Selection("state=CLOSE-WAIT,port=443")
///     selection.matches(flow)
public struct Selection: Sendable {
    /// One condition on a flow.
    public enum Condition: Hashable, Sendable {
        /// An endpoint is in this state at the end, or may be, where its state is not known.
        case state(State)
        case finding(FindingCode)
        /// An endpoint has this port.
        case port(UInt16)
        /// An endpoint's address has these first bits; `length` counts them as of 128.
        case address(Address, length: Int)
        /// It was seen in this tunnel.
        case tunnel(Tunnel)
        /// It was seen in a tunnel of this kind, whatever its key; `none`: outside of tunnels.
        case tunnelKind(Tunnel.Kind)
    }

    /// What is wrong with the text of a selection, and what would be right.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    public var conditions: [Condition]

    public init(conditions: [Condition]) {
        self.conditions = conditions
    }

    /// Reads `key=value,key=value`; the keys are `state`, `finding`, `port`, `address` and `tunnel`.
    public init(_ text: String) throws(SyntaxError) {
        conditions = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else {
                throw SyntaxError(description: "'\(part)' is not a condition: write key=value, for example port=443")
            }
            conditions.append(try Selection.condition(String(pieces[0]), String(pieces[1])))
        }
    }

    /// Whether a flow meets every condition.
    public func matches(_ flow: FlowRecord) -> Bool {
        for condition in conditions where !condition.holds(for: flow) { return false }
        return true
    }

    /// Whether a connection of Zeek's meets every condition; those that only flows can meet hold for none.
    public func matches(_ connection: ZeekRecord) -> Bool {
        conditions.allSatisfy { $0.holds(between: connection.pair) ?? false }
    }

    /// A condition asks for something that only Postel's flows have: a state, a finding, a tunnel.
    public var isAboutFlowsOnly: Bool {
        let anywhere = Address(high: 0, low: 0)
        let pair = SocketPair(
            source: anywhere, destination: anywhere, sourcePort: 0, destinationPort: 0, family: .ipv6)
        return conditions.contains { $0.holds(between: pair) == nil }
    }

    private static func condition(_ key: String, _ value: String) throws(SyntaxError) -> Condition {
        switch key {
        case "state":
            guard let state = State(name: value.uppercased()) else {
                let names = State.allCases.map(\.name).joined(separator: ", ")
                throw SyntaxError(description: "'\(value)' is not a state: the states are \(names)")
            }
            return .state(state)
        case "finding":
            guard let code = FindingCode.allCases.first(where: { $0.name == value }) else {
                let names = FindingCode.allCases.map(\.name).joined(separator: ", ")
                throw SyntaxError(description: "'\(value)' is not a finding: the findings are \(names)")
            }
            return .finding(code)
        case "port":
            guard let port = UInt16(value) else {
                throw SyntaxError(description: "'\(value)' is not a port: a port is a number, 0 to 65535")
            }
            return .port(port)
        case "address":
            return try address(value)
        case "tunnel":
            return try tunnel(value)
        default:
            throw SyntaxError(
                description: "'\(key)' is nothing to select by: select by state, finding, port, address or tunnel")
        }
    }

    /// A kind of tunnels, a kind with a key, or "none".
    private static func tunnel(_ text: String) throws(SyntaxError) -> Condition {
        if text == "none" { return .tunnelKind(.none) }
        guard let tunnel = Tunnel(text) else {
            let names = Tunnel.Kind.allCases.dropFirst().map { $0.name + ($0.hasKeys ? "[:KEY]" : "") }
            let list = names.joined(separator: ", ")
            throw SyntaxError(description: "'\(text)' is not a tunnel: write none, \(list); a key is a number")
        }
        return tunnel.key == nil ? .tunnelKind(tunnel.kind) : .tunnel(tunnel)
    }

    /// An address, or a prefix such as 192.0.2.0/24.
    private static func address(_ text: String) throws(SyntaxError) -> Condition {
        let pieces = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let (address, family) = Address.parse(pieces[0]) else {
            throw SyntaxError(description: "'\(text)' is not an address: write 192.0.2.1, 192.0.2.0/24 or 2001:db8::1")
        }
        let width = family == .ipv4 ? 32 : 128
        guard pieces.count == 2 else { return .address(address, length: 128) }
        guard let length = Int(pieces[1]), (0...width).contains(length) else {
            throw SyntaxError(description: "'\(text)': the length of the prefix is a number, 0 to \(width)")
        }
        return .address(address, length: 128 - width + length)
    }
}

extension Selection.Condition {
    func holds(for flow: FlowRecord) -> Bool {
        switch self {
        case .state(let state): flow.initiator.possible.contains(state) || flow.responder.possible.contains(state)
        case .finding(let code): flow.findings.contains(code)
        case .tunnel(let tunnel): flow.tunnel == tunnel
        case .tunnelKind(let kind): flow.tunnel.kind == kind
        case .port, .address: holds(between: flow.pair) ?? false
        }
    }

    /// Whether it holds for any traffic between two sockets; nil if that depends on more than them.
    func holds(between pair: SocketPair) -> Bool? {
        switch self {
        case .port(let port): pair.sourcePort == port || pair.destinationPort == port
        case .address(let prefix, let length):
            pair.source.begins(with: prefix, bits: length) || pair.destination.begins(with: prefix, bits: length)
        case .state, .finding, .tunnel, .tunnelKind: nil
        }
    }
}

extension Address {
    /// Whether the first `bits` of 128 are those of `prefix`.
    func begins(with prefix: Address, bits: Int) -> Bool {
        let highMask = UInt64.max << UInt64(64 - min(bits, 64))
        let lowMask = UInt64.max << UInt64(64 - max(bits - 64, 0))
        return (high ^ prefix.high) & highMask == 0 && (low ^ prefix.low) & lowMask == 0
    }
}
