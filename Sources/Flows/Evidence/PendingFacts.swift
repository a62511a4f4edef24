import TCPStateMachine
import WireFormat

/// What a segment towards an endpoint would change, if it arrived. Nothing else about an arrival moves a state.
enum FactKind: UInt8, BitwiseCopyable {
    /// The peer's SYN, or its SYN,ACK.
    case syn
    /// The first segment that acknowledges the endpoint's SYN.
    case ackOfSyn
    /// The first segment that acknowledges the endpoint's FIN.
    case ackOfFin
    /// The peer's FIN.
    case fin
    /// The peer's latest acceptable RST.
    case rst
}

/// Which facts are pending at an endpoint; kept with the hot part, so that most segments see at once that none is.
struct FactKinds: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let syn = FactKinds(rawValue: 1 << 0)
    static let ackOfSyn = FactKinds(rawValue: 1 << 1)
    static let ackOfFin = FactKinds(rawValue: 1 << 2)
    static let fin = FactKinds(rawValue: 1 << 3)
    static let rst = FactKinds(rawValue: 1 << 4)
}

/// One pending fact: the packet that would bring it.
struct PendingFact: BitwiseCopyable {
    var time: Int64
    var cause: PacketReference
    /// TSval of that packet, if it had one.
    var timestamp: UInt32
    var hasTimestamp: Bool
    /// An earlier segment that did not bring the fact had the same TSval: an equal TSecr proves nothing.
    var isTimestampShared: Bool
    /// SYN and ACK of the SYN: the segment was a SYN,ACK that acknowledged the endpoint's SYN. ACK of the FIN: not
    /// every TCP takes it from such a segment at once. RST: the path to the endpoint seemed dead.
    var mark: Bool
    var seen: Bool
    /// ACK of the FIN: SEQ of the segment that carried it, if that stands where the window ends, or behind it.
    var numberBeyondWindow: SequenceNumber?

    static let none = PendingFact(
        time: 0, cause: .none, timestamp: 0, hasTimestamp: false, isTimestampShared: false, mark: false, seen: false)
}

extension PendingFact {
    /// A RST; no stamp proves that one came.
    init(reset c: CapturedSegment, pathIsDead: Bool = false) {
        self.init(
            time: c.time, cause: c.reference, timestamp: 0, hasTimestamp: false, isTimestampShared: true,
            mark: pathIsDead, seen: true)
    }
}

/// One passing of the peer's FIN.
struct FinCopy: BitwiseCopyable {
    var time: Int64
    var cause: PacketReference
    var acknowledgmentNumber: SequenceNumber
    var timestamp: UInt32
    var hasTimestamp: Bool
    /// The endpoint went on as if this copy had not come.
    var isDoubted: Bool
    /// When it passed, its sender's window had room for what the endpoint might have held back.
    var hasRoom: Bool
}

/// All that is pending at one endpoint.
struct PendingFacts: ~Copyable {
    static var copyCapacity: Int { 4 }

    var syn = PendingFact.none
    var ackOfSyn = PendingFact.none
    var ackOfFin = PendingFact.none
    var rst = PendingFact.none
    /// The ACK of the endpoint's FIN that seemed to be lost when the FIN passed again; the cause is none if none did.
    var refusedAckOfFin = PendingFact.none
    /// A RST that the endpoint takes only if what passed before it was lost behind the vantage point; its cause is none
    /// if none passed.
    var uncertainReset = PendingFact.none
    let finCopies: Row<FinCopy>
    private(set) var finCopyCount: UInt8 = 0
    /// The capture saw everything before the FIN.
    var isFinWhole = false

    init(finCopies: Row<FinCopy>) {
        self.finCopies = finCopies
    }

    /// A fifth copy takes the place of the fourth: the first ones decide most.
    mutating func appendFin(_ copy: FinCopy) {
        let index = min(Int(finCopyCount), Self.copyCapacity - 1)
        finCopies[index] = copy
        finCopyCount = UInt8(index + 1)
    }

    func updateFin(at index: Int, _ change: (inout FinCopy) -> Void) {
        guard index < Int(finCopyCount) else { return }
        change(&finCopies[index])
    }

    /// The endpoint goes on as if no copy of the FIN had come.
    mutating func doubtFin() {
        for index in 0..<Int(finCopyCount) { finCopies[index].isDoubted = true }
    }

    var isFinDoubted: Bool {
        for index in 0..<Int(finCopyCount) where !finCopies[index].isDoubted { return false }
        return true
    }

    mutating func dropFin() {
        finCopyCount = 0
        isFinWhole = false
    }
}
