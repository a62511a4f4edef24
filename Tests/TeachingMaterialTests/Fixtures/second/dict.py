"""Transition table of the simulator."""
TRANSITIONS = {
    ("CLOSED", "active_open"): ("SYN_SENT", "SYN"),
    ("SYN_SENT", "rcv_synack"): ("ESTABLISHED", "ACK"),
    ("SYN_SENT", "rcv_syn"): ("ESTABLISHED", "ACK"),
    ("LISTEN", "rcv_syn"): ("SYN_RCVD", "SYN+ACK"),
    ("SYN_RCVD", "rcv_ack"): ("ESTABLISHED", None),
    ("ESTABLISHED", "rcv_fin"): ("LAST_ACK", "ACK"),
    ("ESTABLISHED", "close"): ("FIN_WAIT_1", "FIN"),
    ("FIN_WAIT_2", "rcv_ack"): ("TIME_WAIT", None),
    ("TIME_WAIT", "timeout"): ("CLOSED", None),
}
