import TCPStateMachine
import WireFormat

/// An ICMP error that quotes a segment of an endpoint (RFC 1122 section 4.2.3.9, RFC 9293 section 3.9.2.2).
extension Flow {
    func observe(
        _ error: ICMPError, time: Int64, _ reference: PacketReference, _ d: FlowDetail, _ l: inout Ledger
    ) {
        let isFromInitiator = error.pair.source == pair.source && error.pair.sourcePort == pair.sourcePort
        let e: EndpointRole = isFromInitiator ? .initiator : .responder
        noticeUnreachable(error, from: e, time: time, reference, &l)
        guard self[e].has(.hasInitialNumber), error.sequenceNumber == self[e].iss, let state = self[e].state,
            state == .synSent || state == .synReceived,
            // A request of Linux's has no user to be told of a soft one; a socket that Fast Open made has.
            error.isHard || ((state == .synSent || usedFastOpen) && error.abortsOpening
                && nature(e, l).profile[.softErrorAbortsOpening]),
            // What passed before it on the same way ends the opening first.
            self[e].pending.isDisjoint(with: [.syn, .ackOfSyn, .rst])
        else { return }
        // It may be lost on its way, or ignored: a SYN that is sent again says so.
        let evidence = Evidence(
            time: time, cause: reference, proof: .none, certainty: .presumed, isFinal: false)
        happen(.icmpHardError, to: e, evidence, d, &l)
    }

    /// The error is about a segment that the endpoint can have sent (RFC 5927 section 4.1: whoever forges one has to
    /// guess its number), and says more than that it was too large or too fast.
    private func noticeUnreachable(
        _ error: ICMPError, from e: EndpointRole, time: Int64, _ reference: PacketReference, _ l: inout Ledger
    ) {
        guard self[e].has(.hasSndNxt), error.saysUnreachable else { return }
        let behind = error.sequenceNumber.distance(to: self[e].sndNxt)
        guard behind >= 0, behind < 1 << 24,
            !self[e].has(.hasInitialNumber) || error.sequenceNumber.isAtOrAfter(self[e].iss)
        else { return }
        let detail = FindingDetail.icmp(
            type: error.type, code: error.code, family: error.pair.family, isHard: error.isHard)
        find(.icmpUnreachable, at: e, time: time, reference, &l, detail: detail)
    }

    /// The endpoint goes on: the error did not reach it, or was no reason for it to give up.
    func reviveAfterError(_ e: EndpointRole, _ d: FlowDetail, _ l: inout Ledger) {
        withdraw(.icmpHardError, from: e, d, &l)
    }
}

extension ICMPError {
    /// Destination unreachable, or its time exceeded on the way; not "fragmentation needed", which path MTU discovery
    /// asks for.
    fileprivate var saysUnreachable: Bool {
        switch pair.family {
        case .ipv4: (type == 3 && code != 4) || type == 11
        case .ipv6: type == 1 || type == 3
        }
    }

    /// Linux ends an opening connection on any error but those that only ask for smaller or fewer packets.
    fileprivate var abortsOpening: Bool {
        switch pair.family {
        case .ipv4: type == 11 || type == 12 || (type == 3 && code != 4)
        case .ipv6: type == 1 || type == 3 || type == 4
        }
    }
}
