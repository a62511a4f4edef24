class Machine {
    State next(State s, Event e) {
        switch (s) {
            case LISTEN:
                if (e == Event.RCV_SYN) return State.SYN_RCVD;
                break;
            case SYN_RCVD:
                if (e == Event.RCV_ACK) return State.ESTABLISHED;
                if (e == Event.CLOSE) return State.CLOSED;
                break;
            case ESTABLISHED:
                if (e == Event.CLOSE) return State.FIN_WAIT_1;
                if (e == Event.RCV_FIN) return State.CLOSE_WAIT;
                break;
            case FIN_WAIT_1:
                if (e == Event.RCV_ACK) return State.FIN_WAIT_2;
                if (e == Event.RCV_FIN) return State.TIME_WAIT_2;
                break;
            case CLOSE_WAIT:
                if (e == Event.RCV_ACK) return State.LAST_ACK;
                break;
            default:
                return s;
        }
        return s;
    }
}
