#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""receive.py SOCKET FILE: appends the datagrams that come to a socket, a line behind each, until it is killed."""
import socket
import sys

path, out = sys.argv[1:]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(path)
with open(out, "ab", buffering=0) as file:
    while True:
        file.write(receiver.recv(65536) + b"\n")
