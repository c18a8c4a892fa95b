"""The peer of a start on Dagger: a script over the SDK alone that builds two images, starts four services in the same
order, opens a tunnel to each, says so, and holds them until its input ends.

    python -m benchmarks.peers.raw_dagger FOLDER IMAGE PORT PORT PORT PORT
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TextIO

import dagger

from tests.live.dagger.engines import program


async def main(folder: str, image: str, ports: list[int], log: TextIO) -> None:
    async with dagger.Connection(dagger.Config(retry=None, log_output=log)) as client:

        async def built() -> dagger.Container:
            context = await client.host().directory(folder, no_cache=True).sync()
            return await context.docker_build().sync()

        async def start(name: str, container: dagger.Container, inner: int, outer: int) -> None:
            argv = ["python3", *program(inner)]
            service = container.with_env_variable("NAME", name).with_exposed_port(inner).as_service(args=argv)
            started = await service.with_hostname(name).start()
            forward = dagger.PortForward(backend=inner, frontend=outer)
            await client.host().tunnel(started, ports=[forward]).start()

        pulled = client.container().from_(image)
        backend, frontend = await asyncio.gather(built(), built())
        await asyncio.gather(start("store", pulled, 8001, ports[0]), start("queue", pulled, 8002, ports[1]))
        await start("backend", backend, 8003, ports[2])
        await start("frontend", frontend, 8004, ports[3])
        print("up", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with open(os.devnull, "w") as nothing:
        asyncio.run(main(sys.argv[1], sys.argv[2], [int(port) for port in sys.argv[3:]], nothing))
