/// Puts fragments together as far as the state machine needs it: their headers, and the length of the whole.
///
/// The text of a segment is not kept. What is kept of a packet is which of its octets have come, and the first of them,
/// in which the headers are. Fragments may come in any order. Of octets that come twice the first stand; a packet whose
/// fragments contradict each other, or overlap in IPv6 (RFC 5722), is given up as a whole, for nobody can tell what its
/// receiver makes of it.
///
/// Every fragment is counted once: as the segment or ICMP error that `take` returns, or in `skipped`.
public struct FragmentAssembler: ~Copyable {
    /// Fragments that became nothing of their own, by `SkipReason.rawValue`. After `finish` none is missing.
    public private(set) var skipped: [UInt64] = Array(repeating: 0, count: SkipReason.allCases.count)

    /// How long a packet waits for its fragments, nanoseconds on the packet clock: as long as Linux does.
    public static let patience: Int64 = 30_000_000_000
    /// A fragment of a packet that was completed so short ago is a second sight of it, nanoseconds.
    private static let echo: Int64 = 2_000_000
    private static let recentLimit = 64

    private let packetLimit: Int
    private let octetLimit: Int
    private var packets: [FragmentedPacket.Key: FragmentedPacket] = [:]
    /// In the order of their first fragments; those that are gone are passed over.
    private var queue: [(key: FragmentedPacket.Key, serial: UInt64)] = []
    private var queueStart = 0
    private var nextSerial: UInt64 = 0
    /// Octets kept of all packets.
    private var octets = 0
    /// The highest stamp so far.
    private var clock = Int64.min
    /// The last packets that were completed, and when.
    private var recent: [(key: FragmentedPacket.Key, time: Int64)] = []
    private var recentPlace = 0

    /// - Parameters:
    ///   - packetLimit: how many packets may wait at once; at least 1.
    ///   - octetLimit: how many octets of them may be kept.
    public init(packetLimit: Int = 4096, octetLimit: Int = 1 << 20) {
        self.packetLimit = max(1, packetLimit)
        self.octetLimit = octetLimit
    }

    /// How many packets wait.
    public var waiting: Int { packets.count }

    /// Takes a fragment that `FrameDecoder` has found.
    ///
    /// - Parameters:
    ///   - bytes: the frame it was found in, as given to the decoder.
    ///   - captured: what the decoder has left in it; receives the segment, as from the decoder.
    ///   - time: the frame's stamp, nanoseconds.
    /// - Returns: `.segment` or `.icmpError` if this was the last fragment that was missing. Nil if it waits for others
    ///   or is nothing; it is counted here then, at once or later.
    public mutating func take(
        _ fragment: Fragment, of bytes: Span<UInt8>, into captured: inout CapturedSegment, time: Int64
    ) -> DecodeOutcome? {
        clock = max(clock, time)
        dropExpired()
        guard let piece = FragmentPiece(bytes, at: fragment.start) else {
            count(.malformed)
            return nil
        }
        return take(piece, bytes.extracting(droppingFirst: piece.start), into: &captured, depth: 0)
    }

    /// The capture has ended: what still waits is incomplete.
    public mutating func finish() {
        while dropFirst(as: .fragmentIncomplete) {}
    }

    private mutating func count(_ reason: SkipReason, _ number: UInt64 = 1) {
        skipped[Int(reason.rawValue)] &+= number
    }
}

// MARK: One fragment

extension FragmentAssembler {
    /// More packets in packets, each of them fragmented, than anyone sends.
    private static let mostNested = 4

