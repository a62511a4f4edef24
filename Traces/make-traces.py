#!/usr/bin/env python3
"""Makes the captures in this folder: short TCP stories between two real kernels' sockets, with both ends' truth.

    sudo Traces/make-traces.py              every story again (about a minute and a half)
    sudo Traces/make-traces.py half-close   only these
    sudo Traces/make-traces.py --output DIR --random 1-100   stories that nobody wrote, to judge the inference by
    sudo Traces/make-traces.py --output DIR STORY   into another folder than this one
    Traces/make-traces.py --list            what there is
    Traces/make-traces.py --check           hold the committed truth against the committed captures (needs no root)

Three anonymous network namespaces: host A, host B, and a middle that carries Ethernet frames from one to the other with
a delay, loses some and forges some. netem is not in every kernel, so a process does it. The namespaces live as long as
the process that holds them; nothing outside of them is touched but a private tracefs instance, removed at the end.

Python's standard library and `ip`, `tcpdump`, `nft` are all it takes (for one story also `dumpcap`).
"""

import argparse
import bisect
import contextlib
import ctypes
import errno
import fcntl
import heapq
import ipaddress
import json
import multiprocessing
import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNET = 0x40000000
TOLERANCE = 0.002  # a state and the packet that goes with it are never further apart (kernel skew is below 0.2 ms)
POLL = 0.002

STATES = {
    "CLOSED": "CL", "LISTEN": "LI", "SYN-SENT": "SS", "SYN-RECEIVED": "SR", "ESTABLISHED": "ES", "FIN-WAIT-1": "F1",
    "FIN-WAIT-2": "F2", "CLOSING": "CG", "TIME-WAIT": "TW", "CLOSE-WAIT": "CW", "LAST-ACK": "LA",
}
KERNEL = {
    1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 6: "TIME_WAIT", 7: "CLOSE",
    8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "NEW_SYN_RECV",
}
RFC_NAME = {
    "ESTABLISHED": "ESTABLISHED", "SYN_SENT": "SYN-SENT", "SYN_RECV": "SYN-RECEIVED", "FIN_WAIT1": "FIN-WAIT-1",
    "FIN_WAIT2": "FIN-WAIT-2", "TIME_WAIT": "TIME-WAIT", "CLOSE": "CLOSED", "CLOSE_WAIT": "CLOSE-WAIT",
    "LAST_ACK": "LAST-ACK", "LISTEN": "LISTEN", "CLOSING": "CLOSING",
}

libc = ctypes.CDLL(None, use_errno=True)


def now():
    return time.time_ns() / 1e9


def stamp(seconds):
    return round(seconds, 6)


def fail(message):
    sys.exit(f"make-traces: {message}")


# --- Namespaces -------------------------------------------------------------------------------------------------------


