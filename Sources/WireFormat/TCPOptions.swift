import TCPStateMachine

/// TCP option kinds (IANA, "TCP Option Kind Numbers").
@usableFromInline
enum TCPOptionKind {
    static let endOfList: UInt8 = 0
    static let noOperation: UInt8 = 1
    static let maximumSegmentSize: UInt8 = 2
    static let windowScale: UInt8 = 3
    static let sackPermitted: UInt8 = 4
    static let sack: UInt8 = 5
    static let timestamps: UInt8 = 8
    static let md5Signature: UInt8 = 19
    static let authentication: UInt8 = 29
    static let multipath: UInt8 = 30
    static let fastOpen: UInt8 = 34
    static let experiment1: UInt8 = 253
    static let experiment2: UInt8 = 254
    /// What marks Fast Open among the experiments (RFC 7413 section 4.1.1, RFC 6994).
    static let fastOpenExperiment: UInt16 = 0xF989
    /// The layout that RFC 7323 appendix A recommends, and nearly every segment of a connection with timestamps has:
    /// two NOP, then kind and length of the timestamps, and nothing behind them.
    @inlinable static var paddedTimestamps: UInt32 { 0x0101_080A }
}

/// Reads the TCP options in `start ..< end`, as far as they were captured.
///
/// An option whose length is not the one it must have is passed over, as the kernel does (tcp_parse_options); one whose
/// length is below two or beyond the end makes the rest unreadable, and the list `.incomplete`.
///
/// - Returns: always `.segment`, so that the call can be the caller's last and costs no registers.
@inline(never)
func decodeOptions(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into captured: inout CapturedSegment
) -> DecodeStep {
    captured.isHeaderCut = bytes.count < end
    // A span of its own, so that offsets count from zero and few checks of them remain.
    let list = bytes.extracting(start..<min(end, bytes.count))
    if list.count == 12, !captured.isHeaderCut, list.uint32(at: 0) == TCPOptionKind.paddedTimestamps {
        captured.segment.options.present = .timestamps
        captured.segment.options.timestampValue = list.uint32(at: 4)
        captured.segment.options.timestampEcho = list.uint32(at: 8)
        return .segment
    }
    decodeOptionList(list, into: &captured.segment.options)
    if captured.isHeaderCut { captured.segment.options.present.insert(.incomplete) }
    return .segment
}

/// A list of options, as far as it was captured.
private func decodeOptionList(_ list: Span<UInt8>, into options: inout SegmentOptions) {
    var offset = 0
    // Each round moves on by at least one octet, so it ends.
    while offset < list.count {
        let kind = list[offset]
        if kind == TCPOptionKind.noOperation {
            offset += 1
            continue
        }
        if kind == TCPOptionKind.endOfList { return }
        guard offset + 1 < list.count else { break }
        let length = Int(list[offset + 1])
        guard length >= 2, length <= list.count - offset else { break }
        decodeOption(kind, list.extracting(offset..<offset + length), into: &options)
        offset += length
    }
    if offset < list.count { options.present.insert(.incomplete) }
}

