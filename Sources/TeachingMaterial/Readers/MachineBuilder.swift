import TCPStateMachine

/// Collects nodes and edges; a node's name may come after its first edge.
struct MachineBuilder {
    let form: Machine.Form
    private var place: Place?
    /// Ids in the order of their first mention.
    private var order: [String] = []
    private var texts: [String: Piece] = [:]
    private var names: [String: String] = [:]
    private var arrows: [Arrow] = []

    /// More edges are no diagram that a person has drawn.
    static let mostEdges = 4_000

    private struct Arrow {
        var from: String
        var to: String
        var label: EdgeLabel?
        var labelText: String
        var place: Place
    }

    init(_ form: Machine.Form) {
        self.form = form
    }

    mutating func begin(at place: Place) {
        if self.place == nil { self.place = place }
    }

    /// A node is mentioned.
    mutating func mention(_ id: Piece) {
        let key = String(id.text)
        guard texts[key] == nil, order.count < MachineBuilder.mostEdges else { return }
        texts[key] = id
        order.append(key)
    }

    /// A node's name, where it differs from its id.
    mutating func name(_ id: Piece, _ text: some StringProtocol, at piece: Piece? = nil) {
        mention(id)
        let key = String(id.text)
        if names[key] == nil {
            names[key] = String(text)
            if let piece { texts[key] = piece }
        }
    }

    mutating func edge(_ from: Piece, _ to: Piece, label: EdgeLabel?, text: String, at place: Place) {
        guard arrows.count < MachineBuilder.mostEdges else { return }
        mention(from)
        mention(to)
        arrows.append(
            Arrow(from: String(from.text), to: String(to.text), label: label, labelText: text, place: place))
    }

    mutating func edge(_ from: Piece, _ to: Piece, label: Piece?, at place: Place) {
        let text = label.map { String($0.text) } ?? ""
        edge(from, to, label: text.isEmpty ? nil : EdgeLabel(text), text: text, at: place)
    }

    /// A text that was found to belong to the last edge.
    mutating func labelLast(_ text: String) {
        guard let last = arrows.indices.last, arrows[last].label == nil else { return }
        arrows[last].label = EdgeLabel(text)
        arrows[last].labelText = text
    }

    var isEmpty: Bool { order.isEmpty }
    var edgeCount: Int { arrows.count }

    /// The machine; nil if it is none of TCP's.
    func machine(evenWithoutTCP: Bool = false) -> Machine? {
        guard let first = order.first, let piece = texts[first] else { return nil }
        var machine = Machine(form: form, place: place ?? piece.place)
        // Only a diagram that shows TCP's states may misspell them.
        let plain = order.compactMap { StateName(names[$0] ?? $0)?.state }
        let guesses = !Set(plain).isDisjoint(with: Machine.unmistakable)
        var nodes: [String: Machine.Node] = [:]
        for id in order {
            guard let text = texts[id] else { continue }
            let written = names[id] ?? id
            let node = Machine.Node(name: StateName(written, guessing: guesses), text: text, id: id)
            nodes[id] = node
            machine.nodes.append(node)
        }
        for arrow in arrows {
            guard let from = nodes[arrow.from], let to = nodes[arrow.to] else { continue }
            machine.edges.append(
                Machine.Edge(from: from, to: to, label: arrow.label, labelText: arrow.labelText, place: arrow.place))
        }
        guard machine.isTCP || evenWithoutTCP else { return nil }
        return machine
    }
}
