import CPcap

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The name that stands for standard input.
let standardInputName = "-"

/// A C stream to read from, before libpcap has it, and the questions that libpcap does not ask.
@safe
struct InputFile {
    let name: String
    let stream: UnsafeMutablePointer<FILE>
    /// Octets, or nil if the input is no regular file.
    let size: Int64?

    /// Opens a file, or standard input for "-"; `throw`s what the operating system says.
    init(path: String) throws(CaptureError) {
        let isStandardInput = path == standardInputName
        name = isStandardInput ? "standard input" : path
        // A duplicate, so that closing the capture does not close the process's standard input.
        let opened = unsafe isStandardInput ? fdopen(dup(STDIN_FILENO), "rb") : fopen(path, "rb")
        guard let opened = unsafe opened else { throw .cannotOpen(file: name, reason: systemErrorText()) }
        unsafe stream = unsafe opened
        var status = stat()
        guard unsafe fstat(fileno(opened), &status) == 0 else {
            let reason = systemErrorText()
            unsafe fclose(opened)
            throw .cannotOpen(file: name, reason: reason)
        }
        // fopen opens a directory, and only reading fails.
        guard status.st_mode & S_IFMT != S_IFDIR else {
            unsafe fclose(opened)
            throw .cannotOpen(file: name, reason: "it is a directory")
        }
        size = status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
    }

    /// Whether there is not one octet to read; waits for the first one of a pipe and puts it back.
    func isEmpty() -> Bool {
        let first = unsafe getc(stream)
        guard first != EOF else { return true }
        unsafe ungetc(first, stream)
        return false
    }

    /// How far the stream has been read, in octets; nil if it has no positions.
    func position() -> Int64? {
        let position = unsafe ftell(stream)
        return position >= 0 ? Int64(position) : nil
    }

    /// What libpcap's refusal to open means: a damaged capture, or no capture at all.
    func refusal(_ detail: String) -> CaptureError {
        guard let magic = magicNumber() else {
            // Of a pipe the beginning is gone; libpcap's own words must do.
            return detail.contains("unknown file format")
                ? .notACapture(
                    file: name, detail: "libpcap knows no such format; if it is compressed, unpack it on the way")
                : .damagedHeader(file: name, detail: detail)
        }
        switch magic {
        // pcap in microseconds and nanoseconds, its dialects, and pcapng, in both orders.
        case 0xA1B2_C3D4, 0xD4C3_B2A1, 0xA1B2_3C4D, 0x4D3C_B2A1, 0xA1B2_CD34, 0x34CD_B2A1, 0x0A0D_0D0A:
            return .damagedHeader(file: name, detail: detail)
        case 0x1F8B_0000...0x1F8B_FFFF:
            return .notACapture(file: name, detail: "it is compressed with gzip; unpack it with gunzip first")
        case 0x28B5_2FFD:
            return .notACapture(file: name, detail: "it is compressed with zstd; unpack it with unzstd first")
        case 0xFD37_7A58:
            return .notACapture(file: name, detail: "it is compressed with xz; unpack it with unxz first")
        default:
            return .notACapture(
                file: name, detail: "it begins with \(hexadecimal(magic)), neither pcap nor pcapng does")
        }
    }

    /// The first four octets of a regular file as a number; shorter files are filled up with zeros.
    private func magicNumber() -> UInt32? {
        guard size != nil else { return nil }
        unsafe rewind(stream)
        var magic: UInt32 = 0
        for _ in 0..<4 {
            let octet = unsafe getc(stream)
            magic = magic << 8 | UInt32(octet == EOF ? 0 : octet)
        }
        return magic
    }
}

/// The text of `errno`.
func systemErrorText() -> String {
    unsafe String(cString: strerror(errno))
}

private func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
