var table = map[State]map[Event]State{
	Listen:      {RcvSyn: SynReceived},
	SynReceived: {RcvAck: Established, Close: FinWait1},
	Established: {Close: FinWait1, RcvFin: TimeWait},
	FinWait1:    {RcvAck: FinWait2, RcvFin: Closing},
	CloseWait:   {Close: Closing},
	LastAck:     {RcvAck: Closed},
}
