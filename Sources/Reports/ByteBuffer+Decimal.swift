/// Numbers in decimal, eight digits at a time.
extension ByteBuffer {
    /// A number in decimal, with zeros in front up to `digits`.
    @inline(__always)
    mutating func put(decimal value: UInt64, digits: Int = 1) {
        // Of counts most are one digit.
        if value < 10, digits == 1 { return put(UInt8(truncatingIfNeeded: value) &+ UInt8(ascii: "0")) }
        guard value < EightDigits.bound, digits <= 8 else { return put(longDecimal: value, digits: digits) }
        put(EightDigits(UInt32(truncatingIfNeeded: value)), atLeast: digits)
    }

    @inline(never)
    private mutating func put(longDecimal value: UInt64, digits: Int) {
        let (front, back) = value.quotientAndRemainder(dividingBy: EightDigits.bound)
        if front > 0 || digits > 8 { put(decimal: front, digits: max(1, digits - 8)) }
        put(EightDigits(UInt32(truncatingIfNeeded: back)), atLeast: 8)
    }

    @inline(__always)
    private mutating func put(_ eight: EightDigits, atLeast digits: Int) {
        let zeros = min(eight.zerosInFront, 8 &- digits)
        put(octets: eight.text >> UInt64(zeros &* 8), count: 8 &- zeros)
    }

    /// An address of IPv4, dotted.
    mutating func put(ipv4 bits: UInt32) {
        // Two numbers at once: aaa0bbb0, and a dot for each 0 between them.
        putDotted(bits >> 16)
        putDotted(bits & 0xFFFF)
        removeLast()
    }

    @inline(__always)
    private mutating func putDotted(_ two: UInt32) {
        let eight = EightDigits((two >> 8) &* 100_000 &+ (two & 0xFF) &* 10)
        put(dotted: eight.digits & 0xFFFF_FFFF)
        put(dotted: eight.digits >> 32)
    }

    /// Three digits and an octet for the dot.
    @inline(__always)
    private mutating func put(dotted digits: UInt64) {
        let zeros = min(digits.trailingZeroBitCount / 8, 2)
        put(octets: (digits | 0x2E30_3030) >> UInt64(zeros &* 8), count: 4 &- zeros)
    }
}

/// A number below 100,000,000 as eight digits. Each step cuts all parts in two, by one multiplication for all of them,
/// where to divide digit by digit takes one after the other.
private struct EightDigits {
    static let bound: UInt64 = 100_000_000

    /// From 0 to 9, one in an octet, the first in the lowest.
    let digits: UInt64

    @inline(__always)
    init(_ value: UInt32) {
        let front = UInt64(value / 10_000)
        let fours = front | (UInt64(value) &- front &* 10_000) << 32
        // A hundredth is 10486 / 2^20 for what has four digits, a tenth 103 / 2^10 for what has two.
        let hundreds = ((fours &* 10486) >> 20) & 0x7F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = ((twos &* 103) >> 10) & 0x000F_000F_000F_000F
        digits = tens | (twos &- tens &* 10) << 8
    }

    /// In ASCII.
    var text: UInt64 { digits | 0x3030_3030_3030_3030 }

    /// From 0 to 8.
    var zerosInFront: Int { digits.trailingZeroBitCount / 8 }
}
