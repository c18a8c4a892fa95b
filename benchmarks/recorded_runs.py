"""Starts that really happened, with all that an estimate could see of them: read from a store, kept as compact JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hubtui.models import Event, PastStep, Timeline
from hubtui.store import events

RECORDED = Path(__file__).parent / "recorded"


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A step; `appeared` is when it was first heard of. Times are seconds since the start began."""

    key: str
    name: str
    parent: str | None
    cached: bool
    appeared: float
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """One start of a whole stack that went well. `running_at`: when its job went from BUILDING to RUNNING; `services`:
    (time, name, state) of what was told of services meanwhile."""

    job: int
    seconds: float
    running_at: float
    steps: tuple[RecordedStep, ...]
    services: tuple[tuple[float, str, str], ...]

    @property
    def timeline(self) -> Timeline:
        """As the store gives it to those who learn."""
        told = (PastStep(s.key, s.name, s.parent, s.cached, s.began, s.ended) for s in self.steps)
        return Timeline(self.job, self.seconds, tuple(told))


def from_store(database: Path) -> dict[str, list[Recorded]]:
    """By project, every start of the whole stack that went well, the oldest first. Nothing is written."""
    con = sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)
    con.row_factory = sqlite3.Row
    con.execute("PRAGMA query_only=ON")
    try:
        found: dict[str, list[Recorded]] = {}
        for row in con.execute(
            "SELECT j.id, j.project, j.attempt, a.started_at, a.finished_at FROM jobs j JOIN attempts a"
            " ON a.job = j.id AND a.number = j.attempt WHERE j.type = 'start' AND j.services = '[]'"
            " AND j.state = 'SUCCESS' AND a.finished_at > a.started_at ORDER BY j.id"
        ).fetchall():
            found.setdefault(row["project"], []).append(_recorded(con, row))
        return found
    finally:
        con.close()


def _recorded(con: sqlite3.Connection, row: sqlite3.Row) -> Recorded:
    zero = datetime.fromisoformat(row["started_at"])

    def since(time: str) -> float:
        return round((datetime.fromisoformat(time) - zero).total_seconds(), 3)

    heard = _events(con, row["id"], row["project"])
    appeared: dict[str, float] = {}
    for event in heard:
        if event.kind == "step.changed":
            appeared.setdefault(event.data["key"], since(event.time.isoformat()))
    steps = []
    for s in con.execute(
        "SELECT * FROM steps WHERE job = ? AND attempt = ? AND state IN ('done', 'cached')"
        " AND started_at <= finished_at ORDER BY id",
        (row["id"], row["attempt"]),
    ):
        began = since(s["started_at"])
        known = appeared.get(s["key"], began)
        steps.append(
            RecordedStep(s["key"], s["name"], s["parent"], bool(s["cached"]), known, began, since(s["finished_at"]))
        )
    started = [s.began for s in steps if s.key.startswith("service:")]
    running = [since(e.time.isoformat()) for e in heard if e.kind == "job.changed" and e.data.get("state") == "RUNNING"]
    services = [
        (since(e.time.isoformat()), str(e.data["service"]), str(e.data["state"]))
        for e in heard
        if e.kind == "service.changed" and "state" in e.data
    ]
    seconds = since(row["finished_at"])
    return Recorded(row["id"], seconds, min([*running, *started, seconds]), tuple(steps), tuple(services))


def _events(con: sqlite3.Connection, job: int, project: str) -> list[Event]:
    """All that was told of the project while the job was under way; nothing where the events are gone."""
    sql = "SELECT min(seq), max(seq) FROM events WHERE job = ?"
    first, last = con.execute(sql, (job,)).fetchone()
    if first is None:
        return []
    found: list[Event] = []
    seq = first - 1
    while batch := events.AFTER_OF_PROJECT.all(con, seq, project):
        found += (e for e in batch if e.seq <= last)
        seq = batch[-1].seq
        if seq > last:
            break
    return found


def save(file: Path, runs: Sequence[Recorded]) -> None:
    """Write one stack's runs: a line each."""
    lines = (json.dumps(astuple(run), separators=(",", ":")) for run in runs)
    file.write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8")


def load(file: Path) -> list[Recorded]:
    """What `save` wrote."""
    return [_loaded(*fields) for fields in json.loads(file.read_text(encoding="utf-8"))]


def _loaded(job: int, seconds: float, running_at: float, steps: Sequence[Any], services: Sequence[Any]) -> Recorded:
    told = tuple((float(time), str(name), str(state)) for time, name, state in services)
    return Recorded(job, seconds, running_at, tuple(RecordedStep(*step) for step in steps), told)


def all_recorded() -> Mapping[str, Sequence[Recorded]]:
    """The runs that lie in `recorded/`, by the stack's name."""
    return {file.stem: load(file) for file in sorted(RECORDED.glob("*.json"))}
