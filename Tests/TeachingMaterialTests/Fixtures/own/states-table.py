"""Exercise 4: the state machine as a dictionary."""

TRANSITIONS = {
    ("CLOSED", "passive_open"): "LISTEN",
    ("CLOSED", "active_open"): "SYN_SENT",
    ("LISTEN", "syn"): "SYN_RCVD",
    ("SYN_SENT", "syn_ack"): "ESTABLISHED",
    ("SYN_SENT", "syn"): "SYN_RCVD",
    ("SYN_RCVD", "ack"): "ESTABLISHED",
    ("ESTABLISHED", "close"): "FIN_WAIT_1",
    ("ESTABLISHED", "fin"): "CLOSE_WAIT",
    ("FIN_WAIT_1", "ack"): "FIN_WAIT_2",
    ("FIN_WAIT_1", "fin"): "CLOSING",
    ("FIN_WAIT_2", "fin"): "TIME_WAIT",
    ("CLOSE_WAIT", "fin"): "LAST_ACK",
    ("LAST_ACK", "ack"): "TIME_WAIT",
    ("CLOSING", "ack"): "TIME_WAIT",
    ("TIME_WAIT", "timeout"): "CLOSED",
}
