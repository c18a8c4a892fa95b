"""Named volumes as cache volumes of the engine, and the memory of which of them had data.

An engine that dies uncleanly wipes all of them at its next start, so a volume that had data and is empty now is not an
accident to go on with: its service is not started (`volume_lost`) until somebody says so. The memory is a file of the
project, not the engine's: it outlives both.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hubtui.errors import EngineError
from hubtui.models import now
from hubtui.stacks.spec.model import Mount, MountKind, Service, Stack

DANGER = "an engine that dies uncleanly wipes it, and its own clean-up may, once it was unused for two days"


def cache_key(project: str, volume: str) -> str:
    """The name of the engine's cache volume. The engine knows one name space for everybody: the project is in it."""
    return f"hubtui/{project}/{volume}"


def volume_name(service: Service, mount: Mount) -> str:
    """What a mounted volume is called within its project; one without a name has that of its place."""
    return mount.source or f"{service.name}{mount.target}"


def mounting(stack: Stack, volume: str) -> list[str]:
    """The services that mount the volume of this name."""
    return [
        service.name
        for service in stack.services.values()
        if any(m.kind is MountKind.VOLUME and volume_name(service, m) == volume for m in service.mounts)
    ]


@dataclass(frozen=True, slots=True)
class Identity:
    """What the engine tells volumes of the same name apart by: with another sharing or owner (uid:gid) it is another,
    empty one (core/cache.go and core/schema/container.go of 0.21). `shared`: several services may mount it at once."""

    shared: bool = False
    owner: str = ""


class VolumeMemory:
    """Which volumes of one project had data, since when, in which engine, and what they are told apart by. A file that
    cannot be read is an empty one that says so in `problem`; one that cannot be written is no reason to stop a
    stack."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.problem = ""
        self._known: dict[str, dict[str, Any]] = {}
        try:
            loaded = json.loads(file.read_text(encoding="utf-8"))
            self._known = {str(k): dict(v) for k, v in loaded.items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self.problem = f"{file} cannot be read ({error}): volumes that were lost are not noticed"

    @classmethod
    def of(cls, run: Path) -> VolumeMemory:
        """That of the project whose runs keep their files in the folder `run`."""
        return cls(run / "engine" / "volumes.json")

    @property
    def known(self) -> Mapping[str, str]:
        """The volumes that had data, and when each was last seen with some ("2026-11-24 08:00 UTC")."""
        return {volume: _day(entry["seen"]) for volume, entry in self._known.items() if "seen" in entry}

    def had_data(self, volume: str) -> bool:
        """Whether it was ever seen with something in it."""
        return "seen" in self._known.get(volume, {})

    def identify(self, volume: str, wanted: Identity) -> Identity:
        """What it is mounted as: as it was first, whatever the compose file says by now of who uses it, for else its
        data would be out of reach. Raises EngineError (`volume_lost`) where that cannot be kept: it has data that one
        service alone may mount, and several want to."""
        known = self._known.get(volume, {}).get("identity")
        first = Identity(bool(known.get("shared")), str(known.get("owner", ""))) if known else wanted
        if wanted.shared and not first.shared:
            if self.had_data(volume):
                raise EngineError(
                    f"the volume {volume} has data, and was made for one service: Dagger gives several another, empty"
                    " one",
                    f"Let one service mount it, or go on with an empty one: --empty-volume {volume}",
                    kind="volume_lost",
                )
            first = wanted
        if known != asdict(first):
            self._known.setdefault(volume, {})["identity"] = asdict(first)
            self._write()
        return first

    def saw_data(self, volume: str, run: int, engine: str) -> None:
        """It has something in it now."""
        known = self._known.setdefault(volume, {"since": now().isoformat()})
        known |= {"seen": now().isoformat(), "run": run, "engine": engine}
        self._write()

    def forget(self, volumes: Iterable[str]) -> None:
        """Somebody goes on with empty ones."""
        gone = [volume for volume in volumes if self._known.pop(volume, None) is not None]
        if gone:
            self._write()

    def lost(self, project: str, volume: str, service: str) -> EngineError:
        """What is to be said when it is empty now."""
        known = self._known.get(volume, {})
        seen = f"{_day(known.get('seen'))}, run {known.get('run')}, {known.get('engine')}"
        return EngineError(
            f"the volume {volume} of {service} had data (last seen {seen}) and is empty now: the engine has lost it,"
            " or is another one",
            f"Restore it, or go on with an empty one: hubtui start {project} --empty-volume {volume}",
            kind="volume_lost",
            service=service,
        )

    def _write(self) -> None:
        temporary = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(self._known, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._file)


def _day(stamp: Any) -> str:
    try:
        return f"{datetime.fromisoformat(stamp):%Y-%m-%d %H:%M} UTC"
    except (TypeError, ValueError):
        return "at an unknown time"
