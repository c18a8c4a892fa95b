"""A registry on 127.0.0.1 that has one image and no other; Docker asks it without TLS."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.live.docker.images import file_system

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
NAME = "tests/busybox:1"
LAYERS = 3


class Registry(ThreadingHTTPServer):
    """`address` is what goes before a name: 127.0.0.1:PORT. Layers are given out once `go` is set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        self.go = threading.Event()
        self.go.set()
        self.blobs: dict[str, bytes] = {}
        layers = [file_system(only=n, of=LAYERS) for n in range(LAYERS)]
        packed = [gzip.compress(layer, 1) for layer in layers]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["sh"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer) for layer in layers]},
        }
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": self._blob(json.dumps(config).encode(), "application/vnd.docker.container.image.v1+json"),
                "layers": [self._blob(one, "application/vnd.docker.image.rootfs.diff.tar.gzip") for one in packed],
            }
        ).encode()

    def _blob(self, data: bytes, kind: str) -> dict[str, Any]:
        self.blobs[_digest(data)] = data
        return {"mediaType": kind, "size": len(data), "digest": _digest(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class _Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        name, tag = NAME.split(":")
        path = self.path.removeprefix("/v2/").removeprefix(name)
        if path == "":
            self._answer(200, b"{}", "application/json")
        elif path in (f"/manifests/{tag}", f"/manifests/{_digest(self.server.manifest)}"):
            self._answer(200, self.server.manifest, MANIFEST)
        elif (blob := self.server.blobs.get(path.removeprefix("/blobs/"))) is not None:
            if len(blob) > 2000:  # the configuration is small
                self.server.go.wait(60)
            self._answer(200, blob, "application/octet-stream")
        else:
            error = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
            self._answer(404, json.dumps(error).encode(), "application/json")

    do_HEAD = do_GET

    def _answer(self, code: int, body: bytes, kind: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Docker-Content-Digest", _digest(body))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not in the tests' output."""


@contextmanager
def served() -> Iterator[Registry]:
    """A registry for as long as the block lasts."""
    found = Registry()
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.go.set()
        found.shutdown()
        found.server_close()
        thread.join()