def setns(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


HOME = os.open("/proc/self/ns/net", os.O_RDONLY)


def child_setup(priority=0):
    """A child dies with its parent, leaves Ctrl-C to it, and, if it keeps time, comes before the machine's other work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Some parents leave signals blocked in their children; tcpdump would never hear that it is to stop.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    libc.prctl(1, signal.SIGKILL)
    if priority:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))


class Namespace:
    """A network namespace without a name: a sleeping process holds it, and it goes when that process goes."""

    def __init__(self, parent=None):
        ready, ready_child = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            child_setup()
            if parent:
                setns(parent.fd)
            if libc.unshare(CLONE_NEWNET) != 0:
                os._exit(1)
            os.write(ready_child, b".")
            while True:
                signal.pause()
        os.close(ready_child)
        if os.read(ready, 1) != b".":
            fail("cannot make a network namespace; run as root")
        os.close(ready)
        self.fd = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        self.run("ip", "link", "set", "lo", "up")

    def __enter__(self):
        setns(self.fd)
        return self

    def __exit__(self, *_):
        setns(HOME)

    def popen(self, *command, **options):
        def enter():
            child_setup()
            setns(self.fd)

        return subprocess.Popen(command, preexec_fn=enter, **options)

    def run(self, *command):
        process = self.popen(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {output.strip()}")
        return output

    def sysctl(self, name, value):
        with self, open("/proc/sys/" + name.replace(".", "/"), "w") as file:
            file.write(str(value))

    def ethtool(self, interface, commands):
        with self, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            for command in commands:
                value = ctypes.create_string_buffer(struct.pack("II", command, 0))
                fcntl.ioctl(control, 0x8946, struct.pack("16sP", interface.encode(), ctypes.addressof(value)))

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


# --- Frames and files -------------------------------------------------------------------------------------------------


class Segment:
    """What the middle and the truth want to know of a TCP segment in an Ethernet frame."""

    __slots__ = ("src", "dst", "sport", "dport", "seq", "ack", "flags", "length", "id", "tsval")

    @property
    def key(self):
        """Equal for the same packet at another place, different for a retransmission."""
        return (self.src, self.sport, self.seq, self.ack, self.flags, self.length, self.id, self.tsval)

    @property
    def end(self):
        return (self.seq + self.length + ("S" in self.flags) + ("F" in self.flags)) & 0xFFFFFFFF

    def __str__(self):
        return f"{self.flags} seq={self.seq} ack={self.ack} len={self.length} {self.sport}>{self.dport}"


def innermost(ethertype, ip):
    """EtherType and Internet header of what is in tags and tunnels."""
    while True:
        if ethertype in (0x8100, 0x88A8):
            ethertype, ip = int.from_bytes(ip[2:4], "big"), ip[4:]
            continue
        if ethertype != 0x0800 or int.from_bytes(ip[6:8], "big") & 0x1FFF:
            return ethertype, ip
        protocol, carried = ip[9], ip[(ip[0] & 15) * 4:]
        if protocol in (4, 41):
            ethertype, ip = {4: 0x0800, 41: 0x86DD}[protocol], carried
        elif protocol == 47:
            optional = 4 * (carried[0] & 0xB0).bit_count()
            ethertype, ip = int.from_bytes(carried[2:4], "big"), carried[4 + optional:]
        elif protocol == 17 and carried[2:4] in (b"\x12\xb5", b"\x17\xc1"):  # VXLAN, Geneve
            options = 4 * (carried[8] & 0x3F) if carried[2:4] == b"\x17\xc1" else 0
            ethertype, ip = int.from_bytes(carried[28 + options:30 + options], "big"), carried[30 + options:]
        else:
            return ethertype, ip


def is_later_fragment(frame, linktype=1):
    """A fragment of IPv4 without the headers of what it is a part of."""
    return linktype == 1 and frame[12:14] == b"\x08\x00" and int.from_bytes(frame[20:22], "big") & 0x1FFF != 0


def parse(frame, linktype=1):
    if linktype == 1:
        ethertype, ip = int.from_bytes(frame[12:14], "big"), frame[14:]
    elif linktype == 276:  # LINUX_SLL2
        ethertype, ip = int.from_bytes(frame[0:2], "big"), frame[20:]
    else:
        return None
    ethertype, ip = innermost(ethertype, ip)
    if ethertype == 0x0800 and int.from_bytes(ip[6:8], "big") & 0x1FFF:
        return None
    segment = Segment()
    if ethertype == 0x0800 and ip[9] == 6:
        header = (ip[0] & 15) * 4
        total = int.from_bytes(ip[2:4], "big") or len(ip)
        segment.src, segment.dst = socket.inet_ntop(2, ip[12:16]), socket.inet_ntop(2, ip[16:20])
        segment.id = int.from_bytes(ip[4:6], "big")
    elif ethertype == 0x86DD and ip[6] == 6:
        header = 40
        total = 40 + int.from_bytes(ip[4:6], "big")
        segment.src, segment.dst = socket.inet_ntop(10, ip[8:24]), socket.inet_ntop(10, ip[24:40])
        segment.id = 0
    else:
        return None
    tcp = ip[header:]
    segment.sport, segment.dport, segment.seq, segment.ack, offset, bits = struct.unpack_from("!HHIIBB", tcp)
    offset = (offset >> 4) * 4
    segment.flags = "".join(letter for bit, letter in ((2, "S"), (16, "A"), (1, "F"), (4, "R")) if bits & bit)
    segment.length = total - header - offset
    segment.tsval, i = 0, 20
    while i < min(offset, len(tcp)) and tcp[i] != 0:
        if tcp[i] == 1:
            i += 1
            continue
        if tcp[i] == 8:
            segment.tsval = int.from_bytes(tcp[i + 2:i + 6], "big")
        i += max(tcp[i + 1], 2)
    return segment


def fragments(frame, mtu):
    """What a router makes of a frame that does not fit into its next link."""
    ethernet, ip = frame[:14], frame[14:]
    if ethernet[12:] != b"\x08\x00" or len(ip) <= mtu:
        return [frame]
    header = (ip[0] & 15) * 4
    size, result = (mtu - header) & ~7, []
    total = int.from_bytes(ip[2:4], "big")
    for start in range(header, total, size):
        more = 0x2000 if start + size < total else 0
        piece = ip[start:min(start + size, total)]
        head = ip[:2] + struct.pack("!H", header + len(piece)) + ip[4:6]
        head += struct.pack("!H", more | (start - header) // 8) + ip[8:10] + b"\0\0" + ip[12:header]
        result.append(ethernet + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + piece)
    return result


def is_icmp(frame):
    """An ICMP message in IPv4 on Ethernet."""
    return len(frame) > 23 and frame[12:14] == b"\x08\x00" and frame[23] == 1


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) & 1)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def forge(like, flags, seq, ack, ttl):
    """A segment in the place of `like`, a frame its sender did send: the same addresses and ports, no options."""
    ethernet, ip = like[:14], like[14:]
    v6 = ip[0] >> 4 == 6
    header = 40 if v6 else (ip[0] & 15) * 4
    bits = sum({"F": 1, "S": 2, "R": 4, "A": 16}[flag] for flag in flags)
    tcp = ip[header:header + 4] + struct.pack("!IIBBHHH", seq, ack, 0x50, bits, 0, 0, 0)
    addresses = ip[8:40] if v6 else ip[12:20]
    sum16 = checksum(addresses + struct.pack("!HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", sum16) + tcp[18:]
    if v6:
        return ethernet + ip[:4] + struct.pack("!HBB", len(tcp), 6, ttl) + addresses + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 4242, 0, ttl, 6, 0) + addresses
    return ethernet + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + tcp


def write_pcap_header(file, linktype=1):
    file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, linktype))


def write_pcap_record(file, ns, frame):
    file.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), len(frame)) + frame)


def read_pcap(path):
    """Link type and [(nanoseconds, frame)] of a nanosecond pcap file in this machine's byte order."""
    with open(path, "rb") as file:
        data = file.read()
    magic, _, _, _, _, _, linktype = struct.unpack_from("<IHHiIII", data)
    if magic != 0xA1B23C4D:
        fail(f"{path}: not a nanosecond pcap file")
    records, at = [], 24
    while at < len(data):
        seconds, ns, captured, _ = struct.unpack_from("<IIII", data, at)
        records.append((seconds * 10**9 + ns, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return linktype, records


def packet_socket(interface):
    """Takes and sends whole frames."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    raw.bind((interface, 3))
    raw.setsockopt(263, 8, 1)  # PACKET_AUXDATA
    return raw


def receive(raw):
    """A frame that has come in, or None. The kernel takes an outer VLAN tag off and hands it out beside the frame."""
    frame, more, _, (_, _, kind, _, _) = raw.recvmsg(65536, 256)
    if kind == socket.PACKET_OUTGOING:
        return None
    for level, what, data in more:
        if (level, what) == (263, 8):
            status, _, _, _, _, tag, protocol = struct.unpack_from("=IIIHHHH", data)
            if status & 0x10:  # TP_STATUS_VLAN_VALID
                return frame[:12] + struct.pack("!HH", protocol or 0x8100, tag) + frame[12:]
    return frame


# --- Tunnels ----------------------------------------------------------------------------------------------------------


UNDERLAY = {"A": "192.0.2.1", "B": "192.0.2.2"}
MAC = {"A": bytes.fromhex("02000000070a"), "B": bytes.fromhex("02000000070b")}


class Overlay:
    """A tunnel from host to host whose two ends are processes: the kernels at hand have a device for VXLAN only.

    `ethertype` is that of the frames on the wire; `head` is what stands between the addresses of the tunnel's ends and
    the packet (or, with `bridged`, the whole frame) inside, `protocol` how IPv4 announces it.
    """

    def __init__(self, protocol=None, head=b"", ethertype=0x0800, bridged=False):
        self.protocol, self.head, self.ethertype, self.bridged = protocol, head, ethertype, bridged

    def wrap(self, host, frame):
        inside = frame if self.bridged else frame[14:]
        peer = "B" if host == "A" else "A"
        ethernet = MAC[peer] + MAC[host] + struct.pack("!H", self.ethertype)
        if self.protocol is None:  # tags
            return ethernet + self.head + frame[12:]
        head = self.head
        if self.protocol == 17:
            head = struct.pack("!HHHH", 49321, int.from_bytes(head[:2], "big"), 6 + len(head) + len(inside), 0) + head[2:]
        addresses = socket.inet_aton(UNDERLAY[host]) + socket.inet_aton(UNDERLAY[peer])
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(head) + len(inside), 0, 0x4000, 64, self.protocol, 0) + addresses
        return ethernet + ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + head + inside

    def unwrap(self, host, frame):
        """The frame that the device of a host would hand to its kernel."""
        if self.protocol is None:
            return frame[:12] + frame[14 + len(self.head):]
        inside = frame[34 + len(self.head) + (6 if self.protocol == 17 else 0):]
        if self.bridged:
            return inside
        peer = "B" if host == "A" else "A"
        return MAC[host] + MAC[peer] + (b"\x08\x00" if inside[0] >> 4 == 4 else b"\x86\xdd") + inside


def tunnel_end(namespace, host, overlay):
    """Carries frames between `wire`, the far side of the host's own interface, and eth0."""
    child_setup(priority=20)
    setns(namespace.fd)
    inner, outer = packet_socket("wire"), packet_socket("eth0")
    while True:
        readable, _, _ = select.select([inner, outer], [], [])
        if inner in readable and (frame := receive(inner)) and parse(frame):
            outer.send(overlay.wrap(host, frame))
        if outer in readable and (frame := receive(outer)) and parse(frame):
            inner.send(overlay.unwrap(host, frame))


# --- The middle -------------------------------------------------------------------------------------------------------


LATE = 0.025  # seconds that a delayed segment is behind the others


def middle(pipe, namespace, delays, path, mtu):
    """Carries frames between `to-a` and `to-b`.

    A rule loses, doubles or delays segments ahead of the middle (`pre`) or behind it (`post`).
    """
    child_setup(priority=20)
    setns(namespace.fd)
    ends = {}
    for host, interface in (("A", "to-a"), ("B", "to-b")):
        ends[host] = packet_socket(interface)
    other = {"A": "B", "B": "A"}
    record, log, rules, queue, order = True, [], [], [], 0
    latest, highest, acked, fins, lag = {}, {}, {}, {}, 0.0
    file = open(path, "wb")
    write_pcap_header(file)

    def fate(host, segment, stage):
        for rule in rules:
            if rule["from"] != host or rule.get("stage", "pre") != stage or rule["count"] == 0:
                continue
            if "flags" in rule and rule["flags"] != segment.flags:
                continue
            if rule.get("data") and segment.length == 0:
                continue
            if rule.get("acks_fin") and (segment.ack != fins.get(other[host]) or "F" in segment.flags):
                continue
            if rule.get("skip", 0) > 0:
                rule["skip"] -= 1
                continue
            rule["count"] -= 1
            act = rule.get("act", "drop")
            log.append({"t": stamp(now()), "act": act, "stage": stage, "pkt": f"{host} {segment}"})
            return act
        return "pass"

    def push(due, stage, host, frame):
        nonlocal order
        order += 1
        heapq.heappush(queue, (due, order, stage, host, frame))

    while True:
        wait = max(0, queue[0][0] - time.monotonic()) if queue else 1
        readable, _, _ = select.select([*ends.values(), pipe], [], [], wait)
        for host, end in ends.items():
            if end not in readable:
                continue
            frame = receive(end)
            if frame is None:
                continue
            arrived = time.monotonic()
            segment = parse(frame)
            if segment:
                latest[host], acked[host] = frame, segment.ack
                highest[host] = segment.end
                if "F" in segment.flags:
                    fins[host] = segment.end
                act = fate(host, segment, "pre")
                if act == "twice":
                    push(arrived + delays[host] / 2 + 0.003, "middle", host, frame)
                elif act == "late":
                    arrived += LATE
                elif act == "drop":
                    continue
            for piece in fragments(frame, mtu):
                push(arrived + delays[host] / 2, "middle", host, piece)
        while queue and queue[0][0] <= time.monotonic():
            due, _, stage, host, frame = heapq.heappop(queue)
            lag = max(lag, time.monotonic() - due)
            segment = parse(frame)
            if stage == "middle":
                if record and (segment or is_later_fragment(frame) or is_icmp(frame)):
                    write_pcap_record(file, time.time_ns(), frame)
                push(due + delays[host] / 2, "out", host, frame)
                continue
            act = fate(host, segment, "post") if segment and stage == "out" else "pass"
            if act == "late":
                push(due + LATE, "out late", host, frame)
            elif act != "drop":
                ends[other[host]].send(frame)
                if act == "twice":
                    push(due + 0.004, "out late", host, frame)
        if pipe in readable:
            command, argument = pipe.recv()
            if command == "rule":
                rules.append(argument)
            elif command == "record":
                record = argument
            elif command == "inject":
                # As from the host opposite to `to`; numbers counted from what `to` expects next.
                target, source = argument["to"], other[argument["to"]]
                seq = (acked[target] + argument["offset"]) & 0xFFFFFFFF
                frame = forge(latest[source], argument["flags"], seq, 0, argument.get("ttl", 57))
                push(time.monotonic(), "middle", source, frame)
                log.append({
                    "t": stamp(now()), "act": "inject", "at": "midpoint", "to": target,
                    "seq_minus_target_rcv_nxt": argument["offset"], "pkt": f"{source} {parse(frame)}"})
            elif command == "stop":
                file.close()
                pipe.send((log, lag))
                return
            pipe.send(None)


# --- The kernels' own accounts ----------------------------------------------------------------------------------------


def address_of_proc(text):
    raw, port = text.split(":")
    packed = b"".join(bytes.fromhex(raw[i:i + 8])[::-1] for i in range(0, len(raw), 8))
    return str(ipaddress.ip_address(packed)), int(port, 16)


def poller(pipe, pids):
    """Reads both hosts' socket tables every 2 ms until told to stop; answers with all polls per host."""
    child_setup(priority=10)
    polls = {host: [] for host in pids}
    due = time.monotonic()
    while not pipe.poll():
        for host, pid in pids.items():
            t0 = now()
            tables = []
            for name in ("tcp", "tcp6"):
                with open(f"/proc/{pid}/net/{name}") as file:
                    tables.append(file.read())
            polls[host].append((t0, now(), tables))
        due = max(due + POLL, time.monotonic())
        time.sleep(max(0, due - time.monotonic()))
    pipe.recv()
    for host in pids:
        polls[host] = [(t0, t1, parse_tables(tables)) for t0, t1, tables in polls[host]]
    pipe.send(polls)


def parse_tables(tables):
    rows = {}
    for family, table in zip((4, 6), tables):
        for line in table.splitlines()[1:]:
            field = line.split()
            local, remote = address_of_proc(field[1]), address_of_proc(field[2])
            tx, rx = (int(x, 16) for x in field[4].split(":"))
            # A table may show a row twice; the last one is the newest (kernel-facts 2.2).
            rows[(local, remote)] = [
                family, *local, *remote, KERNEL[int(field[3], 16)], tx, rx, int(field[5][:2], 16), field[9] == "0"]
    return sorted(row for row in rows.values() if row[5] != "LISTEN")


class Tracer:
    """sock:inet_sock_set_state in a tracefs instance of our own, on the wall clock."""

    def __init__(self):
        root = next((r for r in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing") if os.path.isdir(r + "/instances")), None)
        if root is None:
            subprocess.run(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"], check=True)
            root = "/sys/kernel/tracing"
        self.path = f"{root}/instances/postel-{os.getpid()}"
        os.mkdir(self.path)
        self.write("trace_clock", "tai")
        self.write("events/sock/inet_sock_set_state/filter", "protocol == 6")
        self.offset = time.clock_gettime(time.CLOCK_TAI) - time.clock_gettime(time.CLOCK_REALTIME)
        self.offset = round(self.offset)

    def write(self, name, value):
        with open(f"{self.path}/{name}", "w") as file:
            file.write(value)

    def start(self):
        self.write("trace", "")
        self.write("events/sock/inet_sock_set_state/enable", "1")

    def stop(self):
        """[(time, softirq, skaddr, fields)]: the readable lines and, for the socket's address, the raw ones."""
        self.write("events/sock/inet_sock_set_state/enable", "0")
        texts = []
        for raw in "01":
            self.write("options/fields", raw)
            with open(f"{self.path}/trace") as file:
                texts.append([line for line in file if "inet_sock_set_state:" in line])
        self.write("options/fields", "0")
        for cpu in os.listdir(f"{self.path}/per_cpu"):
            with open(f"{self.path}/per_cpu/{cpu}/stats") as file:
                if "overrun: 0" not in file.read():
                    fail("the trace buffer overran")
        events = []
        for text, raw in zip(*texts):
            head, _, tail = text.partition(" inet_sock_set_state: ")
            fields = dict(item.split("=") for item in tail.split())
            flags, t = head.split()[-2:]
            pointer = raw.partition("skaddr=")[2].replace(",", " ").split()[0]
            events.append((float(t.rstrip(":")) - self.offset, flags[2] in "sSh", pointer, fields))
        return events

    def close(self):
        with contextlib.suppress(OSError):
            self.write("events/sock/inet_sock_set_state/enable", "0")
        with contextlib.suppress(OSError):
            os.rmdir(self.path)


# --- The stage: two hosts, a link, everything that records -------------------------------------------------------------


class Sock:
    """A socket that writes down what its program calls."""

    def __init__(self, stage, host, label, raw):
        self.stage, self.host, self.label, self.raw = stage, host, label, raw

    def log(self, call, **more):
        self.stage.calls.append({"t": stamp(now()), "host": self.host, "call": call, "sk": self.label, **more})

    def send(self, n):
        self.log("send", n=n)
        self.raw.sendall(bytes(ord("a") + i % 26 for i in range(n)))

    def recv(self, n=1):
        """Reads n octets; less only at the end of the stream or on an error, whose name is the result."""
        got = 0
        try:
            while got < n:
                data = self.raw.recv(n - got)
                if not data:
                    break
                got += len(data)
            result = "ok" if got == n else "EOF"
        except OSError as error:
            result = errno.errorcode.get(error.errno, "timeout")
        self.log("recv", n=got, r=result)
        return result

    def shutdown(self):
        self.log("shutdown", how="WR")
        self.raw.shutdown(socket.SHUT_WR)

    def close(self):
        self.log("close")
        self.raw.close()

    def abort(self):
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.log("close", linger=0)
        self.raw.close()

    def option(self, name, value):
        self.raw.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class Stage:
    def __init__(self, tracer, number, story, scratch):
        self.story, self.tracer, self.scratch = story, tracer, scratch
        self.calls, self.faults, self.sysctls, self.open, self.captures = [], [], {}, [], {}
        self.counter = {}
        self.family = socket.AF_INET6 if story.v6 else socket.AF_INET
        net = f"2001:db8:793:{number:x}::" if story.v6 else f"10.79.{number}."
        self.address = {"A": net + "1", "B": net + "2"}
        self.delays = {"A": story.delays[0], "B": story.delays[1]}
        self.namespaces, self.middle, self.poller, self.tunnel_ends = {}, None, None, []

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.tear_down()
            raise
        return self

    def __exit__(self, *_):
        self.tear_down()

    def set_up(self):
        r = self.namespaces["R"] = Namespace()
        # A small socket hash makes a poll cheap: 0.1 ms where the shared hash of the machine takes 5 (kernel-facts 2.1).
        r.sysctl("net.ipv4.tcp_child_ehash_entries", 64)
        for host in "AB":
            self.namespaces[host] = Namespace(parent=r)
        if self.story.loopback:
            self.namespaces.pop("B").close()
            self.namespaces["B"] = self.namespaces["A"]
            for host in "AB":
                self.namespaces[host].run("ip", "addr", "add", self.address[host] + "/32", "dev", "lo")
        else:
            self.link(r, *(self.namespaces[host] for host in "AB"))
        for host, name, value in self.story.sysctls:
            self.namespaces[host].sysctl(name, value)
            self.sysctls[f"{host}:{name}"] = value
        time.sleep(0.05)  # the carrier comes up
        self.record(r)

    def link(self, r, a, b):
        if self.story.direct:
            a.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", f"{b.pid}")
        else:
            for host, end in (("A", "to-a"), ("B", "to-b")):
                r.run("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", f"{self.namespaces[host].pid}")
                self.quiet(r, end)
                r.run("ip", "link", "set", end, "up")
        mac = {"A": "02:00:00:00:07:0a", "B": "02:00:00:00:07:0b"}
        for host, peer in (("A", "B"), ("B", "A")):
            n = self.namespaces[host]
            self.quiet(n, "eth0")
            n.run("ip", "link", "set", "eth0", "address", mac[host], "up")
            device = self.overlay(n, host, peer, mac) if self.story.overlay else "eth0"
            suffix = ["/64", "nodad"] if self.story.v6 else ["/24"]
            n.run("ip", "addr", "add", self.address[host] + suffix[0], "dev", device, *suffix[1:])
            n.run("ip", "neigh", "replace", self.address[peer], "lladdr", mac[peer], "dev", device, "nud", "permanent")
            if self.story.device_mtu:
                # The tunnel does not tell TCP of it.
                n.run("ip", "route", "change", f"{self.address['A'][:-1]}0/24", "dev", device, "mtu", "lock", "1400")
                n.run("ip", "link", "set", "eth0", "mtu", str(self.story.device_mtu))

    def overlay(self, n, host, peer, mac):
        """The device that the host's connections use, and what is behind it."""
        if self.story.overlay == "vxlan":  # the kernel's own
            n.run("ip", "addr", "add", UNDERLAY[host] + "/24", "dev", "eth0")
            n.run("ip", "neigh", "replace", UNDERLAY[peer], "lladdr", mac[peer], "dev", "eth0", "nud", "permanent")
            n.run("ip", "link", "add", "tun0", "type", "vxlan", "id", "5001", "local", UNDERLAY[host], "remote", UNDERLAY[peer],
                  "dstport", "4789")
        else:
            n.run("ip", "link", "add", "tun0", "type", "veth", "peer", "name", "wire")
            self.quiet(n, "wire")
            n.run("ip", "link", "set", "wire", "up")
        self.quiet(n, "tun0")
        n.run("ip", "link", "set", "tun0", "address", mac[host], "mtu", "1400", "up")
        if self.story.overlay != "vxlan":
            process = multiprocessing.Process(target=tunnel_end, args=(n, host, self.story.overlay), daemon=True)
            process.start()
            self.tunnel_ends.append(process)
        return "tun0"

    def record(self, r):
        self.started = now()
        if not self.story.direct:
            self.pipe, child = multiprocessing.Pipe()
            self.middle = multiprocessing.Process(
                target=middle, args=(child, r, self.delays, f"{self.scratch}/R.pcap", self.story.mtu),
                daemon=True)
            self.middle.start()
            self.ask("record", not self.story.late)
        self.poll_pipe, child = multiprocessing.Pipe()
        pids = {host: self.namespaces[host].pid for host in "AB"}
        self.poller = multiprocessing.Process(target=poller, args=(child, pids), daemon=True)
        self.poller.start()
        self.tracer.start()
        if not self.story.late:
            self.capture()
        time.sleep(0.02)

    def quiet(self, namespace, interface):
        """No router solicitations, no multicast reports; without a direct wire, no offloads: what one sees is what went."""
        namespace.run("ip", "link", "set", interface, "addrgenmode", "none", "multicast", "off")
        if not self.story.direct:
            # rx-checksum, tx-checksum, scatter-gather, TSO, GSO, GRO
            namespace.ethtool(interface, (0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C))

    def capture(self):
        for name, host, interface, more in self.story.captures:
            path = f"{self.scratch}/{name}"
            if name.endswith(".pcapng"):
                command = ["dumpcap", "-q", "-n", "-i", interface, "-f", "tcp", "-w", path]
                ready = b"Capturing on"
            else:
                command = [
                    "tcpdump", "-i", interface, "--immediate-mode", "--time-stamp-precision=nano", "-U", "-n", "-Z", "root",
                    "-w", path, *more, "" if self.story.overlay else "tcp or icmp"]
                ready = b"listening on"
            process = self.namespaces[host].popen(*command, stderr=subprocess.PIPE)
            self.captures[name] = process
            seen = b""
            while ready not in seen:
                line = process.stderr.readline()
                if not line:
                    raise RuntimeError(f"{command[0]}: {seen.decode()}")
                seen += line
            if command[0] == "dumpcap":
                time.sleep(0.3)  # it announces the capture before it has opened the interface
        if self.middle:
            self.ask("record", True)
        self.capture_started = now()

    def finish(self):
        """Stops all recorders; returns the trace's events, both hosts' polls, the middle's greatest lag."""
        time.sleep(0.06)
        self.ended = now()
        for name, process in self.captures.items():
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
            if b"\n0 packets dropped by kernel" not in b"\n" + errors and not name.endswith(".pcapng"):
                fail(f"{self.story.name}: {name} is not complete: {errors.decode()}")
        lag = 0
        if self.middle:
            self.pipe.send(("stop", None))
            log, lag = self.pipe.recv()
            self.faults += log
        self.poll_pipe.send("stop")
        polls = self.poll_pipe.recv()
        return self.tracer.stop(), polls, lag

    def tear_down(self):
        for raw in self.open:
            raw.close()
        for process in self.captures.values():
            process.kill()
        for process in (self.middle, self.poller, *self.tunnel_ends):
            if process:
                process.kill()
                process.join()
        for namespace in set(self.namespaces.values()):
            namespace.close()

    # What a story says.

    def ask(self, command, argument):
        self.pipe.send((command, argument))
        self.pipe.recv()

    def lose(self, sender, count=1, **rule):
        self.ask("rule", {"from": sender, "count": count, **rule})

    def inject(self, to, flags, offset):
        self.ask("inject", {"to": to, "flags": flags, "offset": offset})

    def firewall(self, host, *rule):
        """One nftables rule at the input of a host; returns what takes it away again."""
        namespace = self.namespaces[host]
        namespace.run("nft", "add", "table", "inet", "postel")
        namespace.run("nft", "add", "chain", "inet", "postel", "input", "{ type filter hook input priority 0 ; }")
        namespace.run("nft", "add", "rule", "inet", "postel", "input", *rule)
        self.faults.append({"t": stamp(now()), "act": "nft-on", "host": host, "rule": " ".join(rule)})

        def off():
            namespace.run("nft", "delete", "table", "inet", "postel")
            self.faults.append({"t": stamp(now()), "act": "nft-off", "host": host})

        return off

    def label(self, letter):
        self.counter[letter] = self.counter.get(letter, -1) + 1
        return f"{letter}{self.counter[letter]}"

    def socket(self, host):
        with self.namespaces[host]:
            raw = socket.socket(self.family, socket.SOCK_STREAM)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.settimeout(20)
        self.open.append(raw)
        return raw

    def listen(self, host, port):
        raw = self.socket(host)
        raw.bind((self.address[host], port))
        raw.listen(5)
        sock = Sock(self, host, self.label("l"), raw)
        sock.log("listen", port=port)
        return sock

    def begin(self, host, port, local=0, **options):
        """connect() without waiting for its result."""
        raw = self.socket(host)
        for name, value in options.items():
            # Python knows not all of them: TCP_FASTOPEN_CONNECT is 30 on Linux.
            raw.setsockopt(socket.IPPROTO_TCP, 30 if name == "TCP_FASTOPEN_CONNECT" else getattr(socket, name), value)
        raw.bind((self.address[host], local))
        raw.setblocking(False)
        sock = Sock(self, host, self.label("c"), raw)
        t = now()
        result = raw.connect_ex((self.address["B" if host == "A" else "A"], port))
        sock.log("connect", r=errno.errorcode.get(result, "OK"), port=raw.getsockname()[1])
        self.calls[-1]["t"] = stamp(t)
        return sock

    def result(self, sock):
        select.select([], [sock.raw], [], 20)
        error = sock.raw.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        sock.log("connect-result", r=errno.errorcode.get(error, "OK"))
        sock.raw.settimeout(20)
        return error

    def accept(self, listener):
        raw, peer = listener.raw.accept()
        raw.settimeout(20)
        self.open.append(raw)
        sock = Sock(self, listener.host, self.label("s"), raw)
        sock.log("accept", peer=peer[1])
        return sock

    def connect(self, listener, client="A", local=0):
        """A connection, opened by `client`: its socket and the one accepted."""
        c = self.begin(client, listener.raw.getsockname()[1], local)
        if self.result(c):
            fail(f"{self.story.name}: the connection did not come about")
        return c, self.accept(listener)

    def exchange(self, c, s, request=120, response=680):
        c.send(request)
        s.recv(request)
        s.send(response)
        c.recv(response)

    def sleep(self, seconds):
        time.sleep(seconds)


# --- The stories ------------------------------------------------------------------------------------------------------


class Story:
    def __init__(self, tell, name, what, v6=False, delays=(0.012, 0.009), direct=False, loopback=False, late=False, sysctls=(),
                 captures=(), snaplen=None, overlay=None, mtu=65535, device_mtu=None):
        self.tell, self.name, self.what, self.v6 = tell, name, what, v6
        self.direct, self.loopback = direct or loopback, loopback
        self.delays = (0, 0) if self.direct else delays
        self.late, self.sysctls, self.snaplen = late, sysctls, snaplen
        self.overlay, self.mtu, self.device_mtu = overlay, mtu, device_mtu
        more, interface = ["-s", str(snaplen)] if snaplen else [], "lo" if loopback else "eth0"
        self.captures = [("A.pcap", "A", interface, more), ("B.pcap", "B", interface, more), *captures]


STORIES = []


def story(name, what, **options):
    def register(tell):
        STORIES.append(Story(tell, name, what, **options))
        return tell

    return register


def close_by(stage, first, request=120, response=680):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s, request, response)
    one, two = (c, s) if first == "A" else (s, c)
    one.close()
    two.recv()
    stage.sleep(0.08)  # longer than a delayed ACK: the FIN has its own
    two.close()
    stage.sleep(0.08)


@story("close-by-initiator", "a request, a response, the initiator closes, the responder 80 ms later")
def _(stage):
    close_by(stage, "A")


@story("close-by-responder", "a request, a response, the responder closes, the initiator 80 ms later")
def _(stage):
    close_by(stage, "B")


@story("close-in-three", "the responder closes at once on the FIN: its ACK and its own FIN are one segment")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.05)
    c.close()
    s.recv()
    s.close()
    stage.sleep(0.08)


@story("close-simultaneous", "both ends close within the delay: the FINs cross, neither acknowledges the other")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.close()
    s.close()
    stage.sleep(0.1)


@story("open-simultaneous", "both ends bind and connect to each other within the delay: the SYNs cross, nobody listens")
def _(stage):
    a = stage.begin("A", 7002, local=7001)
    b = stage.begin("B", 7001, local=7002)
    stage.result(a)
    stage.result(b)
    stage.sleep(0.06)
    stage.exchange(a, b, 200, 300)
    stage.sleep(0.03)
    a.close()
    b.recv()
    stage.sleep(0.03)
    b.close()
    stage.sleep(0.08)


@story("half-close", "the initiator shuts down its sending side, the responder goes on sending for 120 ms, then closes")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    c.send(300)
    c.shutdown()
    s.recv(301)
    for _ in range(4):
        s.send(900)
        c.recv(900)
        stage.sleep(0.03)
    s.close()
    c.recv()
    c.close()
    stage.sleep(0.08)


@story("close-wait", "the initiator closes, the responder never does: CLOSE-WAIT and FIN-WAIT-2 when the captures end")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.6)


@story("connection-refused", "no listener on the port: a RST answers the SYN")
def _(stage):
    c = stage.begin("A", 8081)
    stage.result(c)
    c.close()
    stage.sleep(0.05)


@story("connect-timeout", "a firewall on the responder's host drops every SYN silently: three SYNs, then connect() gives up",
       sysctls=(("A", "net.ipv4.tcp_syn_linear_timeouts", 0),))
def _(stage):
    stage.listen("B", 8080)
    stage.firewall("B", "tcp", "dport", "8080", "drop")
    c = stage.begin("A", 8080, TCP_SYNCNT=2)
    stage.result(c)
    c.close()
    stage.sleep(0.05)


@story("connect-abandoned", "two SYNs without an answer, then the program closes the socket: nothing on the wire says so")
def _(stage):
    stage.listen("B", 8080)
    stage.lose("A", count=9, flags="S", stage="post")
    c = stage.begin("A", 8080)
    stage.sleep(1.4)
    c.close()
    stage.sleep(0.3)


@story("abortive-close", "the initiator closes with SO_LINGER 0: a RST in ESTABLISHED")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.abort()
    s.recv()
    s.close()
    stage.sleep(0.05)


@story("close-unread-data", "the responder closes with data unread: the kernel sends a RST in place of a FIN")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    c.send(500)
    stage.sleep(0.08)
    s.close()
    c.recv()
    c.close()
    stage.sleep(0.05)


@story("close-in-syn-sent", "the program closes its socket before the SYN,ACK comes: a RST answers that, the responder gives up")
def _(stage):
    stage.listen("B", 8080)
    c = stage.begin("A", 8080)
    stage.sleep(0.005)
    c.close()
    stage.sleep(0.1)


@story("abort-in-fin-wait-2", "the initiator shuts down its sending side, then aborts: a RST in CLOSE-WAIT")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.shutdown()
    s.recv()
    stage.sleep(0.1)
    c.abort()
    stage.sleep(0.06)
    s.close()


@story("data-after-close", "the initiator closes, the responder sends data after it: nobody is there to read it, a RST says so")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.close()
    s.recv()
    stage.sleep(0.1)
    s.send(400)
    stage.sleep(0.06)
    s.close()
    stage.sleep(0.03)


@story("rst-in-time-wait", "a forged RST ends TIME-WAIT at once (RFC 1337; tcp_rfc1337=0)")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.08)
    s.close()
    stage.sleep(0.1)
    stage.inject("A", "R", 0)
    stage.sleep(0.06)


@story("time-wait-reuse", "the initiator, in TIME-WAIT, opens the same four numbers again (tcp_tw_reuse=1)",
       sysctls=(("A", "net.ipv4.tcp_tw_reuse", 1),))
def _(stage):
    listener = stage.listen("B", 8080)
    for turn in range(2):
        c, s = stage.connect(listener, local=43210)
        stage.exchange(c, s)
        stage.sleep(0.03)
        c.close()
        s.recv()
        stage.sleep(0.03)
        s.close()
        stage.sleep(1.4 if turn == 0 else 0.08)


@story("time-wait-peer-syn", "the responder, in TIME-WAIT, takes a new SYN of the same four numbers")
def _(stage):
    listener = stage.listen("B", 8080)
    for turn in range(2):
        c, s = stage.connect(listener, local=43210)
        stage.exchange(c, s)
        stage.sleep(0.03)
        s.close()
        c.recv()
        stage.sleep(0.03)
        c.close()
        stage.sleep(0.3 if turn == 0 else 0.08)


@story("last-ack-lost", "the ACK of the second FIN is lost: the FIN comes again and meets TIME-WAIT")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.lose("A", acks_fin=True)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.5)


@story("syn-lost", "the first SYN is lost ahead of the middle: a second one a second later")
def _(stage):
    listener = stage.listen("B", 8080)
    stage.lose("A", flags="S")
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("syn-ack-lost", "the first SYN,ACK is lost behind the middle: the SYN comes again, so does the SYN,ACK")
def _(stage):
    listener = stage.listen("B", 8080)
    stage.lose("B", flags="SA", stage="post")
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("fin-retransmitted", "the initiator's FIN is lost behind the middle and comes again")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.lose("A", flags="AF", stage="post")
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.1)


