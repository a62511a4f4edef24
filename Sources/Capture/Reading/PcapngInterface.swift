/// An interface of a pcapng section: how its stamps are counted, and what was lost on it.
struct PcapngInterface {
    /// What it takes to read a frame of it.
    struct Reading: BitwiseCopyable {
        /// The link type as programs number it.
        var dataLinkType: Int32 = 0
        var snapshotLength: UInt32 = 0
        var clock = PcapngClock()
    }

    /// What the file says of it.
    private(set) var description: CaptureInterface
    private(set) var reading = Reading()
    /// Frames lost by the counts of the interface's statistics, and by those at the packets: the same losses twice.
    var lostByStatistics: UInt64 = 0
    var lostAtPackets: UInt64 = 0
    /// Until when its losses have been told, nanoseconds since the epoch; nil if there was nothing to tell yet.
    var toldUntil: Int64?

    /// Names longer than any system has are cut, so that a hostile file cannot fill the memory with them.
    private static let longestText = 1024
    private static let mostAddresses = 32

    /// Takes what an interface description block says.
    ///
    /// - Parameters:
    ///   - block: the body, from the link type on.
    /// - Throws: why it makes no sense; the same that libpcap finds.
    init(_ block: PcapngBlock, _ order: FileOrder) throws(PcapngBlock.Refusal) {
        let linkType = try block.uint16(0, order)
        let stated = try block.uint32(4, order)
        reading.dataLinkType = LinkTypeNumber.inMemory(Int32(linkType))
        reading.snapshotLength = LinkTypeNumber.snapshotLength(stated, reading.dataLinkType)
        description = CaptureInterface(linkType: linkType, snapshotLength: stated)
        var options = block.options(from: 8, order)
        var resolution: UInt8?
        var offset: Int64?
        while let option = try options.next() {
            switch option.code {
            case PcapngOption.interfaceName: description.name = option.text(Self.longestText)
            case PcapngOption.interfaceDescription: description.description = option.text(Self.longestText)
            case PcapngOption.interfaceIPv4Address where option.length == 8: add(option.ipv4)
            case PcapngOption.interfaceIPv6Address where option.length == 17: add(option.ipv6)
            case PcapngOption.interfaceResolution:
                guard option.length == 1, resolution == nil else {
                    throw PcapngBlock.Refusal(detail: "an interface states the resolution of its stamps wrongly")
                }
                resolution = option.octet(0)
            case PcapngOption.interfaceTimeOffset:
                guard option.length == 8, offset == nil else {
                    throw PcapngBlock.Refusal(detail: "an interface states the offset of its stamps wrongly")
                }
                offset = Int64(bitPattern: option.uint64(order))
            default: break
            }
        }
        reading.clock = try PcapngClock(resolution: resolution ?? 6, offset: offset ?? 0)
    }

    private mutating func add(_ address: CaptureInterface.Address) {
        if description.addresses.count < Self.mostAddresses { description.addresses.append(address) }
    }
}

/// How an interface's stamps are counted (if_tsresol, if_tsoffset: pcapng section 4.2).
struct PcapngClock: BitwiseCopyable {
    private enum Scale: BitwiseCopyable {
        /// A unit is so many nanoseconds.
        case nanoseconds(UInt64)
        /// So many units are a nanosecond.
        case parts(UInt64)
        /// A unit is 2^-shift seconds.
        case binary(shift: UInt64)
    }

    private var scale = Scale.nanoseconds(1000)
    private var unitsPerSecond: UInt64 = 1_000_000
    /// Seconds to be added.
    private var offset: Int64 = 0

    /// Microseconds.
    init() {}

    /// - Parameters:
    ///   - resolution: as if_tsresol has it: a negative power of 10, or of 2 with the highest bit set.
    ///   - offset: seconds to be added to every stamp.
    init(resolution: UInt8, offset: Int64) throws(PcapngBlock.Refusal) {
        self.offset = offset
        let exponent = UInt64(resolution & 0x7F)
        if resolution & 0x80 != 0 {
            guard exponent < 64 else {
                throw PcapngBlock.Refusal(detail: "an interface counts time in units of 2^-\(exponent) seconds")
            }
            scale = .binary(shift: exponent)
            unitsPerSecond = 1 << exponent
            return
        }
        // 10^19 is the highest power of 10 in 64 bits.
        guard exponent <= 19 else {
            throw PcapngBlock.Refusal(detail: "an interface counts time in units of 10^-\(exponent) seconds")
        }
        unitsPerSecond = (0..<exponent).reduce(1) { power, _ in power * 10 }
        scale =
            exponent <= 9
            ? .nanoseconds(1_000_000_000 / unitsPerSecond) : .parts(unitsPerSecond / 1_000_000_000)
    }

    /// A stamp as nanoseconds since the epoch; the nearest that 64 bits hold.
    @inline(__always)
    func time(_ stamp: UInt64) -> Int64 {
        if case .nanoseconds(let unit) = scale, offset == 0 {
            let (time, overflow) = stamp.multipliedReportingOverflow(by: unit)
            if !overflow, let time = Int64(exactly: time) { return time }
        }
        return slowTime(stamp)
    }

    @inline(never)
    private func slowTime(_ stamp: UInt64) -> Int64 {
        let seconds = Int(truncatingIfNeeded: stamp / unitsPerSecond &+ UInt64(bitPattern: offset))
        let fraction = stamp % unitsPerSecond
        let part: UInt64 =
            switch scale {
            case .nanoseconds(let unit): fraction &* unit
            case .parts(let parts): fraction / parts
            case .binary(let shift): binaryPart(fraction, shift)
            }
        return nanoseconds(seconds: seconds, nanoseconds: Int(truncatingIfNeeded: part))
    }

    /// fraction * 10^9 / 2^shift, of which the product may take 94 bits.
    private func binaryPart(_ fraction: UInt64, _ shift: UInt64) -> UInt64 {
        let product = fraction.multipliedFullWidth(by: 1_000_000_000)
        guard shift > 0 else { return product.low }
        return product.high << (64 - shift) | product.low >> shift
    }
}
