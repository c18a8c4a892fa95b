"""What came out of a case: a project or a refusal, in a form that is the same on every machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.compose.cases import CORPUS, EXPECTED, Case

PLACE = "{corpus}"  # stands for the folder of the corpus in stored paths


@dataclass(frozen=True, slots=True)
class Outcome:
    """`config` is what was resolved, None where it was refused with `error`; `lists` the lines of each list option."""

    config: dict[str, Any] | None
    error: str = ""
    lists: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # warnings, for people to read


def portable(value: Any, corpus: Path = CORPUS) -> Any:
    """`value` with the folder of the corpus replaced by its placeholder, in keys too."""
    if isinstance(value, str):
        return value.replace(str(corpus), PLACE)
    if isinstance(value, dict):
        return {portable(key, corpus): portable(child, corpus) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [portable(child, corpus) for child in value]
    return value


def stored(case: Case) -> Outcome:
    """The expected outcome. Raises FileNotFoundError where none was recorded."""
    found = json.loads((EXPECTED / f"{case.name}.json").read_text())
    return Outcome(found.get("config"), found.get("error", ""), found.get("lists", {}), found.get("said", []))


def store(case: Case, outcome: Outcome) -> None:
    """Write the expected outcome."""
    shape: dict[str, Any] = {"error": outcome.error} if outcome.config is None else {"config": outcome.config}
    shape |= {"lists": outcome.lists} if outcome.lists else {}
    shape |= {"said": outcome.said} if outcome.said else {}
    text = json.dumps(shape, indent=1, sort_keys=True, ensure_ascii=False)
    (EXPECTED / f"{case.name}.json").write_text(text + "\n")
