"""A web server on a socket that it was handed: python3 server.py --fd 3"""
import os
import signal
import socket
import sys

listener = socket.socket(fileno=int(sys.argv[sys.argv.index("--fd") + 1]))
# The daemon gives sockets that do not block; this server waits in accept().
listener.setblocking(True)
stopping = False


def stop(*_):
    global stopping
    stopping = True


# Without SA_RESTART a signal ends a waiting accept().
signal.signal(signal.SIGTERM, stop)
signal.siginterrupt(signal.SIGTERM, True)
listener.settimeout(0.5)

while not stopping:
    try:
        connection, _ = listener.accept()
    except (TimeoutError, BlockingIOError, InterruptedError):
        continue
    with connection:
        connection.settimeout(5)
        connection.recv(65536)
        body = f"hello from {os.getpid()}\n".encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