@story("data-lost", "one segment of the response is lost: duplicate ACKs with SACK, a retransmission, a normal close")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.lose("B", data=True, skip=1)
    c.send(90)
    s.recv(90)
    s.send(8000)
    c.recv(8000)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("mid-stream", "the captures start when the connection is long established", late=True)
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.1)
    stage.capture()
    stage.exchange(c, s, 150, 400)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("ipv6", "over IPv6: a request, a response, the initiator closes first", v6=True)
def _(stage):
    close_by(stage, "A")


@story("ipv6-close-simultaneous", "over IPv6: data and FINs of both ends cross", v6=True)
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.send(70)
    c.shutdown()
    s.send(90)
    s.shutdown()
    c.recv(91)
    s.recv(71)
    c.close()
    s.close()
    stage.sleep(0.08)


@story("any", "the initiator's host also captured with `-i any` (LINUX_SLL2) and as pcapng",
       captures=(("any.pcap", "A", "any", ["-y", "LINUX_SLL2"]), ("A.pcapng", "A", "eth0", [])))
def _(stage):
    close_by(stage, "B")


@story("forwarder", "the middle captured with `-i any`: every segment comes in by one interface and goes out by the other",
       delays=(0.0004, 0.0004), captures=(("any.pcap", "R", "any", ["-y", "LINUX_SLL2"]),))
