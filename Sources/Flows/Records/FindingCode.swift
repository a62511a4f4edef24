public import TCPStateMachine

/// The closed list of findings. Each has a name that stays, a severity, one line that says what it means, and its
/// source (`FindingCode+Text.swift`); `Docs/findings.md` says of each what proves it and when it is not raised.
public enum FindingCode: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    case connectionRefused
    case connectTimeout
    case halfOpen
    case halfClosed
    case abortiveClose
    case simultaneousOpen
    case simultaneousClose
    case portReuse
    case challengeAck
    case rstOutOfWindow
    case retransmission
    case arrivalNotTaken
    case forgedSegment
    case midStream
    case captureReordered
    case icmpUnreachable
    case closeWaitLingering
    case finWait2Lingering
    case lastAckUnanswered
    case timeWaitAssassination
    case unacceptableSegment
    case dataAfterFin
    case dataOnSyn
    case ackOfUnsentData
    case outOfOrder
    case spuriousResend
    case ackedUnseen
    case captureLoss
    case duplicateFrame
    case zeroWindow
    case keepalive
    case windowProbe
    case synFlood
    case scan
    case protocolViolation
    case evicted

    public var severity: Severity {
        switch self {
        case .halfClosed, .simultaneousOpen, .simultaneousClose, .portReuse, .challengeAck, .retransmission,
            .midStream, .captureReordered, .finWait2Lingering, .dataOnSyn, .outOfOrder, .spuriousResend,
            .ackedUnseen, .duplicateFrame, .zeroWindow, .keepalive, .windowProbe:
            .note
        case .connectionRefused, .connectTimeout, .halfOpen, .abortiveClose, .rstOutOfWindow,
            .icmpUnreachable, .closeWaitLingering, .lastAckUnanswered, .timeWaitAssassination,
            .unacceptableSegment, .ackOfUnsentData, .captureLoss, .synFlood, .scan, .evicted:
            .warning
        case .arrivalNotTaken, .forgedSegment, .dataAfterFin, .protocolViolation:
            .error
        }
    }
}

/// The findings of a flow: each code at most once.
public struct FindingSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public init(_ code: FindingCode) {
        self.rawValue = 1 << UInt64(code.rawValue)
    }

    public func contains(_ code: FindingCode) -> Bool {
        rawValue & (1 << UInt64(code.rawValue)) != 0
    }

    /// The members in the order of `FindingCode.allCases`.
    public var codes: [FindingCode] {
        FindingCode.allCases.filter { contains($0) }
    }
}
