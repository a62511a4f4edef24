public import Simulation
import Flows
import TCPStateMachine
import WireFormat

/// Poorer captures of the same stories: packets missing at the tap, a late start, an early end, one direction.
///
/// Such a capture may say less, never something else: what is inferred must be what is left of the truth when steps are
/// left out.
public struct PoorerSight: Sendable {
    /// Ends that were judged.
    public private(set) var ends = 0
    /// Of these: steps that the truth does not have, or not in this order.
    public private(set) var presumedWrong: [String] = []
    /// Of these: the same of steps that were called proven.
    public private(set) var provenWrong: [String] = []

    /// All steps that were called proven.
    public private(set) var provenSteps = 0

    public init() {}

    /// One capture of the story without what `loss` takes away, chosen by the seed.
    public mutating func judge(seed: UInt64, _ loss: CaptureLoss) {
        guard let sight = Self.sight(seed: seed, loss) else { return }
        judge(sight, named: "seed \(seed) without \(loss.rawValue)")
    }

    /// What is left of a capture of the story; nil if nothing was to be told of it.
    @_spi(Tool) public static func sight(seed: UInt64, _ loss: CaptureLoss) -> SimulatedSight? {
        let scenario = Scenario.random(seed: seed)
        let (simulator, isComplete) = scenario.run(limit: InferenceCampaign.limit)
        guard isComplete, !simulator.history.hasForgeries else { return nil }
        var dice = Dice(seed: seed ^ 0x9E37_79B9)
        let vantage = Vantage.all[Int(dice.next() % 3)]
        let packets = simulator.packets(at: vantage).map(simulator.history.packet)
        guard packets.count > 2 else { return nil }
        let missing = loss.missing(of: packets) { dice.next() }
        let setting = CaptureSetting(family: scenario.family)
        return SimulatedSight(of: simulator, at: vantage, setting) { place, _ in !missing.contains(place) }
    }

    private mutating func judge(_ sight: SimulatedSight, named name: String) {
        for (place, steps) in sight.inferred {
            // Who opens at the same time and whose SYN is missing seems to have listened (case 18).
            guard !sight.simulator.history.transitions.contains(where: { $0.rule == .synSentSyn }) else { continue }
            ends += 1
            let path = sight.truePath(of: place)
            let proven = steps.prefix { $0.certainty == .proven }
            provenSteps += proven.count
            let text = "\(name) at \(sight.vantage.name): \(place.end.name): \(Self.text(steps.map(\.to))) of "
                + Self.text(path)
            if !Self.isPart(Self.states(Array(proven)), of: path) {
                provenWrong.append(text)
            } else if !Self.isPart(Self.states(steps), of: path) {
                presumedWrong.append(text)
            }
        }
    }

    /// The states that a sequence of steps goes through.
    private static func states(_ steps: [TransitionRecord]) -> [State] {
        var states: [State] = []
        for step in steps {
            if let from = step.from, states.last != from { states.append(from) }
            states.append(step.to)
        }
        return states
    }

    /// States in the same order, others left out; LISTEN and CLOSED are the same to the wire.
    private static func isPart(_ states: [State], of path: [State]) -> Bool {
        var rest = path[...]
        for state in states {
            guard let place = rest.firstIndex(where: { isSame($0, state) }) else { return false }
            rest = rest[place...]
        }
        return true
    }

    private static func isSame(_ a: State, _ b: State) -> Bool {
        a == b || (a == .closed || a == .listen) && (b == .closed || b == .listen)
    }

    private static func text(_ path: [State]) -> String { path.map(\.name).joined(separator: " ") }
}

extension SimulatedSight {
    /// The states that an end was in, in order.
    func truePath(of place: Place) -> [State] {
        let account = Account(of: self, place)
        return account.truth.reduce(into: [State.closed]) { path, step in
            if path.last != step.from { path.append(step.from) }
            path.append(step.to)
        }
    }
}

extension History {
    fileprivate func packet(_ packet: TappedPacket) -> CaptureLoss.Packet {
        guard case .segment(let tapped) = packet else { return CaptureLoss.Packet(isFromA: nil) }
        let sent = segments[Int(tapped.number)]
        return CaptureLoss.Packet(
            isFromA: sent.from == .a, controlBits: sent.segment.controlBits, length: sent.segment.payloadLength)
    }

    fileprivate var hasForgeries: Bool {
        segments.contains { if case .injected = $0.origin { true } else { false } }
    }
}
