#!/usr/bin/env python3
"""Plays one story between two hosts, each a network namespace, and records what one of them sees.

Usage: diagnoses.py STORY NUMBER PROGRAM FOLDER [live]. PROGRAM is postel; NUMBER keeps the addresses of stories apart. Host A has
10.99.NUMBER.1, host B 10.99.NUMBER.2, where port 8080 listens. Into FOLDER come capture.pcap, snapshots and events of the
host that the story looks at; with live, what postel capture --crosscheck told of it meanwhile. Written for CrossCheckTests; needs root, nft and tcpdump.
"""
import ctypes, fcntl, os, signal, socket, struct, subprocess, sys, time

story, number, program, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
A, B = f"10.99.{number}.1", f"10.99.{number}.2"
PORT = 8080
libc = ctypes.CDLL(None, use_errno=True)


def must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


class Host:
    """A network namespace; `with host:` does things in it."""

    def __init__(self):
        must(libc.unshare(0x40000000), "unshare")
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.run("ip link set lo up")

    def __enter__(self):
        must(libc.setns(self.fd, 0x40000000), "setns")
        return self

    def __exit__(self, *_):
        pass

    def run(self, *lines):
        with self:
            for line in lines:
                subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL)

    def sysctl(self, name, value):
        with self:
            with open("/proc/sys/net/" + name, "w") as file:
                file.write(str(value))

    def drop(self, hook, *rules):
        """Drops what matches in its own hook: input is between the interface and TCP, output between TCP and it."""
        body = "\n".join(rule if "set" in rule.split() else f"{rule} drop" for rule in rules)
        text = f"table ip {hook} {{\n chain c {{\n type filter hook {hook} priority 0;\n {body}\n }}\n}}\n"
        with self:
            subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)

    def undrop(self, hook):
        self.run(f"nft delete table ip {hook}")

    def offload_off(self, interface):
        """Checksums are finished before a packet is sent."""
        with self, socket.socket() as probe:
            for command in (0x17, 0x1F, 0x24):  # ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO
                value = ctypes.create_string_buffer(struct.pack("II", command, 0))
                request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
                fcntl.ioctl(probe, 0x8946, request)


a, b = Host(), Host()
a.run("ip link add va type veth peer name vb", f"ip link set vb netns /proc/{os.getpid()}/fd/{b.fd}")
a.run(f"ip addr add {A}/24 dev va", "ip link set va up")
b.run(f"ip addr add {B}/24 dev vb", "ip link set vb up")
held, recorders = [], []
# Whoever started this may have blocked what ends the recordings, or have it ignored.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
signal.signal(signal.SIGINT, signal.SIG_DFL)


# What programs do.

def listen(backlog=64, host=B, port=PORT, before=None, protocol=0):
    with b:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if before:
            before(server)
        server.bind((host, port))
        server.listen(backlog)
    held.append(server)
    return server


def client(local=None, protocol=0):
    with a:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    if local:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((local, 0))
    held.append(sock)
    return sock


def connect(wait=True, local=None, protocol=0):
    sock = client(local, protocol)
    if not wait:
        sock.setblocking(False)
        sock.connect_ex((B, PORT))
        return sock
    sock.connect((B, PORT))
    return sock


def both(**more):
    server = listen(**more)
    sock = connect()
    child, _ = server.accept()
    held.append(child)
    return server, sock, child


def abort_on_close(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# Segments that no TCP sends.

class Tap:
    """What passes an interface, and a way to put frames there."""

    def __init__(self, host, interface):
        with host:
            self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.raw.bind((interface, 3))
            self.raw.settimeout(0.3)

    def last(self, source, flags=0x10):
        """Of the last segment from an address with these flags: frame without text, SEQ of what comes next, ACK."""
        found = None
        try:
            while True:
                frame = self.raw.recv(65536)
                if frame[12:14] != b"\x08\x00" or frame[23] != 6 or socket.inet_ntoa(frame[26:30]) != source:
                    continue
                if frame[47] & 0x02 or frame[47] & flags != flags:
                    continue
                seq, ack = struct.unpack("!II", frame[38:46])
                length = struct.unpack("!H", frame[16:18])[0] - 20 - (frame[46] >> 4) * 4
                found = frame, (seq + length + (frame[47] & 1)) & 0xFFFFFFFF, ack
        except TimeoutError:
            return found

    def send(self, like, flags, seq, ack, timestamp=None, damage=0):
        """A segment without text, with the addresses of a frame."""
        options = b"" if timestamp is None else struct.pack("!BBBBII", 1, 1, 8, 10, timestamp & 0xFFFFFFFF, 0)
        tcp = like[34:38] + struct.pack("!IIBBHHH", seq & 0xFFFFFFFF, ack, (20 + len(options)) << 2, flags, 512, 0, 0)
        tcp += options
        sum_ = total(like[26:34] + struct.pack("!HH", 6, len(tcp)) + tcp)
        tcp = tcp[:16] + struct.pack("!H", (~sum_ & 0xFFFF) ^ damage) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 7, 0, 64, 6, 0) + like[26:34]
        ip = ip[:10] + struct.pack("!H", ~total(ip) & 0xFFFF) + ip[12:]
        self.raw.send(like[:14] + ip + tcp)


