public import Simulation
import TCPStateMachine
import WireFormat

/// Makes a story that fails as short as it still fails.
public struct ScenarioShrinker {
    private let fails: (Scenario) -> Bool
    private var best: Scenario

    /// - Parameter fails: whether a story still shows what is looked for.
    /// - Returns: the shortest story found; the same one if it does not fail.
    public static func shrink(_ scenario: Scenario, while fails: @escaping (Scenario) -> Bool) -> Scenario {
        guard fails(scenario) else { return scenario }
        var shrinker = ScenarioShrinker(fails: fails, best: scenario)
        shrinker.freeze()
        var size = 0
        repeat {
            size = shrinker.size
            shrinker.dropActions()
            shrinker.dropFaults()
            shrinker.simplifyEnds()
            shrinker.simplifyNetwork()
            shrinker.shorten()
        } while shrinker.size < size
        return shrinker.best
    }

    private init(fails: @escaping (Scenario) -> Bool, best: Scenario) {
        self.fails = fails
        self.best = best
    }

    /// How many statements there are, roughly.
    private var size: Int { best.text.utf8.count }

    @discardableResult
    private mutating func accept(_ change: (inout Scenario) -> Void) -> Bool {
        var candidate = best
        change(&candidate)
        guard candidate != best, fails(candidate) else { return false }
        best = candidate
        return true
    }

    // MARK: Dice

    /// What the dice did becomes faults of single segments, so that one thing less leaves the others their luck.
    private mutating func freeze() {
        let settings = best.settings.network
        guard settings.loss + settings.duplication + settings.reordering > 0 || settings.jitter > 0 else { return }
        let history = best.run(limit: 20_000).simulator.history
        var network = settings
        (network.loss, network.duplication, network.reordering, network.jitter) = (0, 0, 0, 0)
        network.faults = []
        for end in End.allCases { network.faults += Self.faults(of: end, in: history, settings) }
        accept { $0.settings.network = network }
    }

    private static func faults(of end: End, in history: History, _ settings: NetworkSettings) -> [Fault] {
        var faults: [Fault] = []
        var ordinals: [Int32: UInt32] = [:]
        var ordinal: UInt32 = 0
        for (index, sent) in history.segments.enumerated() where sent.from == end {
            func fault(_ effect: Fault.Effect, at ordinal: UInt32, isBeforeMiddle: Bool) {
                faults.append(
                    Fault(
                        from: end, kind: .any, first: ordinal, last: ordinal, effect: effect,
                        isBeforeMiddle: isBeforeMiddle))
            }
            let way = settings[latencyFrom: end]
            let late = sent.arrival.nanoseconds - sent.sent.nanoseconds - way
            let lateBefore = sent.middle.nanoseconds - sent.sent.nanoseconds - way / 2
            switch sent.origin {
            case .host:
                ordinal += 1
                ordinals[Int32(index)] = ordinal
                if sent.isCorrupt { fault(.corrupt, at: ordinal, isBeforeMiddle: false) }
                if lateBefore > 0 { fault(.delay(lateBefore), at: ordinal, isBeforeMiddle: true) }
                if late > lateBefore { fault(.delay(late - lateBefore), at: ordinal, isBeforeMiddle: false) }
                if sent.fate == .lostBeforeMiddle { fault(.lose, at: ordinal, isBeforeMiddle: true) }
                if sent.fate == .lostBehindMiddle { fault(.lose, at: ordinal, isBeforeMiddle: false) }
            case .copy(let original):
                guard let first = ordinals[original] else { continue }
                let interval = sent.arrival.nanoseconds - history.segments[Int(original)].arrival.nanoseconds
                let isBefore = sent.middle > history.segments[Int(original)].middle
                fault(.duplicate(after: max(interval, 1)), at: first, isBeforeMiddle: isBefore)
            case .injected: continue
            }
        }
        return faults
    }

    // MARK: Fewer things