def _(stage):
    listener = stage.listen("B", 8080)
    c = stage.begin("A", 8080)
    stage.result(c)
    s = stage.accept(listener)
    stage.sleep(0.02)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.06)


@story("loopback", "both ends on one host, captured on its loopback interface", loopback=True)
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.sleep(0.02)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.05)


@story("bulk-offload", "veth to veth with all offloads, 400 kB: segments larger than the MTU, cut at 96 octets", direct=True,
       snaplen=96)
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.sleep(0.02)
    pid = os.fork()
    if pid == 0:
        s.raw.sendall(bytes(400_000))
        os._exit(0)
    stage.sleep(0.01)
    c.recv(400_000)
    os.waitpid(pid, 0)
    stage.sleep(0.02)
    s.close()
    c.recv()
    stage.sleep(0.03)
    c.close()
    stage.sleep(0.05)


@story("challenge-ack", "a forged RST in the responder's window but not at RCV.NXT: a challenge ACK, and life goes on")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.inject("B", "R", 100)
    stage.sleep(0.1)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("rst-out-of-window", "forged RSTs below and beyond the responder's window: ignored without a word")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.inject("B", "R", -3000)
    stage.sleep(0.06)
    stage.inject("B", "R", 20_000_000)
    stage.sleep(0.06)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("forged-rst", "a forged RST at RCV.NXT closes the responder; the initiator learns of it when it sends again")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.inject("B", "R", 0)
    stage.sleep(0.1)
    s.recv()
    s.close()
    c.send(60)
    c.recv()
    c.close()
    stage.sleep(0.05)


