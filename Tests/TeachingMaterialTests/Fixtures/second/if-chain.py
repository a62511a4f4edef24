def on_segment(self, seg):
    if self.state == "LISTEN" and seg.syn:
        self.send("SYN+ACK")
        self.state = "SYN_RCVD"
    elif self.state == "SYN_RCVD" and seg.ack:
        self.state = "ESTABLISHED"
    elif self.state == "ESTABLISHED" and seg.fin:
        self.send("ACK")
        self.state = "CLOSE_WAIT"
    elif self.state == "FIN_WAIT_2" and seg.fin:
        self.send("ACK")
        self.state = "CLOSED"
    elif self.state == "LAST_ACK" and seg.ack:
        self.state = "CLOSED"
