/*
 *      +---------+   CLOSE / snd FIN    +------------+
 *      |  ESTAB  | -------------------> | FIN-WAIT-1 |
 *      +---------+                      +------------+
 *           |                                 |
 *           | rcv FIN / snd ACK               | rcv ACK of FIN
 *           V                                 V
 *      +------------+                   +------------+
 *      | CLOSE-WAIT |                   | FIN-WAIT-2 |
 *      +------------+                   +------------+
 */

enum tcp_state {
	TCPS_CLOSED = 0,
	TCPS_LISTEN = 1,
	TCPS_SYN_SENT = 2,
	TCPS_SYN_RECEIVED = 3,
	TCPS_ESTABLISHED = 4,
	TCPS_CLOSE_WAIT = 5,
	TCPS_FIN_WAIT_1 = 6,
	TCPS_CLOSING = 7,
	TCPS_LAST_ACK = 8,
	TCPS_FIN_WAIT_2 = 9,
	TCPS_TIME_WAIT = 10,
};
