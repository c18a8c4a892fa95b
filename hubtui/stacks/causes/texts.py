"""What engines, registries and build tools say when something outside the project failed: the one table of it.

Two kinds of text, and never mixed. *Words of an engine* are an error's message: nothing in it is the project's own but
names. *Output* is what a failed build's commands printed, where anything may stand: its patterns hold only what no
program says of anything else, or name the tool that says it. What a service prints is looked up nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hubtui.stacks.causes import kinds

NETWORK_HINT = "It may pass by itself. Else look at the network, its proxy and its DNS from this host."
REGISTRY_HINT = "It may pass by itself. A limit on pulls is higher for who is logged in: docker login."
RESOURCES_HINT = (
    "End what takes them (free -h; ulimit -u; ulimit -n), or let fewer jobs work at once: jobs.concurrency."
)
SPACE_HINT = "Free some: df -h says where none is left; hubtui disk and hubtui prune free what Dagger's cache holds."
STARTING_HINT = "It may need a moment; hubtui doctor says whether it answers."
ENGINE_HINT = "Start it (systemctl start docker), then press s again; hubtui doctor says whether it answers."
IMAGE_HINT = "Correct its name in the compose file, or log in to its registry: docker login."

LAST_LINES = 20  # of an output: what a tool got over earlier is not what it failed of
LINE = 2000  # characters of each


@dataclass(frozen=True, slots=True)
class Cause:
    """What was recognised: the kind of error, and what to do about it."""

    kind: str
    hint: str


_NETWORK = Cause(kinds.NETWORK, NETWORK_HINT)
_REGISTRY = Cause(kinds.REGISTRY, REGISTRY_HINT)
_RESOURCES = Cause(kinds.RESOURCES, RESOURCES_HINT)
_SPACE = Cause(kinds.NO_SPACE, SPACE_HINT)

_BUSY = r"429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service (?:Temporarily )?Unavailable"
_BUSY += r"|504 Gateway Time-?out"
# libc's words for EAI_AGAIN and Go's for a resolver that failed; "no such host" is an answer and stays one
_NO_NAMES = r"Temporary failure in name resolution|lookup \S+(?: on \S+)?: (?:server misbehaving|i/o timeout)"
_NO_MEANS = (
    r"fork/exec \S+: (?:resource temporarily unavailable|cannot allocate memory)"
    r"|fork: (?:retry: )?(?:Resource temporarily unavailable|Cannot allocate memory)"
    r"|can't start new thread|pthread_create failed[^\n]*Resource temporarily unavailable"
)

_ENGINE = (
    (r"no space left on device|disk quota exceeded", _SPACE),
    (rf"{_NO_MEANS}|cannot allocate memory|too many open files(?: in system)?$", _RESOURCES),
    (rf"toomanyrequests:|{_BUSY}|unexpected status[^\n]{{0,200}}: (?:429|5\d\d)\b", _REGISTRY),
    (
        rf"{_NO_NAMES}|net/http: TLS handshake timeout|net/http: request canceled while waiting for connection"
        r"|Client\.Timeout exceeded|(?:read|write|dial) (?:tcp|udp)[^\n]{0,200}: i/o timeout"
        r"|connection reset by peer|dial tcp [^\n]{0,200}: connect: (?:connection refused|connection timed out"
        r"|no route to host|network is unreachable)|http2: client connection lost"
        r"|(?:httpReadSeeker|failed to copy|read tcp)[^\n]{0,300}: unexpected EOF",
        _NETWORK,
    ),
    (r"Docker Desktop is starting|the (?:docker )?daemon is starting", Cause(kinds.ENGINE_STARTING, STARTING_HINT)),
    (
        r"Cannot connect to the Docker daemon|Is the docker daemon running\?",
        Cause(kinds.ENGINE_UNREACHABLE, ENGINE_HINT),
    ),
    (r"manifest unknown|manifest for \S+ not found|pull access denied", Cause(kinds.IMAGE_NOT_FOUND, IMAGE_HINT)),
)

_NPM = r"^npm (?:ERR!|error) code "
_APT = r"^E: Failed to fetch \S+ +"
_OUTPUT = (
    (rf"[Nn]o space left on device|{_NPM}ENOSPC\b", _SPACE),
    (rf"{_NO_MEANS}|{_NPM}(?:EMFILE|ENFILE|ENOMEM|EAGAIN)\b", _RESOURCES),
    (
        rf"{_NPM}E(?:429|5\d\d)\b|^toomanyrequests:|{_APT}(?:429|50[0234])\b"
        rf"|{_APT}Hash Sum mismatch"  # a mirror in the middle of its own update
        r"|The requested URL returned error: (?:429|50[0234])\b"  # git, curl
        r"|^ERROR: [^\n]*\b(?:429 Client|50[0234] Server) Error: "  # pip
        r"|^ERROR: HTTP error (?:429|50[0234]) while getting "  # pip
        r"|ERROR 50[0234]: ",  # wget
        _REGISTRY,
    ),
    (
        rf"{_NO_NAMES}|net/http: TLS handshake timeout"
        r"|^WARNING: Retrying \(Retry\(total=0,"  # pip: the last time that it tried
        r"|^(?:ERROR: |pip\.)[^\n]*(?:ReadTimeoutError|NewConnectionError|ConnectTimeoutError|ConnectionResetError"
        r"|Read timed out)"
        rf"|{_NPM}(?:ECONNRESET|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ENETUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT)\b"
        r"|^error An unexpected error occurred: \"https?:[^\n]*(?:ECONNRESET|ETIMEDOUT|EAI_AGAIN)"  # yarn
        rf"|Temporary failure resolving '|{_APT}(?:Could not connect|Unable to connect|Connection (?:failed|timed out))"
        r"|^fatal: unable to access '[^\n]*(?:Could not resolve|Failed to connect|timed out|Connection reset)"
        r"|^ssh: connect to host \S+ port \d+: (?:Connection timed out|Network is unreachable)"
        r"|^error: RPC failed; (?:curl|HTTP) |^fatal: early EOF"  # git
        r"|^curl: \((?:6|28|35|52|56)\) |^curl: \(7\) Failed to connect to (?!localhost|127\.)"
        r"|^wget: unable to resolve host address|^(?:warning|error): spurious network error"  # cargo
        r"|^go: (?![^\n]*no such host)[^\n]*(?:dial tcp|connection reset by peer|i/o timeout)"
        r"|Could not transfer artifact [^\n]*(?:timed out|Connection reset|Temporary failure)",  # maven
        _NETWORK,
    ),
)


def in_engine_words(text: str) -> Cause | None:
    """What the message of an engine, its CLI or a registry tells of; None where it tells of nothing in the table."""
    return _first(_ENGINE, text)


def in_output(lines: Iterable[str]) -> Cause | None:
    """What the last lines of a failed build's output tell of, or None."""
    kept = [line[:LINE] for line in lines if line.strip()][-LAST_LINES:]
    return _first(_OUTPUT, "\n".join(kept))


def _first(table: tuple[tuple[str, Cause], ...], text: str) -> Cause | None:
    return next((cause for pattern, cause in table if re.search(pattern, text, re.MULTILINE)), None)
