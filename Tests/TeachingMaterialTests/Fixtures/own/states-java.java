package edu.example.tcp;

/** The states, for the exercise. */
public enum TcpState {
    CLOSED,
    LISTENNING,
    SYN_SENT,
    SYN_RECIEVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACT,
    TIME_WAIT
}