/// One option, which is all there: kind, length and what follows.
@inline(__always)
private func decodeOption(_ kind: UInt8, _ option: Span<UInt8>, into options: inout SegmentOptions) {
    switch kind {
    case TCPOptionKind.timestamps:
        guard option.count == 10 else { return }
        options.present.insert(.timestamps)
        options.timestampValue = option.uint32(at: 2)
        options.timestampEcho = option.uint32(at: 6)
    case TCPOptionKind.maximumSegmentSize:
        guard option.count == 4 else { return }
        options.present.insert(.maximumSegmentSize)
        options.maximumSegmentSize = option.uint16(at: 2)
    case TCPOptionKind.windowScale:
        guard option.count == 3 else { return }
        options.present.insert(.windowScale)
        // RFC 7323 section 2.3: a larger shift is to be used as 14.
        options.windowScale = min(option[2], 14)
    case TCPOptionKind.sackPermitted:
        guard option.count == 2 else { return }
        options.present.insert(.sackPermitted)
    case TCPOptionKind.sack:
        // RFC 2018 section 3: 8 * n + 2 octets.
        guard option.count >= 10, option.count & 7 == 2 else { return }
        options.present.insert(.sack)
        var block = 2
        while block < option.count {
            let left = SequenceNumber(option.uint32(at: block))
            let right = SequenceNumber(option.uint32(at: block + 4))
            options.appendSackBlock(SackBlock(left: left, right: right))
            block += 8
        }
    case TCPOptionKind.fastOpen:
        options.present.insert(option.count == 2 ? .fastOpenRequest : .fastOpenCookie)
    case TCPOptionKind.experiment1, TCPOptionKind.experiment2:
        guard option.count >= 4, option.uint16(at: 2) == TCPOptionKind.fastOpenExperiment else { return }
        options.present.insert(option.count == 4 ? .fastOpenRequest : .fastOpenCookie)
    case TCPOptionKind.multipath:
        // RFC 8684 section 3: a subtype follows.
        guard option.count >= 3 else { return }
        options.present.insert(.multipath)
    case TCPOptionKind.md5Signature:
        guard option.count == 18 else { return }
        options.present.insert(.md5Signature)
    case TCPOptionKind.authentication:
        guard option.count >= 4 else { return }
        options.present.insert(.authentication)
    default: return
    }
}

/// The most octets of options that a data offset of fifteen words leaves room for.
private let mostOptionOctets = 40

/// The octets of TCP options, a multiple of four and at most forty. The order is Linux's; an option that does not fit
/// behind the others is left out, and SACK blocks are as many as fit, which is what a kernel does, too.
func encodeOptions(_ options: SegmentOptions) -> [UInt8] {
    var bytes: [UInt8] = []
    func add(_ group: [UInt8]) {
        // Groups are padded to words, so that the length always is one of words.
        let padded = Array(repeating: TCPOptionKind.noOperation, count: -group.count & 3) + group
        if bytes.count + padded.count <= mostOptionOctets { bytes += padded }
    }
    let present = options.present
    if present.contains(.maximumSegmentSize) {
        var group = [TCPOptionKind.maximumSegmentSize, 4]
        group.append(options.maximumSegmentSize)
        add(group)
    }
    var group: [UInt8] = present.contains(.sackPermitted) ? [TCPOptionKind.sackPermitted, 2] : []
    if present.contains(.timestamps) {
        group += [TCPOptionKind.timestamps, 10]
        group.append(options.timestampValue)
        group.append(options.timestampEcho)
    }
    add(group)
    if present.contains(.windowScale) { add([TCPOptionKind.windowScale, 3, options.windowScale]) }
    if present.contains(.fastOpenCookie) { add([TCPOptionKind.fastOpen, 10, 0, 0, 0, 0, 0, 0, 0, 0]) }
    if present.contains(.fastOpenRequest) { add([TCPOptionKind.fastOpen, 2]) }
    if present.contains(.multipath) { add([TCPOptionKind.multipath, 4, 0, 0]) }
    if present.contains(.md5Signature) { add([TCPOptionKind.md5Signature, 18] + Array(repeating: 0, count: 16)) }
    if present.contains(.authentication) { add([TCPOptionKind.authentication, 16] + Array(repeating: 0, count: 14)) }
    if present.contains(.sack) { add(encodeSack(options, room: mostOptionOctets - bytes.count)) }
    return bytes
}

/// The SACK option with as many blocks as `room` takes, two octets of padding counted in; empty if none does.
private func encodeSack(_ options: SegmentOptions, room: Int) -> [UInt8] {
    let count = min(Int(options.sackBlockCount), (room - 4) / 8)
    guard count > 0 else { return [] }
    var bytes = [TCPOptionKind.sack, UInt8(2 + 8 * count)]
    for block in (0..<count).compactMap(options.sackBlock(at:)) {
        bytes.append(block.left.rawValue)
        bytes.append(block.right.rawValue)
    }
    return bytes
}
