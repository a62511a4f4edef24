/// Reads classic pcap files (draft-ietf-opsawg-pcap): version 2.4, in both orders, with microseconds or nanoseconds.
///
/// What it gives is what libpcap gives, for every file whatever (`ReaderEquivalenceTests`), but for stamps: the seconds
/// are unsigned, as the draft has them, and so are good until 2106.
struct ClassicReader {
    /// The interface that the header describes.
    let interface: CaptureInterface
    let dataLinkType: Int32
    let snapshotLength: UInt32
    /// How many octets of the last record are passed over: those beyond the snapshot length included.
    private(set) var pending = 0

    private let order: FileOrder
    private let nanosecondsPerUnit: Int64
    private let mostOctets: UInt32

    static let headerSize = 24
    private static let recordSize = 16

    /// The reader for a file that begins so; nil if it is another format or dialect, which libpcap may know. The
    /// header is taken from the source then, and left there otherwise.
    init?(_ source: inout ByteSource) {
        guard source.has(ClassicReader.headerSize) else { return nil }
        let place = unsafe source.pointer
        let magic = unsafe FileOrder(isSwapped: false).uint32(place, 0)
        switch magic {
        case 0xA1B2_C3D4, 0xD4C3_B2A1: nanosecondsPerUnit = 1000
        case 0xA1B2_3C4D, 0x4D3C_B2A1: nanosecondsPerUnit = 1
        default: return nil
        }
        let order = FileOrder(isSwapped: magic == 0xD4C3_B2A1 || magic == 0x4D3C_B2A1)
        // Before 2.4 the two lengths stood in another order, mostly; libpcap knows when.
        guard unsafe order.uint16(place, 4) == 2, unsafe order.uint16(place, 6) == 4 else { return nil }
        // The upper half tells of frame check sequences.
        let linkType = unsafe UInt16(truncatingIfNeeded: order.uint32(place, 20))
        dataLinkType = LinkTypeNumber.inMemory(Int32(linkType))
        if order.isSwapped, LinkTypeNumber.hasHostOrderHeader(dataLinkType) { return nil }
        let stated = unsafe order.uint32(place, 16)
        snapshotLength = LinkTypeNumber.snapshotLength(stated, dataLinkType)
        mostOctets = LinkTypeNumber.mostOctets(dataLinkType)
        interface = CaptureInterface(linkType: linkType, snapshotLength: stated)
        self.order = order
        source.skip(ClassicReader.headerSize)
    }

    /// Goes to the next frame and tells what is said of it.
    ///
    /// - Returns: where its octets lie, until the next call; nil at the end.
    /// - Throws: what is wrong with the record.
    @inline(__always)
    mutating func next(_ source: inout ByteSource, _ frame: inout FrameInfo) throws(Damage) -> UnsafePointer<UInt8>? {
        source.skip(pending)
        pending = 0
        guard source.has(ClassicReader.recordSize) else {
            if source.available == 0 {
                if let damage = source.endOrDamage() { throw damage }
                return nil
            }
            throw source.cut("the header of a record", needed: ClassicReader.recordSize)
        }
        let place = unsafe source.pointer
        let seconds = unsafe Int64(order.uint32(place, 0))
        let fraction = unsafe Int64(order.uint32(place, 4))
        let captured = unsafe order.uint32(place, 8)
        let original = unsafe order.uint32(place, 12)
        source.skip(ClassicReader.recordSize)
        guard captured <= mostOctets else {
            throw Damage(
                offset: source.offset,
                detail: "a record claims \(captured) octets, more than the \(mostOctets) that one can hold")
        }
        let length = Int(captured)
        guard source.has(length) else { throw source.cut("a record", needed: length) }
        pending = length
        // Two factors of 32 bits each: neither overflows.
        frame.time = seconds &* 1_000_000_000 &+ fraction &* nanosecondsPerUnit
        // Some programs wrote more than their header says; what is beyond it was not meant to be kept.
        frame.capturedLength = Int(min(captured, snapshotLength))
        frame.originalLength = Int(original)
        return unsafe source.pointer.assumingMemoryBound(to: UInt8.self)
    }
}
