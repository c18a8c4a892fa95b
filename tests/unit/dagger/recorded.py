"""The recordings of real engines, as the tests read them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "recordings" / "dagger"
VERSIONS = ("v0.21.8", "v0.19.4")


def lines(version: str, name: str) -> Iterator[dict[str, Any]]:
    """Each line of a recording."""
    with gzip.open(FOLDER / version / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def events(version: str, name: str) -> Iterator[dict[str, Any]]:
    """The data of each event of a stream."""
    return (line["data"] for line in lines(version, name) if line["data"])


def services(version: str) -> dict[str, str]:
    """Trace id -> service."""
    ids = next(mark for mark in lines(version, "marks") if mark["mark"] == "trace ids")
    return {trace: name for name, trace in ids.items() if name not in ("mark", "t")}


def operations(version: str) -> dict[str, str]:
    """Operation -> service."""
    of = services(version)
    return {line["operation"]: of.get(line["trace"], "") for line in lines(version, "operations")}
