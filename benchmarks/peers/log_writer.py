"""Appends lines to a log at a steady rate. Arguments: the file, lines per second, seconds.

Each line carries the time it was written at (CLOCK_MONOTONIC, milliseconds) between two `q`. A burst that comes late is
larger, so that the rate is kept.
"""

from __future__ import annotations

import os
import sys
import time

PACE = 0.005  # seconds between two bursts


def main() -> None:
    rate, seconds = float(sys.argv[2]), float(sys.argv[3])
    out = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    begun, written = time.monotonic(), 0
    while (now := time.monotonic()) < begun + seconds:
        due = int((now - begun) * rate) - written
        stamp = f"q{int(now * 1000) % 10**9:09}q"
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        lines = [
            f"{when} {stamp} INFO shop-worker: row {n} was written in 12 ms\n" for n in range(written, written + due)
        ]
        os.write(out, "".join(lines).encode())
        written += due
        time.sleep(PACE)


main()
