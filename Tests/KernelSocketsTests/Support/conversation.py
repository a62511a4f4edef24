#!/usr/bin/env python3
"""Opens and closes one TCP connection in a network namespace of its own, each time that it is told to.

Usage: conversation.py PORT ADDRESS LISTENER_ADDRESS. For each line of standard input it makes a connection from ADDRESS
and prints {"done": true, "begin", "connected", "end", "client": PORT}, times in nanoseconds. Written for
KernelSocketsTests; needs root.
"""
import ctypes, json, socket, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x40000000) != 0:
    raise OSError(ctypes.get_errno(), "unshare")
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

port, host, listener_host = int(sys.argv[1]), sys.argv[2], sys.argv[3]
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    begin = time.time_ns()
    server = socket.socket(socket.AF_INET6 if ":" in listener_host else socket.AF_INET)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((listener_host, port))
    server.listen(1)
    client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    client.connect((host, port))
    child, _ = server.accept()
    connected = time.time_ns()
    number = client.getsockname()[1]
    client.shutdown(socket.SHUT_WR)
    child.recv(1)
    child.close()
    client.recv(1)
    client.close()
    server.close()
    time.sleep(0.01)
    print(json.dumps({"done": True, "begin": begin, "connected": connected, "end": time.time_ns(), "client": number}), flush=True)
