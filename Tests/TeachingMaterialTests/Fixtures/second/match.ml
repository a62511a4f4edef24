let next state event = match state, event with
  | Listen, Rcv_syn -> Syn_received
  | Syn_sent, Rcv_syn_ack -> Established
  | Syn_sent, Rcv_ack -> Established
  | Established, Rcv_fin -> Close_wait
  | Established, Close -> Fin_wait_1
  | Fin_wait_1, Rcv_ack -> Time_wait
  | Fin_wait_2, Rcv_fin -> Time_wait
  | Close_wait, Close -> Last_ack
  | s, _ -> s
