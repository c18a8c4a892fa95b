"""Starts so many `sleep 600` with two pipes each in an asyncio loop, and sees each one's end by its pidfd.

Argument: how many. On stdin: `up` starts them, `down` ends them; the same word comes back when that is done.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys


class Hundred:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.pids: list[int] = []
        self.ends: list[asyncio.Future[None]] = []

    def start(self) -> None:
        process = subprocess.Popen(
            ["sleep", "600"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        fd = os.pidfd_open(process.pid)
        ended: asyncio.Future[None] = self.loop.create_future()
        assert process.stdout and process.stderr
        streams = [process.stdout, process.stderr]

        def reap() -> None:
            process.wait()
            for each in streams:
                self.loop.remove_reader(each)
                each.close()
            self.loop.remove_reader(fd)
            os.close(fd)
            ended.set_result(None)

        for each in streams:
            self.loop.add_reader(each, lambda stream: os.read(stream.fileno(), 65536), each)
        self.loop.add_reader(fd, reap)
        self.pids.append(process.pid)
        self.ends.append(ended)

    async def stop(self) -> None:
        for pid in self.pids:
            os.kill(pid, 15)
        await asyncio.gather(*self.ends)
        self.pids, self.ends = [], []


async def main() -> None:
    hundred = Hundred()
    for line in iter(sys.stdin.readline, ""):
        if line == "up\n":
            for _ in range(int(sys.argv[1])):
                hundred.start()
        else:
            await hundred.stop()
        print(line, end="", flush=True)
    if hundred.pids:
        await hundred.stop()


asyncio.run(main())