def total(octets):
    octets += b"\0" * (len(octets) % 2)
    sum_ = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while sum_ > 0xFFFF:
        sum_ = (sum_ >> 16) + (sum_ & 0xFFFF)
    return sum_


def timestamp(frame):
    """The TSval of a segment that begins its options as Linux does: two no-ops."""
    return struct.unpack("!I", frame[58:62])[0]


# Recording.

def capturing(host):
    """How many sockets of a host take every packet: protocol 3, running."""
    with host, open("/proc/thread-self/net/packet") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return sum(row[3] == "0003" and row[5] == "1" for row in rows)


def record(host, interface):
    """Starts tcpdump and postel on a host and waits until both look."""
    with host:
        tcpdump = subprocess.Popen(
            ["tcpdump", "-i", interface, "-w", f"{folder}/capture.pcap", "-U", "--immediate-mode", "-Z", "root",
             "-s", "512", "-B", "4096", "tcp"],
            stderr=subprocess.PIPE, text=True)
        while "listening on" not in (line := tcpdump.stderr.readline()):
            if not line:
                raise SystemExit("tcpdump ended")
        postel = subprocess.Popen(
            [program, "snapshot", "--interval", "0.1", "--owners", "--format", "ndjson",
             "--output", f"{folder}/snapshots", "--events", f"{folder}/events"])
    recorders.extend([tcpdump, postel])
    if "live" in sys.argv:
        before = capturing(host)
        with host:
            live = subprocess.Popen(
                [program, "capture", "-i", interface, "--crosscheck", "--interval", "0.1", "--kernel-events",
                 "--format", "ndjson", "--show", "summary", "--output", f"{folder}/live"])
        recorders.append(live)
        for _ in range(600):
            if capturing(host) > before:
                break
            time.sleep(0.05)
        # Its first look.
        time.sleep(0.5)
    for _ in range(600):
        if os.path.exists(f"{folder}/snapshots") and os.path.getsize(f"{folder}/snapshots") > 0:
            return
        time.sleep(0.05)
    raise SystemExit("postel records nothing")


def stop():
    """A connection that nobody takes shows that the capture still ran; then the recordings end."""
    time.sleep(0.25)
    with a:
        last = socket.socket()
    last.bind((A, 0))
    ports = struct.pack("!HH", last.getsockname()[1], 9)
    last.settimeout(0.1)
    last.connect_ex((B, 9))
    last.close()
    # tcpdump writes at once, and leaves what it has not read when it is ended.
    for _ in range(600):
        with open(f"{folder}/capture.pcap", "rb") as file:
            if ports in file.read():
                break
        time.sleep(0.05)
    time.sleep(0.15)
    for recorder in reversed(recorders):
        recorder.send_signal(signal.SIGTERM)
        try:
            recorder.wait(10)
        except subprocess.TimeoutExpired:
            recorder.kill()
            raise
    if "live" in sys.argv:
        with open(f"{folder}/live-status", "w") as file:
            file.write(str(recorders[-1].returncode))


# The stories. Each begins with what it records.

def syn_ack_dropped():
    listen()
    record(a, "va")
    a.drop("input", "tcp flags & (syn | ack) == (syn | ack)")
    connect(wait=False)
    time.sleep(2.3)
    a.undrop("input")


def fin_damaged():
    record(b, "vb")
    a.offload_off("va")
    _, sock, _ = both()
    sock.send(b"x")
    a.drop("output", "tcp flags & fin == fin @th,128,16 set 0x1234")
    sock.close()
    time.sleep(1)


