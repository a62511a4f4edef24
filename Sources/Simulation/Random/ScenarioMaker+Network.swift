import TCPStateMachine

/// What the network between the ends is like, and what befalls single segments.
extension ScenarioMaker {
    mutating func makeNetwork() {
        var network = NetworkSettings()
        let latency = one(of: [200 * Duration.microsecond, milliseconds(1...20), milliseconds(20...150)])
        network.latencyFromA = latency
        network.latencyFromB = isLucky(1, in: 4) ? one(of: [latency * 3, max(latency / 3, 1)]) : latency
        if isLucky(1, in: 8) { network.jitter = max(latency / Int64(2 + below(8)), 1) }
        if isLucky(1, in: 4) { network.loss = Double(1 + below(15)) / 100 }
        if isLucky(1, in: 8) { network.duplication = Double(1 + below(10)) / 100 }
        if isLucky(1, in: 8) { network.reordering = Double(1 + below(10)) / 100 }
        for _ in 0..<one(of: [0, 0, 1, 1, 2, 3]) { network.faults.append(makeFault(latency)) }
        scenario.settings.network = network
    }

    private mutating func makeFault(_ latency: Int64) -> Fault {
        let kinds: [SegmentKind] = [.syn, .synAck, .ack, .data, .fin, .fin, .fin, .rst, .any]
        let first = UInt32(1 + below(3))
        let last = isLucky(1, in: 5) ? first + UInt32(below(4)) : first
        return Fault(
            from: anyEnd(), kind: one(of: kinds), first: first, last: last, effect: makeEffect(latency),
            isBeforeMiddle: isLucky(1, in: 2))
    }

    private mutating func makeEffect(_ latency: Int64) -> Fault.Effect {
        switch below(8) {
        case 0, 1, 2, 3: .lose
        case 4: .delay(one(of: [max(latency / 2, 1), latency * 2, milliseconds(100...3000)]))
        case 5: .duplicate(after: one(of: [Duration.millisecond, latency, milliseconds(100...3000)]))
        case 6: .reorder
        default: .corrupt
        }
    }
}