@story("forged-syn", "a forged SYN in ESTABLISHED: a challenge ACK")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.inject("B", "S", 40)
    stage.sleep(0.1)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("syn-ack-not-taken", "the initiator's firewall drops the SYN,ACK for 1.5 s: it is on the wire, the kernel never sees it")
def _(stage):
    listener = stage.listen("B", 8080)
    off = stage.firewall("A", "tcp", "flags", "&", "(syn|ack)", "==", "syn|ack", "drop")
    c = stage.begin("A", 8080)
    stage.sleep(1.5)
    off()
    stage.result(c)
    s = stage.accept(listener)
    stage.exchange(c, s)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("fin-not-taken", "the responder's firewall drops the FIN for half a second: captured on its host, not taken by its TCP")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    off = stage.firewall("B", "tcp", "flags", "&", "fin", "==", "fin", "drop")
    c.close()
    stage.sleep(0.5)
    off()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.1)


@story("keepalive", "two seconds of silence with keepalive probes, all answered, then a normal close")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    c.raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.option("TCP_KEEPIDLE", 1)
    c.option("TCP_KEEPINTVL", 1)
    stage.exchange(c, s)
    stage.sleep(2.4)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("keepalive-timeout", "the path to the initiator goes dead: two keepalive probes without an answer, then a RST")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    c.raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.option("TCP_KEEPIDLE", 1)
    c.option("TCP_KEEPINTVL", 1)
    c.option("TCP_KEEPCNT", 2)
    stage.exchange(c, s)
    stage.lose("B", count=99, stage="post")
    c.recv()
    c.close()
    stage.sleep(0.06)
    s.recv()


@story("half-open", "the responder aborts and its RST is lost; the initiator sends into the void and is told by a second RST")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.lose("B", flags="AR")
    s.abort()
    stage.sleep(0.15)
    c.send(60)
    c.recv()
    c.close()
    stage.sleep(0.05)


@story("fin-wait-2-timeout", "the initiator closes, the responder does not: FIN-WAIT-2 ends by its timer, the late FIN gets a RST",
       sysctls=(("A", "net.ipv4.tcp_fin_timeout", 1),))
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.03)
    c.close()
    s.recv()
    stage.sleep(1.8)
    s.close()
    stage.sleep(0.08)


@story("vxlan", "through the kernel's VXLAN, identifier 5001, port 4789", overlay="vxlan")
def _(stage):
    close_by(stage, "A")


@story("geneve", "through Geneve, identifier 10, with an option", overlay=Overlay(
    17, bytes.fromhex("17c1 0200 6558 00000a00 0102 80 01 00000000".replace(" ", "")), bridged=True))
def _(stage):
    close_by(stage, "B")


@story("gre-key", "through GRE with key 7", overlay=Overlay(47, bytes.fromhex("2000080000000007")))
def _(stage):
    close_by(stage, "A")


@story("ipip", "through IP in IP: both ends close at once", overlay=Overlay(4))
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.close()
    s.close()
    stage.sleep(0.08)


@story("6in4", "IPv6 through IPv4", v6=True, overlay=Overlay(41))
def _(stage):
    close_by(stage, "A")


@story("qinq", "under two VLAN tags, 100 (802.1ad) and 5 (802.1Q)", overlay=Overlay(
    head=bytes.fromhex("006481000005"), ethertype=0x88A8))
def _(stage):
    close_by(stage, "B")


@story("fragments", "a router cuts what is longer than 576 octets (path MTU discovery is off)", mtu=576,
       sysctls=(("A", "net.ipv4.ip_no_pmtu_disc", 1), ("B", "net.ipv4.ip_no_pmtu_disc", 1)))
