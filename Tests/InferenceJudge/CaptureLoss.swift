public import TCPStateMachine

/// What a capture lacks: a filter, a tap that drops, a machine that was started late.
public enum CaptureLoss: String, CaseIterable, Sendable {
    case onePacket = "one packet"
    case severalPackets = "two to five packets"
    case start = "the start"
    case end = "the end"
    case fromA = "what A sent"
    case fromB = "what B sent"
    case startAndEnd = "the start and the end"
    case laterFromA = "what A sent, from some moment on"
    case laterFromB = "what B sent, from some moment on"
    case thirdFromA = "every third packet of A"
    case thirdFromB = "every third packet of B"
    case bursts = "bursts of packets"
    case half = "half of the packets"
    case text = "what has no SYN, FIN or RST"
    case acknowledgments = "ACKs without text"

    /// A packet that passed: whose it is (nil: no TCP segment), and what it is.
    public struct Packet: Sendable {
        public var isFromA: Bool?
        public var controlBits: ControlBits
        public var length: UInt32

        public init(isFromA: Bool?, controlBits: ControlBits = [], length: UInt32 = 0) {
            self.isFromA = isFromA
            self.controlBits = controlBits
            self.length = length
        }
    }

    /// The places of the packets that the capture lacks, drawn by `next`.
    public func missing(of packets: [Packet], _ next: () -> UInt64) -> Set<Int> {
        guard !packets.isEmpty else { return [] }
        func draw(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
        let count = packets.count
        switch self {
        case .onePacket: return [draw(count)]
        case .severalPackets:
            let losses = 2 + draw(4)
            return Set((0..<losses).map { _ in draw(count) })
        case .start: return Set(0..<draw(count))
        case .end: return Set((draw(count) + 1)..<(count + 1))
        case .startAndEnd:
            let places = [draw(count), draw(count)].sorted()
            return Set(0..<places[0]).union(places[1] + 1..<count + 1)
        case .fromA: return places(in: packets) { _, packet in packet.isFromA == true }
        case .fromB: return places(in: packets) { _, packet in packet.isFromA == false }
        case .laterFromA:
            let first = draw(count)
            return places(in: packets) { place, packet in place >= first && packet.isFromA == true }
        case .laterFromB:
            let first = draw(count)
            return places(in: packets) { place, packet in place >= first && packet.isFromA == false }
        case .thirdFromA: return everyThird(of: packets, isFromA: true, first: draw(3))
        case .thirdFromB: return everyThird(of: packets, isFromA: false, first: draw(3))
        case .bursts:
            let bursts = (0...draw(2)).map { _ in (draw(count), 3 + draw(4)) }
            return Set(bursts.flatMap { $0..<min(count, $0 + $1) })
        case .half: return places(in: packets) { _, _ in next() % 2 == 0 }
        case .text:
            return places(in: packets) { _, packet in packet.controlBits.isDisjoint(with: [.syn, .fin, .rst]) }
        case .acknowledgments:
            return places(in: packets) { _, packet in
                packet.isFromA != nil && packet.length == 0
                    && packet.controlBits.isDisjoint(with: [.syn, .fin, .rst])
            }
        }
    }

    private func places(in packets: [Packet], where isMissing: (Int, Packet) -> Bool) -> Set<Int> {
        Set(packets.indices.filter { isMissing($0, packets[$0]) })
    }

    private func everyThird(of packets: [Packet], isFromA: Bool, first: Int) -> Set<Int> {
        let own = packets.indices.filter { packets[$0].isFromA == isFromA }
        return Set(own.indices.filter { $0 % 3 == first }.map { own[$0] })
    }
}
