#!/usr/bin/env python3
"""Holds many connections on loopback in a network namespace of its own, and makes others come and go meanwhile.

Usage: load.py CONNECTIONS. Prints {"ready": SOCKETS}; then a line "churn" of standard input starts connections that come and
go, "calm" ends them and prints {"churned": NUMBER}. Written for KernelSocketsTests; needs root.
"""
import ctypes, json, resource, socket, struct, subprocess, sys, threading

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x40000000) != 0:
    raise OSError(ctypes.get_errno(), "unshare")
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("10000 65000")

connections = int(sys.argv[1])
server = socket.socket()
server.bind(("127.0.0.1", 8001))
server.listen(4096)
held = [server]
for _ in range(connections):
    client = socket.socket()
    client.connect(("127.0.0.1", 8001))
    held += [client, server.accept()[0]]
other = socket.socket()
other.bind(("127.0.0.2", 8002))
other.listen(4096)
print(json.dumps({"ready": 2 * connections + 2}), flush=True)

stop, churned = threading.Event(), 0


def churn():
    global churned
    while not stop.is_set():
        client = socket.socket()
        # A RST ends it: the addresses are free at once.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect(("127.0.0.2", 8002))
        other.accept()[0].close()
        client.close()
        churned += 1


for line in sys.stdin:
    if line.strip() == "churn":
        thread = threading.Thread(target=churn)
        thread.start()
    elif line.strip() == "calm":
        stop.set()
        thread.join()
        print(json.dumps({"churned": churned}), flush=True)
stop.set()
