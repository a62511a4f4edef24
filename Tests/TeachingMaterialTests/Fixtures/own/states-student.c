#include <stdio.h>

#define CLOSED       0
#define LISTEN       1
#define SYN_SEND     2
#define SYN_RCVD     3
#define ESTABLISHED  4
#define FIN_WAIT_1   5
#define FIN_WAIT_2   6
#define FIN_WAIT_3   7
#define CLOSED_WAIT  8
#define CLOSING      9
#define LAST_ACK    10
#define TIMED_WAIT  11
