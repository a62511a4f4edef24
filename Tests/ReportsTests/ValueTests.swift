@testable import Reports
import TestSupport
import Testing
import WireFormat

@Suite struct ValueTests {
    private func written(_ body: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 64)
        body(&buffer)
        return buffer.text
    }

    @Test(arguments: [
        (0, "0.000000000"), (1, "0.000000001"), (-1, "-0.000000001"),
        (1_700_000_000_123_456_789, "1700000000.123456789"),
        (.max, "9223372036.854775807"), (.min, "-9223372036.854775808"), (-1_500_000_000, "-1.500000000"),
    ] as [(Int64, String)])
    func `times keep all nine digits`(time: Int64, text: String) {
        #expect(written { $0.put(seconds: time) } == text)
    }

    @Test(arguments: [
        (0, 1, "0"), (9, 1, "9"), (10, 1, "10"), (7, 3, "007"), (.max, 1, "18446744073709551615"),
    ] as [(UInt64, Int, String)])
    func `numbers`(value: UInt64, digits: Int, text: String) {
        #expect(written { $0.put(decimal: value, digits: digits) } == text)
    }

    /// Around each power of ten, and with zeros in front: as the standard library writes them.
    @Test func `numbers of every length`() {
        var values: [UInt64] = [0]
        var power: UInt64 = 1
        for _ in 0..<19 {
            values += [power - 1, power, power + 1, power &* 7 / 3]
            power *= 10
        }
        var random = SeededGenerator(seed: 793)
        values += (0..<2000).map { _ in random.next() >> UInt64.random(in: 0..<64, using: &random) }
        for value in values {
            let text = String(value)
            #expect(written { $0.put(decimal: value) } == text)
            for digits in 1...12 {
                let zeros = String(repeating: "0", count: max(0, digits - text.count))
                #expect(written { $0.put(decimal: value, digits: digits) } == zeros + text)
            }
        }
    }

    @Test func `every octet of an address`() {
        for octet in 0...255 {
            let bits = UInt32(octet) << 24 | UInt32(255 - octet) << 16 | UInt32(octet ^ 0x55) << 8 | UInt32(octet)
            let text = "\(octet).\(255 - octet).\(octet ^ 0x55).\(octet)"
            #expect(written { $0.put(ipv4: bits) } == text)
        }
    }

    @Test func `JSON texts are escaped`() {
        #expect(written { $0.put(quoted: "a\"b\\c\nd\u{1F}é😀/") } == #""a\"b\\c\u000ad\u001fé😀/""#)
    }

    @Test func `a buffer grows beyond what it had`() {
        let long = String(repeating: "x", count: 1000)
        let text = written { buffer in
            for _ in 0..<50 {
                buffer.put(text: long)
                buffer.put("yz")
                buffer.put(decimal: 12)
                buffer.put(UInt8(ascii: "\n"), times: 3)
            }
        }
        #expect(text == String(repeating: long + "yz12\n\n\n", count: 50))
    }

    @Test(arguments: [
        ("0.0.0.0", AddressFamily.ipv4), ("255.1.20.100", .ipv4), ("::", .ipv6), ("::1", .ipv6),
        ("2001:db8::1:0:0:1", .ipv6),
    ])
    func `addresses`(text: String, family: AddressFamily) throws {
        let address = try #require(Address(text))
        #expect(written { $0.put(address, family: family) } == text)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00.000000000"), (-1, "1969-12-31 23:59:59.999999999"),
        (951_782_400_000_000_000, "2000-02-29 00:00:00.000000000"),
        (1_709_251_199_123_456_789, "2024-02-29 23:59:59.123456789"),
        (4_107_542_400_000_000_000, "2100-03-01 00:00:00.000000000"),
        (.max, "2262-04-11 23:47:16.854775807"), (.min, "1677-09-21 00:12:43.145224192"),
    ] as [(Int64, String)])
    func `stamps in Universal Time`(time: Int64, text: String) {
        #expect(TableText.stamp(time) == text)
    }

    @Test func `intervals and counts for people`() {
        #expect(TableText.interval(from: 1_000_000_000, to: 2_500_000_999, digits: 6) == "1.500000")
        #expect(TableText.interval(from: 10, to: 5, digits: 9) == "-0.000000005")
        #expect(TableText.interval(from: .min, to: .max, digits: 9) == "-")
        #expect([0, 999, 1000, 1_234_567].map { TableText.grouped($0) } == ["0", "999", "1,000", "1,234,567"])
    }

    /// Text is written where it is to be, and moves only if there is no room for it.
    @Test(arguments: [0, 1, 63, 64, 65, 1000, 5000])
    func octetsOfAnyLength(length: Int) {
        let expected = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for capacity in [0, 1, 64, 1000, 1 << 20] {
            let octets = ByteBuffer.octets(capacity: capacity) { buffer in
                for octet in expected { buffer.put(octet) }
            }
            #expect(octets == expected, "room for \(capacity)")
        }
    }
}
