/// Reads pcapng files (draft-ietf-opsawg-pcapng): any number of sections in either order, any number of interfaces of
/// whatever link types, snapshot lengths and clocks.
///
/// Files that libpcap reads give the same frames here (`ReaderEquivalenceTests`). It refuses files whose sections
/// differ in byte order or whose interfaces differ in link type or snapshot length; they are read here.
struct PcapngReader {
    /// How frames of the last frame's interface are read; before it, of the first one of the file.
    private(set) var current = PcapngInterface.Reading()
    /// How many octets of the last block are passed over.
    private(set) var pending = 0

    private var order: FileOrder
    private var mostOctets = PcapngReader.mostBlockOctets
    /// Those of the section, by their numbers in it.
    private var interfaces: [PcapngInterface] = []
    /// The number of the current one in the section; -1 before its first frame.
    private var currentNumber = -1
    /// How many interfaces the sections before had.
    private var before: UInt32 = 0
    /// The highest stamp of statistics, nanoseconds since the epoch; nil if there were none.
    private(set) var countedAt: Int64?
    /// What was lost and has not been asked for.
    private var loss: CaptureLoss?

    /// Longer blocks are damage; those of a bus may hold a frame of its longest kind.
    private static let mostBlockOctets = 16 << 20
    private static let mostSectionHeaderOctets = 1 << 20
    /// More interfaces than any machine has: the bound keeps a hostile file from filling the memory.
    private static let mostInterfaces = 65536

    /// The reader for a file that begins with a section header block, which is read, and all up to the description of
    /// the first interface.
    ///
    /// - Throws: why there is none.
    init(_ source: inout ByteSource) throws(Damage) {
        order = FileOrder(isSwapped: false)
        try readSectionHeader(&source, isFirst: true)
        repeat {
            guard let block = try readBlock(&source) else {
                throw Damage(offset: source.offset, detail: "it describes no interface")
            }
            switch PcapngBlockType(rawValue: block.type) {
            case .enhancedPacket, .simplePacket, .obsoletePacket:
                throw Damage(offset: source.offset, detail: "a packet stands before the description of its interface")
            case .interfaceDescription:
                try addInterface(block, source)
            case .sectionHeader:
                pending = 0
                try readSectionHeader(&source, isFirst: false)
            case .interfaceStatistics, nil:
                break
            }
        } while interfaces.isEmpty
        current = interfaces[0].reading
    }

    /// Goes to the next frame and tells what is said of it.
    ///
    /// - Returns: where its octets lie, until the next call; nil at the end.
    /// - Throws: what is wrong with the block.
    @inline(__always)
    mutating func next(_ source: inout ByteSource, _ frame: inout FrameInfo) throws(Damage) -> UnsafePointer<UInt8>? {
        while let block = try readBlock(&source) {
            do throws(PcapngBlock.Refusal) {
                if block.type == PcapngBlockType.enhancedPacket.rawValue {
                    return unsafe try enhancedPacket(block, &frame)
                }
                if let found = unsafe try otherPacket(block, &frame) { return unsafe found }
            } catch {
                throw Damage(offset: source.offset &+ Int64(pending), detail: error.detail)
            }
            try takeOther(block, &source)
        }
        return nil
    }

    /// What the file says of the interface of the last frame.
    var currentDescription: CaptureInterface {
        interfaces.indices.contains(currentNumber)
            ? interfaces[currentNumber].description
            : interfaces.first?.description ?? CaptureInterface(linkType: 0)
    }

    /// What was lost since this was asked last.
    mutating func takeLoss() -> CaptureLoss? {
        defer { loss = nil }
        return loss
    }

    // MARK: Blocks