def _(stage):
    close_by(stage, "A", 1200, 2400)


@story("vxlan-fragments", "the kernel's VXLAN over a link of 600 octets: the packets around the tunnel are cut", overlay="vxlan",
       device_mtu=600)
def _(stage):
    close_by(stage, "A", 1200, 2400)


@story("data-reordered", "one segment of the response is held up for some milliseconds ahead of the middle and overtaken")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.lose("B", data=True, skip=1, act="late")
    s.send(5000)
    c.recv(5000)
    stage.sleep(0.06)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("data-ack-lost", "the ACK of the request is lost behind the middle: the request comes again, and D-SACK says so")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    stage.lose("B", flags="A", stage="post")
    c.send(300)
    s.recv(300)
    stage.sleep(0.5)
    s.send(500)
    c.recv(500)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("zero-window", "the responder does not read for a second: its window closes, the initiator probes it, it opens")
def _(stage):
    listener = stage.listen("B", 8080)
    listener.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c, s = stage.connect(listener)
    c.raw.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        c.raw.send(bytes(9000))
    stage.sleep(1.0)
    c.raw.settimeout(20)
    s.recv(9000)
    stage.sleep(0.1)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("host-unreachable", "a firewall on the responder's host answers the SYN by ICMP host unreachable: connect() fails at once")
def _(stage):
    stage.listen("B", 8080)
    off = stage.firewall("B", "tcp", "dport", "8080", "reject", "with", "icmp", "type", "host-unreachable")
    c = stage.begin("A", 8080)
    stage.result(c)
    c.close()
    off()
    stage.sleep(0.05)


@story("close-wait-lingering", "the initiator shuts down its sending side, the responder closes 62 s later")
def _(stage):
    listener = stage.listen("B", 8080)
    c, s = stage.connect(listener)
    stage.exchange(c, s)
    stage.sleep(0.06)
    c.shutdown()
    s.recv()
    stage.sleep(62)
    s.close()
    c.recv()
    c.close()
    stage.sleep(0.08)


@story("fast-open", "the request comes with the SYN (TCP_FASTOPEN without a cookie), and the response at once",
       sysctls=(("A", "net.ipv4.tcp_fastopen", 0x5), ("B", "net.ipv4.tcp_fastopen", 0x602)))
def _(stage):
    listener = stage.listen("B", 8080)
    c = stage.begin("A", 8080, TCP_FASTOPEN_CONNECT=1)
    c.raw.setblocking(True)
    c.send(120)
    s = stage.accept(listener)
    s.recv(120)
    s.send(680)
    c.recv(680)
    stage.sleep(0.06)
    c.close()
    s.recv()
    stage.sleep(0.03)
    s.close()
    stage.sleep(0.08)


@story("port-scan", "the initiator tries 24 ports, one after the other, and nobody listens at any of them")
def _(stage):
    for port in range(9001, 9025):
        c = stage.begin("A", port)
        stage.result(c)
        c.close()
        stage.sleep(0.03)


# --- The truth --------------------------------------------------------------------------------------------------------


def transitions_of(events, address):
    """The trace's events of our two hosts, sockets numbered in order of appearance."""
    host_of = {value: host for host, value in address.items()}
    result, numbers = [], {}
    for t, softirq, pointer, f in events:
        v6 = f["family"] == "AF_INET6"
        saddr, daddr = (f["saddrv6"], f["daddrv6"]) if v6 else (f["saddr"], f["daddr"])
        saddr, daddr = str(ipaddress.ip_address(saddr)), str(ipaddress.ip_address(daddr))
        host = host_of.get(saddr)
        if host is None or not (daddr in host_of or ipaddress.ip_address(daddr).is_unspecified):
            continue
        old, new = f["oldstate"], f["newstate"]
        if pointer not in numbers or (old == "TCP_CLOSE" and new in ("TCP_SYN_SENT", "TCP_LISTEN")) or old == "TCP_LISTEN":
            if not (old == "TCP_LISTEN" and new == "TCP_CLOSE"):
                numbers[pointer] = len(set(numbers.values()) | {e["sk"] for e in result}) + 1
        result.append({
            "host": host, "t": stamp(t), "saddr": saddr, "sport": int(f["sport"]), "daddr": daddr, "dport": int(f["dport"]),
            "old": old, "new": new, "sk": numbers[pointer], "ctx": "softirq" if softirq else "task"})
    return result


def snapshots_of(polls):
    """Only the polls that differ from the one before."""
    result, before, previous = [], None, None
    for t0, t1, socks in polls:
        if socks != before:
            result.append({"prev": previous if previous is not None else stamp(t0), "t0": stamp(t0), "t1": stamp(t1), "socks": socks})
        before, previous = socks, stamp(t0)
    return result


class Sides:
    """The captures of one story: per vantage point its segments, to find the packet that goes with a state."""

    def __init__(self, folder):
        self.segments, self.keys = {}, {}
        for vantage in "ARB":
            path = f"{folder}/{vantage}.pcap"
            if os.path.exists(path):
                linktype, records = read_pcap(path)
                parsed = [(ns / 1e9, parse(frame, linktype)) for ns, frame in records]
                self.segments[vantage] = [(t, s) for t, s in parsed if s]
                self.keys[vantage] = {s.key for _, s in self.segments[vantage]}

    def packet(self, host, local, remote, before, state):
        """The segment in the host's own capture (else in another's) that goes with entering `state`."""
        wanted = {
            "SYN-SENT": [("tx", "S", None)], "SYN-RECEIVED": [("rx", "S", "A")],
            "ESTABLISHED": [("rx", "SA", None)] if before == "SYN-SENT" else [("rx", "SA", None), ("rx", "A", None)],
            "FIN-WAIT-1": [("tx", "F", None)], "LAST-ACK": [("tx", "F", None)], "FIN-WAIT-2": [("rx", "A", None)],
            "CLOSING": [("rx", "F", None)], "CLOSE-WAIT": [("rx", "F", None)],
            "TIME-WAIT": [("rx", "A", None)] if before == "CLOSING" else [("rx", "F", None)],
            "CLOSED": [("rx", "R", None), ("tx", "R", None)], "LISTEN": [("rx", "R", None)],
        }[state["state"]]
        if state["state"] == "CLOSED" and before == "LAST-ACK":
            wanted = [("rx", "A", None), ("rx", "R", None)]
        if state["state"] == "CLOSED" and before == "TIME-WAIT":
            wanted = [("tx", "S", "A"), ("rx", "S", "A"), ("rx", "R", None)]
        low = state.get("t_lo", state["t"]) - TOLERANCE
        high = (state["t_hi"] if "t_lo" in state else state["t"]) + TOLERANCE
        best = None
        for t, s in self.segments.get(host, ()):
            if not low <= t <= high:
                continue
            if (s.src, s.sport, s.dst, s.dport) == (*local, *remote):
                direction = "tx"
            elif (s.src, s.sport, s.dst, s.dport) == (*remote, *local):
                direction = "rx"
            else:
                continue
            for w, must, mustnt in wanted:
                if w == direction and all(f in s.flags for f in must) and not (mustnt and mustnt in s.flags):
                    if best is None or abs(t - state["t"]) < abs(best[0] - state["t"]):
                        best = (t, direction, s)
        return best


def truth_of(stage, transitions, polls, folder):
    """Per connection and endpoint the sequence of states, from both kernels' accounts; the captures only annotate it."""
    address = stage.address
    sides = Sides(folder)
    sockets, listeners, warnings = {}, [], []
    for e in transitions:
        sockets.setdefault(e["sk"], []).append(e)
    flows = {}
    for number, events in sockets.items():
        last = events[-1]
        if last["dport"] == 0:
            listeners.append((last["host"], last["sport"], events[0]["t"]))
            continue
        port = max(e["sport"] for e in events)
        a, b = (port, last["dport"]) if last["host"] == "A" else (last["dport"], port)
        flows.setdefault((a, b), []).append((events[0]["t"], last["host"], number))
    connections = []
    for (a, b), members in sorted(flows.items(), key=lambda item: min(item[1])):
        incarnations = []
        for t, host, number in sorted(members):
            if not incarnations or host in incarnations[-1][1]:
                incarnations.append((t, {}))
            incarnations[-1][1][host] = number
        ends = {"A": (address["A"], a), "B": (address["B"], b)}
        for i, (start, by_host) in enumerate(incarnations):
            stop = incarnations[i + 1][0] if i + 1 < len(incarnations) else float("inf")
            opened = [h for h in "AB" if h in by_host and sockets[by_host[h]][0]["old"] == "TCP_CLOSE"]
            endpoints, blind = {}, []
            for host in "AB":
                local, remote = ends[host], ends["B" if host == "A" else "A"]
                events = sockets.get(by_host.get(host), [])
                rows = [(t0, t1, state_in(socks, local, remote)) for t0, t1, socks in polls[host] if t1 >= start - 0.02]
                listening = any(l[0] == host and l[1] == local[1] and l[2] <= start for l in listeners)
                states, notes = states_of(events, rows, start, stop, host in opened, listening)
                checked, wrong = check_polls(states, rows, start, stop)
                warnings += [f"{host} {w}" for w in wrong]
                annotate(states, sides, host, local, remote)
                code = [STATES[s["state"]] for s in states]
                for s in states[1:]:
                    if s.get("pkt_not_at"):
                        blind.append(f"{host}:{STATES[s['state']]} not at {''.join(s['pkt_not_at'])}")
                    elif s.get("silent"):
                        blind.append(f"{host}:{STATES[s['state']]} silent")
                final = states[-1]["state"]
                endpoints[host] = {
                    "role": "active" if host in opened else "passive", "sk": by_host.get(host), "seq": " ".join(code),
                    "states": states, "final": final, "open_at_end": final not in ("CLOSED", "LISTEN"),
                    "polls_checked": checked, **({"notes": notes} if notes else {})}
            calls = [c["t"] for c in stage.calls if c["call"] == "connect" and c["t"] <= start + 0.001]
            connections.append({
                "id": len(connections), "A": list(ends["A"]), "B": list(ends["B"]),
                "opened_by": "both" if len(opened) == 2 else "".join(opened), "incarnation": i + 1,
                "t_first_call": calls[-1] if calls else None, "blind": blind, "endpoints": endpoints})
    return connections, warnings, {v: len(s) for v, s in sides.segments.items()}


