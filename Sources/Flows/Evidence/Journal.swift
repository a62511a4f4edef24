import TCPStateMachine

/// Something that happened to an endpoint's machine, with the packet that shows it.
struct JournalEntry: BitwiseCopyable {
    var event: DiagramEvent
    var certainty: Certainty
    /// Was the cause captured?
    var seen: Bool
    /// Nothing that may still come is expected to change it: it may be reported.
    var isFinal: Bool
    var time: Int64
    var cause: PacketReference
    var proof: PacketReference
}

/// The events of one endpoint that are not yet reported, on top of the states in which they found it.
///
/// States are not stored but follow from the events by the machine's diagram; to withdraw an event is to remove it.
/// An endpoint met in mid-stream begins with several states, and what it does narrows them.
struct Journal: ~Copyable {
    static var capacity: Int { 8 }

    /// The states in which the first entry found the endpoint; empty while nothing is known of it.
    private(set) var start: StateSet = []
    /// The start was not yet reported: it becomes a transition with `from` null if the endpoint was met in mid-stream.
    var isStartUnreported = false
    /// How sure the last reported step was.
    var reportedCertainty = Certainty.proven
    private(set) var count: UInt8 = 0
    private let entries: Row<JournalEntry>

    init(entries: Row<JournalEntry>) {
        self.entries = entries
    }

    subscript(index: Int) -> JournalEntry {
        get { entries[index] }
        nonmutating set { entries[index] = newValue }
    }

    mutating func begin(in states: StateSet) {
        start = states
        count = 0
    }

    /// The states after the first `steps` entries.
    func states(after steps: Int, _ nature: EndpointNature) -> StateSet {
        var states = start
        for index in 0..<min(steps, Int(count)) {
            states = nature.step(states, on: entries[index].event)
        }
        return states
    }

    func current(_ nature: EndpointNature) -> StateSet {
        states(after: Int(count), nature)
    }

    /// Adds an event. A ninth unreported one has no room: the oldest is then final, whatever may still come.
    mutating func append(_ entry: JournalEntry) {
        precondition(count < UInt8(Self.capacity), "the caller makes room")
        entries[Int(count)] = entry
        count += 1
    }

    var isFull: Bool { count == UInt8(Self.capacity) }

    mutating func insert(_ entry: JournalEntry, at index: Int) {
        append(entry)
        var place = Int(count) - 1
        while place > index {
            entries[place] = entries[place - 1]
            place -= 1
        }
        entries[place] = entry
    }

    mutating func remove(at index: Int) {
        var place = index
        while place + 1 < Int(count) {
            entries[place] = entries[place + 1]
            place += 1
        }
        count -= 1
    }

    /// The first entry has been reported: the states after it are the new start.
    mutating func dropFirst(leadingTo states: StateSet) {
        start = states
        remove(at: 0)
    }

    /// Keeps those start states from which the entries so far lead into `allowed`.
    ///
    /// If none does, the evidence contradicts itself, and nothing is narrowed.
    mutating func narrow(to allowed: StateSet, _ nature: EndpointNature) {
        guard start.rawValue.nonzeroBitCount > 1 else { return }
        let whole = start
        var kept: StateSet = []
        for state in State.allCases where whole.contains(state) {
            start = StateSet(state)
            if !current(nature).isDisjoint(with: allowed) { kept.insert(StateSet(state)) }
        }
        start = kept.isEmpty ? whole : kept
    }

    /// The index of the last entry with this event.
    func lastIndex(of event: DiagramEvent) -> Int? {
        var index = Int(count) - 1
        while index >= 0 {
            if entries[index].event == event { return index }
            index -= 1
        }
        return nil
    }
}

/// What an endpoint is, apart from what happens to it: the machine's side inputs.
struct EndpointNature {
    var opening: Opening
    var profile: Profile

    /// The rule that an event takes, if the state is known.
    func rule(in state: State, on event: DiagramEvent) -> Rule? {
        Diagram.rule(in: state, on: event, openedBy: opening, profile: profile)
    }

    /// Every member moved along its rule; a state that the event does not move stays what it is.
    func step(_ states: StateSet, on event: DiagramEvent) -> StateSet {
        if let only = states.only {
            return StateSet(rule(in: only, on: event)?.to ?? only)
        }
        var after: StateSet = []
        for state in State.allCases where states.contains(state) {
            after.insert(StateSet(rule(in: state, on: event)?.to ?? state))
        }
        return after
    }
}
