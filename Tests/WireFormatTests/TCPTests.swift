import TCPStateMachine
import Testing
import WireFormat

/// The octets of a list of options and what it says.
struct OptionCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let octets: [UInt8]
    let expected: SegmentOptions

    init(_ name: String, _ octets: [UInt8], _ fill: (inout SegmentOptions) -> Void) {
        testDescription = name
        self.octets = octets
        var expected = SegmentOptions()
        fill(&expected)
        self.expected = expected
    }
}

private func block(_ left: UInt32, _ right: UInt32) -> SackBlock {
    SackBlock(left: SequenceNumber(left), right: SequenceNumber(right))
}

private let optionCases: [OptionCase] = [
    OptionCase("nothing but padding", [1, 1, 1, 0]) { _ in },
    OptionCase("octets behind the end of the list do not count", [0, 2, 4, 5]) { _ in },
    OptionCase("maximum segment size", [2, 4, 0x05, 0xB4]) {
        $0.present = .maximumSegmentSize
        $0.maximumSegmentSize = 1460
    },
    OptionCase("window scale", [1, 3, 3, 7]) {
        $0.present = .windowScale
        $0.windowScale = 7
    },
    OptionCase("window scale beyond 14 is 14", [1, 3, 3, 255]) {
        $0.present = .windowScale
        $0.windowScale = 14
    },
    OptionCase("SACK permitted", [1, 1, 4, 2]) { $0.present = .sackPermitted },
    OptionCase("timestamps as RFC 7323 appendix A lays them out", [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]) {
        $0.present = .timestamps
        $0.timestampValue = 0x0102_0304
        $0.timestampEcho = 0x0506_0708
    },
    OptionCase("timestamps first, padding behind", [8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0]) {
        $0.present = .timestamps
        $0.timestampValue = 0x0102_0304
        $0.timestampEcho = 0x0506_0708
    },
    OptionCase("one SACK block", [1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2]) {
        $0.present = .sack
        $0.appendSackBlock(block(1, 2))
    },
    OptionCase(
        "four SACK blocks",
        [1, 1, 5, 34]
            + [0, 0, 0, 1, 0, 0, 0, 2] + [0, 0, 0, 3, 0, 0, 0, 4]
            + [0, 0, 0, 5, 0, 0, 0, 6] + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 8]
    ) {
        $0.present = .sack
        $0.appendSackBlock(block(1, 2))
        $0.appendSackBlock(block(3, 4))
        $0.appendSackBlock(block(5, 6))
        $0.appendSackBlock(block(0xFFFF_FFFF, 8))
    },
    OptionCase(
        "a Linux SYN", [2, 4, 0x05, 0xB4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7]
    ) {
        $0.present = [.maximumSegmentSize, .sackPermitted, .timestamps, .windowScale]
        $0.maximumSegmentSize = 1460
        $0.timestampValue = 9
        $0.windowScale = 7
    },
    OptionCase("Fast Open request", [34, 2, 1, 1]) { $0.present = .fastOpenRequest },
    OptionCase("Fast Open cookie", [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1]) { $0.present = .fastOpenCookie },
    OptionCase("experimental Fast Open request", [254, 4, 0xF9, 0x89]) { $0.present = .fastOpenRequest },
    OptionCase("experimental Fast Open cookie", [254, 8, 0xF9, 0x89, 1, 2, 3, 4]) { $0.present = .fastOpenCookie },
    OptionCase("the other experiment's Fast Open", [253, 4, 0xF9, 0x89]) { $0.present = .fastOpenRequest },
    OptionCase("another experiment", [254, 4, 0x12, 0x34]) { _ in },
    OptionCase("an experiment without an identifier", [254, 2, 0xF9, 0x89]) { $0.present = .incomplete },
    OptionCase("Multipath TCP", [30, 4, 0x00, 0x81]) { $0.present = .multipath },
    OptionCase("MD5 signature", [1, 1, 19, 18] + Array(repeating: 9, count: 16)) { $0.present = .md5Signature },
    OptionCase("authentication", [29, 16] + Array(repeating: 9, count: 14)) { $0.present = .authentication },
    OptionCase("an unknown option is passed over", [99, 4, 1, 2, 2, 4, 0x05, 0xB4]) {
        $0.present = .maximumSegmentSize
        $0.maximumSegmentSize = 1460
    },
    OptionCase("one of the wrong length is passed over", [2, 3, 9, 3, 4, 7, 7, 1, 1, 1, 4, 2]) {
        $0.present = .sackPermitted
    },
    OptionCase("SACK of half a block", [5, 6, 0, 0, 0, 1, 4, 2]) { $0.present = .sackPermitted },
    OptionCase("length zero would never end", [1, 2, 0, 4]) { $0.present = .incomplete },
    OptionCase("length one would never end", [8, 1, 8, 1]) { $0.present = .incomplete },
    OptionCase("what stood before the damage stays", [4, 2, 3, 0, 2, 4, 5, 6]) {
        $0.present = [.sackPermitted, .incomplete]
    },
    OptionCase("an option beyond the header", [1, 1, 2, 4]) { $0.present = .incomplete },
    OptionCase("a kind without a length", [1, 1, 1, 2]) { $0.present = .incomplete },
]

