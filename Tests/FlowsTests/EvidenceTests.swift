@testable import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// The small structures that the evidence is kept in.
@Suite struct EvidenceTests {
    // MARK: OctetStream

    @Test func streamFillsAHole() {
        var stream = OctetStream(start: SequenceNumber(100))
        #expect(stream.insert(left: SequenceNumber(100), right: SequenceNumber(150)) == 50)
        #expect(stream.insert(left: SequenceNumber(200), right: SequenceNumber(250)) == 50)
        #expect(stream.contiguousEnd == SequenceNumber(150) && stream.farthestEnd == SequenceNumber(250))
        #expect(stream.insert(left: SequenceNumber(140), right: SequenceNumber(210)) == 50)
        #expect(stream.contiguousEnd == SequenceNumber(250) && stream.rangeCount == 0)
    }

    @Test func streamWraps() {
        var stream = OctetStream(start: SequenceNumber(.max - 9))
        #expect(stream.insert(left: SequenceNumber(10), right: SequenceNumber(20)) == 10)
        #expect(stream.insert(left: SequenceNumber(.max - 9), right: SequenceNumber(5)) == 15)
        #expect(stream.contiguousEnd == SequenceNumber(5))
        #expect(stream.insert(left: SequenceNumber(5), right: SequenceNumber(10)) == 5)
        #expect(stream.contiguousEnd == SequenceNumber(20))
    }

    @Test func streamForgetsAFifthRange() {
        var stream = OctetStream(start: SequenceNumber(0))
        for range in 1...5 {
            let left = SequenceNumber(UInt32(range) * 100)
            _ = stream.insert(left: left, right: left + 10)
        }
        #expect(stream.rangeCount == 4)
        #expect(stream.farthestEnd == SequenceNumber(410))
        // The receiver's ACK tells of it.
        stream.acknowledge(SequenceNumber(510))
        #expect(stream.contiguousEnd == SequenceNumber(510) && stream.rangeCount == 0)
    }

    @Test func streamTakesAnAckIntoARange() {
        var stream = OctetStream(start: SequenceNumber(0))
        _ = stream.insert(left: SequenceNumber(100), right: SequenceNumber(200))
        stream.acknowledge(SequenceNumber(100))
        #expect(stream.contiguousEnd == SequenceNumber(200) && stream.rangeCount == 0)
        stream.acknowledge(SequenceNumber(50))
        #expect(stream.contiguousEnd == SequenceNumber(200))
    }

