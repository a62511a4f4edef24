import TCPStateMachine
import WireFormat

// ScenarioMaker          the dice, and the order in which a story is made
// ScenarioMaker+Ends     what the two ends are like
// ScenarioMaker+Network  what befalls segments
// ScenarioMaker+Story    what users do, what is forged, what breaks
// ScenarioMaker+Extras   Fast Open, and routers that report errors

extension Scenario {
    /// A story that nobody wrote: random ends, a random network, random calls. The same seed gives the same story, on
    /// every machine.
    public static func random(seed: UInt64) -> Scenario {
        var maker = ScenarioMaker(seed: seed)
        return maker.make()
    }
}

/// Makes up a story. Everyday things are likely, and every kind of trouble comes up in one of ten to fifty stories:
/// with more of it at once no connection would get anywhere.
struct ScenarioMaker {
    private var dice: Dice
    var scenario = Scenario()
    /// The end whose user opens first.
    var opener = End.a

    /// The connection that the story is about.
    var ports: PortPair { scenario.connections[0].ports }

    init(seed: UInt64) {
        dice = Dice(seed: seed)
        scenario.settings.seed = dice.next() >> 32
        scenario.title = "Random \(seed)"
    }

    mutating func make() -> Scenario {
        if isLucky(1, in: 5) { scenario.family = .ipv6 }
        makeEnds()
        makeNetwork()
        makeStory()
        // Last, so that what the rest of a seed's story is does not depend on them.
        if isLucky(1, in: 12) { makeFastOpen() }
        if isLucky(1, in: 25) { makeReport() }
        return scenario
    }

    // MARK: Dice

    /// 0 ..< bound.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: dice.next() % UInt64(max(bound, 1)))
    }

    mutating func isLucky(_ chances: Int, in all: Int) -> Bool { below(all) < chances }

    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    mutating func anyEnd() -> End { one(of: End.allCases) }

    /// A time within `range` milliseconds.
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Int64 {
        Int64(range.lowerBound + below(range.upperBound - range.lowerBound + 1)) * Duration.millisecond
    }

    // MARK: Actions

    mutating func plan(_ action: Action, at time: Int64) {
        scenario.actions.append(Scenario.PlannedAction(time: VirtualTime(nanoseconds: time), action: action))
    }

    mutating func call(_ call: UserCall, at end: End, at time: Int64) {
        plan(.call(call, at: end, ports), at: time)
    }
}
