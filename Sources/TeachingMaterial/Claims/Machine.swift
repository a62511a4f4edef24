import TCPStateMachine

/// Something in a document that claims to be the state diagram, or a part of it: a picture, a table, a list of arrows.
struct Machine: Sendable {
    enum Form: String, Hashable, Sendable {
        case mermaid = "Mermaid"
        case flowchart = "Mermaid flowchart"
        case plantUML = "PlantUML"
        case dot = "DOT"
        case tikz = "TikZ"
        case table, matrix
        case delimited = "delimited table"
        case json = "JSON"
        case yaml = "YAML"
        case xml = "XML"
        case arrows =
            "list of arrows"
        case code, figure

        /// Nodes have ids of their own, so that one state may be drawn twice.
        var hasNodes: Bool {
            switch self {
            case .mermaid, .flowchart, .plantUML, .dot, .tikz: true
            case .table, .matrix, .delimited, .json, .yaml, .xml, .arrows, .code, .figure: false
            }
        }

        /// What is drawn, and could be complete. Single arrows in a text are not.
        var isWhole: Bool {
            switch self {
            case .arrows: false
            case .mermaid, .flowchart, .plantUML, .dot, .tikz, .table, .matrix, .delimited, .json, .yaml, .xml, .code,
                .figure:
                true
            }
        }
    }

    let form: Form
    /// Where it begins.
    var place: Place
    var nodes: [Node] = []
    var edges: [Edge] = []

    /// A node as it is written, at its first place.
    struct Node: Sendable {
        var name: StateName?
        var text: Piece
        /// What edges call it, where that is not its name.
        var id: String?
    }

    struct Edge: Sendable {
        var from: Node
        var to: Node
        var label: EdgeLabel?
        /// The words of the label, as written.
        var labelText = ""
        /// What a diagnostic points at.
        var place: Place
    }

    /// How many of the nodes are states of TCP.
    var knownStates: Set<State> {
        var states: Set<State> = []
        for node in nodes { if let state = node.name?.state, node.name != .terminal { states.insert(state) } }
        return states
    }

    /// Whether this is about TCP at all: at least three of its states, or two with a name that is nothing else.
    var isTCP: Bool {
        let known = knownStates
        let named = nodes.count { $0.name != nil && $0.name != .terminal && $0.name != .moment }
        guard !known.isDisjoint(with: Machine.unmistakable) || nodes.contains(where: { $0.name == .finWait }) else {
            return false
        }
        return known.count >= 2 && named * 2 >= nodes.count
    }

    /// States that nothing but TCP has.
    static let unmistakable: Set<State> = [
        .synSent, .synReceived, .finWait1, .finWait2, .closeWait, .lastAck, .timeWait,
    ]
}

/// A chain of states, as one end visits them.
struct StateChain: Sendable {
    var nodes: [Machine.Node]
}
