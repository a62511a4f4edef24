#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The octets of a capture, from a file or a pipe, packed with gzip or not: a window of them lies in memory.
///
/// Readers ask for as many octets as they need (`has`), look at them at `pointer`, and go on (`skip`). `read(2)` into
/// a window of 256 KiB takes a quarter of the time that libpcap's two `fread`s a packet take.
@safe
struct ByteSource: ~Copyable {
    /// Why there is nothing behind the window's end.
    enum Ending {
        case end
        /// The system or zlib refuses; the text says so.
        case failed(String)
    }

    private var file: InputDescriptor
    private var inflater: Inflater?
    private(set) var ending: Ending?

    private var window: UnsafeMutableRawBufferPointer
    /// Where in the window the next octet is, and where the last one ends.
    private var position = 0
    private var end = 0
    /// How many octets there were before the window.
    private var before: Int64 = 0

    static let windowSize = 256 << 10

    /// Opens a file, or standard input for "-"; a gzip stream is recognized and unpacked.
    ///
    /// - Throws: `cannotOpen`, `empty`.
    static func open(path: String, spooled: SpooledInput? = nil) throws(CaptureError) -> ByteSource {
        var source = ByteSource(try InputDescriptor(path: path, spooled: spooled))
        guard source.has(1) else {
            if case .failed(let reason) = source.ending { throw .cannotOpen(file: source.name, reason: reason) }
            throw .empty(file: source.name)
        }
        source.unpackIfPacked()
        return source
    }

    private init(_ file: consuming InputDescriptor) {
        before = file.position
        self.file = file
        unsafe window = .allocate(byteCount: ByteSource.windowSize, alignment: 16)
    }

    deinit {
        unsafe window.deallocate()
    }

    /// As errors show it.
    var name: String { file.name }
    /// The size of the file in octets, packed or not; nil for a pipe.
    var fileSize: Int64? { file.size }
    /// Whether it comes out of a gzip stream.
    var isPacked: Bool { inflater != nil }
    /// How many octets of the file have been taken: of the packed ones, where they are packed.
    var filePosition: Int64 {
        guard let inflater else { return offset }
        return file.position - Int64(inflater.waiting)
    }
    /// The place of the next octet in the capture, from 0; in the unpacked one, where it is packed.
    var offset: Int64 { before &+ Int64(position) }
    /// The place behind the last octet that could be read.
    var endOffset: Int64 { before &+ Int64(end) }
    /// How many octets lie ready.
    @inline(__always)
    var available: Int { end &- position }

    /// The next octet's place in memory; `available` octets may be read there, until `has` is asked again.
    @inline(__always)
    var pointer: UnsafeRawPointer {
        // The window has a base wherever something was found in it, and nobody looks where nothing was.
        unsafe UnsafeRawPointer(window.baseAddress.unsafelyUnwrapped + position)
    }

    /// Whether there are that many octets; they lie ready then. If not, `ending` says why.
    @inline(__always)
    mutating func has(_ count: Int) -> Bool {
        end &- position >= count || fill(count)
    }

    /// Goes on by at most what lies ready.
    @inline(__always)
    mutating func skip(_ count: Int) {
        position = min(position &+ count, end)
    }

    /// A C stream that begins where this source does: the file itself where it has positions and is not packed, and
    /// else a copy of all that is left, in a temporary file without a name.
    ///
    /// - Throws: what the system says.
    mutating func stream() throws(Damage) -> UnsafeMutablePointer<FILE> {
        let descriptor: Int32
        if !isPacked, fileSize != nil {
            descriptor = file.duplicate(at: offset)
        } else {
            let copy = try SpoolFile()
            while has(1) {
                try unsafe copy.append(UnsafeRawBufferPointer(start: pointer, count: available))
                skip(available)
            }
            descriptor = copy.rewound()
        }
        guard descriptor >= 0, let stream = unsafe fdopen(descriptor, "rb") else {
            throw Damage(offset: offset, detail: systemErrorText())
        }
        return unsafe stream
    }

    /// Reads until `count` octets lie ready, or there are no more.
    @inline(never)
    private mutating func fill(_ count: Int) -> Bool {
        makeRoom(count)
        while available < count {
            guard ending == nil else { return false }
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: window[end...])
            // The window grows with what came, and not with what a length claims.
            guard room.count > 0 else {
                grow()
                continue
            }
            unsafe readSome(into: room)
        }
        return true
    }

    private mutating func readSome(into room: UnsafeMutableRawBufferPointer) {
        let outcome: ReadOutcome =
            if let inflater { unsafe inflater.read(into: room, from: &file) } else { unsafe file.read(into: room) }
        switch outcome {
        case .octets(let count): end &+= count
        case .end: ending = .end
        case .failed(let reason): ending = .failed(reason)
        }
    }

    /// Moves what is left to the beginning of the window, if it would not do where it is.
    private mutating func makeRoom(_ count: Int) {
        guard position > 0, let base = unsafe window.baseAddress else { return }
        let rest = available
        guard unsafe rest == 0 || position &+ count > window.count || end == window.count else { return }
        unsafe base.copyMemory(from: base + position, byteCount: rest)
        before &+= Int64(position)
        position = 0
        end = rest
    }

    private mutating func grow() {
        let bigger = unsafe UnsafeMutableRawBufferPointer.allocate(byteCount: window.count * 2, alignment: 16)
        unsafe bigger.copyMemory(from: UnsafeRawBufferPointer(rebasing: window[..<end]))
        unsafe window.deallocate()
        unsafe window = unsafe bigger
    }

    /// Unpacks from here on if this is the beginning of a gzip stream (RFC 1952 section 2.3.1).
    private mutating func unpackIfPacked() {
        guard has(2), unsafe pointer.load(as: UInt8.self) == 0x1F,
            unsafe pointer.load(fromByteOffset: 1, as: UInt8.self) == 0x8B
        else { return }
        inflater = unsafe Inflater(
            beginning: UnsafeRawBufferPointer(start: pointer, count: available), inputSize: ByteSource.windowSize)
        before = 0
        position = 0
        end = 0
        // That the file ended in the window is zlib's to find out.
        ending = nil
    }
}
