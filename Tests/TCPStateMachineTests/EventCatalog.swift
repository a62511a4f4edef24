import TCPStateMachine

/// The events that the matrix, the search and the fuzzer try on a connection: every user call, segments of every kind
/// with respect to its numbers, timeouts, ICMP errors.
struct CatalogEntry: Sendable {
    let name: String
    let make: @Sendable (Connection) -> Event

    init(_ name: String, _ make: @escaping @Sendable (Connection) -> Event) {
        self.name = name
        self.make = make
    }

    init(segment name: String, _ make: @escaping @Sendable (Connection) -> Segment) {
        self.init("rcv " + name) { .segmentArrives(make($0)) }
    }

    static let all: [CatalogEntry] = userCalls + segments + timeouts

    static let userCalls: [CatalogEntry] = [
        CatalogEntry("passive OPEN") { _ in .passiveOpen(remoteSpecified: true) },
        CatalogEntry("passive OPEN, remote unspecified") { _ in .passiveOpen(remoteSpecified: false) },
        CatalogEntry("active OPEN") { _ in .activeOpen(remoteSpecified: true) },
        CatalogEntry("active OPEN, remote unspecified") { _ in .activeOpen(remoteSpecified: false) },
        CatalogEntry("SEND 100") { _ in .send(octets: 100) },
        CatalogEntry("SEND too much") { _ in .send(octets: .max) },
        CatalogEntry("RECEIVE 100") { _ in .receive(octets: 100) },
        CatalogEntry("CLOSE") { _ in .close(furtherReceiving: true) },
        CatalogEntry("CLOSE, no further receiving") { _ in .close(furtherReceiving: false) },
        CatalogEntry("ABORT") { _ in .abort },
        CatalogEntry("STATUS") { _ in .status },
    ]

