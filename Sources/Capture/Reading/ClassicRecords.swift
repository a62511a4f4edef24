/// The records of a classic pcap file: what it takes to read one, and the short way to the next one.
@usableFromInline
struct ClassicRecords: BitwiseCopyable {
    @usableFromInline let order: FileOrder
    @usableFromInline let nanosecondsPerUnit: Int64
    @usableFromInline let snapshotLength: UInt32
    /// More than that is damage.
    @usableFromInline let mostOctets: UInt32

    @usableFromInline static var headerSize: Int { 16 }

    init(order: FileOrder, nanosecondsPerUnit: Int64, snapshotLength: UInt32, mostOctets: UInt32) {
        self.order = order
        self.nanosecondsPerUnit = nanosecondsPerUnit
        self.snapshotLength = snapshotLength
        self.mostOctets = mostOctets
    }

    /// What stands before the octets of a frame.
    @usableFromInline
    struct Header: BitwiseCopyable {
        @usableFromInline let seconds: UInt32
        @usableFromInline let fraction: UInt32
        @usableFromInline let captured: UInt32
        @usableFromInline let original: UInt32

        /// - Parameter place: where 16 octets lie ready.
        @inlinable @inline(__always)
        init(_ place: UnsafeRawPointer, _ order: FileOrder) {
            seconds = unsafe order.uint32(place, 0)
            fraction = unsafe order.uint32(place, 4)
            captured = unsafe order.uint32(place, 8)
            original = unsafe order.uint32(place, 12)
        }
    }

    @inlinable @inline(__always)
    func describe(_ record: Header, in frame: inout FrameInfo) {
        // Two factors of 32 bits each: neither overflows.
        frame.time = Int64(record.seconds) &* 1_000_000_000 &+ Int64(record.fraction) &* nanosecondsPerUnit
        // Some programs wrote more than their header says; what is beyond it was not meant to be kept.
        frame.capturedLength = Int(min(record.captured, snapshotLength))
        frame.originalLength = Int(record.original)
    }
}

/// Records in this machine's order that lie in memory whole, one behind the other, as most do: the short way from one
/// frame to the next.
@safe @usableFromInline
struct ReadyRecords: BitwiseCopyable {
    @usableFromInline let form: ClassicRecords
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let end: Int
    /// Octets of the records that were taken.
    @usableFromInline var passed = 0

    /// What lies ready in a source, which is not to be asked for more while the records are taken; nil if they are in
    /// the other order.
    init?(_ form: ClassicRecords, in source: borrowing ByteSource) {
        guard !form.order.isSwapped else { return nil }
        self.form = form
        unsafe base = unsafe source.pointer
        end = source.available
    }

    /// Goes to the next frame.
    ///
    /// - Returns: where its octets lie; nil if something is in the way, which `ClassicReader` removes, or knows what to
    ///   say of.
    @inlinable @inline(__always)
    mutating func next(_ frame: inout FrameInfo) -> UnsafePointer<UInt8>? {
        let left = end &- passed
        guard left >= ClassicRecords.headerSize else { return nil }
        let place = unsafe base + passed
        let record = unsafe ClassicRecords.Header(place, FileOrder(isSwapped: false))
        let size = ClassicRecords.headerSize &+ Int(record.captured)
        guard record.captured <= form.mostOctets, size <= left else { return nil }
        form.describe(record, in: &frame)
        passed &+= size
        return unsafe (place + ClassicRecords.headerSize).assumingMemoryBound(to: UInt8.self)
    }
}
