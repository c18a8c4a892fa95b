"""From a compose file to the calls that define a service, as the real SDK holds them back until an engine is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagger

from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.engines.dagger.definition import Wanted, define
from hubtui.stacks.engines.dagger.images import Image
from hubtui.stacks.engines.dagger.volumes import Identity, volume_name
from hubtui.stacks.spec.load import load_stack

CLIENT = dagger.Client()  # never connected
IMAGE = Image(CLIENT.container(), ("/entry",), ("serve", "--all"), "app", ((8080, "tcp"), (53, "udp")), False, None)
TOP = """
name: shop
volumes: {data: , shared: }
secrets: {key: {file: ./key}, gone: {external: true}}
configs: {conf: {content: "a=1"}, other: {file: ./other}, gone: {external: true}}
services:
  db: {image: x, volumes: ['shared:/db']}
"""


def wanted(folder: Path, body: str, image: Image = IMAGE, **more: Any) -> Wanted:
    """One life of the service `web` with this body."""
    (folder / "key").write_text("key-file-text")
    (folder / "other").write_text("b=2")
    (folder / "compose.yaml").write_text(TOP + f"  web: {{image: x, {body}}}\n")
    stack = load_stack(folder, environ={})
    service = stack.services["web"]
    volumes = {volume_name(service, m): Identity(m.source == "shared", "5:6") for m in service.mounts}
    fixed: dict[str, Any] = {"check": None, "defaults": HealthDefaults(), "snapshots": {}, "volumes": volumes}
    return Wanted(stack, service, image, "shop", "run-7", "token", **{**fixed, "expected": (), **more})


def calls(made: Any) -> list[tuple[str, dict[str, Any]]]:
    """The calls that an object of the SDK stands for."""
    return [(call.name, call.args) for call in made._ctx.selections]


def defined(folder: Path, body: str, image: Image = IMAGE, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """The arguments of each call that defines the service, by the call's name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, arguments in calls(define(CLIENT, wanted(folder, body, image, **more))):
        found.setdefault(name, []).append(arguments)
    return found
