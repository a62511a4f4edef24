import Flows
import Reports
import Simulation
import TCPStateMachine
import WireFormat

/// What the inference makes of a simulated capture, held against what happened.
struct SimulationVerdict {
    /// Proven steps that did not happen, or not in this order.
    private(set) var contradictions: [String] = []
    /// Steps that were proven.
    private(set) var proven = 0
    /// Steps that were presumed and happened, and those that did not.
    private(set) var presumedRight = 0
    private(set) var presumedWrong = 0

    /// Steps of an end in whose name somebody else has sent a SYN: no capture tells that it was not the end itself.
    private(set) var undecidable = 0

    private struct Place: Hashable {
        var flow: UInt64
        var end: End
        var ports: PortPair
    }

    init(of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting) {
        let records = SimulationVerdict.replay(simulator, at: vantage, setting)
        var pairs: [UInt64: SocketPair] = [:]
        for case .flow(let flow) in records { pairs[flow.flow] = flow.pair }
        var truth: [Place: ArraySlice<Transition>] = [:]
        for record in records {
            guard case .transition(let step) = record, let pair = pairs[step.flow] else { continue }
            let source: End = pair.source == setting.a ? .a : .b
            let ports =
                source == .a
                ? PortPair(a: pair.sourcePort, b: pair.destinationPort)
                : PortPair(a: pair.destinationPort, b: pair.sourcePort)
            let place = Place(flow: step.flow, end: step.endpoint == .initiator ? source : source.other, ports: ports)
            let steps = truth[place] ?? SimulationVerdict.steps(of: simulator, place)[...]
            let match = steps.firstIndex { SimulationVerdict.matches(step, $0) }
            switch step.certainty {
            case .proven:
                proven += 1
                if match == nil, step.rule == .closedActiveOpen, SimulationVerdict.isImpersonated(place, simulator) {
                    undecidable += 1
                } else if match == nil { contradictions.append(SimulationVerdict.text(step, place.end, steps)) }
            case .presumed, .timer:
                if match == nil { presumedWrong += 1 } else { presumedRight += 1 }
            }
            // The first knowledge of an end is a state that it is in, and takes no step away.
            if let match { truth[place] = step.from == nil ? steps[match...] : steps[(match + 1)...] }
        }
    }

    private static func replay(_ simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting) -> [Record] {
        var options = TrackerOptions()
        options.interest = [.flows, .transitions]
        let records = SimulatedReplay.records(of: simulator, at: vantage, setting, options)
        var withdrawn = records.compactMap { record -> WithdrawalRecord? in
            if case .withdrawal(let withdrawal) = record { withdrawal } else { nil }
        }
        return records.filter { record in
            guard case .transition(let step) = record else { return true }
            let index = withdrawn.firstIndex {
                $0.flow == step.flow && $0.endpoint == step.endpoint && $0.rule == step.rule && $0.cause == step.cause
            }
            if let index { withdrawn.remove(at: index) }
            return index == nil
        }
    }

    private static func steps(of simulator: Simulator, _ place: Place) -> [Transition] {
        simulator.history.transitions.filter {
            $0.end == place.end && $0.ports[place.end] == place.ports[place.end]
                && ($0.ports == place.ports || $0.ports[place.end.other] == 0)
        }
    }

    private static func isImpersonated(_ place: Place, _ simulator: Simulator) -> Bool {
        simulator.history.segments.contains { sent in
            guard case .injected = sent.origin else { return false }
            return sent.from == place.end && sent.ports == place.ports && sent.segment.hasSyn
        }
    }

    private static func matches(_ step: TransitionRecord, _ truth: Transition) -> Bool {
        guard let from = step.from else { return truth.to == step.to || truth.from == step.to }
        guard truth.from == from, truth.to == step.to else { return false }
        // That an end is gone shows; by which rule it went without a word does not.
        let isSilent = step.to == .closed && (step.rule?.id.hasSuffix("-SOCKET-GONE") ?? false)
            || step.to == .closed && (step.rule?.id.hasSuffix("-USER-TIMEOUT") ?? false)
        return truth.rule == step.rule || isSilent
    }

    private static func text(_ step: TransitionRecord, _ end: End, _ left: ArraySlice<Transition>) -> String {
        let rest = left.map { $0.rule?.id ?? "crash" }.joined(separator: " ")
        return "\(end.name) \(step.from?.name ?? "-") to \(step.to) by \(step.rule?.id ?? "-") is proven by packet "
            + "\(step.proof.packet); what really happened from there on: \(rest)"
    }
}