def reverse_path():
    b.sysctl("ipv4/conf/all/rp_filter", 1)
    b.sysctl("ipv4/conf/vb/rp_filter", 1)
    b.run("ip link add d0 type veth peer name d1", f"ip addr add 10.98.{number}.1/24 dev d0", "ip link set d0 up")
    # A host that filters does not even answer the question for its address.
    b.run("ip link set vb address 02:00:00:00:00:02")
    a.run(f"ip addr add 10.98.{number}.9/32 dev va", f"ip neigh replace {B} lladdr 02:00:00:00:00:02 dev va")
    listen()
    record(b, "vb")
    connect(wait=False, local=f"10.98.{number}.9")
    time.sleep(1.5)


def accept_overflow():
    b.sysctl("ipv4/tcp_syncookies", 0)
    listen(backlog=1)
    record(b, "vb")
    for _ in range(6):
        connect(wait=False)
        time.sleep(0.05)
    time.sleep(2)


def accept_overflow_at_final_ack():
    b.sysctl("ipv4/tcp_syncookies", 0)
    listen(backlog=1)
    record(b, "vb")
    a.drop("output", "tcp flags & (syn | ack | rst) == ack")
    for _ in range(4):
        connect(wait=False)
    time.sleep(0.5)
    a.undrop("output")
    time.sleep(2.5)


def peer_idle():
    both()
    record(a, "va")
    _, sock, _ = both_again()
    b.drop("input", "tcp dport 8080")
    time.sleep(1)


def both_again():
    server = held[0]
    sock = connect()
    child, _ = server.accept()
    held.append(child)
    return server, sock, child


def peer_vanished():
    record(a, "va")
    _, sock, _ = both()
    b.drop("input", "tcp dport 8080")
    sock.send(b"hello")
    time.sleep(3)


def neighbor_gone():
    record(a, "va")
    _, sock, _ = both()
    a.sysctl("ipv4/neigh/va/mcast_solicit", 1)
    b.run("ip link set vb arp off")
    a.run("ip neigh flush dev va")
    sock.send(b"hello")
    time.sleep(3.5)


def keepalive():
    record(a, "va")
    _, sock, _ = both()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL):
        sock.setsockopt(socket.IPPROTO_TCP, option, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
    b.drop("input", "tcp dport 8080")
    time.sleep(3.6)


def close_wait_leak():
    record(b, "vb")
    _, sock, _ = both()
    sock.close()
    time.sleep(2.8)


def fin_wait_2_orphan():
    a.sysctl("ipv4/tcp_fin_timeout", 2)
    record(a, "va")
    _, sock, _ = both()
    sock.close()
    time.sleep(3.2)


def time_wait_reset(rfc1337):
    a.sysctl("ipv4/tcp_rfc1337", rfc1337)
    tap = Tap(b, "vb")
    record(a, "va")
    _, sock, child = both()
    sock.shutdown(socket.SHUT_WR)
    child.close()
    sock.close()
    frame, seq, ack = tap.last(B)
    tap.send(frame, 0x04, seq, 0)
    time.sleep(0.8)


def stranger(host, flags, ahead, age=None):
    """A segment in A's name so many octets ahead, of that age by its timestamp; the host that is looked at is given."""
    tap = Tap(a, "va")
    record(host, "va" if host is a else "vb")
    _, sock, _ = both()
    sock.send(b"x")
    frame, seq, ack = tap.last(A)
    tap.send(frame, flags, seq + ahead, ack if flags & 0x10 else 0, None if age is None else timestamp(frame) - age)
    time.sleep(0.8)


def challenge_ack():
    stranger(b, 0x04, 100)


def old_timestamp():
    stranger(b, 0x11, 0, age=100_000)


def fin_beyond_hole():
    stranger(b, 0x11, 10, age=0)


def checksum_offload():
    record(b, "vb")
    _, sock, child = both()
    sock.send(b"hello")
    time.sleep(0.3)
    sock.close()
    time.sleep(0.3)
    child.close()
    time.sleep(0.5)


def giant_segments():
    record(b, "vb")
    _, sock, child = both()
    sock.settimeout(5)
    for _ in range(20):
        sock.sendall(b"x" * 65536)
        left = 65536
        while left:
            left -= len(child.recv(left))
    time.sleep(0.3)
    child.close()
    time.sleep(0.3)
    sock.close()
    time.sleep(0.3)


def bridge_on_any():
    b.run("ip link add name br0 type bridge", "ip addr flush dev vb", "ip link set vb master br0",
          f"ip addr add {B}/24 dev br0", "ip link set br0 up")
    time.sleep(0.2)
    record(b, "any")
    _, sock, child = both()
    sock.send(b"hello")
    time.sleep(0.3)
    sock.close()
    time.sleep(0.3)
    child.close()
    time.sleep(0.5)


def syn_cookie():
    b.sysctl("ipv4/tcp_syncookies", 2)
    listen()
    record(b, "vb")
    a.drop("output", "tcp flags & (syn | ack | rst) == ack")
    connect()
    time.sleep(0.8)
    a.undrop("output")


def not_accepted():
    listen()
    record(b, "vb")
    connect().send(b"hello")
    time.sleep(0.6)


def deferred_accept():
    listen(before=lambda server: server.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5))
    record(b, "vb")
    sock = connect()
    time.sleep(1.4)
    sock.send(b"hello")
    time.sleep(0.4)


