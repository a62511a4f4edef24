/* what a segment does to the connection */
static void arrives(struct conn *c, int flags)
{
    switch (c->state) {
    case LISTEN:
        if (flags == SYN) {
            send(c, SYN | ACK);
            c->state = SYN_RCVD;
        }
        break;
    case SYN_SENT:
        if (flags == (SYN | ACK)) {
            send(c, ACK);
            c->state = ESTABLISHED;
        } else if (flags == SYN) {
            send(c, SYN | ACK);
            c->state = SYN_RCVD;
        }
        break;
    case ESTABLISHED:
        if (flags & FIN) {
            send(c, ACK);
            c->state = LAST_ACK;
        }
        break;
    case FIN_WAIT_1:
        if (flags == ACK)
            c->state = FIN_WAIT_2;
        else if (flags & FIN) {
            send(c, ACK);
            c->state = CLOSING;
        }
        break;
    case FIN_WAIT_2:
        if (flags & FIN) {
            send(c, ACK);
            c->state = TIME_WAIT;
        }
        break;
    case LAST_ACK:
        if (flags == ACK)
            c->state = TIME_WAIT;
        break;
    }
}
