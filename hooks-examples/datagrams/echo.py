"""Answers each datagram with itself and its pid."""
import os
import select
import socket

server = socket.socket(fileno=0)
while True:
    select.select([server], [], [])
    data, sender = server.recvfrom(65536)
    server.sendto(data + f" from {os.getpid()}".encode(), sender)
