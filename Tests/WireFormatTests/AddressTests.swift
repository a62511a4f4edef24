import TestSupport
import Testing
import WireFormat

/// Addresses with RFC 5952's text; other ways to write them beside it.
private let texts: [(high: UInt64, low: UInt64, text: String, others: [String])] = [
    (0, 0, "::", ["0::", "0:0:0:0:0:0:0:0", "::0.0.0.0"]),
    (0, 1, "::1", ["0:0:0:0:0:0:0:1", "0000::0001"]),
    (0x2001_0DB8_0000_0000, 1, "2001:db8::1", ["2001:0DB8:0:0::1", "2001:db8:0:0:0:0:0.0.0.1"]),
    (0xFE80_0000_0000_0000, 0xABCD_0000_0000_0000, "fe80::abcd:0:0:0", []),
    // Of two runs the longer one, of equal ones the first (RFC 5952 section 4.2.3).
    (0x2001_0DB8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1", ["2001:db8:0:0:1::1"]),
    (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1", []),
    // One zero group alone is not shortened (section 4.2.2).
    (0x2001_0DB8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1", ["2001:db8::1:1:1:1:1"]),
    (0x0001_0002_0003_0004, 0x0005_0006_0007_0000, "1:2:3:4:5:6:7:0", ["1:2:3:4:5:6:7::"]),
    (0x0000_0002_0003_0004, 0x0005_0006_0007_0008, "0:2:3:4:5:6:7:8", ["::2:3:4:5:6:7:8"]),
    (0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []),
    (0x1000_0200_0030_0004, 0, "1000:200:30:4::", []),
    (0, 0x0000_FFFF_0A00_0001, "::ffff:10.0.0.1", ["::FFFF:0a00:1"]),
]

@Test(arguments: texts.indices)
func `IPv6 addresses are written as RFC 5952 says and read in any form`(_ index: Int) {
    let (high, low, text, others) = texts[index]
    let address = Address(high: high, low: low)
    #expect(address.text(as: .ipv6) == text)
    for form in [text] + others {
        let parsed = Address.parse(form)
        #expect(parsed?.address == address, "\(form)")
        #expect(parsed?.family == .ipv6, "\(form)")
    }
}

@Test(arguments: [
    ("0.0.0.0", 0), ("10.0.0.1", 0x0A00_0001), ("192.0.2.99", 0xC000_0263), ("255.255.255.255", 0xFFFF_FFFF),
])
func `IPv4 addresses are dotted quads`(_ text: String, _ bits: UInt32) {
    let address = Address(ipv4: bits)
    #expect(address.text(as: .ipv4) == text)
    #expect(address.description == text)
    #expect(Address(text) == address)
    #expect(Address.parse(text)?.family == .ipv4)
    #expect(address.isMapped)
}

@Test(arguments: [
    "", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.-4", "1.2.3.+4", " 1.2.3.4",
    "1.2.3.4 ", "1..3.4", "1.2.3.1000", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", ":1::",
    "::1:", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "fe80::1%eth0", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5",
    "localhost", "[::1]", "::ffff:1.2.3.4.5", "１.2.3.4",
])
func `what is no address is refused`(_ text: String) {
    #expect(Address.parse(text) == nil)
    #expect(Address(text) == nil)
}

@Test(arguments: Seeds.all)
func `what is written is read back`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
        // Masks make runs of zeros as likely as not.
        func mask() -> UInt64 {
            (0..<4).reduce(0) { $0 | (Bool.random(using: &generator) ? 0xFFFF << UInt64(16 * $1) : 0) }
        }
        let (high, low) = (mask(), mask())
        let address = Address(high: generator.next() & high, low: generator.next() & low)
        #expect(Address.parse(address.text(as: .ipv6))?.address == address, "seed \(seed)")
        let quad = Address(ipv4: UInt32(truncatingIfNeeded: generator.next()))
        #expect(Address(quad.description) == quad, "seed \(seed)")
    }
}
