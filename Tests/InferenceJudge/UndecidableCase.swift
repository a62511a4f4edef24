/// The closed list of Docs/inference.md: what no observer at the vantage point can decide. Each is recognized by what
/// happened and what the capture has (`Recognition`), never by which story it is.
public enum UndecidableCase: String, CaseIterable, Hashable, Sendable {
    case resetNotTaken = "1: a RST passed, and whether it was taken depends on what was lost, silence after it"
    case thirdAckLostThenReset = "2: the third segment lost behind the vantage point, then a RST"
    case acknowledgmentLost = "3: an ACK lost behind the vantage point, silence after it"
    case answerLost = "4: an arrival whose answer was lost before the vantage point"
    case unseenOctets = "7: unseen octets that may end in a FIN, and no later octet"
    case lastSegmentsUnseen = "8: a FIN and an ACK passed, and no answer shows in which order they came"
    case silentByNature = "10: silent by nature: nothing is sent"
    case finBehindText = "10: a CLOSE behind text that waits, and the peer's FIN meanwhile"
    case forgedAsFirst = "12: forged in the name of an end"
    case resetOnDeadPath = "14: a RST behind questions that nobody answered"
    case lastWordsLost = "15: an end's own last segments, or the first of its FIN, lost before the vantage point"
    case lateOnItsWay = "16: late or overtaken on its way"
    case anotherCopy = "17: another copy of the same segment arrived"
    case openerUnseen = "18: the SYN or SYN,ACK of an end in a simultaneous open lost before the vantage point"
    case bareReset = "19: an ABORT by the RFCs that looks like an answer, or an answer that looks like one"
    case thirdAckLostThenClose = "20: the ACK of a SYN lost behind the vantage point, and a FIN next"
    case begunAnew = "21: a new SYN where a connection seemed to go on, and nothing but its old numbers after it"

    /// A convention rather than a conclusion: what is said is called proven all the same.
    var isConvention: Bool { self == .forgedAsFirst || self == .openerUnseen }
}
