#!/usr/bin/env python3
"""Makes sockets in every state in a network namespace of its own and holds them until standard input ends.

Prints one JSON object to a line for each socket, {"name", "local", "remote", "state", "kind", "inode"}, then {"ready": PID}.
Written for KernelSocketsTests; needs root and nft.
"""
import ctypes, json, os, socket, struct, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x40000000) != 0:
    raise OSError(ctypes.get_errno(), "unshare")


def run(*words, text=None):
    subprocess.run(words, check=True, input=text, text=True)


run("ip", "link", "set", "lo", "up")
run("ip", "addr", "add", "10.99.0.1/32", "dev", "lo")
run("ip", "-6", "addr", "add", "fd99::1/128", "dev", "lo", "nodad")
with open("/proc/sys/net/ipv4/tcp_fastopen", "w") as file:
    file.write("519")  # client and server, no cookies (0x207)
run("nft", "-f", "-", text="table inet t {\n chain out {\n type filter hook output priority 0;\n }\n}\n")


def drop(*rule):
    """Drops what matches on its way out; returns the rule's handle."""
    output = subprocess.run(
        ["nft", "-e", "-a", "add", "rule", "inet", "t", "out", *rule, "drop"],
        check=True, capture_output=True, text=True).stdout
    return output.split("handle ")[1].split()[0]


def undrop(handle):
    run("nft", "delete", "rule", "inet", "t", "out", "handle", handle)


held, told = [], []


def name(address):
    host = address[0]
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"


def tell(what, local, remote, state, kind, inode):
    told.append({"name": what, "local": name(local), "remote": name(remote), "state": state, "kind": kind, "inode": inode})


def inode(sock):
    return os.fstat(sock.fileno()).st_ino


def listen(port, backlog=8, host="10.99.0.1", family=socket.AF_INET):
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, port))
    server.listen(backlog)
    held.append(server)
    return server


def connect(port, host="10.99.0.1", family=socket.AF_INET):
    client = socket.socket(family)
    client.connect((host, port))
    held.append(client)
    return client


def both(port, **more):
    server = listen(port, **more)
    client = connect(port, **more)
    child, _ = server.accept()
    held.append(child)
    return server, client, child


def tell_socket(what, sock, state, kind="full"):
    tell(what, sock.getsockname(), sock.getpeername(), state, kind, inode(sock))


def start(port):
    """Begins a connection and does not wait."""
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("10.99.0.1", port))
    held.append(client)
    return client


# LISTEN, ESTABLISHED, and a connection that nobody accepted.
server, client, child = both(8001)
child.send(b"hello")
tell("listener", server.getsockname(), ("0.0.0.0", 0), "LISTEN", "listener", inode(server))
tell_socket("established client", client, "ESTABLISHED")
tell_socket("established server", child, "ESTABLISHED")
client = connect(8001)
tell("not accepted", client.getpeername(), client.getsockname(), "ESTABLISHED", "full", None)

# More connections than the backlog holds.
overflowing = listen(8002, backlog=1)
connect(8002)
connect(8002)
tell("overflowing", overflowing.getsockname(), ("0.0.0.0", 0), "LISTEN", "listener", inode(overflowing))

# Only a port.
bound = socket.socket()
bound.bind(("10.99.0.1", 8003))
held.append(bound)
tell("bound", bound.getsockname(), ("0.0.0.0", 0), "CLOSED", "bound", inode(bound))

# SYN-SENT: the SYN goes nowhere. SYN-RECEIVED: the SYN,ACK goes nowhere.
drop("tcp", "dport", "8004")
client = start(8004)
tell("syn-sent", client.getsockname(), ("10.99.0.1", 8004), "SYN-SENT", "full", inode(client))
listen(8005)
drop("tcp", "sport", "8005")
client = start(8005)
tell("request", ("10.99.0.1", 8005), client.getsockname(), "SYN-RECEIVED", "request", None)

# SYN-RECEIVED with a socket: Fast Open gives the server its data before the handshake is over.
server = listen(8006)
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
drop("tcp", "sport", "8006")
client = socket.socket()
client.setblocking(False)
client.bind(("10.99.0.1", 0))
try:
    client.sendto(b"early", socket.MSG_FASTOPEN, ("10.99.0.1", 8006))
except BlockingIOError:
    pass
held.append(client)
child, _ = server.accept()
held.append(child)
tell("fast open", ("10.99.0.1", 8006), client.getsockname(), "SYN-RECEIVED", "full", inode(child))

# CLOSE-WAIT and FIN-WAIT-2, held by programs; then what a closed FIN-WAIT-2 leaves.
_, client, child = both(8007)
client.shutdown(socket.SHUT_WR)
tell_socket("fin-wait-2", client, "FIN-WAIT-2")
tell_socket("close-wait", child, "CLOSE-WAIT")
_, client, child = both(8008)
local = client.getsockname()
client.close()
tell("fin-wait-2 remnant", local, ("10.99.0.1", 8008), "FIN-WAIT-2", "remnant", None)

# FIN-WAIT-1: the FIN goes nowhere.
_, client, child = both(8009)
drop("tcp", "dport", "8009")
client.shutdown(socket.SHUT_WR)
tell_socket("fin-wait-1", client, "FIN-WAIT-1")

# LAST-ACK: the second FIN goes nowhere; the program has closed it.
_, client, child = both(8010)
client.shutdown(socket.SHUT_WR)
time.sleep(0.05)
drop("tcp", "sport", "8010", "tcp", "flags", "&", "fin", "==", "fin")
remote = child.getpeername()
child.close()
tell("last-ack", ("10.99.0.1", 8010), remote, "LAST-ACK", "full", None)

# CLOSING: FINs cross, and the answer to one of them never comes.
_, client, child = both(8011)
towards_server = drop("tcp", "dport", "8011")
drop("tcp", "sport", "8011", "tcp", "flags", "&", "fin", "==", "fin")
client.shutdown(socket.SHUT_WR)
child.shutdown(socket.SHUT_WR)
closing = child
undrop(towards_server)

# TIME-WAIT.
_, client, child = both(8012)
local = client.getsockname()
client.close()
child.close()
tell("time-wait", local, ("10.99.0.1", 8012), "TIME-WAIT", "remnant", None)

# Data that the peer does not read: its window closes, and probes begin.
_, client, child = both(8013)
child.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
client.setblocking(False)
try:
    while True:
        client.send(b"x" * 65536)
except BlockingIOError:
    pass
tell_socket("zero window", client, "ESTABLISHED")
client = connect(8001)
client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
tell_socket("keepalive", client, "ESTABLISHED")

# IPv6, and IPv4 on an IPv6 socket.
server, client, child = both(8014, host="fd99::1", family=socket.AF_INET6)
tell_socket("ipv6", client, "ESTABLISHED")
server = listen(8015, host="::", family=socket.AF_INET6)
client = connect(8015)
child, _ = server.accept()
held.append(child)
tell("mapped listener", server.getsockname(), ("::", 0), "LISTEN", "listener", inode(server))
tell("mapped", client.getpeername(), client.getsockname(), "ESTABLISHED", "full", inode(child))

# The FIN of the client has to be sent again before the server is in CLOSING.
deadline = time.monotonic() + 10
while closing.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != 11:
    if time.monotonic() > deadline:
        raise SystemExit("no CLOSING")
    time.sleep(0.02)
tell_socket("closing", closing, "CLOSING")

for line in told:
    print(json.dumps(line))
print(json.dumps({"ready": os.getpid()}), flush=True)
sys.stdin.read()
