import TCPStateMachine

/// The way of a segment through the network.
extension Simulator {
    /// A TCP sends a segment; `state` is what it is in then.
    mutating func depart(_ segment: Segment, from end: End, _ ports: PortPair, in state: State) {
        let identification = hosts[Int(end.rawValue)].identification
        hosts[Int(end.rawValue)].identification &+= 1
        let number = add(segment, from: end, ports, origin: .host, identification: identification)
        history.incidents.append(
            Incident(time: now, end: end, ports: ports, state: state, what: .departure(number)))
        travel(number)
    }

    /// Somebody in the network sends one.
    mutating func inject(_ injection: Injection, _ ports: PortPair) {
        var segment = Segment(
            sequenceNumber: value(of: injection.sequenceNumber, ports), controlBits: injection.controlBits,
            payloadLength: injection.payloadLength, window: injection.window)
        if let number = injection.acknowledgmentNumber { segment.acknowledgmentNumber = value(of: number, ports) }
        let number = add(segment, from: injection.from, ports, origin: .injected(injection.kind), identification: 0)
        queueArrival(of: number)
    }

    /// A number of a segment that is to be injected, as things stand.
    private func value(of number: Injection.Number, _ ports: PortPair) -> SequenceNumber {
        func connection(_ end: End) -> Connection? {
            self[end].socket(for: ports).map { self[end].sockets[Int($0)].connection }
        }
        let base: SequenceNumber? =
            switch number.base {
            case .zero: nil
            case .aSendNext: connection(.a)?.sndNxt
            case .aSendUnacknowledged: connection(.a)?.sndUna
            case .aReceiveNext: connection(.a)?.rcvNxt
            case .bSendNext: connection(.b)?.sndNxt
            case .bSendUnacknowledged: connection(.b)?.sndUna
            case .bReceiveNext: connection(.b)?.rcvNxt
            }
        return (base ?? SequenceNumber(0)) + number.offset
    }

    private mutating func add(
        _ segment: Segment, from end: End, _ ports: PortPair, origin: SentSegment.Origin, identification: UInt16
    ) -> Int32 {
        let latency = network.settings[latencyFrom: end]
        let number = Int32(truncatingIfNeeded: history.segments.count)
        history.segments.append(
            SentSegment(
                segment: segment, from: end, ports: ports, origin: origin, sent: now,
                middle: now.advanced(by: latency / 2), arrival: now.advanced(by: latency), fate: .underWay,
                identification: identification))
        return number
    }

    /// What befalls a segment is settled when it is sent; the queue only waits for its arrival.
    private mutating func travel(_ number: Int32) {
        let place = Int(number)
        let end = history.segments[place].from
        let isBeforeMiddle = strikeFaults(place)
        if network.isCut[Int(end.rawValue)] { history.segments[place].fate = .lostBeforeMiddle }
        befall(place)
        settleCopies(of: place)
        releaseHeldBack(behind: place)
        guard history.segments[place].fate == .underWay else { return }
        if let isBeforeMiddle { holdBack(number, isBeforeMiddle: isBeforeMiddle) }
        queueArrival(of: number)
    }

    /// Nothing gets into a network that is cut off, and of what was lost before the middle copies can only have been
    /// made before that.
    private mutating func settleCopies(of place: Int) {
        let isCut = network.isCut[Int(history.segments[place].from.rawValue)]
        for copy in history.segments.indices.dropFirst(place + 1) {
            if isCut {
                history.segments[copy].fate = .lostBeforeMiddle
                queue.remove(.arrival(Int32(truncatingIfNeeded: copy)))
            } else if history.segments[place].fate == .lostBeforeMiddle {
                history.segments[copy].isMadeBehindMiddle = false
            }
        }
    }

    /// The faults that mean this segment. Returns on which side of the middle it is to be held back, if it is.
    private mutating func strikeFaults(_ place: Int) -> Bool? {
        let sent = history.segments[place]
        var held: Bool?
        for index in network.settings.faults.indices {
            guard network.settings.faults[index].strikes(sent.segment, from: sent.from, sent.ports) else { continue }
            let fault = network.settings.faults[index]
            switch fault.effect {
            case .lose: history.segments[place].fate = fault.isBeforeMiddle ? .lostBeforeMiddle : .lostBehindMiddle
            case .delay(let duration):
                delay(place, by: duration, isBeforeMiddle: fault.isBeforeMiddle)
                history.segments[place].isDelayed = true
            case .duplicate(let interval): duplicate(place, after: interval, isBeforeMiddle: fault.isBeforeMiddle)
            case .reorder: held = fault.isBeforeMiddle
            case .corrupt: history.segments[place].isCorrupt = true
            }
        }
        return held
    }

