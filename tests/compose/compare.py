"""Two outcomes, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.compose.outcome import Outcome

NOTHING = object()


def compare(found: Outcome, expected: Outcome) -> list[str]:
    """All differences; of a refusal only that it is one, as each side has its own words."""
    if found.config is None or expected.config is None:
        if (found.config is None) == (expected.config is None):
            return []
        return [f"refused: {found.error}" if found.config is None else f"not refused, as in: {expected.error}"]
    return [*differences(found.config, expected.config), *differences(found.lists, expected.lists)]


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Each differing field as `services.web.ports[0].published: 80 != '80'`: ours first.

    Types count: 80 is not "80" and true is not 1. Only 1 and 1.0 are the same number, as in JSON.
    """
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}, key=str):
            yield from differences(ours.get(key, NOTHING), theirs.get(key, NOTHING), f"{path}.{key}" if path else key)
    elif isinstance(ours, list) and isinstance(theirs, list):
        for place in range(max(len(ours), len(theirs))):
            mine = ours[place] if place < len(ours) else NOTHING
            other = theirs[place] if place < len(theirs) else NOTHING
            yield from differences(mine, other, f"{path}[{place}]")
    elif not _same(ours, theirs):
        yield f"{path}: {_shown(ours)} != {_shown(theirs)}"


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return ours == theirs
    return type(ours) is type(theirs) and bool(ours == theirs)


def _shown(value: Any) -> str:
    return "nothing" if value is NOTHING else repr(value)
