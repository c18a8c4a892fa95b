"""A chatty service: realistic lines of 80 bytes on average, as fast as they are taken, in blocks as buffers do.

Arguments: seconds, the file to write the lines per second to.
"""

from __future__ import annotations

import os
import sys
import time

_WORDS = "GET /api/v1/orders 200 12 ms worker=3 request=7f3a9c queue=default retries=0 user=anonymous cache=hit "


def block() -> bytes:
    lines = []
    for i in range(819):
        length = 40 + i * 37 % 81 - 1
        lines.append((f"{i:06d} INFO " + _WORDS * 2)[:length])
    return "\n".join(lines).encode() + b"\n"


def main() -> None:
    data = block()
    lines, count = data.count(b"\n"), 0
    begun = time.monotonic()
    deadline = begun + float(sys.argv[1])
    while time.monotonic() < deadline:
        os.write(1, data)
        count += lines
    rate = count / (time.monotonic() - begun)
    with open(f"{sys.argv[2]}.new", "w", encoding="ascii") as file:
        file.write(f"{rate}")
    os.replace(f"{sys.argv[2]}.new", sys.argv[2])


main()
