"""An asyncio loop that reads a child's output 64 KiB at a time, puts a time stamp before each line and writes it.

Arguments: the log file, then the child's command line. The pipe is as large as hubtui makes it (1 MiB).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import time


async def main() -> None:
    loop = asyncio.get_running_loop()
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    ours, theirs = os.pipe()
    fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, 1 << 20)
    os.set_blocking(ours, False)
    child = subprocess.Popen(sys.argv[2:], stdout=theirs)  # noqa: ASYNC220
    os.close(theirs)
    over = loop.create_future()
    held = b""

    def read() -> None:
        nonlocal held
        chunk = os.read(ours, 65536)
        if not chunk:
            loop.remove_reader(ours)
            over.set_result(None)
            return
        now = time.time()
        head = b"%s.%03dZ 1 o " % (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)).encode(),
            int(now * 1000) % 1000,
        )
        *lines, held = (held + chunk).split(b"\n")
        if lines:
            os.write(log, head + (b"\n" + head).join(lines) + b"\n")

    loop.add_reader(ours, read)
    await over
    child.wait()


asyncio.run(main())
