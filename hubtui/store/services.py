"""Services: what each one of a project does now, and the process that stands for it."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubtui.models import Health, LimitsView, PortView, Service, ServiceState, now
from hubtui.store import events
from hubtui.store.query import Query, names, stamp, time_of


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """The process recorded for a service, to find survivors by."""

    service: str
    pid: int
    start_ticks: int
    boot_id: str


def _service(row: sqlite3.Row) -> Service:
    return Service(
        name=row["name"],
        state=ServiceState(row["state"]),
        health=Health(row["health"]),
        ports=tuple(PortView(**p) for p in json.loads(row["ports"])),
        restarts=row["restarts"],
        since=time_of(row["since"]),
        exit_code=row["exit_code"],
        limits=LimitsView(row["cpus"], row["memory"], bool(row["enforced"])),
        message=row["message"],
        notes=names(row["notes"]),
    )


IS_DOWN = f"state IN ({', '.join(repr(one.value) for one in ServiceState if one.down)})"
OF_PROJECT = Query(  # of the engines only Docker keeps a service within its limits
    "SELECT s.*, (SELECT engine = 'compose' FROM projects p WHERE p.name = s.project) AS enforced"
    " FROM services s WHERE project = ? AND enabled ORDER BY position, name",
    _service,
)
NAMES = Query("SELECT name FROM services WHERE project = ? ORDER BY position, name", lambda row: str(row["name"]))
PUBLISHED = Query(  # host ports of every project, up or not
    "SELECT DISTINCT json_extract(port.value, '$.published') AS published"
    " FROM services, json_each(services.ports) AS port WHERE published IS NOT NULL",
    lambda row: int(row["published"]),
)
PROCESSES = Query(
    "SELECT name, pid, start_ticks, boot_id FROM services WHERE project = ? AND pid IS NOT NULL",
    lambda row: ProcessRow(row["name"], row["pid"], row["start_ticks"], row["boot_id"]),
)


def declare(con: sqlite3.Connection, project: str, declared: Sequence[Service], enabled: Collection[str]) -> list[str]:
    """Make the rows what the stack says: new ones stopped, those that are up as they are, the others gone.

    `enabled` are those that belong with the profiles in use; the others are known, not shown. Returns those that are
    up with other ports or limits than the stack says now: theirs stay until `take_entry`.
    """
    up = con.execute(
        f"SELECT name, ports, cpus, memory FROM services WHERE project = ? AND NOT {IS_DOWN}",  # noqa: S608
        (project,),
    ).fetchall()
    before = {row["name"]: (row["ports"], row["cpus"], row["memory"]) for row in up}
    for position, service in enumerate(declared):
        con.execute(
            "INSERT INTO services (project, name, position, enabled, state, ports, cpus, memory)"  # noqa: S608
            " VALUES (?, ?, ?, ?, 'stopped', ?, ?, ?) ON CONFLICT (project, name) DO UPDATE SET"
            f" position = excluded.position, enabled = excluded.enabled OR NOT {IS_DOWN},"
            f" ports = iif({IS_DOWN}, excluded.ports, ports), cpus = iif({IS_DOWN}, excluded.cpus, cpus),"
            f" memory = iif({IS_DOWN}, excluded.memory, memory), notes = iif({IS_DOWN}, '[]', notes)",
            (
                project,
                service.name,
                position,
                service.name in enabled,
                *_entry(service),
            ),
        )
    kept = json.dumps([s.name for s in declared])
    con.execute(
        f"DELETE FROM services WHERE project = ? AND name NOT IN (SELECT value FROM json_each(?)) AND {IS_DOWN}",  # noqa: S608
        (project, kept),
    )
    return [s.name for s in declared if s.name in before and before[s.name] != _entry(s)]


def take_entry(con: sqlite3.Connection, project: str, service: Service) -> None:
    """What is up, or comes up next, has the ports and limits that were declared."""
    con.execute(
        "UPDATE services SET ports = ?, cpus = ?, memory = ? WHERE project = ? AND name = ?",
        (*_entry(service), project, service.name),
    )


def _entry(service: Service) -> tuple[str, float | None, int | None]:
    """The columns that come from its entry in the compose file."""
    ports = json.dumps([dataclasses.asdict(p) for p in service.ports])
    return ports, service.limits.cpus, service.limits.memory


def change(con: sqlite3.Connection, project: str, name: str, run: int | None, fields: Mapping[str, Any]) -> None:
    """Set columns of one service; a new state also sets `since`. What is up belongs, whatever profile it has: somebody
    may have started it by hand. The event carries what changed."""
    columns = {**fields, "run": run}
    if "state" in fields:
        columns["since"] = stamp(now())
        if not ServiceState(fields["state"]).down:
            columns["enabled"] = 1
    assignments = ", ".join(f"{column} = ?" for column in columns)
    con.execute(
        f"UPDATE services SET {assignments} WHERE project = ? AND name = ?",  # noqa: S608 - our own column names
        (*columns.values(), project, name),
    )
    shown = {k: v for k, v in fields.items() if k in ("state", "health", "message", "exit_code", "restarts")}
    events.emit(con, "service.changed", project, run=run, service=name, **shown)


def note(con: sqlite3.Connection, project: str, name: str, run: int, notes: Sequence[str]) -> None:
    """Keep what is to be known of a service on its engine."""
    told = json.dumps(list(notes))
    row = con.execute(
        "UPDATE services SET notes = ? WHERE project = ? AND name = ? AND notes <> ? RETURNING name",
        (told, project, name, told),
    ).fetchone()
    if row is not None:
        events.emit(con, "service.noted", project, run=run, service=name, notes=list(notes))


def all_ended(con: sqlite3.Connection, project: str, run: int | None, message: str) -> None:
    """No process of this project is left: whatever was up is stopped, with why."""
    rows = con.execute(
        f"SELECT name FROM services WHERE project = ? AND NOT {IS_DOWN}",  # noqa: S608
        (project,),
    ).fetchall()
    for row in rows:
        fields = {"state": "stopped", "health": "none", "message": message, "pid": None}
        change(con, project, row["name"], run, fields)
