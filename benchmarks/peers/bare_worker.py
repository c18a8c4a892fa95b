"""A worker with nothing around it: waits for a datagram, claims what is PENDING. Arguments: store, socket."""

from __future__ import annotations

import socket
import sqlite3
import sys


def main() -> None:
    con = sqlite3.connect(sys.argv[1], isolation_level=None)
    con.execute("PRAGMA synchronous=FULL")
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bell.bind(sys.argv[2])
    print("up", flush=True)
    while bell.recv(16) != b"end":
        con.execute("UPDATE jobs SET state = 'BUILDING' WHERE state = 'PENDING'")


main()
