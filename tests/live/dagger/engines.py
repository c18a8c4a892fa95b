"""The engines that the live tests run on: the stand-in, always; a real one where this machine has it.

A real engine is found as Dagger itself finds it: $_EXPERIMENTAL_DAGGER_CLI_BIN or `dagger` on PATH, and
$_EXPERIMENTAL_DAGGER_RUNNER_HOST or an engine's own socket. None is ever created here.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

CLI, HOST = "_EXPERIMENTAL_DAGGER_CLI_BIN", "_EXPERIMENTAL_DAGGER_RUNNER_HOST"
SOCKET = Path("/run/dagger/engine.sock")
FOUND = {name: os.environ.get(name, "") for name in (CLI, HOST)}  # as the tests were started


@dataclass(frozen=True, slots=True)
class Place:
    """One engine. `environment` is hubtui's; images are what it can pull; `python` is the command in them."""

    name: str
    environment: dict[str, str]
    real: bool
    image: str = "python:3.12-slim"
    python: str = "python3"


def real() -> Place | str:
    """The real engine, or why there is none."""
    cli = FOUND[CLI] or shutil.which("dagger") or ""
    host = FOUND[HOST] or (f"unix://{SOCKET}" if SOCKET.exists() else "")
    if not cli:
        return "there is no dagger program (PATH, $_EXPERIMENTAL_DAGGER_CLI_BIN)"
    if not host:
        return "there is no Dagger engine ($_EXPERIMENTAL_DAGGER_RUNNER_HOST, /run/dagger/engine.sock)"
    from hubtui.stacks.engines.dagger import cli as program

    found = program.read_version(Path(cli))
    if problem := program.mismatch(program.sdk_version(), found):
        return problem
    image = os.environ.get("LIVE_PYTHON_IMAGE", "python:3.12-slim")
    return Place(f"engine {found}", {"HUBTUI_DAGGER__CLI": cli, "HUBTUI_DAGGER__RUNNER_HOST": host}, True, image)


def program(port: int) -> list[str]:
    """The argv, after the interpreter, of a small server on `port`: / says hello and its environment variable NAME,
    /crash ends it with code 7, /count adds a line to the file DATA names and says how many it has."""
    return ["-u", "-c", _SERVER, str(port)]


_SERVER = """
import http.server, os, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/crash":
            print("crashing now", flush=True); os._exit(7)
        text = "hello from " + os.environ.get("NAME", "?")
        if self.path == "/count":
            with open(os.environ["DATA"], "a") as f: f.write("x\\n")
            text = str(len(open(os.environ["DATA"]).readlines()))
        body = text.encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): print("GET", self.path, flush=True)
print("listening", flush=True)
print("to stderr", file=sys.stderr, flush=True)
class S(http.server.ThreadingHTTPServer):
    request_queue_size = 128
S(("0.0.0.0", int(sys.argv[1])), H).serve_forever()
"""
