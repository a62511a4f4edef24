import TCPStateMachine
import WireFormat

/// What the inference writes to: the records that are settled, the totals, the packet clock.
struct Ledger {
    let options: TrackerOptions
    /// Those of the options that are asked for with every segment: the whole is copied to reach a part.
    let interest: TrackerOptions.Interest
    let hashSeed: UInt64
    var records: [Record] = []
    var counts = TrackerCounts()
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
        counts.transitionsPerRule = Array(repeating: 0, count: 1 << 8)
        census = options.interest.contains(.changes) ? Census() : nil
    }

    func profile(_ side: EndpointRole) -> Profile {
        side == .initiator ? initiatorProfile : responderProfile
    }

    mutating func transition(_ record: TransitionRecord) {
        if let rule = record.rule {
            counts.transitionsPerRule[Int(rule.rawValue)] &+= 1
        }
        guard interest.contains(.transitions) else { return }
        if interest.contains(.presumed), !told.settle(record, now: clock, into: &records) { return }
        records.append(.transition(record))
    }

    /// What an endpoint is presumed to have done since its last settled step.
    mutating func tell(_ steps: [PresumedStep], of flow: UInt64, _ side: EndpointRole) {
        guard interest.contains(.transitions) else { return }
        told.tell(steps, of: flow, side, now: clock, into: &records)
    }

    /// A step whose record is made only if it is wanted.
    @inline(__always)
    mutating func take(_ rule: Rule, _ record: () -> TransitionRecord) {
        counts.transitionsPerRule[Int(rule.rawValue)] &+= 1
        if interest.contains(.transitions) { records.append(.transition(record())) }
    }

    mutating func finding(_ record: FindingRecord) {
        if interest.contains(.findings) {
            records.append(.finding(record))
        }
    }
}
