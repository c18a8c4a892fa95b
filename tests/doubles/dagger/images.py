"""Images: a few that are known by name, and Dockerfiles as far as tests need them."""

from __future__ import annotations

import asyncio
import fnmatch
import hashlib
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from tests.doubles.dagger.objects import EngineError, exec_error
from tests.doubles.dagger.telemetry import Operation, Telemetry, call

KNOWN = ("python:3.12-slim", "box:1", "alpine:latest", "debian:12")


def pull(telemetry: Telemetry, operation: Operation, address: str) -> dict[str, Any]:
    """A known image's configuration. Raises EngineError."""
    name = address.removeprefix("docker.io/library/")
    if name not in KNOWN:
        raise EngineError(
            f'failed to resolve image "docker.io/library/{name}" (platform: "linux/amd64"): {name}: not found'
        )
    telemetry.span(operation, f"pulling docker.io/library/{name}@sha256:{'0' * 64}").tell(end=True)
    return {"entrypoint": [], "defaultArgs": ["sh"], "env": {}, "workdir": ""}


def copied(path: Path, exclude: list[str], to: Path) -> Path:
    """A folder as it is now, without what is excluded."""
    shutil.rmtree(to, ignore_errors=True)

    def left_out(folder: str, names: list[str]) -> list[str]:
        inside = os.path.relpath(folder, path)
        return [n for n in names if any(fnmatch.fnmatch(os.path.normpath(f"{inside}/{n}"), e) for e in exclude)]

    shutil.copytree(path, to, symlinks=True, ignore=left_out)
    return to


async def build(
    telemetry: Telemetry, operation: Operation, context: Path, dockerfile: str, target: str, cache: Path
) -> dict[str, Any]:
    """Run a Dockerfile's steps as processes of this host, in a copy of its context. Raises EngineError."""
    found: dict[str, Any] = {}
    stages: dict[str, dict[str, Any]] = {}
    digest = hashlib.sha256()
    for line in (context / dockerfile).read_text().replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        digest.update(line.encode())
        if word == "FROM":
            name, _, alias = rest.partition(" AS ")
            if target and target in stages:
                break
            found = dict(stages[name]) if name in stages else pull(telemetry, operation, name)
            stages[alias or rest] = found
        elif word == "COPY":
            for source in rest.split()[:-1]:
                for file in sorted(p for p in [context / source, *(context / source).rglob("*")] if p.is_file()):
                    digest.update(file.read_bytes())
        elif word == "RUN":
            await _run(telemetry, operation, rest, context, cache / digest.hexdigest())
        elif word == "ENV":
            key, _, value = rest.replace(" ", "=", 1).partition("=") if "=" not in rest else rest.partition("=")
            found["env"] = {**found["env"], key: value}
        elif word in ("CMD", "ENTRYPOINT"):
            argv = [str(v) for v in json.loads(rest)] if rest.startswith("[") else ["sh", "-c", rest]
            found["entrypoint" if word == "ENTRYPOINT" else "defaultArgs"] = argv
    return found


async def _run(telemetry: Telemetry, operation: Operation, command: str, folder: Path, mark: Path) -> None:
    """One step: a pending call, and the work behind it in a span that resumes it; what was done before is cached."""
    argv = ["/bin/sh", "-c", command]
    if mark.exists():
        telemetry.span(operation, "Container.withExec", dag__call=call("withExec", args=argv), dag__cached=True).tell(
            end=True
        )
        return
    pending = telemetry.span(operation, "Container.withExec", dag__call=call("withExec", args=argv), dag__pending=True)
    pending.tell(end=True)
    resumed = telemetry.span(operation, "resume withExec", causes=[pending.id], ui__passthrough=True)
    pipe = asyncio.subprocess.PIPE
    spawned = asyncio.create_task(
        asyncio.create_subprocess_exec(*argv, cwd=folder, stdout=pipe, stderr=pipe, start_new_session=True)
    )
    try:
        process = await asyncio.shield(spawned)
        out, err = await process.communicate()
    except asyncio.CancelledError:  # its request is gone, perhaps while it was being spawned
        os.killpg((await spawned).pid, signal.SIGKILL)
        raise
    code = process.returncode or 0
    resumed.tell(end=True, error=f"exit code: {code}" if code else "")
    if code:
        raise exec_error(argv, code, out.decode(), err.decode(), "failed to clone built container state: ")
    mark.touch()


def in_folder(text: str, places: dict[str, str]) -> str:
    """`text` with every mount point replaced by the folder that stands for it, the longest first."""
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return text
