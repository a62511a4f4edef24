public import TCPStateMachine

/// Where an event comes from.
public enum Trigger: Hashable, Sendable, BitwiseCopyable {
    /// The arrival of this segment, of those that were sent.
    case arrival(Int32)
    /// The same, once another connection has had it.
    case handedOn(Int32)
    /// The arrival of this ICMP error, of those that were sent.
    case icmpError(Int32)
    case call(UserCall)
    case timeout(TimerKind)
    /// What a user does all the time, and nobody writes down.
    case habit

    var segment: Int32? {
        switch self {
        case .arrival(let number), .handedOn(let number): number
        case .icmpError, .call, .timeout, .habit: nil
        }
    }

    func incident(_ outcome: Outcome) -> Incident.What? {
        switch self {
        case .arrival(let number): .arrival(number, ignored: outcome.reason)
        case .icmpError(let number): .icmpError(number, ignored: outcome.reason)
        case .call(let call): .call(call, outcome.answer)
        case .timeout(let kind): .timeout(kind)
        case .handedOn, .habit: nil
        }
    }
}

/// What an event did to one connection: the whole of the machine's answer, for whoever asks why.
public struct TracedEvent: Hashable, Sendable, BitwiseCopyable {
    public var time: VirtualTime
    public var end: End
    public var ports: PortPair
    public var trigger: Trigger
    public var before: State
    public var after: State
    public var outcome: Outcome
}
