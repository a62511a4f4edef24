import CZlib

/// Unpacks a gzip stream (RFC 1952), member after member, in memory that does not grow with it.
///
/// A class, because zlib holds on to the address of its state.
@safe
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// What was read and not yet unpacked: zlib's `next_in` leads into it.
    private let input: UnsafeMutableRawBufferPointer
    private var inputHasEnded = false
    /// One member has ended, and none has begun behind it.
    private var isBetweenMembers = false
    private var ending: ReadOutcome?

    /// - Parameter beginning: what was read already, the gzip header first.
    init(beginning: UnsafeRawBufferPointer, inputSize: Int) {
        unsafe input = .allocate(byteCount: max(inputSize, beginning.count), alignment: 16)
        unsafe input.copyMemory(from: beginning)
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        unsafe stream.pointee.next_in = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_in = UInt32(beginning.count)
        // 15 bits of window, the most there is; 16 more ask for gzip and nothing else.
        let status = unsafe inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if status != Z_OK { ending = .failed("zlib cannot begin: \(text(status))") }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
        unsafe input.deallocate()
    }

    /// How many octets were read and not yet unpacked.
    var waiting: Int { Int(unsafe stream.pointee.avail_in) }

    /// Unpacks into `output`: at least one octet, or the reason why there is none. What stands before damage comes
    /// first.
    func read(into output: UnsafeMutableRawBufferPointer, from file: inout InputDescriptor) -> ReadOutcome {
        unsafe stream.pointee.next_out = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(clamping: output.count)
        let room = unsafe stream.pointee.avail_out
        while ending == nil {
            ending = step(&file)
            let produced = Int(room - (unsafe stream.pointee.avail_out))
            if produced > 0 { return .octets(produced) }
        }
        return ending ?? .end
    }

    /// One call of zlib's, or what has to come before it; nil to go on.
    private func step(_ file: inout InputDescriptor) -> ReadOutcome? {
        if waiting == 0, !inputHasEnded {
            if let failure = refill(&file) { return failure }
        }
        if isBetweenMembers {
            // Tapes and some programs fill up with zeros.
            while waiting > 0, unsafe stream.pointee.next_in.pointee == 0 {
                unsafe stream.pointee.next_in += 1
                unsafe stream.pointee.avail_in -= 1
            }
            guard waiting > 0 else { return inputHasEnded ? .end : nil }
            guard unsafe stream.pointee.next_in.pointee == 0x1F else {
                return .failed("what stands behind the gzip data is none")
            }
            isBetweenMembers = false
            unsafe inflateReset(stream)
        }
        guard waiting > 0 else { return .failed("the gzip data end before their end") }
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_OK: return nil
        case Z_STREAM_END:
            isBetweenMembers = true
            return nil
        default: return .failed("the gzip data are damaged: \(text(status))")
        }
    }

    private func refill(_ file: inout InputDescriptor) -> ReadOutcome? {
        switch unsafe file.read(into: input) {
        case .octets(let count):
            unsafe stream.pointee.next_in = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe stream.pointee.avail_in = UInt32(count)
        case .end: inputHasEnded = true
        case .failed(let reason): return .failed(reason)
        }
        return nil
    }

    /// zlib's words, or its number.
    private func text(_ status: Int32) -> String {
        guard let message = unsafe stream.pointee.msg else { return "zlib says \(status)" }
        return unsafe String(cString: message)
    }
}