def state_in(socks, local, remote):
    for row in socks:
        if (row[1], row[2]) == local and (row[3], row[4]) == remote:
            return row[5]
    return None


def between(rows, i):
    """When row i's state began: somewhere from the start of the poll before to the end of this one."""
    low, high = rows[i - 1][0] if i else rows[i][0], rows[i][1]
    return {"t": stamp((low + high) / 2), "t_lo": stamp(low), "t_hi": stamp(high), "src": "poll"}


def states_of(events, rows, start, stop, active, listening):
    states, notes = [{"state": "CLOSED" if active or not listening else "LISTEN", "t": None, "src": "initial"}], []
    child = events[0]["t"] if events else stop
    if not active:
        # The kernel traces a passive SYN-RECEIVED only at the third segment; its request shows in the polls.
        for i, (t0, t1, state) in enumerate(rows):
            if state == "SYN_RECV" and states[-1]["state"] != "SYN-RECEIVED" and t0 < min(child, stop) and t1 >= start:
                states.append({"state": "SYN-RECEIVED", **between(rows, i)})
            elif state is None and states[-1]["state"] == "SYN-RECEIVED" and not events and t0 < stop:
                states.append({"state": "LISTEN", **between(rows, i)})
                notes.append("request socket disappeared without a child: RFC 9293 names this a return to LISTEN; "
                             "for this connection it is equally CLOSED")
    for e in events:
        old, new = e["old"].removeprefix("TCP_"), RFC_NAME[e["new"].removeprefix("TCP_")]
        if new == states[-1]["state"]:
            continue
        entry = {"state": new, "t": e["t"], "src": "trace", "ctx": e["ctx"]}
        if old == "LISTEN":
            entry |= {"t_lo": stamp(start), "t_hi": e["t"]}  # too quick for the polls
        if new != "CLOSED" or old not in ("FIN_WAIT2", "CLOSING"):
            states.append(entry)
            continue
        # What is left after this CLOSE is for the polls to say: nothing, TIME-WAIT, or a small socket in FIN-WAIT-2.
        after = [i for i, (t0, t1, _) in enumerate(rows) if t0 > e["t"] and t0 < stop]
        left = rows[after[0]][2] if after else None
        if left == "TIME_WAIT":
            entry |= {"state": "TIME-WAIT", "t_hi": stamp(rows[after[0]][1]), "src": "trace+poll"}
            states.append(entry)
        elif left == "FIN_WAIT2":
            notes.append(f"at {e['t']} the full FIN-WAIT-2 socket became a mini socket (trace says FIN_WAIT2>CLOSE); "
                         "later states from the poll only")
        else:
            states.append(entry)
            continue
        # It may outlive the beginning of the next incarnation, which is at the other host.
        for i in range(after[0] + 1, len(rows)):
            state = rows[i][2]
            if state == "TIME_WAIT" and states[-1]["state"] == "FIN-WAIT-2":
                states.append({"state": "TIME-WAIT", **between(rows, i)})
            elif state not in ("TIME_WAIT", "FIN_WAIT2"):
                if state is not None and states[-1]["state"] == "TIME-WAIT":
                    notes.append(f"TIME_WAIT mini socket replaced by {state} of the next incarnation")
                states.append({"state": "CLOSED", **between(rows, i)})
                break
    for one, two in zip(states[1:], states[2:]):
        if one["src"] == "trace" and two["src"].startswith("trace") and two["t"] - one["t"] < 0.0002 and two.get("ctx") == "softirq":
            one["transient_us"] = round((two["t"] - one["t"]) * 1e6)
    return states, notes


def check_polls(states, rows, start, stop):
    """Holds every poll that falls well inside one state against that state."""
    kernel = {RFC_NAME[k]: k for k in RFC_NAME if k not in ("CLOSE", "LISTEN")}
    checked, wrong = 0, []
    edges = [s["t"] if s["t"] is not None else 0 for s in states]
    others = states[0]["state"] == "LISTEN"  # until its SYN comes, a row may be the incarnation before
    for t0, t1, state in rows:
        if t1 < (edges[1] if others and len(edges) > 1 else start) or t1 + 0.001 > stop:
            continue
        i = bisect.bisect_right(edges, t0 - 0.0025) - 1
        if i + 1 < len(edges) and t1 + 0.0025 > edges[i + 1]:
            continue
        checked += 1
        if state != kernel.get(states[i]["state"]):
            wrong.append(f"poll at {stamp(t0)} says {state}, the sequence {states[i]['state']}")
    return checked, wrong


def annotate(states, sides, host, local, remote):
    for before, state in zip(states, states[1:]):
        found = sides.packet(host, local, remote, before["state"], state)
        if found is None and before["state"] == "ESTABLISHED" and state["state"] == "FIN-WAIT-1":
            state["silent"] = True
        elif found is None:
            state["unseen"] = True
        else:
            t, direction, segment = found
            state |= {"pkt": f"{direction} {segment.flags}", "pkt_us": round((t - state["t"]) * 1e6)}
            missing = [v for v in sides.keys if segment.key not in sides.keys[v]]
            if missing:
                state["pkt_not_at"] = missing
    for state in states[1:]:
        if state.pop("unseen", False):
            state["silent"] = True


def line_per_item(head, lists):
    """A JSON object whose long lists have one item a line, to be readable and to differ well."""
    parts = [json.dumps(head, separators=(",", ":"))[1:-1]]
    for name, items in lists.items():
        rows = ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)
        parts.append(f'"{name}":[\n{rows}]')
    return "{" + ",\n".join(parts) + "}\n"


def make(number, told, tracer, output):
    with tempfile.TemporaryDirectory(prefix="postel-") as scratch:
        with Stage(tracer, number, told, scratch) as stage:
            told.tell(stage)
            events, polls, lag = stage.finish()
            transitions = transitions_of(events, stage.address)
            connections, warnings, packets = truth_of(stage, transitions, polls, scratch)
            if told.late:
                late_blind(connections, stage.capture_started, [v for v in "ARB" if v in packets])
        head = {
            "name": told.name, "scenario": told.name.replace("-", "_"), "what": told.what,
            "family": "ipv6" if told.v6 else "ipv4", "client": "A", "server": "B",
            "one_way_delay_s": {"A>B": told.delays[0], "B>A": told.delays[1]}, "offload": told.direct,
            "snaplen": told.snaplen or 262144, "sysctl": stage.sysctls,
            "t_observation": [stamp(stage.started), stamp(stage.ended)], "packets": packets,
            "capture_edit": {"what": "capture starts mid-connection",
                             "capture_start": stamp(stage.capture_started)} if told.late else None,
            "faults": sorted(stage.faults, key=lambda f: f["t"]), "kernel": os.uname().release.split("-")[0],
            "clock": {"tai_minus_utc_s": tracer.offset, "forwarder_max_lag_ms": round(lag * 1e3, 3)}, "warnings": warnings}
        folder = f"{output}/{told.name}"
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name in sorted(os.listdir(scratch)):
            shutil.copyfile(f"{scratch}/{name}", f"{folder}/{name}")
        with open(f"{folder}/truth.json", "w") as file:
            file.write(line_per_item(head, {"calls": stage.calls, "connections": connections}))
        for name, lines in (("transitions", transitions), *((f"snapshots-{h}", snapshots_of(polls[h])) for h in "AB")):
            with open(f"{folder}/{name}.ndjson", "w") as file:
                file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    report(folder)
    return not warnings


def late_blind(connections, started, vantages):
    """What happened before the captures began is not in them, though a state found no packet for another reason."""
    for connection in connections:
        connection["blind"] = []
        for host in "AB":
            for state in connection["endpoints"][host]["states"][1:]:
                code = STATES[state["state"]]
                if state["t"] < started:
                    state.pop("silent", None)
                    state["pkt_not_at"] = vantages
                if state.get("pkt_not_at"):
                    connection["blind"].append(f"{host}:{code} not at {''.join(state['pkt_not_at'])}")
                elif state.get("silent"):
                    connection["blind"].append(f"{host}:{code} silent")


# --- The table in README.md ---


