/* passive side */
listen:
  net ? SYN -> net ! SYNACK; goto SYN_RCVD;
SYN_RCVD:
  net ? ACK -> goto ESTABLISHED;
ESTABLISHED:
  net ? FIN -> net ! ACK; goto CLOSE_WAIT;
CLOSE_WAIT:
  net ! FIN; goto LAST_ACK;
LAST_ACK:
  net ? ACK -> goto TIME_WAIT;
