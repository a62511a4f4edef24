import TCPStateMachine
import WireFormat

/// What was seen of a TCP stream, as Wireshark adds it up: the bits of `tcp.completeness`.
struct CompletenessBits: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let syn = CompletenessBits(rawValue: 1)
    static let synAck = CompletenessBits(rawValue: 2)
    static let ack = CompletenessBits(rawValue: 4)
    static let data = CompletenessBits(rawValue: 8)
    static let fin = CompletenessBits(rawValue: 16)
    static let reset = CompletenessBits(rawValue: 32)
}

/// A TCP stream as Wireshark 4.0 cuts it, with the completeness that its second pass (`tshark -2`) prints last.
///
/// Wireshark asks for no sequence number and no state: a RST counts wherever it points, a FIN only with ACK, an ACK
/// without text even as part of a FIN. Its sole cut is a SYN whose number is not the ISN that it remembers, and a
/// SYN,ACK corrects that memory; hours of silence cut nothing (tshark 4.0.17; Docs/labels.md).
struct WiresharkStream: BitwiseCopyable {
    /// What the first frame alone shows in a stream without a second one.
    private let firstBits: CompletenessBits
    private var bits: CompletenessBits
    private var isAlone = true
    /// The initial sequence numbers of the two directions, or what stands for them.
    private var initialNumbers: (SequenceNumber, SequenceNumber) = (SequenceNumber(0), SequenceNumber(0))
    private var areKnown = (false, false)

    /// A stream begins.
    ///
    /// - Parameter isReverse: the direction of the segment, which is the caller's affair.
    init(_ segment: Segment, isReverse: Bool) {
        var first: CompletenessBits = []
        if segment.hasSyn, !segment.hasAck {
            first = segment.payloadLength > 0 ? [.syn, .data] : .syn
        }
        firstBits = first
        bits = first.union(Self.bits(of: segment))
        learn(segment, isReverse)
    }

    /// A stream whose two ends opened and went on as expected, the initiator forward; `responder` is the ISN of the
    /// SYN,ACK, if it has come.
    init(initiator: SequenceNumber, responder: SequenceNumber?, shown: CompletenessBits) {
        firstBits = .syn
        bits = shown
        isAlone = responder == nil
        initialNumbers = (initiator, responder ?? SequenceNumber(0))
        areKnown = (true, responder != nil)
    }

    /// Whether a segment of the same addresses and ports begins another stream.
    func isCut(by segment: Segment, isReverse: Bool) -> Bool {
        guard segment.hasSyn, !segment.hasAck, isReverse ? areKnown.1 : areKnown.0 else { return false }
        return segment.sequenceNumber != (isReverse ? initialNumbers.1 : initialNumbers.0)
    }

    /// Takes a segment that goes on with the stream.
    @inline(__always)
    mutating func take(_ segment: Segment, isReverse: Bool) {
        isAlone = false
        bits.formUnion(Self.bits(of: segment))
        if segment.hasSyn {
            // One that cuts nothing: a SYN,ACK, or the first number of its direction.
            if isReverse {
                initialNumbers.1 = segment.sequenceNumber
            } else {
                initialNumbers.0 = segment.sequenceNumber
            }
        }
        if !(areKnown.0 && areKnown.1) { learn(segment, isReverse) }
    }

    /// The value of `tcp.completeness`, 0 ... 63.
    var completeness: UInt8 { isAlone ? firstBits.rawValue : bits.rawValue }

    /// What any frame but the first shows.
    @inline(__always)
    private static func bits(of segment: Segment) -> CompletenessBits {
        var bits: CompletenessBits = []
        if segment.hasAck {
            if segment.hasSyn {
                bits = .synAck
            } else {
                bits = segment.payloadLength > 0 ? .data : .ack
            }
            if segment.hasFin { bits.insert(.fin) }
        }
        if segment.hasRst { bits.insert(.reset) }
        return bits
    }

    /// A first segment that is no SYN stands one behind the ISN; so does a first acknowledgment of the other end.
    private mutating func learn(_ segment: Segment, _ isReverse: Bool) {
        let own = segment.hasSyn ? segment.sequenceNumber : segment.sequenceNumber - 1
        let other = segment.acknowledgmentNumber - 1
        if isReverse {
            if !areKnown.1 { (initialNumbers.1, areKnown.1) = (own, true) }
            if !areKnown.0, segment.hasAck { (initialNumbers.0, areKnown.0) = (other, true) }
        } else {
            if !areKnown.0 { (initialNumbers.0, areKnown.0) = (own, true) }
            if !areKnown.1, segment.hasAck { (initialNumbers.1, areKnown.1) = (other, true) }
        }
    }
}
