"""The two stores, as far as this API needs them: a command to redis, and whether postgres answers."""

from __future__ import annotations

import os
import socket
import struct
from urllib.parse import unquote, urlsplit

TIMEOUT = 2  # seconds
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # postgres answers it with one letter, before anybody logs in
LONGEST = 64 * 1024  # bytes of one answer


class StoreError(Exception):
    """A store does not answer, or not as it should."""


def place(variable, default):
    """(URL, (host, port)) of a store. Raises StoreError, which names the variable and not what is in it."""
    try:
        url = urlsplit(os.environ.get(variable, default))
        return url, (url.hostname, url.port or urlsplit(default).port)
    except ValueError:
        raise StoreError(f"{variable} is not a URL: a password in it may have letters and digits only") from None


def redis(*words):
    """The answer to one command of redis: text, a number, or None. Raises StoreError."""
    url, address = place("REDIS_URL", "redis://127.0.0.1:6379/0")
    commands = [words]
    if database := url.path.strip("/"):
        commands.insert(0, ("SELECT", database))
    if url.password:
        commands.insert(0, ("AUTH", unquote(url.password)))
    try:
        with socket.create_connection(address, TIMEOUT) as link, link.makefile("rb") as answers:
            for command in commands:
                link.sendall(encoded(command))
                answer = decoded(answers)
    except (OSError, ValueError) as error:
        raise StoreError(f"redis: {error}") from error
    return answer


def encoded(words):
    """A command in redis' protocol (RESP): how many words there are, then each with its length."""
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def decoded(answers):
    """One answer from the stream. Raises ValueError for one that says no, or of a kind that nothing here asks for."""
    line = answers.readline(LONGEST)
    kind, rest = line[:1], line[1:].strip().decode(errors="replace")
    if not line.endswith(b"\r\n"):
        raise ValueError("it hung up")
    if kind == b"+":
        return rest
    if kind == b":":
        return int(rest)
    if kind == b"$" and int(rest) <= LONGEST:
        return None if rest == "-1" else answers.read(int(rest) + 2)[:-2].decode(errors="replace")
    raise ValueError(rest if kind == b"-" else f"an answer of the kind {kind!r}")


def views(more=0):
    """How often the page was looked at; `more` views are added first. Raises StoreError."""
    return redis("INCRBY", "views", more) if more else int(redis("GET", "views") or 0)


def check_redis():
    """Raises StoreError unless redis answers."""
    redis("PING")


def check_postgres():
    """Raises StoreError unless postgres answers. Its protocol's first step is enough: that needs no driver."""
    _, address = place("DATABASE_URL", "postgresql://127.0.0.1:5432/")
    try:
        with socket.create_connection(address, TIMEOUT) as link:
            link.sendall(SSL_REQUEST)
            answer = link.recv(1)
    except OSError as error:
        raise StoreError(f"postgres: {error}") from error
    if answer not in (b"S", b"N"):
        raise StoreError(f"postgres: {answer!r} is not how it answers")