    private mutating func dropActions() {
        var chunk = max(best.actions.count / 2, 1)
        while chunk >= 1 {
            var place = 0
            while place < best.actions.count {
                let range = place..<min(place + chunk, best.actions.count)
                if !accept({ $0.actions.removeSubrange(range) }) { place += chunk }
            }
            if chunk == 1 { break }
            chunk /= 2
        }
    }

    private mutating func dropFaults() {
        accept { $0.settings.network.faults = [] }
        for index in best.settings.network.faults.indices.reversed() where index < best.settings.network.faults.count {
            accept { $0.settings.network.faults.remove(at: index) }
        }
    }

    // MARK: Simpler things

    private mutating func simplifyEnds() {
        accept { $0.family = .ipv4 }
        for name in [Profile.Name.linux, .rfc9293] {
            accept { scenario in
                for end in End.allCases {
                    var host = HostSettings(profile: Profile(name))
                    host.parameters = scenario.settings[end].parameters
                    host.initialNumbers = scenario.settings[end].initialNumbers
                    host.readsAtOnce = scenario.settings[end].readsAtOnce
                    host.acknowledgmentDelay = scenario.settings[end].acknowledgmentDelay
                    host.keepalive = scenario.settings[end].keepalive
                    scenario.settings[end] = host
                }
            }
        }
        for end in End.allCases {
            accept { $0.settings[end].profile = Profile($0.settings[end].profile.name) }
            accept { $0.settings[end].parameters = Parameters() }
            accept { $0.settings[end].parameters.offersTimestamps = false }
            accept { $0.settings[end].parameters.permitsSack = false }
            accept { $0.settings[end].parameters.windowScale = nil }
            accept { $0.settings[end].parameters.delaysAcknowledgments = false }
            accept { $0.settings[end].parameters.pushes = true }
            accept { $0.settings[end].parameters.segmentLimit = Parameters().segmentLimit }
            accept { $0.settings[end].parameters.receiveBuffer = Parameters().receiveBuffer }
            accept { $0.settings[end].readsAtOnce = true }
            accept { $0.settings[end].keepalive = nil }
            accept { $0.settings[end].userTimeout = HostSettings(profile: $0.settings[end].profile).userTimeout }
            accept { $0.settings[end].initialNumbers = [SequenceNumber(end == .a ? 100 : 300)] }
        }
    }

    private mutating func simplifyNetwork() {
        accept { $0.settings.seed = Simulator.Settings().seed }
        for latency in [50, 10] as [Int64] {
            accept { scenario in
                for end in End.allCases {
                    scenario.settings.network[latencyFrom: end] = latency * Duration.millisecond
                }
            }
        }
        for index in best.settings.network.faults.indices {
            accept { $0.settings.network.faults[index].last = $0.settings.network.faults[index].first }
            for unit in [Duration.second, 100 * Duration.millisecond, Duration.millisecond] {
                accept { Self.round(&$0.settings.network.faults[index].effect, to: unit) }
            }
        }
    }

    private static func round(_ effect: inout Fault.Effect, to unit: Int64) {
        switch effect {
        case .delay(let time): effect = .delay(max(time / unit, 1) * unit)
        case .duplicate(let time): effect = .duplicate(after: max(time / unit, 1) * unit)
        case .lose, .reorder, .corrupt: break
        }
    }

    private mutating func shorten() {
        for index in best.actions.indices {
            for unit in [Duration.second, 100 * Duration.millisecond, Duration.millisecond] {
                accept { scenario in
                    let time = scenario.actions[index].time.nanoseconds
                    scenario.actions[index].time = VirtualTime(nanoseconds: time / unit * unit)
                }
            }
            guard case .call(.send(let octets), let end, let ports) = best.actions[index].action else { continue }
            for fewer in [1, 10, 100, 1000] as [UInt32] where fewer < octets {
                accept { $0.actions[index].action = .call(.send(octets: fewer), at: end, ports) }
            }
        }
        guard let end = best.end else { return }
        for fewer in [5, 10, 20, 100] where Int64(fewer) * Duration.second < end.nanoseconds {
            accept { $0.end = VirtualTime(nanoseconds: Int64(fewer) * Duration.second) }
        }
    }
}
