import TCPStateMachine

/// Something that is done, in a sentence: who sends, receives, awaits or enters what.
struct Act: Sendable {
    /// What the words around it say about when, and whether.
    enum Mode: Hashable, Sendable {
        /// It is said to be so.
        case main
        /// It has happened before what else is said: "after receiving a FIN".
        case after
        /// It may happen: "when a FIN arrives".
        case when
        /// It has not happened yet: "before", "until".
        case until
        /// It is what something is good for.
        case purpose
    }

    var verb: Concept
    /// A segment, data, a request; nil if none is named.
    var object: Concept?
    /// The object is an ACK of a FIN, of a SYN.
    var acknowledges: Concept?
    /// Whose the object is.
    var owner: Concept?
    var subject: Concept?
    var source: Concept?
    var target: Concept?
    /// What is entered or left.
    var state: State?
    var mode: Mode = .main
    var isNegated = false
    /// "can", "will", "must": it is not said to have happened.
    var isModal = false
    /// A state is its object: entered, left, or where an end is.
    var isMove: Bool { verb == .enter || verb == .leave || verb == .stay }
    /// The tokens it was made of.
    var first: Int
    var last: Int
}

extension Concept {
    var isActor: Bool {
        switch self {
        case .peer, .local, .application, .system, .client, .server, .activeCloser, .passiveCloser, .both, .host: true
        default: false
        }
    }

    var isObject: Bool {
        switch self {
        case .syn, .synAck, .ack, .fin, .finAck, .rst, .data, .connectionRequest, .terminationRequest, .response,
            .request,
            .command:
            true
        default: false
        }
    }

    var isVerb: Bool {
        switch self {
        case .send, .receive, .acknowledge, .wait, .close, .already, .stay, .enter, .leave, .lose, .closeCall,
            .retransmit, .flow, .open, .unacknowledged:
            true
        default: false
        }
    }

    /// The mode that a joining word gives to what it joins.
    var mode: Act.Mode? {
        switch self {
        case .when: .when
        case .after: .after
        case .until, .before: .until
        case .because: .after
        case .purpose: .purpose
        default: nil
        }
    }
}
