public import TCPStateMachine

/// A segment as the figures write it: `<SEQ=300><ACK=101><CTL=SYN,ACK>`.
public enum SegmentNotation {
    /// The length of the text stands before CTL, as in figure 11, and a window only where it is closed.
    ///
    /// - Parameter isBrief: without PSH and the closed window, where neither is what matters.
    public static func text(_ segment: Segment, isBrief: Bool = false) -> String {
        var text = "<SEQ=\(segment.sequenceNumber.rawValue)>"
        if segment.hasAck { text += "<ACK=\(segment.acknowledgmentNumber.rawValue)>" }
        if segment.window == 0, !segment.hasRst, !isBrief { text += "<WND=0>" }
        if segment.payloadLength > 0 { text += "<DATA=\(segment.payloadLength)>" }
        let bits = controlBits(isBrief ? segment.controlBits.subtracting(.psh) : segment.controlBits)
        return bits.isEmpty ? text : text + "<CTL=\(bits)>"
    }

    /// In the order of the figures: SYN,ACK and FIN,ACK and RST,ACK.
    static func controlBits(_ bits: ControlBits) -> String {
        let names: [(ControlBits, String)] = [
            (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.urg, "URG"), (.psh, "PSH"), (.ack, "ACK"), (.ece, "ECE"),
            (.cwr, "CWR"),
        ]
        return names.filter { bits.contains($0.0) }.map(\.1).joined(separator: ",")
    }
}
