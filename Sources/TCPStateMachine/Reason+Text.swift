extension Reason {
    /// Why nothing changed, in the RFC's words as far as it has any, and where that is written.
    public var explanation: String {
        let (words, source) = sentence
        return "\(words) (\(source))"
    }

    private var sentence: (words: StaticString, source: StaticString) {
        switch self {
        case .noConnection:
            ("the connection does not exist: all but a RST is answered by a RST", "RFC 793 p65; RFC 9293 3.10.7.1")
        case .resetWithoutConnection:
            ("a RST for nobody is discarded", "RFC 793 p65; RFC 9293 3.10.7.1")
        case .acknowledgmentInListen:
            ("any acknowledgment is bad if it arrives in LISTEN: a RST", "RFC 793 p65; RFC 9293 3.10.7.2")
        case .nothingForListen:
            ("neither SYN nor RST: dropped", "RFC 793 p66; RFC 9293 3.10.7.2")
        case .acknowledgmentNotOfSyn:
            ("the ACK is not of our SYN: a RST", "RFC 793 p66; RFC 9293 3.10.7.3")
        case .resetNotOfSyn:
            ("the RST does not acknowledge our SYN: dropped", "RFC 793 p66; RFC 9293 3.10.7.3")
        case .resetWithoutAcknowledgment:
            ("a RST without ACK proves nothing in SYN-SENT: dropped", "RFC 793 p67; RFC 9293 3.10.7.3")
        case .noSyn:
            ("neither SYN nor RST: dropped", "RFC 793 p68; RFC 9293 3.10.7.3")
        case .outsideWindow:
            ("the segment is not acceptable, it lies outside the window: an ACK", "RFC 793 p69; RFC 9293 3.10.7.4")
        case .resetOutsideWindow:
            ("the RST lies outside the window: dropped", "RFC 793 p69; RFC 9293 3.10.7.4; RFC 5961 3.2")
        case .oldTimestamp:
            ("the timestamp is older than TS.Recent: not acceptable, an ACK", "RFC 7323 5.3 R1")
        case .resetChallenged:
            ("the RST is in the window, but not at RCV.NXT: a challenge ACK", "RFC 5961 3.2; RFC 9293 3.10.7.4")
        case .synChallenged:
            ("a SYN in a synchronized state: a challenge ACK", "RFC 5961 4.2; RFC 9293 3.10.7.4")
        case .resetInTimeWait:
            ("RSTs are ignored in TIME-WAIT", "RFC 1337")
        case .noAcknowledgment:
            ("the ACK bit is off: dropped", "RFC 793 p72; RFC 9293 3.10.7.4")
        case .acknowledgmentNotOfSynAck:
            ("the ACK is not of our SYN: a RST", "RFC 793 p72; RFC 9293 3.10.7.4")
        case .acknowledgmentOfUnsent:
            ("the ACK is of something not yet sent: an ACK", "RFC 793 p72; RFC 9293 3.10.7.4")
        case .acknowledgmentTooOld:
            ("the ACK is older than all that could be under way: an ACK", "RFC 5961 5.2; RFC 9293 3.10.7.4")
        case .acknowledgmentNotOfFin:
            ("the ACK is not of our FIN: ignored", "RFC 793 p73; RFC 9293 3.10.7.4")
        case .nothingAfterFin:
            ("nothing should come behind the peer's FIN: ignored", "RFC 793 p74-75; RFC 9293 3.10.7.4")
        case .noSuchTimer:
            ("no such timer runs in this state", "RFC 793 p77; RFC 9293 3.10.8")
        case .nothingToAcknowledge:
            ("the ACK that was held back has gone out with another segment", "RFC 9293 3.8.6.3")
        case .errorNotFatal:
            ("the error is no reason to give up here", "RFC 1122 4.2.3.9; RFC 9293 3.9.2.2")
        case .notInProfile:
            ("this TCP does not do that", "Docs/state-machine.md, Profiles")
        }
    }
}
