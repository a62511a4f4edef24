/// The control bits that a label names, and data.
struct SegmentWords: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let syn = SegmentWords(rawValue: 1)
    static let ack = SegmentWords(rawValue: 2)
    static let fin = SegmentWords(rawValue: 4)
    static let rst = SegmentWords(rawValue: 8)
    static let data = SegmentWords(rawValue: 16)

    /// As the figures write it: SYN,ACK.
    var text: String {
        let names: [(SegmentWords, String)] = [
            (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.data, "data"), (.ack, "ACK"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}

/// What an edge's label says happens.
enum LabelEvent: Hashable, Sendable {
    case passiveOpen, activeOpen, send, close, abort
    /// `accept()`, `read()`: a call that moves no connection.
    case otherCall
    /// A segment arrives.
    case segment(SegmentWords)
    /// An ACK of our SYN, of our FIN.
    case ackOfSyn, ackOfFin
    case timeWaitTimeout
    /// A timeout of which the state must say which one it is.
    case timeout
    case userTimeout
    case icmpError
}

/// What an edge's label says is sent.
enum LabelAction: Hashable, Sendable {
    case segment(SegmentWords)
}

/// One way to read a label.
struct LabelReading: Hashable, Sendable {
    /// Alternatives: any of them. Empty: the label names no event.
    var events: [LabelEvent] = []
    var actions: [LabelAction] = []
}

/// The label of an edge, with all ways in which it can be read. A label is wrong only if it is wrong in all of them.
struct EdgeLabel: Sendable {
    var readings: [LabelReading] = []
    /// Words stood there that say under which condition.
    var isConditional = false
    /// A number of seconds.
    var seconds: Double?
    /// "immediately"
    var isImmediate = false

    /// Nothing in it was understood.
    var isEmpty: Bool { readings.allSatisfy { $0.events.isEmpty && $0.actions.isEmpty } }
}
