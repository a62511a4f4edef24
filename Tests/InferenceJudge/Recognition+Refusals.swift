import Flows
import Simulation
import TCPStateMachine
import WireFormat

/// Connections that end by refusing text, and nobody can tell.
extension Recognition {
    /// The end ended its connection by refusing text, and the RST with which it did was not captured.
    func isRefusalUnseen(_ happened: Transition) -> Bool {
        guard let rule = happened.rule, rule.to == .closed, happened.cause != nil, rule.event != "rcv RST" else {
            return false
        }
        let refusals = history.segments.indices.filter { place in
            let sent = history.segments[place]
            return sent.from == happened.end && sent.ports == happened.ports && sent.origin == .host
                && sent.sent == happened.time && sent.segment.hasRst
        }
        return !refusals.isEmpty && refusals.allSatisfy { sight.time(of: Int32($0)) == nil }
    }

    /// The end refused text behind a CLOSE that waited, while a RST passed that it may have taken before.
    func isEndBehindText(_ gap: Gap) -> Bool {
        gap.missing.contains { happened in
            guard happened.rule?.event == "socket gone", happened.cause != nil else { return false }
            let refusal = words.first {
                $0.sent == happened.time.nanoseconds && history.segments[Int($0.number)].segment.hasRst
            }
            return gap.extra.contains { step in
                guard step.rule?.event == "rcv RST", let rst = sight.segment(of: step.cause),
                    let passed = sight.time(of: rst), let refusal
                else { return false }
                return passed < refusal.passed
            }
        }
    }
}