    static let segments: [CatalogEntry] = [
        CatalogEntry(segment: "RST at RCV.NXT") { Bench.peer($0, .rst) },
        CatalogEntry(segment: "RST,ACK at RCV.NXT") { Bench.peer($0, [.rst, .ack]) },
        CatalogEntry(segment: "RST at RCV.NXT-1") { Bench.peer($0, .rst, seq: $0.rcvNxt - 1) },
        CatalogEntry(segment: "RST in window") { Bench.peer($0, .rst, seq: $0.rcvNxt + 10) },
        CatalogEntry(segment: "RST outside window") { Bench.peer($0, .rst, seq: $0.rcvNxt - 1000) },
        CatalogEntry(segment: "RST,ACK of unsent") { Bench.peer($0, [.rst, .ack], ack: $0.sndNxt + 1) },
        CatalogEntry(segment: "RST with text") { Bench.peer($0, .rst, octets: 20) },
        CatalogEntry(segment: "SYN at RCV.NXT") { Bench.peer($0, .syn) },
        CatalogEntry(segment: "SYN in window") { Bench.peer($0, .syn, seq: $0.rcvNxt + 10) },
        CatalogEntry(segment: "SYN at IRS") { Bench.peer($0, .syn, seq: $0.initialReceiveNumber) },
        CatalogEntry(segment: "SYN above window") { Bench.peer($0, .syn, seq: $0.rcvNxt + 1_000_000) },
        CatalogEntry(segment: "SYN with data") { Bench.peer($0, .syn, octets: 50) },
        CatalogEntry(segment: "SYN,FIN") { Bench.peer($0, [.syn, .fin]) },
        CatalogEntry(segment: "SYN,ACK at IRS") { Bench.peer($0, [.syn, .ack], seq: $0.initialReceiveNumber) },
        CatalogEntry(segment: "SYN,ACK at RCV.NXT") { Bench.peer($0, [.syn, .ack]) },
        CatalogEntry(segment: "SYN,ACK of unsent") { Bench.peer($0, [.syn, .ack], ack: $0.sndNxt + 1) },
        CatalogEntry(segment: "SYN,FIN,ACK") { Bench.peer($0, [.syn, .fin, .ack]) },
        CatalogEntry(segment: "ACK") { Bench.peer($0, .ack) },
        CatalogEntry(segment: "ACK of SND.UNA") { Bench.peer($0, .ack, ack: $0.sndUna) },
        CatalogEntry(segment: "ACK, old") { Bench.peer($0, .ack, ack: $0.sndUna - 10) },
        CatalogEntry(segment: "ACK, too old") { Bench.peer($0, .ack, ack: $0.sndUna - 1_000_000) },
        CatalogEntry(segment: "ACK of unsent") { Bench.peer($0, .ack, ack: $0.sndNxt + 1) },
        CatalogEntry(segment: "ACK below window") { Bench.peer($0, .ack, seq: $0.rcvNxt - 1) },
        CatalogEntry(segment: "ACK above window") { Bench.peer($0, .ack, seq: $0.rcvNxt + 1_000_000) },
        CatalogEntry(segment: "data") { Bench.peer($0, [.psh, .ack], octets: 100) },
        CatalogEntry(segment: "data, no new ACK") { Bench.peer($0, [.psh, .ack], ack: $0.sndUna, octets: 100) },
        CatalogEntry(segment: "data beyond a hole") { Bench.peer($0, .ack, seq: $0.rcvNxt + 100, octets: 100) },
        CatalogEntry(segment: "data, old and new") { Bench.peer($0, .ack, seq: $0.rcvNxt - 50, octets: 100) },
        CatalogEntry(segment: "data, old") { Bench.peer($0, .ack, seq: $0.rcvNxt - 100, octets: 100) },
        CatalogEntry(segment: "data beyond window") { Bench.peer($0, .ack, seq: $0.rcvNxt + 65_000, octets: 1000) },
        CatalogEntry(segment: "data with URG") { Bench.peer($0, [.urg, .ack], octets: 100) },
        CatalogEntry(segment: "data, ACK bit off") { Bench.peer($0, .psh, octets: 100) },
        CatalogEntry(segment: "FIN,ACK") { Bench.peer($0, [.fin, .ack]) },
        CatalogEntry(segment: "FIN,ACK, no new ACK") { Bench.peer($0, [.fin, .ack], ack: $0.sndUna) },
        CatalogEntry(segment: "FIN,ACK with data") { Bench.peer($0, [.fin, .psh, .ack], octets: 100) },
        CatalogEntry(segment: "FIN,ACK beyond a hole") { Bench.peer($0, [.fin, .ack], seq: $0.rcvNxt + 100) },
        CatalogEntry(segment: "FIN,ACK repeated") { Bench.peer($0, [.fin, .ack], seq: $0.rcvNxt - 1) },
        CatalogEntry(segment: "FIN") { Bench.peer($0, .fin) },
        CatalogEntry(segment: "no control bits") { Bench.peer($0, []) },
        CatalogEntry(segment: "all control bits") { Bench.peer($0, ControlBits(rawValue: 0xFF)) },
        CatalogEntry(segment: "hostile length") { Bench.peer($0, .ack, seq: $0.rcvNxt - 5, octets: .max) },
    ]

    static let timeouts: [CatalogEntry] = [
        CatalogEntry("USER TIMEOUT") { _ in .userTimeout },
        CatalogEntry("RETRANSMISSION TIMEOUT") { _ in .retransmissionTimeout(retransmissions: 0) },
        CatalogEntry("RETRANSMISSION TIMEOUT at R1") {
            .retransmissionTimeout(retransmissions: $0.profile.retransmissionsUntilAdvice)
        },
        CatalogEntry("RETRANSMISSION TIMEOUT at R2") { _ in .retransmissionTimeout(retransmissions: 200) },
        CatalogEntry("TIME-WAIT TIMEOUT") { _ in .timeWaitTimeout },
        CatalogEntry("delayed ACK timeout") { _ in .delayedAcknowledgmentTimeout },
        CatalogEntry("keepalive timeout") { _ in .keepaliveTimeout },
        CatalogEntry("ICMP hard error") { _ in .icmpHardError },
        CatalogEntry("ICMP soft error") { _ in .icmpSoftError },
        CatalogEntry("FIN-WAIT-2 timeout") { _ in .finWait2Timeout },
        CatalogEntry("socket gone") { _ in .socketGone },
    ]
}

/// An outcome must be a walk along rules: each starts where the one before has ended, and without a rule the state
/// stays. Returns what is wrong, or nil.
func walkError(from before: Connection, to after: Connection, _ outcome: Outcome) -> String? {
    var state = before.state
    for rule in outcome.rules {
        if rule.from != state { return "\(rule.id) taken in \(state)" }
        state = rule.to
    }
    if state != after.state { return "the rules lead to \(state), the connection is in \(after.state)" }
    return nil
}
