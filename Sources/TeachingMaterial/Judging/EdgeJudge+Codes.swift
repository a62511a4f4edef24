import TCPStateMachine

extension EdgeJudge {
    /// The code of a wrong edge: the catalogue's where it has one.
    static func code(_ from: State, _ to: State, _ reading: LabelReading) -> DiagnosticCode {
        let closes = reading.events.contains(.close)
        func arrives(_ words: SegmentWords) -> Bool { reading.events.contains(.segment(words)) }
        let acks = arrives(.ack) || reading.events.contains(.ackOfFin) || reading.events.contains(.ackOfSyn)
        let fins = arrives(.fin) || arrives([.fin, .ack])
        let timesOut = reading.events.contains(.timeout) || reading.events.contains(.userTimeout)
        let sendsFin = reading.actions.contains(.segment(.fin)) || reading.actions.contains(.segment([.fin, .ack]))
        let isLate = from.rawValue >= State.finWait1.rawValue
        if to == .established, isLate { return .returnToEstablished }
        switch from {
        case .closed:
            return isClosing(to) ? .closedToClosingState : .illegalTransition
        case .listen:
            return to == .established ? .listenToEstablished : .illegalTransition
        case .synSent:
            switch to {
            case .established:
                return arrives(.syn) ? .synSentEstablishedOnSyn : acks ? .synSentLeavesOnAck : .wrongEvent
            case .finWait1: return .synSentToFinWait1
            case .timeWait, .closeWait: return .failedConnectEndsElsewhere
            case .closed: return sendsFin ? .refusedSendsFin : .wrongEvent
            case .synReceived: return .wrongEvent
            default: return .illegalTransition
            }
        case .synReceived:
            switch to {
            case .established: return arrives(.syn) ? .synReceivedEstablishedOnSyn : .wrongEvent
            case .closed:
                if arrives([.syn, .ack]) { return .synAckInSynReceived }
                return closes ? .synReceivedCloseToClosed : .wrongEvent
            case .finWait1: return acks ? .synReceivedAckToFinWait1 : .wrongEvent
            case .closing: return .synReceivedFinToClosing
            case .listen, .closeWait: return .wrongEvent
            default: return .illegalTransition
            }
        case .established:
            switch to {
            case .closed: return closes ? .closeSkipsStates : .wrongEvent
            case .timeWait, .finWait2: return .closeSkipsStates
            case .closing: return fins ? .finToClosing : .closeSkipsStates
            case .closeWait: return closes || sendsFin ? .closeToCloseWait : .wrongEvent
            case .finWait1: return .wrongEvent
            default: return .illegalTransition
            }
        case .finWait1:
            switch to {
            case .closeWait: return .finWait1ToCloseWait
            case .closed: return fins ? .finWait1FinToClosed : acks ? .finWait1WrongExit : .wrongEvent
            case .finWait2: return timesOut ? .finTimeoutToFinWait2 : .finWait1WrongExit
            case .timeWait, .closing: return .finWait1WrongExit
            case .lastAck: return .lastAckSwapped
            default: return .illegalTransition
            }
        case .finWait2:
            return to == .timeWait ? .finWait2WrongExit : to == .closed ? .wrongEvent : .illegalTransition
        case .closeWait:
            switch to {
            case .closed: return .closeWaitToClosed
            case .timeWait: return .closeWaitToTimeWait
            case .closing: return .closeWaitCloseToClosing
            case .lastAck: return reading.actions.contains(.segment(.ack)) ? .wrongFinalAck : .wrongEvent
            default: return .illegalTransition
            }
        case .closing:
            return to == .lastAck
                ? .lastAckSwapped : to == .timeWait || to == .closed ? .wrongEvent : .illegalTransition
        case .lastAck:
            return to == .timeWait ? .lastAckToTimeWait : to == .closed ? .wrongFinalAck : .illegalTransition
        case .timeWait:
            return to == .closed ? .timeWaitWrongExit : .illegalTransition
        }
    }

    private static func isClosing(_ state: State) -> Bool {
        switch state {
        case .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: true
        case .closed, .listen, .synSent, .synReceived, .established: false
        }
    }
}
