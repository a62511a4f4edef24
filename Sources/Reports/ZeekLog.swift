import Flows
import Replay
import WireFormat

/// Zeek's connections as a conn.log: tab-separated, with the header lines that zeek-cut and Zeek's readers want.
///
/// The columns are those of Zeek 8.0 to 8.2. What Postel does not find out is unset: the service, and the tunnels
/// around a connection. The same input gives the same octets: `#open` and `#close` are stamps of packets, not of a
/// clock.
struct ZeekLog {
    /// The header has been written.
    private var isOpen = false

    private static let columns: [(name: StaticString, type: StaticString)] = [
        ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"), ("id.resp_h", "addr"),
        ("id.resp_p", "port"), ("proto", "enum"), ("service", "string"), ("duration", "interval"),
        ("orig_bytes", "count"), ("resp_bytes", "count"), ("conn_state", "string"), ("local_orig", "bool"),
        ("local_resp", "bool"), ("missed_bytes", "count"), ("history", "string"), ("orig_pkts", "count"),
        ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"),
        ("tunnel_parents", "set[string]"), ("ip_proto", "count"),
    ]

    mutating func write(_ record: ZeekRecord, to buffer: inout ByteBuffer) {
        open(at: record.first, to: &buffer)
        buffer.put(microseconds: record.first)
        buffer.put(UInt8(ascii: "\t"))
        writeIdentifier(record, to: &buffer)
        buffer.put(UInt8(ascii: "\t"))
        writeSocket(record.pair.source, record.pair.sourcePort, record.pair.family, to: &buffer)
        writeSocket(record.pair.destination, record.pair.destinationPort, record.pair.family, to: &buffer)
        buffer.put("tcp\t-\t")
        writeSizes(record, to: &buffer)
        buffer.put(record.state.name)
        writeFlag(SpecialAddresses.contain(record.pair.source, record.pair.family), to: &buffer)
        writeFlag(SpecialAddresses.contain(record.pair.destination, record.pair.family), to: &buffer)
        writeCount(record.missedOctets, to: &buffer)
        buffer.put(UInt8(ascii: "\t"))
        if record.history.count == 0 { buffer.put(UInt8(ascii: "-")) } else { buffer.put(record.history) }
        for end in [record.originator, record.responder] {
            writeCount(end.packets, to: &buffer)
            writeCount(end.internetOctets, to: &buffer)
        }
        buffer.put("\t-\t6\n")
    }

    /// The end of the file.
    mutating func finish(_ summary: Summary, to buffer: inout ByteBuffer) {
        let first = summary.files.compactMap(\.first).min() ?? 0
        open(at: first / 1000, to: &buffer)
        buffer.put("#close\t")
        writeDate((summary.files.compactMap(\.last).max() ?? 0) / 1000, to: &buffer)
        buffer.put(UInt8(ascii: "\n"))
    }

    private mutating func open(at time: Int64, to buffer: inout ByteBuffer) {
        guard !isOpen else { return }
        isOpen = true
        buffer.put("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t")
        writeDate(time, to: &buffer)
        buffer.put("\n#fields")
        for column in Self.columns {
            buffer.put(UInt8(ascii: "\t"))
            buffer.put(column.name)
        }
        buffer.put("\n#types")
        for column in Self.columns {
            buffer.put(UInt8(ascii: "\t"))
            buffer.put(column.type)
        }
        buffer.put(UInt8(ascii: "\n"))
    }

    /// Duration and sizes; a connection of one packet has none.
    private func writeSizes(_ record: ZeekRecord, to buffer: inout ByteBuffer) {
        guard record.duration > 0 else { return buffer.put("-\t-\t-\t") }
        buffer.put(microseconds: record.duration)
        writeCount(record.originator.octets, to: &buffer)
        writeCount(record.responder.octets, to: &buffer)
        buffer.put(UInt8(ascii: "\t"))
    }

    private func writeSocket(_ address: Address, _ port: UInt16, _ family: AddressFamily, to buffer: inout ByteBuffer) {
        buffer.put(address, family: family)
        writeCount(UInt64(port), to: &buffer)
        buffer.put(UInt8(ascii: "\t"))
    }

    private func writeCount(_ count: UInt64, to buffer: inout ByteBuffer) {
        buffer.put(UInt8(ascii: "\t"))
        buffer.put(decimal: count)
    }

    private func writeFlag(_ flag: Bool, to buffer: inout ByteBuffer) {
        buffer.put(flag ? "\tT" : "\tF")
    }

    // MARK: Identifiers

    /// C and 96 bits in base 62, as Zeek's are; made of the connection and not of chance, so that runs repeat.
    private func writeIdentifier(_ record: ZeekRecord, to buffer: inout ByteBuffer) {
        var state = UInt64(bitPattern: record.first) ^ record.number &* 0x9E37_79B9_7F4A_7C15
        for word in [
            record.pair.source.high, record.pair.source.low, record.pair.destination.high, record.pair.destination.low,
            UInt64(record.pair.sourcePort) << 16 | UInt64(record.pair.destinationPort),
        ] {
            state = Self.mix(state ^ word)
        }
        buffer.put(UInt8(ascii: "C"))
        writeBase62(Self.mix(state) >> 32, to: &buffer)
        writeBase62(Self.mix(state &+ 1), to: &buffer)
    }

    /// Every bit of the result depends on every bit of the word.
    private static func mix(_ word: UInt64) -> UInt64 {
        var mixed = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private func writeBase62(_ value: UInt64, to buffer: inout ByteBuffer) {
        var digits: [UInt8] = []
        var rest = value
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % 62)
            // 0-9, A-Z, a-z.
            digits.append(digit < 10 ? 48 + digit : digit < 36 ? 55 + digit : 61 + digit)
            rest /= 62
        } while rest > 0
        for digit in digits.reversed() { buffer.put(digit) }
    }

    // MARK: Dates

    /// A time in microseconds as 2023-11-14-22-13-20 (UTC).
    private func writeDate(_ microseconds: Int64, to buffer: inout ByteBuffer) {
        let seconds = max(0, microseconds) / 1_000_000
        let (day, rest) = seconds.quotientAndRemainder(dividingBy: 86400)
        let second = rest.magnitude
        let date = TableText.civilDate(day)
        buffer.put(decimal: UInt64(date.year), digits: 4)
        for part in [date.month, date.day, second / 3600, second / 60 % 60, second % 60] {
            buffer.put(UInt8(ascii: "-"))
            buffer.put(decimal: part, digits: 2)
        }
    }
}

extension ByteBuffer {
    /// Seconds with six digits.
    fileprivate mutating func put(microseconds: Int64) {
        if microseconds < 0 { put(UInt8(ascii: "-")) }
        let (seconds, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        put(decimal: seconds)
        put(UInt8(ascii: "."))
        put(decimal: rest, digits: 6)
    }

    /// The letters of Zeek's history.
    mutating func put(_ history: ZeekHistory) {
        for place in 0..<history.count { put(history[place]) }
    }
}