    /// Reads a whole block; nil at the end.
    @inline(__always)
    private mutating func readBlock(_ source: inout ByteSource) throws(Damage) -> PcapngBlock? {
        source.skip(pending)
        pending = 0
        guard source.has(8) else {
            if source.available == 0 {
                if let damage = source.endOrDamage() { throw damage }
                return nil
            }
            throw source.cut("the header of a block", needed: 8)
        }
        let type = unsafe order.uint32(source.pointer, 0)
        // Its length is that of another order, perhaps; the header says.
        if type == PcapngBlockType.sectionHeader.rawValue {
            return unsafe PcapngBlock(type: type, length: 0, body: source.pointer)
        }
        let length = unsafe Int(order.uint32(source.pointer, 4))
        guard length >= 12, length & 3 == 0, length <= mostOctets else { throw badLength(length, source) }
        guard source.has(length) else { throw source.cut("a block", needed: length) }
        let trailer = unsafe Int(order.uint32(source.pointer, length &- 4))
        guard trailer == length else { throw otherLength(length, trailer, source) }
        pending = length
        return unsafe PcapngBlock(type: type, length: length &- 12, body: source.pointer + 8)
    }

    @inline(never)
    private func badLength(_ length: Int, _ source: borrowing ByteSource) -> Damage {
        Damage(
            offset: source.offset &+ 8,
            detail: length > mostOctets
                ? "a block claims \(length) octets, more than \(mostOctets)"
                : "a block claims \(length) octets, which none can have")
    }

    @inline(never)
    private func otherLength(_ length: Int, _ trailer: Int, _ source: borrowing ByteSource) -> Damage {
        Damage(
            offset: source.offset &+ Int64(length),
            detail: "a block has \(length) octets by its beginning and \(trailer) by its end")
    }

    /// Reads a section header block, of which nothing has been read.
    private mutating func readSectionHeader(_ source: inout ByteSource, isFirst: Bool) throws(Damage) {
        guard source.has(12) else { throw source.cut("the header of a section", needed: 12) }
        let magic = unsafe FileOrder(isSwapped: false).uint32(source.pointer, 8)
        switch magic {
        case PcapngByteOrder.magic: order = FileOrder(isSwapped: false)
        case PcapngByteOrder.magic.byteSwapped: order = FileOrder(isSwapped: true)
        default: throw Damage(offset: source.offset &+ 12, detail: "a section does not tell the order of its octets")
        }
        let length = unsafe Int(order.uint32(source.pointer, 4))
        let most = isFirst ? Self.mostSectionHeaderOctets : mostOctets
        guard length >= 28, length & 3 == 0 || isFirst, length <= most else {
            throw Damage(offset: source.offset &+ 8, detail: "the header of a section claims \(length) octets")
        }
        guard source.has(length) else { throw source.cut("the header of a section", needed: length) }
        let major = unsafe order.uint16(source.pointer, 12)
        let minor = unsafe order.uint16(source.pointer, 14)
        // 1.2 says that blocks may follow which are passed over here anyway.
        guard major == 1, !isFirst || minor == 0 || minor == 2 else {
            throw Damage(offset: source.offset &+ 16, detail: "the section is of version \(major).\(minor)")
        }
        let trailer = unsafe Int(order.uint32(source.pointer, length - 4))
        guard trailer == length || isFirst else { throw otherLength(length, trailer, source) }
        before &+= UInt32(interfaces.count)
        interfaces.removeAll(keepingCapacity: true)
        currentNumber = -1
        source.skip(length)
    }

    /// A block that holds no frame.
    @inline(never)
    private mutating func takeOther(_ block: PcapngBlock, _ source: inout ByteSource) throws(Damage) {
        switch PcapngBlockType(rawValue: block.type) {
        case .interfaceDescription: try addInterface(block, source)
        case .sectionHeader: try readSectionHeader(&source, isFirst: false)
        case .interfaceStatistics: takeStatistics(block)
        case .enhancedPacket, .simplePacket, .obsoletePacket, nil: break
        }
    }

