export const tcp = createMachine({
  id: "tcp",
  initial: "CLOSED",
  states: {
    CLOSED: { on: { CONNECT: "SYN_SENT", LISTEN: "LISTEN" } },
    SYN_SENT: {
      on: {
        RCV_SYN_ACK: { target: "ESTABLISHED", actions: "sendAck" },
        RCV_SYN: { target: "SYN_RCVD", actions: "sendAck" },
      },
    },
    ESTABLISHED: {
      on: {
        CLOSE: { target: "FIN_WAIT_1", actions: "sendFin" },
        RCV_FIN: { target: "FIN_WAIT_2", actions: "sendAck" },
      },
    },
    TIME_WAIT: { on: { TIMEOUT_2MSL: "CLOSED" } },
  },
});
