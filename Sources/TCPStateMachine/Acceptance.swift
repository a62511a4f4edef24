/// The receive window: the numbers from RCV.NXT on that the receiver is ready to take (RFC 793 section 3.3).
///
/// The tests of arriving segments stand here as pure functions, for whoever has the numbers but no `Connection`.
public struct ReceiveWindow: Hashable, Sendable, BitwiseCopyable {
    /// RCV.NXT.
    public var next: SequenceNumber
    /// RCV.WND, octets.
    public var size: UInt32

    @inlinable
    public init(next: SequenceNumber, size: UInt32) {
        self.next = next
        self.size = size
    }

    /// RCV.NXT =< number < RCV.NXT + RCV.WND.
    @inlinable
    public func contains(_ number: SequenceNumber) -> Bool {
        number.rawValue &- next.rawValue < size
    }

    /// The four cases of RFC 793 p. 69 for a segment of `length` octets of sequence space.
    @inlinable
    public func accepts(_ number: SequenceNumber, length: UInt32) -> Bool {
        switch (length == 0, size == 0) {
        case (true, true): number == next
        case (true, false): contains(number)
        case (false, true): false
        case (false, false): contains(number) || contains(number + (length &- 1))
        }
    }

    /// What to do with a RST of this number: RFC 5961 section 3.2 if `exactNumberOnly`, otherwise RFC 793 p. 69-70.
    @inlinable
    public func verdict(onResetAt number: SequenceNumber, exactNumberOnly: Bool) -> ResetVerdict {
        // A RST is judged by its number alone: text in it is a diagnostic (RFC 1122 section 4.2.2.12).
        if number == next { return .accept }
        guard contains(number) else { return .drop }
        return exactNumberOnly ? .challenge : .accept
    }
}

/// What to do with a RST.
public enum ResetVerdict: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// It resets the connection.
    case accept
    /// It is answered by an ACK: a peer that means it will repeat it with the right number.
    case challenge
    /// It is dropped without a word.
    case drop
}

/// Timestamps as a clock (RFC 7323 section 5): 32 bits that wrap, compared like sequence numbers.
public enum Timestamps {
    /// PAWS test R1: `value` (SEG.TSval) is older than `recent` (TS.Recent).
    @inlinable
    public static func isOld(_ value: UInt32, recent: UInt32) -> Bool {
        Int32(bitPattern: value &- recent) < 0
    }
}

/// Whether a SYN in TIME-WAIT opens a new incarnation: RFC 6191 section 2 where timestamps are known on both sides,
/// otherwise the number must lie above all that the old incarnation used (RFC 1122 section 4.2.2.13).
public struct TimeWaitMemory: Hashable, Sendable, BitwiseCopyable {
    /// RCV.NXT of the old incarnation.
    public var next: SequenceNumber
    /// TS.Recent of the old incarnation, or nil if it used no timestamps.
    public var recentTimestamp: UInt32?

    @inlinable
    public init(next: SequenceNumber, recentTimestamp: UInt32?) {
        self.next = next
        self.recentTimestamp = recentTimestamp
    }

    public func isNewIncarnation(_ syn: Segment, profile: Profile) -> Bool {
        guard syn.hasSyn, !syn.hasAck, !syn.hasRst else { return false }
        let above = syn.sequenceNumber.isAfter(next)
        guard profile[.timestampsOpenTimeWait], syn.options.hasTimestamps else { return above }
        guard let recentTimestamp else { return above || profile[.firstTimestampsOpenTimeWait] }
        let value = syn.options.timestampValue
        return value == recentTimestamp ? above : !Timestamps.isOld(value, recent: recentTimestamp)
    }
}
