package tcp

// State is a state of RFC 9293, section 3.3.2.
type State int

const (
	StateClosed State = iota
	StateListen
	StateSynSent
	StateSynReceived
	StateEstablished
	StateFinWait1
	StateFinWait2
	StateCloseWait
	StateClosing
	StateLastAck
	StateTimeWait
)

func init() {
	add(StateListen, "rcv SYN", StateSynReceived)
	add(StateCloseWait, "CLOSE", StateLastAck)
	add(StateFinWait2, "CLOSE", StateTimeWait)
}
