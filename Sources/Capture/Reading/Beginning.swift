/// How a capture begins, unpacked: what it is, and what it may be instead.
struct Beginning {
    /// The first four octets; shorter files are filled up with zeros.
    private let magic: UInt32
    private let isPacked: Bool
    private let isEmpty: Bool
    /// zlib's words, where nothing could be unpacked.
    private let failure: String?

    init(_ source: inout ByteSource) {
        var magic: UInt32 = 0
        var found = 0
        for place in 0..<4 {
            guard source.has(place + 1) else { break }
            found += 1
            magic |= unsafe UInt32(source.pointer.load(fromByteOffset: place, as: UInt8.self)) << UInt32(24 - 8 * place)
        }
        self.magic = magic
        isPacked = source.isPacked
        isEmpty = found == 0
        failure = if found < 4, case .failed(let reason) = source.ending { reason } else { nil }
    }

    var isPcapng: Bool { magic == PcapngBlockType.sectionHeader.rawValue }

    /// What a reader's refusal to open means: a damaged capture, or no capture at all.
    func refusal(_ name: String, _ detail: String) -> CaptureError {
        if let failure { return .damagedHeader(file: name, detail: failure) }
        if isEmpty { return .empty(file: name) }
        switch magic {
        // pcap in microseconds and nanoseconds, its dialects, and pcapng, in both orders.
        case 0xA1B2_C3D4, 0xD4C3_B2A1, 0xA1B2_3C4D, 0x4D3C_B2A1, 0xA1B2_CD34, 0x34CD_B2A1, 0x0A0D_0D0A:
            return .damagedHeader(file: name, detail: detail)
        case 0x1F8B_0000...0x1F8B_FFFF:
            return .notACapture(file: name, detail: "it is compressed with gzip twice; unpack it with gunzip first")
        case 0x28B5_2FFD:
            return .notACapture(file: name, detail: "it is compressed with zstd; unpack it with unzstd first")
        case 0xFD37_7A58:
            return .notACapture(file: name, detail: "it is compressed with xz; unpack it with unxz first")
        default:
            let place = isPacked ? "unpacked, it begins" : "it begins"
            return .notACapture(
                file: name, detail: "\(place) with \(hexadecimal(magic)), neither pcap nor pcapng does")
        }
    }
}

private func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
