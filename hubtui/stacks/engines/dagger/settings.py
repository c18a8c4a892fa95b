"""What the dagger engine is told by the settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DaggerSettings:
    """`dagger.*`, and the limits of the environment in use: cores and bytes for an engine that hubtui asks for."""

    cli: Path | None = None
    runner_host: str | None = None
    cpus: float = 4
    memory: int = 8 * 1024**3
