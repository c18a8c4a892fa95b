"""A published port: hubtui listens on it as long as the stack is up, whatever becomes of the service behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from hubtui.stacks.engines.dagger.ports import sockets
from hubtui.stacks.engines.dagger.ports.link import Ledger, Link
from hubtui.stacks.engines.dagger.ports.tunnel import Limits, OpenTunnel
from hubtui.stacks.engines.dagger.ports.tunnels import Tunnels

_AT_ONCE = 64  # connections accepted in one turn of the loop
_PAUSE = 0.5  # seconds without accepting when this host has no sockets left


class PublishedPort:
    """`published` on `address` (IP address or name), carried to `target` in the service. `tell` takes one sentence for
    the service's log, returns at once and never fails. Used in one event loop."""

    def __init__(
        self, address: str, published: int, target: int, tell: Callable[[str], None], limits: Limits | None = None
    ) -> None:
        """With `published` 0 the kernel chooses a port."""
        self.address, self.published, self.target = address, published, target
        self.total = 0  # connections accepted so far
        self._limits = limits or Limits()
        self._ledger = Ledger(self._limits)
        self._tunnels = Tunnels(self._limits, self._note)
        self._tell = tell
        self._listeners: list[socket.socket] = []
        self._serving: set[asyncio.Task[bool]] = set()  # clients that have no connection to the service yet
        self._paused: asyncio.TimerHandle | None = None
        self._short = False  # of sockets, and it was told

    # What is counted

    @property
    def connections(self) -> int:
        """Clients connected now, those who wait for the service included."""
        return len(self._ledger.links) + len(self._serving)

    @property
    def bytes_in(self) -> int:
        """Bytes that clients have sent."""
        return self._ledger.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes that the service has sent."""
        return self._ledger.bytes_out

    @property
    def generation(self) -> int:
        """The number of the newest tunnel, from 1; 0 where there never was one."""
        return self._tunnels.number

    @property
    def leaked(self) -> int:
        """Connections that the newest tunnel leaked in the CLI and the service, at most."""
        return self._tunnels.current.leaked if self._tunnels.current else 0

    @property
    def rotations(self) -> int:
        """How often a tunnel was replaced while its service was up."""
        return self._tunnels.rotations

    # Its life

    async def bind(self) -> None:
        """Take the port. Raises EngineError (`port_taken`) saying who holds it."""
        self._listeners = await sockets.listen(self.address, self.published)
        self.published = self._listeners[0].getsockname()[1]
        self._listen()

    async def attach(self, open_tunnel: OpenTunnel) -> None:
        """A service's life begins: connections flow, those that waited first. Raises what `open_tunnel` raises."""
        await self._tunnels.attach(open_tunnel)

    async def detach(self) -> None:
        """The service is down: its connections are cut, new ones wait for the next `attach`."""
        await self._tunnels.detach()

    async def probe(self) -> str:
        """Whether a connection reaches the service: "" or what is wrong. Takes 50 ms, or none where traffic shows it;
        a tunnel that has failed is on its way to be replaced."""
        return await self._tunnels.probe()

    def renew(self, why: str) -> None:
        """Put a new tunnel in the place of one that somebody else found wanting; `why` is a clause for the log."""
        self._tunnels.renew(why)

    async def close(self) -> None:
        """Give the port back and end every connection."""
        self._deafen()
        for listener in self._listeners:
            listener.close()
        self._listeners = []
        if self._serving:
            for task in self._serving:
                task.cancel()
            await asyncio.wait(self._serving)
        await self._tunnels.detach()
        for link in list(self._ledger.links):
            link.give_up()

    # Clients

    def _listen(self) -> None:
        self._paused = None
        for listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _deafen(self) -> None:
        if self._paused:
            self._paused.cancel()
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                client, _ = listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                self._out_of_sockets(error)
                self._deafen()
                self._paused = asyncio.get_running_loop().call_later(_PAUSE, self._listen)
                return
            self.total += 1
            self._welcome(client)

    def _welcome(self, client: socket.socket) -> None:
        if not self._tunnels.ready and len(self._serving) >= self._limits.held:
            sockets.reset(client)
            return
        sockets.prepare_client(client)
        task = asyncio.create_task(self._serve(client))
        self._serving.add(task)
        task.add_done_callback(lambda task: self._served(task, client))

    async def _serve(self, client: socket.socket) -> bool:
        """Connect a client to the service; False where it waited for too long, or left."""
        try:
            async with asyncio.timeout(self._limits.hold):
                way = await self._tunnels.reach(client)
        except TimeoutError:
            return False
        except OSError as error:
            self._out_of_sockets(error)
            return False
        except Exception as error:
            self._note(f"a client was turned away: {error!r}")
            return False
        self._short = False
        if way is None:
            return False
        generation, upstream = way
        Link(client, upstream, generation, self._ledger)
        return True

    def _served(self, task: asyncio.Task[bool], client: socket.socket) -> None:
        """Who could not be connected is reset, as if nobody listened."""
        self._serving.discard(task)
        if task.cancelled() or not task.result():
            sockets.reset(client)

    def _out_of_sockets(self, error: OSError) -> None:
        if not self._short:
            self._short = True
            self._note(f"connections cannot be taken now: {error.strerror}")

    def _note(self, what: str) -> None:
        self._tell(f"port {self.published}: {what}")
