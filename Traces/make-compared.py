#!/usr/bin/env python3
"""Makes the captures in Traces/compared: sixteen short stories that analyzers of TCP are asked about (Docs/compared.md).

    Traces/make-compared.py              writes them all
    Traces/make-compared.py --check      says which of the committed files differ from what would be written

Nobody's traffic and no kernel's: the segments are written here, as two hosts would send them, at a vantage point in the
middle between them. The same script writes the same octets. What two real kernels do is in the other folders of Traces.
"""

import argparse
import os
import struct
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compared")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
START = 1_780_000_000_000_000_000
MSS_OPTION = struct.pack("!BBH", 2, 4, 1460)


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) & 1)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Host:
    """One end: an address, a port, the numbers that it uses. `sent` and `taken` count octets from its ISN and the peer's."""

    def __init__(self, story, last, port, isn):
        self.address = bytes([192, 0, 2, last])
        self.ether = bytes([2, 0, 0, 0, story, last])
        self.port, self.isn = port, isn
        self.identification = 1000 * last
        self.sent = self.taken = 0


class Story:
    """Two hosts, A (the one that is expected to open) and B, and what passes between them."""

    def __init__(self, number, ports=(40000, 80)):
        self.a = Host(number, 1, ports[0] + number, 1_000_000 * number)
        self.b = Host(number, 2, ports[1], 3_000_000_000 + number)
        self.a.peer, self.b.peer = self.b, self.a
        self.time = START + number * 1_000_000_000_000
        self.packets = []

    def wait(self, milliseconds):
        self.time += round(milliseconds * 1_000_000)

    def emit(self, host, flags, seq, ack, payload=b"", window=64240):
        """A segment with these numbers, whatever the host has sent before."""
        options = MSS_OPTION if flags & SYN else b""
        peer = host.peer
        header = struct.pack(
            "!HHIIBBHHH", host.port, peer.port, seq % 2**32, ack % 2**32, (20 + len(options)) // 4 << 4, flags, window, 0, 0)
        tcp = bytearray(header + options + payload)
        pseudo = host.address + peer.address + struct.pack("!BBH", 0, 6, len(tcp))
        struct.pack_into("!H", tcp, 16, checksum(pseudo + bytes(tcp)))
        ip = bytearray(struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), host.identification, 0x4000, 60, 6, 0, host.address, peer.address))
        struct.pack_into("!H", ip, 10, checksum(bytes(ip)))
        host.identification += 1
        self.packets.append((self.time, peer.ether + host.ether + b"\x08\x00" + bytes(ip) + bytes(tcp)))
        self.wait(0.25)

    def say(self, host, flags, payload=0):
        """The next segment of a host that has taken all that it has `hear`d."""
        seq = host.isn + host.sent
        ack = host.peer.isn + host.taken if flags & ACK else 0
        self.emit(host, flags, seq, ack, bytes(97 + (host.sent + i) % 26 for i in range(payload)))
        host.sent += payload + bool(flags & SYN) + bool(flags & FIN)

    def hear(self, host):
        """All that the peer has sent arrives, half a round trip later."""
        self.wait(10)
        host.taken = host.peer.sent

    def handshake(self):
        self.say(self.a, SYN)
        self.hear(self.b)
        self.say(self.b, SYN | ACK)
        self.hear(self.a)
        self.say(self.a, ACK)
        self.hear(self.b)

    def exchange(self, request=120, response=300):
        """A request, and an answer that acknowledges it; the answer is acknowledged."""
        self.say(self.a, PSH | ACK, request)
        self.hear(self.b)
        self.say(self.b, PSH | ACK, response)
        self.hear(self.a)
        self.say(self.a, ACK)
        self.hear(self.b)

    def close(self, first, second):
        self.say(first, FIN | ACK)
        self.hear(second)
        self.say(second, ACK)
        self.wait(5)
        self.say(second, FIN | ACK)
        self.hear(first)
        self.say(first, ACK)

    def swap(self, left, right):
        """Two packets change places in the file and keep their stamps in order, as a capture of two queues has them."""
        (t1, f1), (t2, f2) = self.packets[left], self.packets[right]
        self.packets[left], self.packets[right] = (t1, f2), (t2, f1)

    def write(self):
        data = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
        for time, frame in self.packets:
            data += struct.pack("<IIII", time // 10**9, time % 10**9, len(frame), len(frame)) + frame
        return data


def open_and_close(s):
    s.handshake()
    s.exchange()
    s.close(s.a, s.b)


def refused(s):
    s.say(s.a, SYN)
    s.hear(s.b)
    s.emit(s.b, RST | ACK, 0, s.a.isn + 1, window=0)


def syn_unanswered(s):
    for pause in (1000, 2000, 0):
        s.emit(s.a, SYN, s.a.isn, 0)
        s.wait(pause)


def mid_stream(s):
    s.a.sent = s.b.taken = 70_000
    s.b.sent = s.a.taken = 900_000
    for _ in range(2):
        s.exchange()


def open_simultaneous(s):
    s.say(s.a, SYN)
    s.say(s.b, SYN)
    s.hear(s.a)
    s.b.taken = 1
    # Each answers the other's SYN, and sends its own number once more: SYN,ACK.
    s.emit(s.a, SYN | ACK, s.a.isn, s.b.isn + 1)
    s.emit(s.b, SYN | ACK, s.b.isn, s.a.isn + 1)
    s.wait(10)
    s.exchange()
    s.close(s.a, s.b)


def close_simultaneous(s):
    s.handshake()
    s.say(s.a, FIN | ACK)
    s.say(s.b, FIN | ACK)
    s.hear(s.a)
    s.b.taken = s.a.sent
    s.say(s.a, ACK)
    s.say(s.b, ACK)


def half_close(s):
    s.handshake()
    s.exchange()
    s.say(s.a, FIN | ACK)
    s.hear(s.b)
    s.say(s.b, ACK)
    for _ in range(5):
        s.wait(1000)
        s.say(s.b, PSH | ACK, 200)
        s.hear(s.a)
        s.say(s.a, ACK)


def time_wait_reuse(s):
    s.handshake()
    s.close(s.a, s.b)
    s.wait(1500)
    s.a.isn += 500_000
    s.b.isn += 700_000
    s.a.sent = s.a.taken = s.b.sent = s.b.taken = 0
    s.handshake()


def rst_outside_window(s):
    s.handshake()
    s.exchange()
    s.emit(s.a, RST | ACK, s.a.isn + s.a.sent + 4_000_000_000, s.b.isn + s.a.taken, window=0)
    s.wait(200)
    s.exchange()


def rst_at_rcv_nxt(s):
    s.handshake()
    s.exchange()
    s.emit(s.a, RST | ACK, s.a.isn + s.a.sent, s.b.isn + s.a.taken, window=0)


def rst_alone(s):
    s.emit(s.a, RST, s.a.isn, 0, window=0)


def syn_ack_first(s):
    s.handshake()
    del s.packets[0]
    s.exchange()


def syn_and_syn_ack_swapped(s):
    s.handshake()
    s.swap(0, 1)
    s.exchange()


def last_ack_missing(s):
    s.handshake()
    s.say(s.a, FIN | ACK)
    s.hear(s.b)
    s.say(s.b, ACK)
    s.wait(5)
    for pause in (200, 400, 0):
        s.emit(s.b, FIN | ACK, s.b.isn + s.b.sent, s.a.isn + s.b.taken)
        s.wait(pause)


def segment_not_captured(s):
    s.handshake()
    s.exchange()
    s.say(s.a, PSH | ACK, 120)
    s.hear(s.b)
    for _ in range(3):
        s.say(s.b, ACK, 1000)
    del s.packets[-2]
    s.hear(s.a)
    s.say(s.a, ACK)
    s.close(s.a, s.b)


def fin_before_data(s):
    s.handshake()
    s.exchange()
    s.say(s.a, PSH | ACK, 120)
    s.say(s.a, FIN | ACK)
    s.swap(-2, -1)
    s.hear(s.b)
    s.say(s.b, ACK)
    s.wait(5)
    s.say(s.b, FIN | ACK)
    s.hear(s.a)
    s.say(s.a, ACK)


# In the order of the table. The names are those of the files.
STORIES = [
    open_and_close, refused, syn_unanswered, mid_stream, open_simultaneous, close_simultaneous, half_close, time_wait_reuse,
    rst_outside_window, rst_at_rcv_nxt, rst_alone, syn_ack_first, syn_and_syn_ack_swapped, last_ack_missing,
    segment_not_captured, fin_before_data,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    os.makedirs(HERE, exist_ok=True)
    different = []
    for number, tell in enumerate(STORIES, 1):
        story = Story(number)
        tell(story)
        path = os.path.join(HERE, tell.__name__.replace("_", "-") + ".pcap")
        data = story.write()
        if not arguments.check:
            with open(path, "wb") as file:
                file.write(data)
        elif not os.path.exists(path) or open(path, "rb").read() != data:
            different.append(path)
    for path in different:
        print(f"make-compared: {path} is not what this script writes", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
