/// The letters of Zeek's `history`, in the order of what they stand for.
///
/// Most letters come once or in powers of ten, but SYN, FIN and RST come again whenever their number differs: there is
/// no bound that a hostile capture would keep. The first 64 are kept; of the others it is only known that there were
/// some.
public struct ZeekHistory: Sendable, BitwiseCopyable {
    /// How many letters are kept.
    public static let capacity = 64

    private var letters = InlineArray<64, UInt8>(repeating: 0)
    private var length: UInt8 = 0
    /// There were more letters than are kept.
    public private(set) var isCut = false

    init() {}

    /// Up to eight letters, the first in the lowest octet.
    init(_ word: UInt64, count: UInt8) {
        for place in 0..<8 { letters[place] = UInt8(truncatingIfNeeded: word >> UInt64(place &* 8)) }
        length = min(count, 8)
    }

    public var count: Int { Int(length) }

    /// A letter, in ASCII, by its place from 0; 0 behind the last.
    public subscript(place: Int) -> UInt8 {
        place >= 0 && place < count ? letters[place] : 0
    }

    /// The letters as a text.
    public var text: String {
        String(decoding: (0..<count).map { letters[$0] }, as: UTF8.self)
    }

    mutating func append(_ letter: UInt8) {
        guard count < Self.capacity else {
            isCut = true
            return
        }
        letters[count] = letter
        length &+= 1
    }

    /// The originator turns out to be the other end after its SYN,ACK: nothing else has been written.
    mutating func becomeFlippedSynAck() {
        self = ZeekHistory()
        append(UInt8(ascii: "^"))
        append(UInt8(ascii: "h"))
    }

    var isSynAckAlone: Bool { count == 1 && letters[0] == UInt8(ascii: "H") }

    /// `^` if there was one, S, then nothing of the originator's that shows a connection, and R: what Zeek calls
    /// RSTOS0.
    var isSynThenReset: Bool {
        var place = self[0] == UInt8(ascii: "^") ? 1 : 0
        guard self[place] == UInt8(ascii: "S") else { return false }
        place += 1
        while place < count {
            switch letters[place] {
            case UInt8(ascii: "R"): return true
            case UInt8(ascii: "H"), UInt8(ascii: "A"), UInt8(ascii: "F"), UInt8(ascii: "G"), UInt8(ascii: "I"),
                UInt8(ascii: "Q"):
                return false
            default: place += 1
            }
        }
        return false
    }
}

/// Which of the letters that come once were written for an endpoint.
struct ZeekLetters: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let syn = ZeekLetters(rawValue: 1 << 0)
    static let fin = ZeekLetters(rawValue: 1 << 1)
    static let reset = ZeekLetters(rawValue: 1 << 2)
    static let inconsistent = ZeekLetters(rawValue: 1 << 3)
    static let data = ZeekLetters(rawValue: 1 << 4)
    static let ack = ZeekLetters(rawValue: 1 << 5)
    static let severalFlags = ZeekLetters(rawValue: 1 << 6)
}

/// Counts what is written at the first time, the tenth, the hundredth.
struct LogarithmicCount: BitwiseCopyable {
    private var count: UInt32 = 0

    init() {}

    /// Counts one more; whether it is to be written.
    mutating func countOne() -> Bool {
        guard count < .max else { return false }
        count += 1
        switch count {
        case 1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000: return true
        default: return false
        }
    }
}