    /// - Parameter data: what the fragment carries, as far as captured, and perhaps what follows it in the frame.
    private mutating func take(
        _ piece: FragmentPiece, _ data: Span<UInt8>, into captured: inout CapturedSegment, depth: Int
    ) -> DecodeOutcome? {
        let key = piece.key(in: captured.tunnel)
        guard !isEcho(key) else {
            count(.fragment)
            return nil
        }
        // Taken out and put back, so that its arrays are changed in place.
        var packet = packets.removeValue(forKey: key) ?? begin(key)
        octets -= packet.octets
        let verdict = packet.add(piece, data.extracting(first: piece.range.count))
        switch verdict {
        case .waiting:
            octets += packet.octets
            packets[key] = packet
            dropExcess()
            return nil
        case .counted(let reason, let number):
            octets += packet.octets
            packets[key] = packet
            count(reason, number)
            dropExcess()
            return nil
        case .over(let reason, let number):
            count(reason, number)
            return nil
        case .complete:
            remember(key)
            return assemble(packet, piece, into: &captured, depth: depth)
        }
    }

    /// Decodes a packet of which everything is there.
    private mutating func assemble(
        _ packet: FragmentedPacket, _ last: FragmentPiece, into captured: inout CapturedSegment, depth: Int
    ) -> DecodeOutcome? {
        let whole = packet.whole(last)
        let outcome = decodeInternet(
            whole.bytes.span, at: 0, FrameLength(original: whole.originalLength), into: &captured
        ).outcome(captured)
        switch outcome {
        case .segment, .icmpError:
            count(.fragment, packet.fragments - 1)
            return outcome
        case .skipped(let reason):
            count(reason, packet.fragments)
            return nil
        case .fragment(let inner):
            count(.fragment, packet.fragments - 1)
            guard depth < Self.mostNested, let piece = FragmentPiece(whole.bytes.span, at: inner.start) else {
                count(.nestedTooDeep)
                return nil
            }
            let data = whole.bytes.span.extracting(droppingFirst: piece.start)
            return take(piece, data, into: &captured, depth: depth + 1)
        }
    }

    private mutating func begin(_ key: FragmentedPacket.Key) -> FragmentedPacket {
        nextSerial &+= 1
        if queue.count > 2 * packets.count + 64 { compact() }
        queue.append((key, nextSerial))
        return FragmentedPacket(serial: nextSerial, began: clock)
    }
}

// MARK: What is given up

extension FragmentAssembler {
    private mutating func dropExpired() {
        while queueStart < queue.count {
            let first = queue[queueStart]
            if let packet = packets[first.key], packet.serial == first.serial {
                let (age, isAges) = clock.subtractingReportingOverflow(packet.began)
                guard isAges || age > Self.patience else { return }
            }
            dropFirst(as: .fragmentIncomplete)
        }
    }

    private mutating func dropExcess() {
        while packets.count > packetLimit || octets > octetLimit {
            guard dropFirst(as: .fragmentEvicted) else { return }
        }
    }

    /// Takes the first of the queue away, and its packet if that still waits. False if the queue is empty.
    @discardableResult
    private mutating func dropFirst(as reason: SkipReason) -> Bool {
        guard queueStart < queue.count else { return false }
        let first = queue[queueStart]
        queueStart += 1
        if let packet = packets[first.key], packet.serial == first.serial {
            packets[first.key] = nil
            octets -= packet.octets
            count(reason, packet.uncounted)
        }
        if queueStart == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueStart = 0
        }
        return true
    }

    /// Packets are completed in any order: the queue names more than those that wait.
    private mutating func compact() {
        queue = queue[queueStart...].filter { packets[$0.key]?.serial == $0.serial }
        queueStart = 0
    }

    /// Whether the packet was completed a moment ago: the capture sees everything twice.
    private func isEcho(_ key: FragmentedPacket.Key) -> Bool {
        recent.contains { entry in
            guard entry.key == key else { return false }
            let (age, isAges) = clock.subtractingReportingOverflow(entry.time)
            return !isAges && age <= Self.echo
        }
    }

    private mutating func remember(_ key: FragmentedPacket.Key) {
        guard recent.count == Self.recentLimit else {
            recent.append((key, clock))
            return
        }
        recent[recentPlace] = (key, clock)
        recentPlace = (recentPlace + 1) % Self.recentLimit
    }
}
