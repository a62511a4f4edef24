import TCPStateMachine

/// Holds the labels of a drawing against the steps that have their events.
struct FigureJudge {
    let machines: MachineJudge

    func judge(_ labels: [FigureReader.Label]) -> [Diagnostic] {
        labels.compactMap(judge)
    }

    private func judge(_ label: FigureReader.Label) -> Diagnostic? {
        let event = EdgeLabel(label.event.text)
        let action = EdgeLabel(event: "", action: label.action.text)
        let sent = action.readings.flatMap(\.actions).map { action -> SegmentWords in
            if case .segment(let words) = action { words } else { [] }
        }
        let events = event.readings.flatMap(\.events)
        guard !events.isEmpty, event.readings.allSatisfy({ $0.actions.isEmpty }) else { return nil }
        let isSilent = ["x", "none", "-"].contains(label.action.text.trimmed.lowercased())
        guard !sent.isEmpty || isSilent else { return nil }
        let steps = State.allCases.flatMap { machines.edges.ways(from: $0) }.filter { way in
            way.isNormal && events.contains { $0.means(way, from: way.from) }
        }
        guard !steps.isEmpty else { return nil }
        if isSilent {
            guard steps.allSatisfy({ !$0.sends.isEmpty }) else { return nil }
        } else {
            guard !steps.contains(where: { way in sent.allSatisfy { way.allows($0) } }) else { return nil }
        }
        let isSyn = events.contains(.segment(.syn)) && sent == [.ack]
        let what = isSilent ? "nothing" : sent.map(\.text).joined(separator: ",")
        let right = unique(steps.map { $0.sends.isEmpty ? "nothing" : "snd \($0.sends.text)" }).joined(
            separator: " or ")
        return machines.make(
            isSyn ? .synSentAnswersAck : .wrongAction, label.action.place,
            "no step on \(events.first?.words ?? "this") sends \(what)",
            correction: "on \(steps[0].event.words): \(right)")
    }
}
