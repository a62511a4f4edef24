import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Nothing but not trapping is asked here, and that what comes out keeps its promises.
func feed(_ bytes: [UInt8], _ linkType: LinkType, originalLength: Int, seed: UInt64) {
    let (outcome, captured) = decode(bytes, linkType, originalLength: originalLength)
    switch outcome {
    case .segment:
        let segment = captured.segment
        // Not #expect, which costs more than all the rest in so tight a loop.
        if segment.payloadLength > UInt32.max - 3 || segment.options.sackBlockCount > 4
            || segment.options.windowScale > 14
        {
            Issue.record("seed \(seed): \(segment) of \(bytes)")
        }
    case .icmpError, .fragment, .skipped: break
    }
}

func randomLength(using generator: inout SeededGenerator, captured: Int) -> Int {
    switch generator.next() % 5 {
    case 0: captured
    case 1: Int(truncatingIfNeeded: generator.next())
    case 2: Int(UInt32.max)
    case 3: captured + Int(generator.next() % 2000)
    default: Int(generator.next() % 100)
    }
}

@Test(arguments: LinkType.allCases, Seeds.all)
func `random octets of any length never trap`(_ linkType: LinkType, _ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<3000 {
        let bytes = (0..<Int(generator.next() % 160)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        feed(bytes, linkType, originalLength: randomLength(using: &generator, captured: bytes.count), seed: seed)
    }
}

/// Valid frames that reach every branch, to be damaged.
func validFrames(_ linkType: LinkType) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    for pair in [pair4, pair6] {
        var captured = CapturedSegment(segment: plainSegment, pair: pair)
        captured.virtualLAN = 5
        captured.segment.payloadLength = 20
        captured.segment.options.present = [.maximumSegmentSize, .timestamps, .windowScale, .sackPermitted, .sack]
        captured.segment.options.appendSackBlock(SackBlock(left: SequenceNumber(1), right: SequenceNumber(2)))
        var bytes: [UInt8] = []
        FrameEncoder(linkType: linkType).encode(captured, into: &bytes)
        frames.append(bytes)
        bytes = []
        let type: UInt8 = pair.family == .ipv4 ? 3 : 1
        FrameEncoder(linkType: linkType).encode(
            ICMPError(pair: pair, sequenceNumber: SequenceNumber(1), type: type, code: 1, isHard: false),
            from: pair.destination, into: &bytes)
        frames.append(bytes)
    }
    return frames
}

@Test(arguments: LinkType.allCases)
func `every flipped bit and every cut of valid frames is survived`(_ linkType: LinkType) {
    for frame in validFrames(linkType) {
        for bit in 0..<frame.count * 8 {
            var bytes = frame
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            feed(bytes, linkType, originalLength: bytes.count, seed: 0)
        }
        for length in 0...frame.count {
            feed(Array(frame[..<length]), linkType, originalLength: frame.count, seed: 0)
            feed(Array(frame[..<length]), linkType, originalLength: length, seed: 0)
        }
    }
}

@Test(arguments: LinkType.allCases, Seeds.all)
func `several damages at once are survived`(_ linkType: LinkType, _ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let frames = validFrames(linkType)
    for _ in 0..<3000 {
        var bytes = frames[Int(generator.next() % UInt64(frames.count))]
        for _ in 0..<generator.next() % 6 {
            bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
        bytes.removeLast(Int(generator.next() % UInt64(bytes.count)))
        feed(bytes, linkType, originalLength: randomLength(using: &generator, captured: bytes.count), seed: seed)
    }
}

@Test(arguments: Seeds.all)
func `random option lists end`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    // Kinds that have a meaning, and lengths that are nearly right.
    let kinds: [UInt8] = [0, 1, 2, 3, 4, 5, 8, 19, 29, 30, 34, 253, 254, 77]
    for _ in 0..<5000 {
        var options: [UInt8] = []
        while options.count < 40 {
            options.append(kinds[Int(generator.next() % UInt64(kinds.count))])
            options.append(UInt8(generator.next() % 20))
            options += (0..<generator.next() % 12).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
        let frame = Octets.frame(options: Array(options.prefix(40)))
        feed(frame, .ethernet, originalLength: frame.count, seed: seed)
    }
}
