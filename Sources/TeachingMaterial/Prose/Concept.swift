/// What a word of prose stands for, in whatever language. Vocabularies (`Vocabulary/*.txt`) give the words of each.
enum Concept: String, CaseIterable, Hashable, Sendable {
    // Segments, and what else travels.
    case syn, synAck, ack, fin, finAck, rst, data, packet, connectionRequest, terminationRequest, response, request
    // What is done.
    case send, receive, acknowledge, wait, close, open, enter, leave, lose, crash, flow, deliver, use, serve, ignore
    case closeCall, acceptCall, retransmit, block, refuse, allow, forced, closeProperly
    // Who does it.
    case peer, local, application, system, client, server, activeCloser, passiveCloser, both, host, nobody, new
    // What it is done to.
    case port, socket, connection, stateWord
    case activeOpen, passiveOpen, activeClose, passiveClose, simultaneous
    // How words are joined.
    case from, to, of, by, and, comma, stop, pronoun
    case when, after, before, until, because, purpose, definite, heldWhen
    // What takes a claim back, or weakens it.
    case not, notYet, noLonger, without, can, cannot, will, hedge, simplified, implementation, quoted, only, may
    // Time.
    case twiceMSL, msl, timer, seconds, minutes, number, hours, instant, forever, period, segmentLength, roundTrip
    // How much.
    case all, any, half, completely, now, active, already, first, last, idle, vanish, still, possible
    // Single subjects.
    case anyAddress, otherProtocol, checksum, sequenceNumber, handshake, four, termination, opening, proof, memory
    case connectionRefused, firewall, serviceDown, beginning, down, remoteClosed, cleanUp, halfOpen, halfClosed
    case maximum, lifetime, command, quick, these, opensConnection, direct, through, ordinal, number11, kinds, role
    // How states are come to and left, and what is answered.
    case takes, reached, ends, answer, unacknowledged, whilst, oneMSL, either, observe, ongoing
    // Names.
    case portSubject, interface, bind, closingUp, opened, justNow, inside, always, clock, stay
    case state, finWait, connected, unknown, implementationState
    case frequent
}