@Test(arguments: optionCases)
func `options say what their octets say`(_ option: OptionCase) throws {
    let captured = try segment(Octets.frame(options: option.octets))
    #expect(captured.segment.options == option.expected)
    #expect(!captured.isHeaderCut)
}

@Test func `every flag is read as it stands`() throws {
    for flags in UInt8.min ... .max {
        let frame = Octets.ethernetIPv4 + Octets.ipv4(carrying: 20) + Octets.tcp(flags: flags)
        #expect(try segment(frame).segment.controlBits.rawValue == flags)
    }
}

/// A SYN with the options that Linux sends, cut after every octet.
@Test(arguments: [LinkType.ethernet, .ipv4])
func `a header that was cut keeps what is there`(_ linkType: LinkType) throws {
    let options: [UInt8] = [2, 4, 0x05, 0xB4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7]
    let whole = Array(Octets.frame(options: options, text: 9)[(linkType == .ethernet ? 0 : 14)...])
    let tcp = whole.count - 9 - 40
    for length in 0..<tcp + 14 {
        #expect(skipReason(Array(whole[..<length]), linkType, originalLength: whole.count) == .cutShort, "\(length)")
        #expect(skipReason(Array(whole[..<length]), linkType) == .cutShort || length < tcp + 14)
    }
    for length in tcp + 14...whole.count {
        let captured = try segment(Array(whole[..<length]), linkType, originalLength: whole.count)
        let isCut = length < tcp + 40
        #expect(captured.isHeaderCut == isCut, "\(length)")
        #expect(captured.segment.options.present.contains(.incomplete) == isCut)
        #expect(captured.segment.payloadLength == 9)
        #expect(captured.segment.sequenceNumber == plainSegment.sequenceNumber)
        #expect(captured.segment.controlBits == .syn)
        // A window that was cut away must not look closed.
        #expect(captured.segment.window == (length < tcp + 16 ? .max : 0xFAF0))
        #expect(captured.segment.options.present.contains(.maximumSegmentSize) == (length >= tcp + 24))
        #expect(captured.segment.options.present.contains(.sackPermitted) == (length >= tcp + 26))
        #expect(captured.segment.options.present.contains(.timestamps) == (length >= tcp + 36))
        #expect(captured.segment.options.present.contains(.windowScale) == (length >= tcp + 40))
    }
}

@Test func `timestamps alone, cut, are not read beyond the capture`() throws {
    let whole = Octets.frame(options: [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8])
    let captured = try segment(Array(whole[..<65]), originalLength: whole.count)
    #expect(captured.segment.options.present == .incomplete)
    #expect(captured.segment.options.timestampValue == 0)
}

@Test func `a header without options that was cut has lost no options`() throws {
    let captured = try segment(Array(Octets.frame()[..<50]), originalLength: 54)
    #expect(captured.isHeaderCut)
    #expect(captured.segment.options.present == [])
}
