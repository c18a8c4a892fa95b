"""`clean`: what a compose project has on its Docker engine, and giving it up."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from hubtui.cli import options, output
from hubtui.errors import UsageError
from hubtui.models import JobType

if TYPE_CHECKING:
    from hubtui.stacks.engines.compose.leftovers import Leftover, Plan

_SHOWN = {"built": "image", "pulled": "image", "cache": "build cache"}
_WHY = {
    "pulled": "--images takes it: pulled again when needed",
    "cache": "--cache takes it: builds of every project start from nothing",
    "volume": "--volumes takes it: its data is nowhere else",
}


@click.command("clean", help="Give up what a compose project has on its Docker engine: a plan, carried out with --yes.")
@options.maybe_project
@click.option("--images", is_flag=True, help="Also the images that it only pulled.")
@click.option("--cache", is_flag=True, help="Also the engine's build cache, of every project.")
@click.option("--volumes", is_flag=True, help="Also its volumes, with their data.")
@click.option("--yes", is_flag=True, help="Carry it out.")
@click.option("--wait", is_flag=True, help="Stay until it is done; exit 1 if it failed.")
@options.as_json
def clean_verb(name: str | None, images: bool, cache: bool, volumes: bool, yes: bool, wait: bool, as_json: bool) -> int:
    from hubtui.cli.asking import How, ask_for
    from hubtui.cli.target import Target, here, named
    from hubtui.stacks.engines.compose.leftovers import EXTRA
    from hubtui.store import durations
    from hubtui.workers.upkeep import leftovers

    words = tuple(word for word, said in zip(EXTRA, (images, cache, volumes), strict=True) if said)
    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        project = named(con, name, "clean ") if name else here(con)
        if project.engine != "compose":
            hint = (
                "What the Dagger engine holds: hubtui disk; hubtui prune gives it up."
                if project.engine == "dagger"
                else ""
            )
            raise UsageError(f"{project.name} is not on the compose engine but on {project.engine}.", hint)
        if yes:
            how = How(arguments=words)
            return ask_for(hub, con, JobType.CLEAN, [(Target(project), how)], wait=wait, as_json=as_json)
        plan = leftovers(project, words)
        costs = durations.build_costs(durations.BUILDS.all(con, project.name))
    if as_json:
        output.print_json({"project": project.name, "goes": plan.goes, "stays": plan.stays, "bytes": plan.bytes})
    else:
        _print(project.name, plan, costs, words)
    return 0


def _print(project: str, plan: Plan, costs: Mapping[str, float], words: tuple[str, ...]) -> None:
    if plan.goes:
        output.table([_row(one, costs) for one in plan.goes], header=("GOES", "", "SIZE", ""))
    if plan.stays:
        output.line()
        rows = [(*_row(one, costs)[:3], one.kept or _WHY.get(one.kind, "")) for one in plan.stays]
        output.table(rows, header=("STAYS", "", "SIZE", ""))
    if not plan.goes:
        output.line(f"{project} has nothing on the engine that this takes.")
        return
    output.line()
    extra = "".join(f" --{word}" for word in words)
    output.line(f"{output.memory(plan.bytes)} are freed at least. Carry it out: hubtui clean {project}{extra} --yes")


def _row(one: Leftover, costs: Mapping[str, float]) -> tuple[str, str, str, str]:
    note = one.note
    if one.kind == "built" and (seconds := costs.get(one.service)) is not None:
        note += f"; a build of it takes {output.duration(seconds)}"
    size = "" if one.kind == "network" else output.memory(one.bytes)
    return _SHOWN.get(one.kind, one.kind), one.name, size, note
