"""A redis and a postgres as far as the template `commandcenter` asks them: two tiny servers, each in a thread."""

from __future__ import annotations

import socketserver
import threading
from typing import BinaryIO, ClassVar


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[socketserver.StreamRequestHandler], port: int) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.port = int(self.server_address[1])
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Redis(_Server):
    """Knows AUTH, SELECT, PING, GET and INCRBY; forgets everything at its end. `password` "": asks for none."""

    def __init__(self, port: int = 0, password: str = "") -> None:
        self.password, self.values = password, dict[str, int]()
        self.lock = threading.Lock()
        super().__init__(_RedisClient, port)

    def answer(self, words: list[str], known: bool) -> bytes:
        if words[0] != "AUTH" and self.password and not known:
            return b"-NOAUTH Authentication required.\r\n"
        if words[0] == "AUTH":
            return b"+OK\r\n" if self.password and words[1] == self.password else b"-WRONGPASS invalid password\r\n"
        if words[0] == "PING":
            return b"+PONG\r\n"
        if words[0] == "SELECT":
            return b"+OK\r\n"
        if words[0] == "GET":
            found = self.values.get(words[1])
            return b"$-1\r\n" if found is None else b"$%d\r\n%d\r\n" % (len(str(found)), found)
        if words[0] == "INCRBY":
            with self.lock:
                self.values[words[1]] = self.values.get(words[1], 0) + int(words[2])
                return b":%d\r\n" % self.values[words[1]]
        return b"-ERR unknown command\r\n"


class _RedisClient(socketserver.StreamRequestHandler):
    server: Redis

    def handle(self) -> None:
        known = False
        while words := _command(self.rfile):  # type: ignore[arg-type]
            answer = self.server.answer(words, known)
            known = known or (words[0] == "AUTH" and answer.startswith(b"+"))
            self.wfile.write(answer)


def _command(stream: BinaryIO) -> list[str]:
    """The words of the next command; none at the end."""
    head = stream.readline()
    if not head:
        return []
    assert head[:1] == b"*" and head.endswith(b"\r\n"), head
    words = []
    for _ in range(int(head[1:])):
        size = stream.readline()
        assert size[:1] == b"$", size
        words.append(stream.read(int(size[1:])).decode())
        assert stream.read(2) == b"\r\n"
    return words


class Postgres(_Server):
    """Answers the request for TLS, which is all that a server says before a client has said who it is."""

    SSL_REQUEST: ClassVar[bytes] = bytes.fromhex("0000000804d2162f")

    def __init__(self, port: int = 0, answer: bytes = b"N") -> None:
        self.answer, self.asked = answer, 0
        super().__init__(_PostgresClient, port)


class _PostgresClient(socketserver.StreamRequestHandler):
    server: Postgres

    def handle(self) -> None:
        if self.rfile.read(8) == Postgres.SSL_REQUEST:
            self.server.asked += 1
            self.wfile.write(self.server.answer)
