#!/usr/bin/env python3
"""Thousands of connections of all kinds between two hosts, each a network namespace, and on the loopback of one of them.

Usage: load.py CONNECTIONS SABOTAGE FOLDER, with SABOTAGE one of none, dropped, corrupted. Prints {"ready": true, "a": PID,
"b": PID}, waits for a line, plays, and prints {"done": true, "kinds": {NAME: NUMBER}, "touched": [[ADDRESS, PORT, ADDRESS, PORT]]}:
the connections of which a segment was sabotaged on its way to host A, local socket first. Into FOLDER come a.pcap and b.pcap.
Ends with standard input. Written for CrossCheckTests; needs root, nft and tcpdump.
"""
import collections, ctypes, errno, fcntl, heapq, json, os, random, resource, signal, socket, struct, subprocess, sys, time

wanted, sabotage, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
A4, B4, A6, B6 = "10.97.0.1", "10.97.0.2", "fd97::1", "fd97::2"
PORT, DEAF, DYING = 8080, 8099, 8098
libc = ctypes.CDLL(None, use_errno=True)
signal.pthread_sigmask(signal.SIG_SETMASK, [])
random.seed(793)
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Host:
    def __init__(self):
        if libc.unshare(0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.run("ip link set lo up")
        # A process that lives in it, for those who look from outside.
        self.dweller = subprocess.Popen(["sleep", "1000"])
        for name, value in (("ip_local_port_range", "10000 60000"), ("tcp_fin_timeout", "3"), ("tcp_tw_reuse", "1")):
            with open("/proc/sys/net/ipv4/" + name, "w") as file:
                file.write(value)

    def __enter__(self):
        if libc.setns(self.fd, 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def __exit__(self, *_):
        pass

    def run(self, *lines):
        with self:
            for line in lines:
                subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL)

    def nft(self, text):
        with self:
            subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


a, b = Host(), Host()
a.run("ip link add va type veth peer name vb", f"ip link set vb netns /proc/{os.getpid()}/fd/{b.fd}")
a.run(f"ip addr add {A4}/24 dev va", f"ip addr add {A6}/64 dev va nodad", "ip link set va up")
b.run(f"ip addr add {B4}/24 dev vb", f"ip addr add {B6}/64 dev vb nodad", "ip link set vb up")
b.nft(f"table inet deaf {{ chain c {{ type filter hook input priority 0; tcp dport {DEAF} drop; }}; }}")
if sabotage == "dropped":
    hook, host, verdict = "input", a, "drop"
elif sabotage == "corrupted":
    hook, host, verdict = "output", b, "@th,128,16 set 0x1234"
    with b, socket.socket() as probe:
        for command in (0x17, 0x1F, 0x24):  # ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            fcntl.ioctl(probe, 0x8946, struct.pack("16sP16x", b"vb", ctypes.addressof(value)))
if sabotage != "none":
    rules = []
    for match in ("tcp flags & (syn | ack) == (syn | ack)", "tcp flags & (fin | rst) == fin"):
        for family, table in (("ip", "four"), ("ip6", "six")):
            add = f"add @{table} {{ {family} daddr . tcp dport . {family} saddr . tcp sport }}"
            rules.append(f'meta iifname != "lo" meta oifname != "lo" {match} numgen random mod 100 == 0 {add} {verdict}')
    host.nft(f"""table inet sabotage {{
  set four {{ type ipv4_addr . inet_service . ipv4_addr . inet_service; size 65535; flags dynamic; }}
  set six {{ type ipv6_addr . inet_service . ipv6_addr . inet_service; size 65535; flags dynamic; }}
  chain c {{ type filter hook {hook} priority 0;
  """ + "\n".join(rules) + "\n}\n}\n")


def touched():
    found = []
    if sabotage == "none":
        return found
    with host:
        for name in ("four", "six"):
            text = subprocess.run(
                ["nft", "-j", "list", "set", "inet", "sabotage", name], check=True, capture_output=True, text=True).stdout
            for part in json.loads(text)["nftables"]:
                for element in part.get("set", {}).get("elem", []):
                    value = element.get("elem", {}).get("val", element) if isinstance(element, dict) else element
                    found.append(value["concat"])
    return found


def record(host, interface, name):
    with host:
        process = subprocess.Popen(
            ["tcpdump", "-i", interface, "-w", f"{folder}/{name}.pcap", "-s", "200", "-B", "65536", "-Z", "root", "tcp"],
            stderr=subprocess.PIPE, text=True)
    while "listening on" not in process.stderr.readline():
        if process.poll() is not None:
            raise SystemExit("tcpdump ended")
    return process


recorders = [record(a, "va", "a"), record(b, "any", "b")]


def listen(host, family, port):
    with host:
        server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6 and port == PORT + 2:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    server.listen(4096)
    server.setblocking(False)
    return server


# Port 8080 for each family alone; 8082 for both by an IPv6 socket, whose IPv4 connections are mapped.
servers = {}
for family in (socket.AF_INET, socket.AF_INET6):
    with b:
        server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", PORT))
    server.listen(4096)
    server.setblocking(False)
    servers[family, PORT] = server
servers[socket.AF_INET6, PORT + 2] = listen(b, socket.AF_INET6, PORT + 2)
for port in (DEAF, DYING):
    servers[socket.AF_INET, port] = listen(b, socket.AF_INET, port)
waiting, counts = {}, collections.Counter()


def linger_zero(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Pair:
    """A connection that is made without waiting: `yield from pair.open()`."""

    def __init__(self, port=PORT, bind=None):
        place = random.choice(("veth4", "veth6", "lo4", "lo6")) if port == PORT else "veth4"
        if port == PORT and random.random() < 0.1:
            place, port = "veth4", PORT + 2
        host = a if place.startswith("veth") else b
        family = socket.AF_INET6 if place.endswith("6") else socket.AF_INET
        self.target = {"veth4": B4, "veth6": B6, "lo4": "127.0.0.1", "lo6": "::1"}[place]
        self.port, self.family, self.child = port, family, None
        with host:
            self.client = socket.socket(family)
        self.client.setblocking(False)
        if bind:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.client.bind((A4, bind))

    def open(self):
        self.client.connect_ex((self.target, self.port))
        server = servers.get((self.family, self.port)) or servers[socket.AF_INET6, self.port]
        for attempt in range(400):
            while True:
                try:
                    child, address = server.accept()
                except BlockingIOError:
                    break
                child.setblocking(False)
                waiting[address[0].replace("::ffff:", ""), address[1]] = child
            name = self.client.getsockname()
            self.child = waiting.pop((name[0], name[1]), None)
            if self.child:
                return True
            yield 0.002 if attempt < 5 else 0.05
        return False

    def close(self):
        self.client.close()
        if self.child:
            self.child.close()


def pause():
    return random.choice((0, 0, 0.001, 0.003, 0.02, 0.1, 0.4))


def talk(pair):
    if random.random() < 0.7:
        pair.client.send(b"request")
        yield pause()
        pair.child.send(b"answer" * random.choice((1, 100)))
        yield pause()
        for end in (pair.client, pair.child):
            try:
                end.recv(65536)
            except BlockingIOError:
                pass


def client_first(pair):
    pair.client.close()
    yield pause()
    pair.child.close()


def server_first(pair):
    pair.child.close()
    yield pause()
    pair.client.close()


def at_once(pair):
    pair.client.shutdown(socket.SHUT_WR)
    pair.child.shutdown(socket.SHUT_WR)
    yield pause()
    pair.client.close()
    pair.child.close()


def half_closed(pair):
    first, second = random.sample((pair.client, pair.child), 2)
    first.shutdown(socket.SHUT_WR)
    yield pause()
    second.send(b"late")
    yield pause()
    second.close()
    yield pause()
    first.close()


def reset(pair):
    first, second = random.sample((pair.client, pair.child), 2)
    linger_zero(first)
    first.close()
    yield pause()
    second.close()


def unread(pair):
    first, second = random.sample((pair.client, pair.child), 2)
    second.send(b"nobody reads this")
    yield 0.01
    first.close()
    yield pause()
    second.close()


def reset_in_close_wait(pair):
    first, second = random.sample((pair.client, pair.child), 2)
    first.shutdown(socket.SHUT_WR)
    yield pause()
    linger_zero(second)
    second.close()
    yield pause()
    first.close()


def held_long(pair):
    yield random.uniform(0.5, 3)
    pair.client.close()
    yield random.uniform(0.1, 4)
    pair.child.close()


endings = [client_first, server_first, at_once, half_closed, reset, unread, reset_in_close_wait, held_long]
weights = [6, 6, 3, 4, 3, 2, 2, 3]


def connection():
    ending = random.choices(endings, weights)[0]
    pair = Pair()
    try:
        if (yield from pair.open()):
            counts[ending.__name__] += 1
            yield pause()
            yield from talk(pair)
            yield from ending(pair)
        else:
            counts["not open"] += 1
    except OSError as error:
        counts[errno.errorcode.get(error.errno, "error")] += 1
    pair.close()


def refused():
    pair = Pair()
    pair.client.connect_ex((pair.target, 9))
    counts["refused"] += 1
    yield 0.05
    pair.close()


def deaf():
    pair = Pair(port=DEAF)
    pair.client.connect_ex((pair.target, DEAF))
    counts["unanswered"] += 1
    yield random.uniform(0.5, 4)
    pair.close()


def reused(port):
    for _ in range(4):
        pair = Pair(port=DYING, bind=port)
        try:
            if (yield from pair.open()):
                counts["reused"] += 1
                yield 0.05
                if random.random() < 0.5:
                    linger_zero(pair.client)
                pair.client.close()
                yield 0.05
            pair.close()
        except OSError as error:
            counts["reuse " + errno.errorcode.get(error.errno, "error")] += 1
            pair.close()
        yield 0.05


print(json.dumps({"ready": True, "a": a.dweller.pid, "b": b.dweller.pid}), flush=True)
sys.stdin.readline()
begin = time.monotonic()
duration = wanted / 400
queue, order = [], 0
for number in range(wanted):
    kind = refused() if number % 50 == 0 else deaf() if number % 250 == 1 else connection()
    heapq.heappush(queue, (begin + duration * number / wanted, order, kind))
    order += 1
for port in range(61000, 61020):
    heapq.heappush(queue, (begin + random.uniform(0, duration), order, reused(port)))
    order += 1
while queue:
    due, _, story = heapq.heappop(queue)
    rest = due - time.monotonic()
    if rest > 0:
        time.sleep(rest)
    try:
        delay = next(story)
    except StopIteration:
        continue
    order += 1
    heapq.heappush(queue, (max(time.monotonic(), due) + delay, order, story))
time.sleep(1.5)
with a:
    last = socket.socket()
last.connect_ex((B4, 9))
last.close()
with b:
    last = socket.socket()
last.connect_ex(("127.0.0.1", 9))
last.close()
time.sleep(0.5)
dropped = []
for recorder in recorders:
    recorder.send_signal(signal.SIGTERM)
    dropped.append(recorder.stderr.read().replace("\n", "; "))
    recorder.wait()
print(json.dumps({"done": True, "kinds": counts, "touched": touched(), "tcpdump": dropped}), flush=True)
sys.stdin.readline()
for host in (a, b):
    host.dweller.kill()