    private mutating func addInterface(_ block: PcapngBlock, _ source: borrowing ByteSource) throws(Damage) {
        guard interfaces.count < Self.mostInterfaces else {
            throw Damage(
                offset: source.offset, detail: "a section describes more than \(Self.mostInterfaces) interfaces")
        }
        do throws(PcapngBlock.Refusal) {
            let interface = try PcapngInterface(block, order)
            let room = Int(LinkTypeNumber.mostOctets(interface.reading.dataLinkType)) + Self.roomAroundFrame
            mostOctets = max(mostOctets, room)
            interfaces.append(interface)
        } catch {
            throw Damage(offset: source.offset &+ Int64(pending), detail: error.detail)
        }
    }

    /// What libpcap allows for beside the longest frame: the block's own numbers and 128 KiB of options.
    private static let roomAroundFrame = 8 + 20 + 131_072 + 4

    // MARK: Packets

    /// Enhanced packet: interface, stamp, captured and original length, octets, options.
    @inline(__always)
    private mutating func enhancedPacket(
        _ block: PcapngBlock, _ frame: inout FrameInfo
    ) throws(PcapngBlock.Refusal) -> UnsafePointer<UInt8> {
        try block.need(20)
        return unsafe try stampedPacket(block, from: try block.uint32(0, order), lost: 0, &frame)
    }

    /// A packet with a stamp, of which 20 octets of numbers are there.
    ///
    /// - Parameter lost: packets that its interface lost before it, as far as the block says so in front.
    @inline(__always)
    private mutating func stampedPacket(
        _ block: PcapngBlock, from interface: UInt32, lost: UInt16, _ frame: inout FrameInfo
    ) throws(PcapngBlock.Refusal) -> UnsafePointer<UInt8> {
        try choose(interface)
        let captured = Int(try block.uint32(12, order))
        try check(captured, at: 20, block)
        let previous = frame.time
        frame.time = current.clock.time(try block.stamp(4, order))
        frame.originalLength = Int(try block.uint32(16, order))
        frame.direction = .unknown
        if lost != 0 { lose(UInt64(lost), since: previous, &frame) }
        let options = 20 &+ (captured &+ 3) & ~3
        if options < block.length { takeOptions(block, from: options, since: previous, &frame) }
        return unsafe finish(block, 20, captured, &frame)
    }

    /// The blocks that hardly anybody writes; nil if it is none of them.
    @inline(never)
    private mutating func otherPacket(
        _ block: PcapngBlock, _ frame: inout FrameInfo
    ) throws(PcapngBlock.Refusal) -> UnsafePointer<UInt8>? {
        switch PcapngBlockType(rawValue: block.type) {
        case .simplePacket:
            // Original length, octets: what was captured follows from the snapshot length; the interface is the first.
            try block.need(4)
            try choose(0)
            let original = try block.uint32(0, order)
            let captured = Int(min(original, current.snapshotLength))
            try check(captured, at: 4, block)
            // There is no stamp in it.
            frame.time = current.clock.time(0)
            frame.originalLength = Int(original)
            frame.direction = .unknown
            return unsafe finish(block, 4, captured, &frame)
        case .obsoletePacket:
            // Interface 2, lost since the last 2, stamp, captured and original length, octets, options.
            try block.need(20)
            let lost = try block.uint16(2, order)
            // All ones: it is not known.
            return unsafe try stampedPacket(
                block, from: UInt32(try block.uint16(0, order)), lost: lost == .max ? 0 : lost, &frame)
        case .sectionHeader, .interfaceDescription, .interfaceStatistics, .enhancedPacket, nil:
            return nil
        }
    }

    /// Makes an interface of the section the current one.
    @inline(__always)
    private mutating func choose(_ number: UInt32) throws(PcapngBlock.Refusal) {
        if Int(number) != currentNumber { try change(to: number) }
    }

    @inline(never)
    private mutating func change(to number: UInt32) throws(PcapngBlock.Refusal) {
        guard number < interfaces.count else {
            throw PcapngBlock.Refusal(detail: "a packet came from interface \(number), which is not described")
        }
        current = interfaces[Int(number)].reading
        currentNumber = Int(number)
    }