    /// Against a set of numbers, as long as no more than four ranges are needed.
    @Test(arguments: Seeds.all)
    func streamAgainstAModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let start = UInt32(truncatingIfNeeded: random.next())
            var stream = OctetStream(start: SequenceNumber(start))
            var model = Set<Int>()
            for step in 0..<40 {
                let left = Int(random.next() % 120)
                let right = left + Int(random.next() % 25)
                let left32 = SequenceNumber(start &+ UInt32(left))
                if random.next() % 8 == 0 {
                    stream.acknowledge(left32)
                    model.formUnion(0..<left)
                } else {
                    let before = model.count
                    model.formUnion(left..<right)
                    if Self.ranges(of: model) > 4 { break }
                    let new = stream.insert(left: left32, right: SequenceNumber(start &+ UInt32(right)))
                    #expect(Int(new) == model.count - before, "seed \(seed), step \(step)")
                }
                let contiguous = (0...).first { !model.contains($0) } ?? 0
                #expect(
                    stream.contiguousEnd == SequenceNumber(start &+ UInt32(contiguous)), "seed \(seed), step \(step)")
                let farthest = model.max().map { $0 + 1 } ?? 0
                let end = SequenceNumber(start &+ UInt32(max(farthest, contiguous)))
                #expect(stream.farthestEnd == end, "seed \(seed), step \(step)")
            }
        }
    }

    /// How many ranges lie beyond the contiguous part.
    private static func ranges(of model: Set<Int>) -> Int {
        model.count { $0 > 0 && !model.contains($0 - 1) }
    }

    // MARK: Journal

    private let nature = EndpointNature(opening: .active, profile: .linux)

    private func entry(_ event: DiagramEvent) -> JournalEntry {
        JournalEntry(
            event: event, certainty: .proven, seen: true, isFinal: true, time: 0, cause: .none, proof: .none)
    }

    /// A journal of its own; what it keeps lives in a store.
    private func withJournal(in states: StateSet, _ body: (FlowDetail) -> Void) {
        var store = DetailStore()
        let detail = store[store.allocate()]
        detail[.initiator].journal.begin(in: states)
        // Its neighbor must not feel it.
        detail[.responder].journal.begin(in: StateSet(.listen))
        body(detail)
        let neighbor = detail[.responder].journal.current(nature)
        #expect(neighbor.only == .listen)
        store.free(0)
    }

    @Test func journalFollowsTheDiagram() {
        withJournal(in: StateSet(.closed)) { detail in
            for event in [DiagramEvent.activeOpen, .synAckArrives, .close, .finArrives, .ackOfFinArrives] {
                detail[.initiator].journal.append(entry(event))
            }
            let states = (0...5).map { detail[.initiator].journal.states(after: $0, nature).only }
            #expect(states == [.closed, .synSent, .established, .finWait1, .closing, .timeWait])
        }
    }

    @Test func withdrawnEventChangesWhatFollows() {
        withJournal(in: StateSet(.established)) { detail in
            detail[.initiator].journal.append(entry(.finArrives))
            detail[.initiator].journal.append(entry(.close))
            let before = detail[.initiator].journal.current(nature)
            detail[.initiator].journal.remove(at: 0)
            let without = detail[.initiator].journal.current(nature)
            detail[.initiator].journal.insert(entry(.finArrives), at: 0)
            let after = detail[.initiator].journal.current(nature)
            let index = detail[.initiator].journal.lastIndex(of: .close)
            #expect(before.only == .lastAck && without.only == .finWait1 && after.only == .lastAck && index == 1)
        }
    }

    @Test func journalKeepsEight() {
        withJournal(in: StateSet(.established)) { detail in
            for _ in 0..<Journal.capacity { detail[.initiator].journal.append(entry(.close)) }
            let wasFull = detail[.initiator].journal.isFull
            detail[.initiator].journal.dropFirst(leadingTo: StateSet(.finWait1))
            let isFull = detail[.initiator].journal.isFull
            let start = detail[.initiator].journal.start
            #expect(wasFull && !isFull && start.only == .finWait1)
        }
    }

    @Test func journalNarrowsItsStart() {
        withJournal(in: [StateSet(.established), StateSet(.closeWait), StateSet(.finWait2)]) { detail in
            detail[.initiator].journal.append(entry(.close))
            detail[.initiator].journal.narrow(to: StateSet(.lastAck), nature)
            let start = detail[.initiator].journal.start
            #expect(start.only == .closeWait)
        }
    }

    @Test func contradictionNarrowsNothing() {
        withJournal(in: [StateSet(.established), StateSet(.closeWait)]) { detail in
            detail[.initiator].journal.narrow(to: StateSet(.timeWait), nature)
            let start = detail[.initiator].journal.start
            #expect(start.states == [.established, .closeWait])
        }
    }

    // MARK: Queue, FlowIndex and Slab

    /// Against an array, through all sizes of its chunks and back to nothing.
    @Test(arguments: Seeds.all)
    func queueAgainstAModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = Queue<UInt64>()
        var (model, first): ([UInt64], Int) = ([], 0)
        func isSame(_ queue: borrowing Queue<UInt64>) -> Bool {
            var all: [UInt64] = []
            queue.forEach { all.append($0) }
            return all == Array(model[first...])
        }
        for (growth, steps) in [(3, 30_000), (1, 40_000), (2, 1000), (0, 20_000), (3, 600)] {
            for _ in 0..<steps {
                if random.next() % 4 < growth {
                    let element = random.next()
                    queue.append(element)
                    model.append(element)
                } else if first < model.count {
                    queue.removeFirst()
                    first += 1
                } else {
                    queue.removeFirst()
                }
                let (head, later) = (queue.peek(0), queue.peek(5))
                guard queue.count == model.count - first, head == (first < model.count ? model[first] : nil),
                    later == nil || later == model[first + 5]
                else {
                    Issue.record("after \(first) were taken, seed \(seed)")
                    return
                }
            }
            let same = isSame(queue)
            #expect(same, "seed \(seed)")
        }
    }

    /// Against a dictionary, with hashes that collide in every way.
    @Test(arguments: Seeds.all)
    func indexAgainstAModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var index = FlowIndex(size: 64)
        var model: [UInt32: UInt32] = [:]
        var next: UInt32 = 0
        func anyHash() -> UInt32 { UInt32(truncatingIfNeeded: random.next() >> 32) }
        func position(_ index: borrowing FlowIndex, _ slot: UInt32, _ hash: UInt32) -> Int? {
            var position = -1
            while let found = index.candidate(hash: hash, after: position) {
                if found.slot == slot { return found.position }
                position = found.position
            }
            return nil
        }
        for step in 0..<4000 {
            let hashes: [UInt32] = [0x1, 0x41, 0x1001, .max, .max - 1, anyHash()]
            switch random.next() % 4 {
            case 0, 1:
                let hash = hashes[Int(random.next() % 6)]
                index.insert(hash: hash, slot: next)
                model[next] = hash
                next += 1
            case 2:
                guard let (slot, hash) = model.randomElement(using: &random) else { continue }
                guard let place = position(index, slot, hash) else {
                    Issue.record("slot \(slot) is lost, seed \(seed), step \(step)")
                    return
                }
                index.remove(at: place)
                model[slot] = nil
            default:
                guard let (slot, hash) = model.randomElement(using: &random),
                    let place = position(index, slot, hash)
                else { continue }
                index.replace(at: place, hash: hash, slot: next)
                model[slot] = nil
                model[next] = hash
                next += 1
            }
        }
        for (slot, hash) in model {
            let isThere = position(index, slot, hash) != nil
            #expect(isThere, "slot \(slot), seed \(seed)")
        }
        // The look-up that compares a group at once knows those whose tags nobody shares and that stand in their group,
        // and no others.
        let sharers = Dictionary(grouping: model.values) { $0 }.mapValues(\.count)
        for (slot, hash) in model where sharers[hash] == 1 {
            let (likely, holdsNone) = (index.likely(hash: hash), index.holdsNone(hash: hash))
            #expect((likely == slot || likely == Flow.noSlot) && !holdsNone, "seed \(seed)")
        }
        for _ in 0..<1000 {
            let stranger = anyHash()
            let (likely, holdsNone) = (index.likely(hash: stranger), index.holdsNone(hash: stranger))
            #expect(likely == Flow.noSlot && holdsNone || sharers[stranger] != nil, "seed \(seed)")
        }
    }

    /// Nearly all stand in the group where they are looked for first.
    @Test(arguments: Seeds.all)
    func lookUpOfAGroupFindsNearlyAll(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var index = FlowIndex()
        let hashes = (0..<50_000).map { _ in UInt32(truncatingIfNeeded: random.next()) }
        for (slot, hash) in hashes.enumerated() { index.insert(hash: hash, slot: UInt32(slot)) }
        let missed = hashes.indices.count { index.likely(hash: hashes[$0]) != UInt32($0) }
        #expect(missed < 1000, "seed \(seed)")
    }

    @Test func hashIsTheSameInBothDirections() {
        let (there, back) = (Party.a.pair, Party.b.pair)
        #expect(there.isFlow(of: back) && there.isFlow(of: there))
        func hash(_ pair: SocketPair, _ tunnel: Tunnel = .none, seed: UInt64 = 1) -> UInt32 {
            pair.flowHash(in: tunnel, seed: seed)
        }
        #expect(hash(there) == hash(back) && hash(there) != hash(there, seed: 2))
        let tunnel = Tunnel(.vxlan, key: 1)
        #expect(hash(there, tunnel) == hash(back, tunnel) && hash(there, tunnel) != hash(there))
        #expect(hash(there, tunnel) != hash(there, Tunnel(.vxlan, key: 2)))
        #expect(hash(there, tunnel) != hash(there, Tunnel(.geneve, key: 1)))
        var other = back
        other.sourcePort &+= 1
        #expect(!there.isFlow(of: other) && hash(there) != hash(other))
    }

    @Test func slabGivesBlocksAgain() {
        var slab = Slab<SingleValue<InlineArray<100, UInt8>>>()
        let blocks = (0..<100_000).map { _ in slab.take() }
        #expect(blocks == (0..<100_000).map { UInt32($0) })
        slab.giveBack(1500)
        slab.giveBack(7)
        let again = [slab.take(), slab.take(), slab.take()]
        let highWater = slab.highWater
        #expect(again == [7, 1500, 100_000] && highWater == 100_001)
    }

    @Test func detailsDoNotOverlap() {
        var store = DetailStore()
        let slots = (0..<3000).map { _ in store.allocate() }
        for slot in slots {
            let detail = store[slot]
            for side in EndpointRole.allCases {
                detail[side].journal.begin(in: StateSet(.established))
                for _ in 0..<Journal.capacity {
                    var entry = entry(.close)
                    entry.time = Int64(slot) * 2 + Int64(side.rawValue)
                    detail[side].journal.append(entry)
                }
            }
        }
        for slot in slots {
            let detail = store[slot]
            for side in EndpointRole.allCases {
                let times = (0..<Journal.capacity).map { detail[side].journal[$0].time }
                #expect(times.allSatisfy { $0 == Int64(slot) * 2 + Int64(side.rawValue) }, "detail \(slot)")
            }
        }
        // What the store lends is valid only while it lives.
        store.free(0)
    }
}
