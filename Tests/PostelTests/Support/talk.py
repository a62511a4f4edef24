"""Conversations between two network namespaces: each line of standard input is a story, each is answered 'told'.

Usage: talk.py SERVER-NAMESPACE. It runs in the client's namespace, and serves in the other one, where it also is.
Stories: close, server-close, reset, refused, udp COUNT, open (stays open; half closes it, end ends it, abort
lets the server end it with a RST).
"""
import ctypes
import os
import socket
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)


def inside(namespace, what):
    """Does something in another namespace: a socket belongs to where it was made."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open("/run/netns/" + namespace, os.O_RDONLY)
    try:
        assert libc.setns(other, 0) == 0
        return what()
    finally:
        libc.setns(own, 0)
        os.close(own)
        os.close(other)


def listener(family, address):
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, 8080))
    server.listen(16)
    return server


FOUR, SIX = (socket.AF_INET, "10.77.0.2"), (socket.AF_INET6, "fd77::2")
listeners = {place: inside(sys.argv[1], lambda place=place: listener(*place)) for place in (FOUR, SIX)}


def connect(place):
    client = socket.socket(place[0])
    client.connect((place[1], 8080))
    server, _ = listeners[place].accept()
    client.sendall(b"x" * 100)
    server.recv(100)
    server.sendall(b"y" * 50)
    client.recv(100)
    return client, server


held = None
for line in sys.stdin:
    words = line.split()
    story = words[0]
    if story in ("close", "server-close", "reset"):
        for place in (FOUR, SIX):
            client, server = connect(place)
            first, second = (server, client) if story == "server-close" else (client, server)
            if story == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            first.close()
            time.sleep(0.05)
            second.close()
            time.sleep(0.05)
    elif story == "refused":
        try:
            socket.create_connection(("10.77.0.2", 8081))
        except ConnectionRefusedError:
            pass
    elif story == "open":
        held = connect(FOUR)
    elif story == "half":
        held[0].shutdown(socket.SHUT_WR)
        time.sleep(0.1)
    elif story == "end":
        held[1].close()
        held[0].close()
        time.sleep(0.1)
    elif story == "abort":
        held[1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        held[1].close()
    elif story == "udp":
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(int(words[1])):
            sender.sendto(b"z", ("10.77.0.2", 9))
    print("told", flush=True)
