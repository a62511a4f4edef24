/// Reads classic pcap files (draft-ietf-opsawg-pcap): version 2.4, in both orders, with microseconds or nanoseconds.
///
/// What it gives is what libpcap gives, for every file whatever (`ReaderEquivalenceTests`), but for stamps: the seconds
/// are unsigned, as the draft has them, and so are good until 2106.
struct ClassicReader {
    /// The interface that the header describes.
    let interface: CaptureInterface
    let dataLinkType: Int32
    var snapshotLength: UInt32 { records.snapshotLength }
    /// How its records are read.
    let records: ClassicRecords

    static let headerSize = 24

    /// The reader for a file that begins so; nil if it is another format or dialect, which libpcap may know. The
    /// header is taken from the source then, and left there otherwise.
    init?(_ source: inout ByteSource) {
        guard source.has(ClassicReader.headerSize) else { return nil }
        let place = unsafe source.pointer
        let magic = unsafe FileOrder(isSwapped: false).uint32(place, 0)
        let unit: Int64
        switch magic {
        case 0xA1B2_C3D4, 0xD4C3_B2A1: unit = 1000
        case 0xA1B2_3C4D, 0x4D3C_B2A1: unit = 1
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
        interface = CaptureInterface(linkType: linkType, snapshotLength: stated)
        records = ClassicRecords(
            order: order, nanosecondsPerUnit: unit,
            snapshotLength: LinkTypeNumber.snapshotLength(stated, dataLinkType),
            mostOctets: LinkTypeNumber.mostOctets(dataLinkType))
        source.skip(ClassicReader.headerSize)
    }

    /// Goes to the next frame and tells what is said of it.
    ///
    /// - Returns: where its octets lie, until the next call; nil at the end.
    /// - Throws: what is wrong with the record.
    func next(_ source: inout ByteSource, _ frame: inout FrameInfo) throws(Damage) -> UnsafePointer<UInt8>? {
        guard source.has(ClassicRecords.headerSize) else {
            if source.available == 0 {
                if let damage = source.endOrDamage() { throw damage }
                return nil
            }
            throw source.cut("the header of a record", needed: ClassicRecords.headerSize)
        }
        let record = unsafe ClassicRecords.Header(source.pointer, records.order)
        source.skip(ClassicRecords.headerSize)
        guard record.captured <= records.mostOctets else {
            throw Damage(
                offset: source.offset,
                detail: "a record claims \(record.captured) octets, "
                    + "more than the \(records.mostOctets) that one can hold")
        }
        let length = Int(record.captured)
        guard source.has(length) else { throw source.cut("a record", needed: length) }
        records.describe(record, in: &frame)
        defer { source.skip(length) }
        return unsafe source.pointer.assumingMemoryBound(to: UInt8.self)
    }
}
