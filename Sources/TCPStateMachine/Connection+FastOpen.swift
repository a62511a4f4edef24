/// TCP Fast Open (RFC 7413): text on SYNs. It is text earlier than usual and no other way through the diagram: a
/// passive connection stays in SYN-RECEIVED until our SYN is acknowledged.
extension Connection {
    /// Active OPEN with text. Without a cookie the SYN asks for one, and the text waits for ESTABLISHED.
    mutating func fastOpen(_ octets: UInt32) -> Outcome {
        switch state {
        case .closed:
            guard queueToSend(octets) else { return .refused(.insufficientResources) }
            return activeOpen(remoteSpecified: true)
        case .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck,
            .timeWait:
            return .refused(.connectionAlreadyExists)
        }
    }

    /// The first SYN of an active OPEN: with text if there is a cookie, otherwise with a request for one (sections
    /// 4.2.1 and 4.2.2). One that is sent again has neither: a path may drop such SYNs, or the text may have been
    /// taken.
    mutating func openingSyn() -> Segment {
        var syn = synSegment(acknowledging: false)
        guard parameters.usesFastOpen else { return syn }
        guard hasFastOpenCookie else {
            syn.options.present.insert(.fastOpenRequest)
            return syn
        }
        syn.options.present.insert(.fastOpenCookie)
        // Deviation: section 4.1.3 has the cookie's holder remember the peer's MSS; here it is taken to be our own.
        synText = min(unsent, UInt32(parameters.segmentLimit))
        unsent -= synText
        sndNxt = sndNxt + synText
        syn.payloadLength = synText
        return syn
    }

    /// Passive: the options of the peer's SYN, and its text if it has a cookie. Cookies are not modeled beyond being
    /// there: whoever shows one has been given it.
    mutating func takeFastOpen(_ syn: Segment, _ reaction: inout Reaction) {
        guard parameters.usesFastOpen else { return }
        fastOpenCookieAskedFor = syn.options.present.contains(.fastOpenRequest)
        guard syn.options.present.contains(.fastOpenCookie) else { return }
        isOpenedFast = true
        takeText(&reaction)
        // The SYN,ACK acknowledges it.
        reaction.acknowledgmentDue = false
    }

    /// Active: what the SYN,ACK says. Text that it does not acknowledge was not taken, and is sent again at once
    /// (section 4.2.2).
    mutating func concludeFastOpen(_ synAck: Segment, _ reaction: inout Reaction) {
        guard parameters.usesFastOpen else { return }
        if synAck.options.present.contains(.fastOpenCookie) { hasLearnedFastOpenCookie = true }
        guard synText > 0, inFlight > 0 else { return }
        reaction.segments.append(dataSegment(at: sndUna, octets: min(inFlight, max(sendLimit, 1)), fin: false))
        reaction.acknowledgmentDue = false
    }

    /// Another incarnation knows nothing of it.
    mutating func forgetFastOpen() {
        (fastOpenCookieAskedFor, isOpenedFast, hasLearnedFastOpenCookie) = (false, false, false)
        synText = 0
    }
}
