// One edge a line; the tests read them from here.
//
// LISTEN => SYN_RECEIVED : rcv SYN / snd SYN,ACK
// SYN_SENT => SYN_RECEIVED : rcv SYN / snd SYN,ACK
// SYN_RECEIVED => SYN_SENT : rcv RST
// ESTABLISHED => FIN_WAIT_1 : CLOSE / snd FIN
// ESTABLISHED => FIN_WAIT_1 : ABORT / snd RST
// FIN_WAIT_1 => ESTABLISHED : timeout
// CLOSE_WAIT => CLOSED : rcv RST
// CLOSE_WAIT => CLOSED : CLOSE / snd FIN
// CLOSING => CLOSED : ABORT
// TIME_WAIT => TIME_WAIT : rcv FIN / snd ACK

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}