def fast_open():
    for host in (a, b):
        host.sysctl("ipv4/tcp_fastopen", 519)
    server = listen(before=lambda server: server.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16))
    record(b, "vb")
    a.drop("input", "tcp sport 8080")
    sock = client()
    sock.setblocking(False)
    sock.bind((A, 0))
    try:
        sock.sendto(b"early", socket.MSG_FASTOPEN, (B, PORT))
    except BlockingIOError:
        pass
    time.sleep(0.1)
    held.append(server.accept()[0])
    time.sleep(0.6)
    a.undrop("input")
    time.sleep(1)


def fin_behind_data():
    record(a, "va")
    server = listen(before=lambda server: server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096))
    sock = connect()
    held.append(server.accept()[0])
    sock.setblocking(False)
    try:
        while True:
            sock.send(b"x" * 4096)
    except BlockingIOError:
        pass
    time.sleep(0.3)
    sock.close()
    time.sleep(0.8)


def abortive_close():
    record(a, "va")
    _, sock, _ = both()
    time.sleep(0.3)
    abort_on_close(sock)
    sock.close()
    time.sleep(0.5)


def time_wait_reuse():
    a.sysctl("ipv4/tcp_tw_reuse", 1)
    record(a, "va")
    server = listen()
    port = 40000
    for _ in range(2):
        sock = client()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((A, port))
        sock.connect((B, PORT))
        child, _ = server.accept()
        time.sleep(0.3)
        sock.shutdown(socket.SHUT_WR)
        child.recv(1)
        child.close()
        sock.recv(1)
        sock.close()
        time.sleep(0.3)


def time_wait_overflow():
    a.sysctl("ipv4/tcp_max_tw_buckets", 2)
    record(a, "va")
    server = listen()
    for _ in range(6):
        sock = connect()
        child, _ = server.accept()
        sock.shutdown(socket.SHUT_WR)
        child.recv(1)
        child.close()
        sock.recv(1)
        sock.close()
    time.sleep(0.6)


def multipath():
    record(b, "vb")
    server = listen(protocol=262)
    sock = connect(protocol=262)
    child, _ = server.accept()
    held.append(child)
    sock.send(b"hello")
    time.sleep(0.3)
    child.close()
    time.sleep(0.4)
    sock.close()
    time.sleep(0.4)


def fin_dropped():
    record(b, "vb")
    _, sock, _ = both()
    b.drop("input", "tcp flags & fin == fin")
    sock.close()
    time.sleep(1)
    b.undrop("input")
    time.sleep(0.9)


def final_ack_dropped():
    listen()
    record(b, "vb")
    b.drop("input", "tcp flags & (syn | ack) == ack")
    sock = connect()
    sock.send(b"hello")
    time.sleep(1.6)


def ack_of_fin_dropped():
    record(a, "va")
    _, sock, _ = both()
    a.drop("input", "tcp flags & (syn | fin | ack) == ack")
    sock.shutdown(socket.SHUT_WR)
    time.sleep(1)
    a.undrop("input")


def reset_dropped():
    record(b, "vb")
    _, sock, _ = both()
    b.drop("input", "tcp flags & rst == rst")
    abort_on_close(sock)
    sock.close()
    time.sleep(0.6)


def fin_not_sent():
    record(a, "va")
    _, sock, _ = both()
    a.drop("output", "tcp flags & fin == fin")
    sock.shutdown(socket.SHUT_WR)
    time.sleep(0.8)


def reset_not_sent():
    record(a, "va")
    _, sock, _ = both()
    time.sleep(0.3)
    a.drop("output", "tcp flags & rst == rst")
    abort_on_close(sock)
    sock.close()
    time.sleep(0.6)


def forged_reset():
    stranger(a, 0x04, 0)


stories = {
    "time-wait-reset": lambda: time_wait_reset(0),
    "time-wait-reset-kept": lambda: time_wait_reset(1),
}
name = story.replace("-", "_")
try:
    stories.get(story, globals().get(name))()
    stop()
finally:
    for recorder in recorders:
        recorder.kill()
