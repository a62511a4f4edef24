import Simulation

/// The abstract TCP of the TLA+ examples (`tcp.tla`, `MCtcp`), written down from its description: two peers with FIFO
/// queues of tokens, without numbers, data, loss or timers. It is not the TCP of this package; its published figures
/// are what the engine is held against.
struct AbstractTCP: ExplorationModel {
    enum Token: UInt8 {
        case syn = 1
        case synAck, ack, fin, ackOfFin, rst
    }

    enum PeerState: UInt8 {
        case closed, listen, synSent, synReceived, established, finWait1, finWait2, closeWait, closing, lastAck
        case timeWait
    }

    enum Action: UInt8, CaseIterable {
        case closeSynSent, closeListen, closeSynReceived, closeEstablished, closeCloseWait
        case listenSyn, synSentSyn, synSentSynAck, synReceivedAck, synReceivedRst
        case establishedFin, finWait1Fin, finWait1AckOfFin, note2, finWait2Fin, closing, lastAck, timeWait
        case sendRst, rstToListen, rstToClosed
        case passiveOpen, activeOpen, sendInListen
    }

    struct Peer: Hashable, BitwiseCopyable {
        var state: PeerState
        var hasTCB = true
        /// Tokens addressed to this peer, four bits each, the head lowest.
        var queue: UInt32 = 0

        func token(_ place: UInt32) -> Token? { Token(rawValue: UInt8(queue >> (4 * place) & 0xF)) }

        mutating func removeHead() { queue >>= 4 }

        mutating func append(_ token: Token) {
            var place: UInt32 = 0
            while self.token(place) != nil { place += 1 }
            queue |= UInt32(token.rawValue) << (4 * place)
        }

        /// Two equal tokens, one behind the other: what the state constraint NoRetransmission forbids.
        var repeatsItself: Bool {
            var place: UInt32 = 0
            while let next = token(place + 1) {
                if token(place) == next { return true }
                place += 1
            }
            return false
        }
    }

    struct State: Hashable, BitwiseCopyable {
        var a: Peer
        var b: Peer

        subscript(isA: Bool) -> Peer {
            get { isA ? a : b }
            set { if isA { a = newValue } else { b = newValue } }
        }

        var swapped: State { State(a: b, b: a) }
    }

    /// Whether a state and its mirror image are one.
    let hasSymmetry: Bool
    /// Admitted steps by action.
    private(set) var taken: [Action: Int] = [:]
    /// The longest queue of an admitted state.
    private(set) var longestQueue = 0

    init(hasSymmetry: Bool = false) { self.hasSymmetry = hasSymmetry }

    mutating func initialStates() -> [State] {
        var listener = Peer(state: .listen)
        listener.append(.syn)
        let state = State(a: Peer(state: .synSent), b: listener)
        return [canonical(state), canonical(state.swapped)]
    }

    mutating func record(_ step: ExplorationStep<State, Action>, _ fate: StepFate) {
        guard fate != .rejected else { return }
        taken[step.action, default: 0] += 1
        for peer in [step.state.a, step.state.b] {
            longestQueue = max(longestQueue, (32 - peer.queue.leadingZeroBitCount + 3) / 4)
        }
    }

    /// "Both queues empty => one peer ESTAB iff the other is."
    mutating func violations(in state: State) -> InvariantSet {
        guard state.a.queue == 0, state.b.queue == 0 else { return [] }
        let agree = (state.a.state == .established) == (state.b.state == .established)
        return agree ? [] : InvariantSet(rawValue: 1)
    }

    func appendSteps(from state: State, to steps: inout [ExplorationStep<State, Action>]) {
        for isA in [true, false] {
            /// The step of one peer: what it takes from its queue, where it goes, what it sends.
            func step(
                _ action: Action, _ to: PeerState, takes: Int = 0, sends: Token? = nil, tcb: Bool? = nil,
                isAdmitted: Bool = true
            ) {
                var next = state
                for _ in 0..<takes { next[isA].removeHead() }
                next[isA].state = to
                if let tcb { next[isA].hasTCB = tcb }
                if let sends { next[!isA].append(sends) }
                let isAdmitted = isAdmitted && !next[!isA].repeatsItself
                steps.append(ExplorationStep(action, to: canonical(next), isAdmitted: isAdmitted))
            }
            let peer = state[isA]
            let head = peer.token(0)
            switch (peer.state, head) {
            case (.listen, .syn): step(.listenSyn, .synReceived, takes: 1, sends: .synAck)
            case (.synSent, .syn): step(.synSentSyn, .synReceived, takes: 1, sends: .synAck)
            case (.synSent, .synAck): step(.synSentSynAck, .established, takes: 1, sends: .ack)
            case (.synReceived, .ack): step(.synReceivedAck, .established, takes: 1)
            case (.synReceived, .rst): step(.synReceivedRst, .listen, takes: 1)
            case (.established, .fin): step(.establishedFin, .closeWait, takes: 1, sends: .ackOfFin)
            case (.finWait1, .fin):
                step(.finWait1Fin, .closing, takes: 1, sends: .ackOfFin)
                if peer.token(1) == .ackOfFin { step(.note2, .timeWait, takes: 2, sends: .ackOfFin) }
            case (.finWait1, .ackOfFin): step(.finWait1AckOfFin, .finWait2, takes: 1)
            case (.finWait2, .fin): step(.finWait2Fin, .timeWait, takes: 1, sends: .ackOfFin)
            case (.closing, .ackOfFin): step(.closing, .timeWait, takes: 1)
            case (.lastAck, .ackOfFin): step(.lastAck, .closed, takes: 1)
            default: break
            }
            switch peer.state {
            case .synSent: step(.closeSynSent, .closed, tcb: false)
            case .listen: step(.closeListen, .closed, tcb: false)
            case .synReceived: step(.closeSynReceived, .finWait1, sends: .fin)
            case .established: step(.closeEstablished, .finWait1, sends: .fin)
            case .closeWait: step(.closeCloseWait, .lastAck, sends: .fin)
            case .timeWait: if peer.hasTCB { step(.timeWait, .closed, tcb: false) }
            case .closed, .finWait1, .finWait2, .closing, .lastAck: break
            }
            // The action constraint forbids these three: TLC generates and counts their ends, and goes no further.
            switch peer.state {
            case .closed:
                step(.passiveOpen, .listen, tcb: true, isAdmitted: false)
                step(.activeOpen, .synSent, sends: .syn, tcb: true, isAdmitted: false)
            case .listen:
                step(.sendInListen, .synSent, sends: .syn, isAdmitted: false)
            case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
                break
            }
            if peer.hasTCB { step(.sendRst, .timeWait, sends: .rst) }
            if head == .rst {
                step(.rstToListen, .listen, takes: 1)
                step(.rstToClosed, .closed, takes: 1)
            }
        }
    }

    private func canonical(_ state: State) -> State {
        guard hasSymmetry else { return state }
        func key(_ peer: Peer) -> UInt64 {
            UInt64(peer.state.rawValue) << 33 | UInt64(peer.hasTCB ? 1 : 0) << 32 | UInt64(peer.queue)
        }
        return (key(state.a), key(state.b)) <= (key(state.b), key(state.a)) ? state : state.swapped
    }
}
