import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// The straight way of most frames against the layers: it takes a frame only if they make the same of it.
@Suite struct StraightDecodingTests {
    private let decoder = FrameDecoder(linkType: .ethernet)
    /// As most frames are: without options, and with timestamps.
    private let usual = [
        Octets.frame(), Octets.frame(text: 9), Octets.frame(options: timestamps),
        Octets.frame(options: timestamps, text: 3),
    ]
    private static let timestamps: [UInt8] = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]

    /// Whether a frame goes straight; complains if it then becomes something else than by the layers.
    private func goesStraight(_ bytes: [UInt8], originalLength: Int? = nil, _ what: @autoclosure () -> String) -> Bool {
        // Different rubbish to begin with: a field that is forgotten shows.
        var straight = rubbish(0x5A)
        var layered = rubbish(0xC3)
        guard decoder.decodeStraight(bytes.span, into: &straight) else { return false }
        let outcome = decoder.decodeByLayers(
            bytes.span, originalLength: originalLength ?? bytes.count, into: &layered)
        guard case .segment = outcome, contents(straight) == contents(layered) else {
            Issue.record("\(what()): \(straight), and by layers \(outcome): \(layered)")
            return true
        }
        return true
    }

    /// A segment in which every field that the decoder fills is something that it is not.
    private func rubbish(_ octet: UInt8) -> CapturedSegment {
        let word = UInt32(octet) &* 0x0101_0101
        let half = UInt16(truncatingIfNeeded: word)
        let address = Address(high: UInt64(word), low: UInt64(word))
        var options = SegmentOptions()
        options.present = SegmentOptions.Kinds(rawValue: half)
        options.maximumSegmentSize = half
        options.windowScale = octet
        options.timestampValue = word
        options.timestampEcho = word
        for number in 0..<4 as Range<UInt32> {
            options.appendSackBlock(SackBlock(left: SequenceNumber(word), right: SequenceNumber(number)))
        }
        var captured = CapturedSegment(
            segment: Segment(
                sequenceNumber: SequenceNumber(word), acknowledgmentNumber: SequenceNumber(word),
                controlBits: ControlBits(rawValue: octet), payloadLength: word, window: half, options: options),
            pair: SocketPair(
                source: address, destination: address, sourcePort: half, destinationPort: half, family: .ipv6),
            time: 42, packet: 43)
        captured.file = 44
        captured.tunnel = Tunnel(.gre, key: word)
        captured.identification = half
        captured.virtualLAN = half
        captured.interface = half
        captured.timeToLive = octet
        captured.outerTimeToLive = octet
        captured.direction = octet & 1 == 0 ? .received : .sent
        captured.hasIdentification = false
        captured.isHeaderCut = true
        return captured
    }

    /// All that there is of a segment where nothing is examined.
    private func contents(_ captured: CapturedSegment) -> [AnyHashable] {
        [
            captured.segment, captured.pair, captured.tunnel, captured.time, captured.packet, captured.file,
            captured.identification, captured.virtualLAN, captured.interface, captured.timeToLive,
            captured.outerTimeToLive, captured.direction, captured.hasIdentification, captured.isHeaderCut,
        ]
    }

    @Test func `most frames go straight`() {
        for frame in usual {
            #expect(goesStraight(frame, "\(frame)"))
            // Filled up to the least that Ethernet carries.
            #expect(goesStraight(frame + [0, 0, 0, 0, 0, 0], "\(frame), padded"))
        }
    }

    @Test func `every value of every octet`() {
        var straight = 0
        for frame in usual {
            for place in frame.indices {
                for value in 0...255 as ClosedRange<UInt8> {
                    var bytes = frame
                    bytes[place] = value
                    if goesStraight(bytes, "octet \(place) is \(value)") { straight += 1 }
                }
            }
        }
        // Addresses, ports, numbers and the like may be anything.
        #expect(straight > 30_000)
    }

    @Test func `every length that a capture may leave`() {
        for frame in usual {
            for length in 0...frame.count {
                let isWhole = length >= (frame.count < 66 ? 54 : 66)
                let cut = Array(frame[..<length])
                #expect(goesStraight(cut, originalLength: frame.count, "cut at \(length)") == isWhole)
            }
        }
    }

    @Test(arguments: Seeds.all) func `several damages at once`(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Where the straight way looks, and what it looks for.
        let places = [12, 13, 14, 16, 17, 20, 21, 23, 46, 54, 55, 56, 57]
        let values: [UInt8] = [0, 1, 5, 6, 8, 10, 0x20, 0x40, 0x45, 0x46, 0x50, 0x60, 0x80, 0xF0, 0xFF]
        for _ in 0..<20_000 {
            var bytes = usual[Int(generator.next() % UInt64(usual.count))]
            for _ in 0..<generator.next() % 4 {
                let place = places[Int(generator.next() % UInt64(places.count))]
                guard place < bytes.count else { continue }
                bytes[place] = values[Int(generator.next() % UInt64(values.count))]
            }
            bytes.removeLast(Int(generator.next() % 8))
            _ = goesStraight(bytes, "seed \(seed): \(bytes)")
        }
    }

    @Test func `no frame goes straight that is to be examined, or of another link type`() {
        for examination in [Examination.lengths, .checksums] {
            var captured = rubbish(7)
            captured.examination = examination
            #expect(!decoder.decodeStraight(Octets.frame().span, into: &captured))
        }
        for linkType in LinkType.allCases where linkType != .ethernet {
            var captured = rubbish(7)
            #expect(!FrameDecoder(linkType: linkType).decodeStraight(Octets.frame().span, into: &captured))
        }
    }
}