def rule_of(before, state):
    """The rule of TCPStateMachine that takes an endpoint from one state to the next, given what the truth says of it."""
    name, packet = state["state"], state.get("pkt", "")
    direction, _, flags = packet.partition(" ")
    sent_reset, took_reset = direction == "tx" and "R" in flags, direction == "rx" and "R" in flags
    timer = state.get("ctx") == "softirq"
    event = {
        ("CLOSED", "SYN-SENT"): "ACTIVE-OPEN",
        ("LISTEN", "SYN-RECEIVED"): "SYN",
        ("SYN-SENT", "ESTABLISHED"): "SYN-ACK",
        ("SYN-SENT", "SYN-RECEIVED"): "SYN",
        ("SYN-SENT", "CLOSED"): "RST" if took_reset else "RETRANSMISSION-LIMIT" if timer else "CLOSE",
        ("SYN-RECEIVED", "ESTABLISHED"): "SYN-ACK" if "S" in flags else "ACK-OF-SYN",
        ("SYN-RECEIVED", "LISTEN"): "RST-PASSIVE",
        ("ESTABLISHED", "FIN-WAIT-1"): "CLOSE",
        ("ESTABLISHED", "CLOSE-WAIT"): "FIN",
        ("ESTABLISHED", "CLOSED"): "ABORT" if sent_reset else "RST",
        ("FIN-WAIT-1", "FIN-WAIT-2"): "ACK-OF-FIN",
        ("FIN-WAIT-1", "CLOSING"): "FIN",
        ("FIN-WAIT-2", "TIME-WAIT"): "FIN",
        ("FIN-WAIT-2", "CLOSED"): ("ABORT" if state.get("ctx") == "task" else "DATA-AFTER-CLOSE") if sent_reset else "TIMEOUT",
        ("CLOSE-WAIT", "LAST-ACK"): "CLOSE",
        ("CLOSE-WAIT", "CLOSED"): "RST" if took_reset else "ABORT",
        ("CLOSING", "TIME-WAIT"): "ACK-OF-FIN",
        ("LAST-ACK", "CLOSED"): "RST" if took_reset else "ACK-OF-FIN",
        ("TIME-WAIT", "CLOSED"): "RST" if took_reset else "REUSE" if direction == "tx" else "REPLACED",
    }[before["state"], name]
    return f"{before['state']}-{event}"


OPENING = ["CLOSED-ACTIVE-OPEN", "LISTEN-SYN", "SYN-SENT-SYN-ACK", "SYN-RECEIVED-ACK-OF-SYN"]
CLOSING = ["ESTABLISHED-CLOSE", "ESTABLISHED-FIN", "FIN-WAIT-1-ACK-OF-FIN", "FIN-WAIT-2-FIN", "CLOSE-WAIT-CLOSE",
           "LAST-ACK-ACK-OF-FIN"]


def table(stories):
    print("| trace | what it shows | A | B | rules |\n|---|---|---|---|---|")
    for s in stories:
        with open(f"{HERE}/{s.name}/truth.json") as file:
            connections = json.load(file)["connections"]
        rules = []
        for connection in connections:
            for host in "AB":
                states = connection["endpoints"][host]["states"]
                rules += [rule_of(one, two) for one, two in zip(states, states[1:])]
        rules = list(dict.fromkeys(rules))
        for word, known in (("*closing*", CLOSING), ("*opening*", OPENING)):
            if all(rule in rules for rule in known):
                rules = [word] + [rule for rule in rules if rule not in known]
        columns = []
        for host in "AB":
            sequences = [c["endpoints"][host]["seq"] for c in connections]
            is_repeated = len(sequences) > 3 and len(set(sequences)) == 1
            columns.append(f"{sequences[0]} ({len(sequences)} times)" if is_repeated else "; ".join(sequences))
        print(f"| `{s.name}` | {s.what} | {columns[0]} | {columns[1]} | {', '.join(rules)} |")


# --- Checking ---------------------------------------------------------------------------------------------------------


def report(folder):
    """One line per connection, and every contradiction between truth and captures; returns how many there are."""
    with open(f"{folder}/truth.json") as file:
        truth = json.load(file)
    problems = list(truth["warnings"])
    for connection in truth["connections"]:
        for host in "AB":
            end = connection["endpoints"][host]
            worst = 0
            for state in end["states"][1:]:
                if "pkt_us" in state and "t_lo" not in state:
                    worst = max(worst, abs(state["pkt_us"]))
                    if abs(state["pkt_us"]) > TOLERANCE * 1e6:
                        problems.append(f"{host} {state['state']}: its packet is {state['pkt_us']} us away")
            times = [s["t"] for s in end["states"][1:]]
            if times != sorted(times):
                problems.append(f"{host}: times go back")
            print(f"{truth['name']:24} {connection['incarnation']} {host} {end['seq']:24} {'open' if end['open_at_end'] else '':5}"
                  f"worst {worst:5} us  {' '.join(b for b in connection['blind'] if b.startswith(host))}")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".pcap"):
            linktype, records = read_pcap(f"{folder}/{name}")
            if not records and not any(f.get("act") == "drop" for f in truth["faults"]):
                problems.append(f"{name} is empty")
            if [ns for ns, _ in records] != sorted(ns for ns, _ in records):
                problems.append(f"{name}: stamps go back")
            if not all(parse(frame, linktype) or is_later_fragment(frame, linktype) or is_icmp(frame) for _, frame in records):
                problems.append(f"{name}: holds something else than TCP")
    for problem in problems:
        print(f"{truth['name']:24} PROBLEM {problem}")
    return len(problems)


# --- Stories that nobody wrote ----------------------------------------------------------------------------------------


def quietly(call, *arguments):
    """A call on a connection that may have ended meanwhile."""
    try:
        call(*arguments)
    except OSError:
        pass


def random_story(seed):
    """Random calls at both ends and up to three random faults between them; the same calls for the same seed."""
    choose = random.Random(seed)

    def tell(stage):
        listener = stage.listen("B", 8080)
        for _ in range(choose.choice([0, 1, 1, 2, 2, 3])):
            stage.lose(choose.choice("AB"), stage=choose.choice(["pre", "post"]), skip=choose.randrange(9),
                       act=choose.choice(["drop", "drop", "twice", "late"]))
        c = stage.begin("A", 8080)
        if stage.result(c):
            return
        listener.raw.settimeout(4)
        try:
            ends = {"A": c, "B": stage.accept(listener)}
        except OSError:
            return
        for end in ends.values():
            end.raw.settimeout(1.2)
        for _ in range(choose.randrange(4)):
            sender = choose.choice("AB")
            n = choose.choice([1, 30, 200, 1500, 4000])
            quietly(ends[sender].send, n)
            if choose.random() < 0.8:
                quietly(ends["B" if sender == "A" else "A"].recv, n)
            if choose.random() < 0.4:
                stage.sleep(choose.random() * 0.03)
        random_end(stage, choose, *choose.sample(list(ends.values()), 2))
        stage.sleep(choose.choice([0.1, 0.35, 0.9]))

    return Story(tell, f"random-{seed}", "random calls and faults", v6=choose.random() < 0.3,
                 delays=(choose.choice([0.004, 0.012, 0.03]), choose.choice([0.004, 0.009, 0.02])))


def random_end(stage, choose, one, two):
    gap = choose.choice([0, 0.002, 0.01, 0.02, 0.03, 0.06, 0.1])
    kind = choose.choice(["close", "close", "both", "shutdown", "abort", "unread", "half"])
    if kind in ("close", "both"):
        quietly(one.close)
        stage.sleep(gap if kind == "close" else choose.random() * 0.012)
    elif kind == "shutdown":
        quietly(one.shutdown)
        stage.sleep(gap)
        quietly(two.shutdown)
        stage.sleep(0.05)
    elif kind == "abort":
        if choose.random() < 0.4:
            quietly(two.shutdown)
        stage.sleep(gap)
        quietly(one.abort)
        stage.sleep(gap)
    elif kind == "unread":
        quietly(one.send, choose.choice([1, 900]))
        stage.sleep(gap)
    else:
        quietly(one.shutdown)
        stage.sleep(gap)
        quietly(two.send, 700)
        stage.sleep(0.03)
    quietly(two.close)
    stage.sleep(gap)
    quietly(one.close)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="STORY")
    parser.add_argument("--output", metavar="DIR", default=HERE, help="where stories are made and checked (default: beside this script)")
    parser.add_argument("--random", metavar="FIRST-LAST", help="stories with random calls and faults, by their seeds; needs --output")
    parser.add_argument("--list", action="store_true", help="print the stories")
    parser.add_argument("--table", action="store_true", help="print the table of README.md from the committed truth")
    parser.add_argument("--check", action="store_true", help="hold the truth against the captures; make nothing")
    arguments = parser.parse_args()
    known = [s.name for s in STORIES]
    for name in arguments.names:
        if name not in known:
            fail(f"no story {name}; --list names them")
    if arguments.random:
        if arguments.output == HERE:
            fail("--random needs --output: such stories do not belong beside the script")
        first, last = (int(seed) for seed in arguments.random.split("-"))
        STORIES[:] = [random_story(seed) for seed in range(first, last + 1)]
    chosen = [(n % 250 + 1, s) for n, s in enumerate(STORIES) if not arguments.names or s.name in arguments.names]
    if arguments.list:
        for _, s in chosen:
            print(f"{s.name:24} {s.what}")
        return 0
    if arguments.table:
        table(s for _, s in chosen)
        return 0
    if arguments.check:
        return 1 if sum(report(f"{arguments.output}/{s.name}") for _, s in chosen) else 0
    if os.geteuid() != 0:
        fail("needs root, for network namespaces and the trace; --check does not")
    for tool in ("ip", "tcpdump", "nft", *(["dumpcap"] if any(c[0].endswith("ng") for _, s in chosen for c in s.captures) else [])):
        if not shutil.which(tool):
            fail(f"needs {tool}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    tracer = Tracer()
    good = True
    try:
        for number, s in chosen:
            good = make(number, s, tracer, arguments.output) and good
    except KeyboardInterrupt:
        return 130
    finally:
        tracer.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
