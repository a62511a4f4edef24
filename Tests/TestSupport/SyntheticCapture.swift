public import TCPStateMachine
public import WireFormat

/// A capture file made in memory, spoken in TCP: who sent what, and when.
///
///     var capture = SyntheticCapture()
///     capture.send(.syn, seq: 100)
///     capture.reply([.syn, .ack], seq: 300, ack: 101)
public struct SyntheticCapture {
    /// The file so far: pcap with nanoseconds, Ethernet.
    public private(set) var bytes: [UInt8]
    /// The octets at which each packet's record begins.
    public private(set) var offsets: [Int] = []
    /// From the initiator to the responder.
    public var pair: SocketPair
    /// The stamp of the next packet, nanoseconds since the epoch; each packet moves it by a millisecond.
    public var time: Int64
    /// Of the next packet of either endpoint: so that none is taken for a copy of another.
    private var identification: UInt16 = 1
    private let encoder = FrameEncoder(linkType: .ethernet)

    public init(port: UInt16 = 40000, time: Int64 = 1_700_000_000_000_000_000) {
        pair = SocketPair(
            source: Address(ipv4: 0xC000_0201), destination: Address(ipv4: 0xC633_6402), sourcePort: port,
            destinationPort: 80, family: .ipv4)
        self.time = time
        bytes = []
        // Magic number for nanoseconds, version 2.4, zone, accuracy, snapshot length, link type.
        for word in [0xA1B2_3C4D, 0x0004_0002, 0, 0, 262_144, 1] as [UInt32] { append(word) }
    }

    /// A segment of the initiator.
    public mutating func send(_ bits: ControlBits, seq: UInt32, ack: UInt32 = 0, length: UInt32 = 0) {
        add(bits, pair, seq, ack, length)
    }

    /// A segment of the responder.
    public mutating func reply(_ bits: ControlBits, seq: UInt32, ack: UInt32 = 0, length: UInt32 = 0) {
        add(bits, pair.reversed, seq, ack, length)
    }

    /// An ICMP error about a segment of the initiator.
    public mutating func icmpError(type: UInt8, code: UInt8, seq: UInt32) {
        var frame: [UInt8] = []
        encoder.encode(
            ICMPError(pair: pair, sequenceNumber: SequenceNumber(seq), type: type, code: code, isHard: true),
            from: Address(ipv4: 0xCB00_7101), into: &frame)
        add(frame: frame, originalLength: frame.count)
    }

    /// Any frame.
    public mutating func add(frame: [UInt8], originalLength: Int? = nil) {
        offsets.append(bytes.count)
        append(UInt32(time / 1_000_000_000))
        append(UInt32(time % 1_000_000_000))
        append(UInt32(frame.count))
        append(UInt32(originalLength ?? frame.count))
        bytes += frame
        time += 1_000_000
    }

    /// Damages the TCP checksum of the last frame, which must be a segment over IPv4.
    public mutating func damage() {
        // The record's header, Ethernet, IPv4, and the checksum's place in that of TCP.
        guard let frame = offsets.last else { return }
        bytes[frame + 16 + 14 + 20 + 16] ^= 0x12
    }

    /// A whole connection: handshake, a request and its answer, the initiator closes first. Nine packets.
    public mutating func connection(iss: UInt32 = 100, irs: UInt32 = 300) {
        send(.syn, seq: iss)
        reply([.syn, .ack], seq: irs, ack: iss &+ 1)
        send(.ack, seq: iss &+ 1, ack: irs &+ 1)
        send([.psh, .ack], seq: iss &+ 1, ack: irs &+ 1, length: 10)
        reply([.psh, .ack], seq: irs &+ 1, ack: iss &+ 11, length: 20)
        send([.fin, .ack], seq: iss &+ 11, ack: irs &+ 21)
        reply(.ack, seq: irs &+ 21, ack: iss &+ 12)
        reply([.fin, .ack], seq: irs &+ 21, ack: iss &+ 12)
        send(.ack, seq: iss &+ 12, ack: irs &+ 22)
    }

    private mutating func add(_ bits: ControlBits, _ pair: SocketPair, _ seq: UInt32, _ ack: UInt32, _ length: UInt32) {
        var captured = CapturedSegment(
            segment: Segment(
                sequenceNumber: SequenceNumber(seq), acknowledgmentNumber: SequenceNumber(ack), controlBits: bits,
                payloadLength: length, window: 65535),
            pair: pair)
        captured.identification = identification
        captured.hasIdentification = true
        captured.timeToLive = 64
        identification &+= 1
        var frame: [UInt8] = []
        let originalLength = encoder.encode(captured, into: &frame)
        add(frame: frame, originalLength: originalLength)
    }

    private mutating func append(_ word: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
