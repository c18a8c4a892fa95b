"""`disk` and `prune`: what the Dagger engine's cache holds, and giving it up."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from hubtui.cli import options, output
from hubtui.errors import UsageError
from hubtui.safetext import safe_text

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.cache import Cache
    from hubtui.workers.hub import Hub

_SHOWN = 15  # the largest entries


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that had data when a service of its project was last seen; `in_use`: the project is up."""

    project: str
    volume: str
    seen: str
    in_use: bool
    bytes: int | None = None


@click.command("disk", help="What the Dagger engine's cache holds.")
@click.option("--all", "whole", is_flag=True, help="Every entry, however many: this may take minutes.")
@options.as_json
def disk_verb(whole: bool, as_json: bool) -> int:
    from hubtui.stacks.engines.dagger import cache
    from hubtui.stacks.engines.dagger.volumes import DANGER
    from hubtui.workers.runner import settings

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        tell = (lambda _: None) if as_json else output.note
        found = asyncio.run(cache.measure(settings.load().dagger, hub.home.root / "disk", tell, whole=whole))
        volumes = _volumes(hub, con, found)
    if as_json:
        output.print_json({"cache": found, "volumes": volumes})
        return 0
    _print_total(found)
    if volumes:
        output.line()
        rows = [(v.project, v.volume, output.memory(v.bytes), "in use" if v.in_use else "", v.seen) for v in volumes]
        output.table(rows, header=("PROJECT", "VOLUME", "SIZE", "", "HAD DATA"))
        output.line(f"{output.paint('!', 'yellow')} Each is a cache of the engine: {DANGER}.")
    if found.listed is None:
        output.line()
        output.line(f"What the {found.entries:,} entries are: hubtui disk --all  (the engine is slow meanwhile)")
    elif largest := [entry for entry in found.listed if entry.bytes and not entry.volume][:_SHOWN]:
        output.line()
        rows_of = [(output.memory(e.bytes), "in use" if e.in_use else "", e.description) for e in largest]
        output.table(rows_of, header=("SIZE", "", "LARGEST"))
    return 0


@click.command(
    "prune", help="Give up what no session uses of the Dagger engine's cache: a plan, carried out with --yes."
)
@click.option("--yes", is_flag=True, help="Carry it out.")
@click.option("--volumes", "with_volumes", is_flag=True, help="Also where it takes the volumes of stopped projects.")
@options.as_json
def prune_verb(yes: bool, with_volumes: bool, as_json: bool) -> int:
    from hubtui.stacks.engines.dagger import cache
    from hubtui.workers.runner import settings

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        found, folder = settings.load().dagger, hub.home.root / "disk"
        tell = (lambda _: None) if as_json else output.note
        if not yes:
            before = asyncio.run(cache.measure(found, folder, tell))
            volumes = [v for v in _volumes(hub, con, before) if not v.in_use]
            return _print_plan(before, volumes, as_json=as_json)
        lost = [f"{v.project}/{v.volume}" for v in _volumes(hub, con, None) if not v.in_use]
        if lost and not with_volumes:
            raise UsageError(
                f"Volumes of stopped projects would go with it: {', '.join(lost)}.",
                "Start those projects first, or give their data up: hubtui prune --yes --volumes",
            )
        before, after = asyncio.run(cache.prune(found, folder, tell))
    if as_json:
        output.print_json({"before": before, "after": after, "volumes": lost})
    else:
        freed = output.memory(max(0, before.bytes - after.bytes))
        output.line(f"{freed} freed: {output.memory(after.bytes)} in {after.entries:,} entries are left")
    return 0


def _print_total(cache: Cache) -> None:
    limit = f"; it may grow to {output.memory(cache.limit)}" if cache.limit else ""
    output.line(f"{safe_text(cache.engine)}")
    output.line(f"{output.memory(cache.bytes)} in {cache.entries:,} entries{limit}")


def _print_plan(cache: Cache, volumes: list[Volume], *, as_json: bool) -> int:
    if as_json:
        output.print_json({"cache": cache, "volumes": volumes})
        return 0
    _print_total(cache)
    output.line("Everything in it that no session uses would be given up, whoever made it: built again when needed.")
    for volume in volumes:
        what = f"{safe_text(volume.project)}/{safe_text(volume.volume)}"
        output.line(f"{output.paint('!', 'red')} with it the volume {what}, which had data on {volume.seen}")
    output.line()
    output.line("Carry it out: hubtui prune --yes" + (" --volumes" if volumes else ""))
    return 0


def _volumes(hub: Hub, con: sqlite3.Connection, cache: Cache | None) -> list[Volume]:
    """The volumes of all projects on Dagger, with their sizes where the cache tells them."""
    from hubtui.stacks.engines.dagger.volumes import VolumeMemory
    from hubtui.store import projects

    sizes = {(e.project, e.volume): e.bytes for e in (cache.listed or ()) if e.volume} if cache else {}
    return [
        Volume(
            project.name,
            volume,
            seen,
            project.run is not None and project.run.active,
            sizes.get((project.name, volume)),
        )
        for project in projects.listing(con)
        if project.engine == "dagger"
        for volume, seen in VolumeMemory.of(hub.home.run(project.name)).known.items()
    ]
