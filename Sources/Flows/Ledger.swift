import TCPStateMachine
import WireFormat

/// What the inference writes to: the records that are settled, the totals, the packet clock.
struct Ledger: ~Copyable {
    let options: TrackerOptions
    /// Those of the options that are asked for with every segment: the whole is copied to reach a part.
    let interest: TrackerOptions.Interest
    let hashSeed: UInt64
    var records: [Record] = []
    var counts = TrackerCounts()
    /// How many transitions each rule made, by `Rule.rawValue`; an array would ask for each whether it is the only
    /// owner.
    private let transitionsPerRule = Ring<UInt64>(capacity: 1 << 8, repeating: 0)
    /// Endpoints by final state, by `State.rawValue`, those whose state is not known behind the last one.
    private let endpointsPerState = Ring<UInt64>(capacity: 1 << 4, repeating: 0)
    /// Connections begun and brought about, by socket and by source.
    var openings = OpeningWatch()
    /// The highest stamp so far, nanoseconds since the epoch.
    var clock: Int64 = .min

    /// Addresses that the capture says are those of the interfaces it was taken on.
    var localAddresses: Set<Address> = []
    /// With the interest `changes` only.
    var census: Census?
    private var told = ToldSteps()

    private let initiatorProfile: Profile
    private let responderProfile: Profile

    init(options: TrackerOptions) {
        self.options = options
        interest = options.interest
        hashSeed = options.hashSeed
        // A capture shows that a connection is gone, and not by which of the silent ways (a timer, a crash, a kill):
        // whatever the profile, "socket gone" is what is said of it.
        initiatorProfile = options.initiatorProfile.with(.socketMayVanish)
        responderProfile = options.responderProfile.with(.socketMayVanish)
        census = options.interest.contains(.changes) ? Census() : nil
    }

    @inline(__always)
    func profile(_ side: EndpointRole) -> Profile {
        side == .initiator ? initiatorProfile : responderProfile
    }

    mutating func transition(_ record: TransitionRecord) {
        if let rule = record.rule { count(rule) }
        guard interest.contains(.transitions) else { return }
        if interest.contains(.presumed), !told.settle(record, now: clock, into: &records) { return }
        records.append(.transition(record))
    }

    /// What an endpoint is presumed to have done since its last settled step.
    mutating func tell(_ steps: [PresumedStep], of flow: UInt64, _ side: EndpointRole) {
        guard interest.contains(.transitions) else { return }
        told.tell(steps, of: flow, side, now: clock, into: &records)
    }

    /// A rule has made a transition, of which there may be a record.
    @inline(__always)
    func count(_ rule: Rule) { transitionsPerRule[Int(rule.rawValue)] &+= 1 }

    /// An endpoint has come to its end in this state, or in one that is not known.
    @inline(__always)
    func countEnd(in state: State?) {
        endpointsPerState[state.map { Int($0.rawValue) } ?? State.allCases.count] &+= 1
    }

    /// All that has been counted.
    var totals: TrackerCounts {
        var totals = counts
        totals.transitionsPerRule = transitionsPerRule.first(transitionsPerRule.capacity)
        totals.endpointsPerState = endpointsPerState.first(State.allCases.count + 1)
        return totals
    }

    mutating func finding(_ record: FindingRecord) {
        if interest.contains(.findings) {
            records.append(.finding(record))
        }
    }
}
