"""The models as `--json` prints them: an interface that other programs use, so a field is never renamed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from hubtui.models import Job


def as_json(value: Any) -> Any:
    """A model as plain JSON values: times as ISO 8601 UTC, enums as their words, unknown as null."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shape = {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, Job):
            shape["finished"] = value.finished
            shape["eta_seconds"] = value.eta_seconds
        return shape
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [as_json(v) for v in value]
    return value
