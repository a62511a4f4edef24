import TCPStateMachine

/// ICMP errors about segments.
extension Simulator {
    /// A router beside the other end reports what became of the last segment of `end`; nothing if it has sent none.
    mutating func report(_ report: ICMPReport, to end: End, _ ports: PortPair) {
        let quoted = history.segments.lastIndex { sent in
            sent.from == end && sent.ports == ports && sent.origin == .host
        }
        guard let quoted else { return }
        let latency = network.settings[latencyFrom: end.other]
        let number = Int32(truncatingIfNeeded: history.errors.count)
        history.errors.append(
            SentError(
                report: report, to: end, ports: ports, quoted: Int32(truncatingIfNeeded: quoted),
                middle: now.advanced(by: latency / 2), arrival: now.advanced(by: latency)))
        queue.add(.icmpError(number), at: now.advanced(by: latency))
    }

    mutating func arriveError(_ number: Int32) {
        let error = history.errors[Int(number)]
        guard self[error.to].isUp else { return }
        history.errors[Int(number)].hasArrived = true
        guard let index = self[error.to].socket(for: error.ports), isAboutOutstanding(error, index) else {
            return note(.icmpError(number, ignored: .errorNotFatal), at: error.to, error.ports)
        }
        handle(error.report.isHard ? .icmpHardError : .icmpSoftError, at: error.to, index, as: .icmpError(number))
    }

    /// The quoted number is one that has been sent and not been acknowledged: otherwise anyone could send such a
    /// message (RFC 5927 section 4.1; the kernel does the same).
    private func isAboutOutstanding(_ error: SentError, _ index: Int32) -> Bool {
        let connection = self[error.to].sockets[Int(index)].connection
        let number = history.segments[Int(error.quoted)].segment.sequenceNumber
        return number.isAtOrAfter(connection.sndUna) && number.isBefore(connection.sndNxt)
    }
}