    /// What the dice say.
    private mutating func befall(_ place: Int) {
        let settings = network.settings
        if network.dice.fall(settings.loss), history.segments[place].fate == .underWay {
            history.segments[place].fate = network.dice.fall(0.5) ? .lostBeforeMiddle : .lostBehindMiddle
        }
        let latency = settings[latencyFrom: history.segments[place].from]
        if network.dice.fall(settings.duplication) {
            let interval = network.dice.below(2 * latency) + Duration.microsecond
            duplicate(place, after: interval, isBeforeMiddle: network.dice.fall(0.5))
        }
        if network.dice.fall(settings.reordering) {
            delay(place, by: network.dice.below(4 * latency), isBeforeMiddle: network.dice.fall(0.5))
        }
        if settings.jitter > 0 {
            delay(place, by: network.dice.below(settings.jitter), isBeforeMiddle: network.dice.fall(0.5))
        }
    }

    mutating func delay(_ place: Int, by duration: Int64, isBeforeMiddle: Bool) {
        history.segments[place].arrival = history.segments[place].arrival.advanced(by: duration)
        guard isBeforeMiddle else { return }
        history.segments[place].middle = history.segments[place].middle.advanced(by: duration)
        delayCopies(of: place, by: duration)
    }

    /// What the network copied behind the middle had passed there before.
    private mutating func delayCopies(of place: Int, by duration: Int64) {
        for copy in history.segments.indices.dropFirst(place + 1) {
            let sent = history.segments[copy]
            let number = Int32(truncatingIfNeeded: copy)
            guard sent.origin == .copy(of: Int32(truncatingIfNeeded: place)), sent.isMadeBehindMiddle,
                sent.fate == .underWay
            else { continue }
            history.segments[copy].middle = sent.middle.advanced(by: duration)
            history.segments[copy].arrival = sent.arrival.advanced(by: duration)
            queueArrival(of: number)
        }
    }

    /// The network makes a copy, which no fault befalls; the original may be lost.
    mutating func duplicate(_ place: Int, after interval: Int64, isBeforeMiddle: Bool) {
        var copy = history.segments[place]
        copy.origin = .copy(of: Int32(truncatingIfNeeded: place))
        copy.fate = .underWay
        copy.arrival = copy.arrival.advanced(by: interval)
        if isBeforeMiddle { copy.middle = copy.middle.advanced(by: interval) }
        let number = Int32(truncatingIfNeeded: history.segments.count)
        history.segments.append(copy)
        // A copy made behind the middle was not seen there.
        if !isBeforeMiddle { history.segments[Int(number)].isMadeBehindMiddle = true }
        queueArrival(of: number)
    }

    /// It waits for the next one of its sender, but not for ever.
    private mutating func holdBack(_ number: Int32, isBeforeMiddle: Bool) {
        delay(Int(number), by: Duration.second, isBeforeMiddle: isBeforeMiddle)
        network.heldBack[Int(history.segments[Int(number)].from.rawValue)] = number
    }

    /// The next one has come: what was held back arrives right behind it.
    private mutating func releaseHeldBack(behind place: Int) {
        let end = history.segments[place].from
        guard let held = network.heldBack[Int(end.rawValue)], Int(held) != place else { return }
        network.heldBack[Int(end.rawValue)] = nil
        guard queue.remove(.arrival(held)) else { return }
        let passed = history.segments[Int(held)].middle
        history.segments[Int(held)].arrival = history.segments[place].arrival.advanced(by: Duration.microsecond)
        if passed > history.segments[place].middle {
            history.segments[Int(held)].middle = history.segments[place].middle.advanced(by: Duration.microsecond)
            delayCopies(
                of: Int(held), by: history.segments[Int(held)].middle.nanoseconds - passed.nanoseconds)
        }
        queue.add(.arrival(held), at: history.segments[Int(held)].arrival)
    }
}
