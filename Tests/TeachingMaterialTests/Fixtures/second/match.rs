fn next(state: State, event: Event) -> State {
    match (state, event) {
        (State::Closed, Event::ActiveOpen) => State::SynSent,
        (State::Listen, Event::RcvSyn) => State::SynReceived,
        (State::SynSent, Event::RcvSynAck) => State::Established,
        (State::SynSent, Event::RcvSyn) => State::Established,
        (State::Established, Event::Close) => State::FinWait1,
        (State::FinWait1, Event::RcvFin) => State::FinWait2,
        (State::FinWait1, Event::RcvAck) => State::FinWait2,
        (State::LastAck, Event::RcvFin) => State::Closed,
        (s, _) => s,
    }
}