    @inline(__always)
    private func check(_ captured: Int, at place: Int, _ block: PcapngBlock) throws(PcapngBlock.Refusal) {
        guard captured <= Int(current.snapshotLength) else {
            throw PcapngBlock.Refusal(
                detail: "a packet claims \(captured) octets; its interface kept \(current.snapshotLength) at most")
        }
        try block.need(place &+ captured)
    }

    @inline(__always)
    private func finish(
        _ block: PcapngBlock, _ place: Int, _ captured: Int, _ frame: inout FrameInfo
    ) -> UnsafePointer<UInt8> {
        frame.capturedLength = captured
        frame.interface = before &+ UInt32(truncatingIfNeeded: currentNumber)
        return unsafe (block.body + place).assumingMemoryBound(to: UInt8.self)
    }

    /// Options of a packet. What makes no sense ends them, and the packet stands: it is whole.
    @inline(never)
    private mutating func takeOptions(
        _ block: PcapngBlock, from place: Int, since previous: Int64, _ frame: inout FrameInfo
    ) {
        var options = block.options(from: place, order)
        while let option = try? options.next() {
            switch option.code {
            case PcapngOption.packetFlags where option.length == 4:
                // The lowest two bits of a word: 1 inbound, 2 outbound.
                let lowest = option.octet(order.isSwapped == PcapngReader.isLittleEndian ? 3 : 0)
                frame.direction = FrameDirection(rawValue: lowest & 3) ?? .unknown
            case PcapngOption.enhancedPacketDropCount where option.length == 8 && isEnhanced(block):
                lose(option.uint64(order), since: previous, &frame)
            default: break
            }
        }
    }

    private static let isLittleEndian = UInt16(littleEndian: 1) == 1

    private func isEnhanced(_ block: PcapngBlock) -> Bool {
        block.type == PcapngBlockType.enhancedPacket.rawValue
    }

    // MARK: Losses

    /// So many were lost between the frame before and this one.
    private mutating func lose(_ lost: UInt64, since previous: Int64, _ frame: inout FrameInfo) {
        guard lost > 0, interfaces.indices.contains(currentNumber) else { return }
        let place = currentNumber
        let told = interfaces[place].lost
        interfaces[place].lostAtPackets = interfaces[place].lostAtPackets.saturatingAdd(lost)
        let isFirst = frame.packet == 0
        note(interfaces[place].lost &- told, from: isFirst ? nil : previous, to: frame.time)
    }

    /// Interface statistics: interface, stamp, options. What makes no sense is passed over.
    private mutating func takeStatistics(_ block: PcapngBlock) {
        guard let number = try? block.uint32(0, order), number < interfaces.count,
            let stamp = try? block.stamp(4, order)
        else { return }
        let place = Int(number)
        var lost: UInt64 = 0
        var options = block.options(from: 12, order)
        while let option = try? options.next() {
            switch option.code {
            case PcapngOption.statisticsInterfaceDropped where option.length == 8,
                PcapngOption.statisticsSystemDropped where option.length == 8:
                lost = lost.saturatingAdd(option.uint64(order))
            default: break
            }
        }
        let time = interfaces[place].reading.clock.time(stamp)
        countedAt = max(countedAt ?? time, time)
        let told = interfaces[place].lost
        // Counts are of the whole capture so far, and only grow.
        interfaces[place].lostByStatistics = max(interfaces[place].lostByStatistics, lost)
        note(interfaces[place].lost &- told, from: interfaces[place].toldUntil, to: time)
        interfaces[place].toldUntil = time
    }

    private mutating func note(_ lost: UInt64, from: Int64?, to: Int64) {
        guard lost > 0 else { return }
        let new = CaptureLoss(packets: lost, from: from, to: to)
        loss = loss?.joined(with: new) ?? new
    }
}

extension PcapngInterface {
    /// Losses told twice, at the packets and in the statistics, count once.
    var lost: UInt64 { max(lostByStatistics, lostAtPackets) }
}

extension UInt64 {
    /// The sum, or the highest number.
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
