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
    private func goesStraight(
        _ bytes: [UInt8], originalLength: Int? = nil, _ examination: Examination,
        _ what: @autoclosure () -> String
    ) -> Bool {
        let originalLength = originalLength ?? bytes.count
        // Different rubbish to begin with: a field that is forgotten shows.
        var compact = CompactSegment(rubbish(0x5A))
        var layered = rubbish(0xC3)
        layered.examination = examination
        guard
            decoder.decodeStraight(bytes.span, originalLength: originalLength, examination, into: &compact)
        else { return false }
        let straight = CapturedSegment(compact)
        let outcome = decoder.decode(bytes.span, originalLength: originalLength, into: &layered)
        guard case .segment = outcome, contents(straight, examination) == contents(layered, examination),
            contents(compact) == contents(CompactSegment(layered))
        else {
            Issue.record("\(what()): \(straight), and by layers \(outcome): \(layered)")
            return true
        }
        return true
    }

    /// The frame with the sums that belong into its headers, if it has room for them.
    private func summed(_ frame: [UInt8]) -> [UInt8] {
        guard frame.count >= 54 else { return frame }
        var frame = frame
        func enter(_ sum: Checksum, at place: Int) {
            frame[place] = UInt8(sum.value >> 8)
            frame[place + 1] = UInt8(sum.value & 0xFF)
        }
        (frame[24], frame[25], frame[50], frame[51]) = (0, 0, 0, 0)
        var header = Checksum()
        header.add(frame.span.extracting(14..<34))
        enter(header, at: 24)
        let end = min(frame.count, max(34, 14 + Int(frame[16]) << 8 + Int(frame[17])))
        var segment = Checksum()
        func address(_ place: Int) -> Address {
            Address(ipv4: frame[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        segment.addPseudoHeader(
            source: address(26), destination: address(30), family: .ipv4, protocolNumber: 6, length: UInt32(end - 34))
        segment.add(frame.span.extracting(34..<end))
        enter(segment, at: 50)
        return frame
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

    /// All that there is of a segment.
    private func contents(_ captured: CapturedSegment, _ examination: Examination) -> [AnyHashable] {
        let examined: [AnyHashable] =
            examination == .nothing ? [] : [captured.verdict, captured.isTextCut, captured.internetLength]
        return [
            captured.segment, captured.pair, captured.tunnel, captured.time, captured.packet, captured.file,
            captured.identification, captured.virtualLAN, captured.interface, captured.timeToLive,
            captured.outerTimeToLive, captured.direction, captured.hasIdentification, captured.isHeaderCut,
        ] + examined
    }

    /// What there is in one line, but for whether it is all.
    private func contents(_ compact: CompactSegment) -> [AnyHashable] {
        [
            compact.sourceAddress, compact.destinationAddress, compact.sourcePort, compact.destinationPort,
            compact.sequenceNumber, compact.acknowledgmentNumber, compact.payloadLength, compact.timestampValue,
            compact.timestampEcho, compact.time, compact.packetOfFile, compact.sight.timeToLive, compact.window,
            compact.identification, compact.controlBits.rawValue, compact.windowScale,
            compact.notes.subtracting([.isWhole, .isExamined]).rawValue,
        ]
    }

    @Test func `most frames go straight`() {
        for frame in usual {
            // Filled up to the least that Ethernet carries.
            for frame in [frame, frame + [0, 0, 0, 0, 0, 0]] {
                #expect(goesStraight(frame, .nothing, "\(frame)"))
                #expect(goesStraight(frame, .lengths, "\(frame), lengths"))
                #expect(goesStraight(summed(frame), .checksums, "\(frame), sums"))
            }
        }
    }

    @Test func `every value of every octet`() {
        var straight = 0
        for frame in usual {
            for place in frame.indices {
                for value in 0...255 as ClosedRange<UInt8> {
                    var bytes = frame
                    bytes[place] = value
                    if goesStraight(bytes, .nothing, "octet \(place) is \(value)") { straight += 1 }
                    _ = goesStraight(bytes, .lengths, "octet \(place) is \(value), lengths")
                    _ = goesStraight(summed(bytes), .checksums, "octet \(place) is \(value), sums")
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
                #expect(goesStraight(cut, originalLength: frame.count, .nothing, "cut at \(length)") == isWhole)
                #expect(goesStraight(cut, originalLength: frame.count, .lengths, "cut at \(length)") == isWhole)
                let sound = Array(summed(frame)[..<length])
                #expect(goesStraight(sound, originalLength: frame.count, .checksums, "cut at \(length)") == isWhole)
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
            for examination in [Examination.nothing, .lengths, .checksums] {
                _ = goesStraight(bytes, examination, "seed \(seed), \(examination): \(bytes)")
                _ = goesStraight(summed(bytes), examination, "seed \(seed), \(examination), summed: \(bytes)")
            }
        }
    }

    @Test func `a frame in which a sum or a length is wrong goes by the layers, if that is asked`() {
        for frame in usual {
            let sound = summed(frame)
            for place in 14..<sound.count {
                var bytes = sound
                bytes[place] ^= 0x10
                #expect(!goesStraight(bytes, .checksums, "octet \(place)"))
            }
            for examination in [Examination.lengths, .checksums] {
                #expect(!goesStraight(Array(sound.dropLast()), examination, "one octet too few"))
            }
        }
    }

    @Test func `no frame of another link type goes straight`() {
        for linkType in LinkType.allCases where linkType != .ethernet {
            var compact = CompactSegment(rubbish(7))
            let frame = Octets.frame()
            #expect(
                !FrameDecoder(linkType: linkType).decodeStraight(
                    frame.span, originalLength: frame.count, .nothing, into: &compact))
        }
    }
}
