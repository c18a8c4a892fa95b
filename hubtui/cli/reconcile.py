"""`reconcile`: what the record, the process table and the engine say, where they differ, and what to do about it."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from hubtui.cli import options, output
from hubtui.cli.output import Cell
from hubtui.commands import by_id
from hubtui.safetext import safe_text
from hubtui.workers.hub import Hub
from hubtui.workers.truths import Action, Truths, carry_out, look_at_all


@click.command("reconcile", help=by_id("reconcile").help)
@options.maybe_project
@click.option("--take-over", "action", flag_value=Action.TAKE_OVER.value, help="See a runner in charge again.")
@click.option("--stop", "action", flag_value=Action.STOP.value, help="See every process of the project ended.")
@click.option(
    "--mark-failed", "action", flag_value=Action.MARK_FAILED.value, help="End run and job in the record, signal nobody."
)
@options.as_json
def reconcile_verb(name: str | None, action: str | None, as_json: bool) -> int:
    """Without an option nothing is changed, not even what would mend itself; exit 1 where something differs."""
    from hubtui.cli.target import here, here_or_all, named

    with Hub() as hub, contextlib.closing(hub.reader()) as con:  # nothing is mended before it was shown
        if action is not None:
            project = named(con, name, "reconcile ") if name else here(con)
            if action == Action.STOP and not as_json:
                output.note(f"ending {project.name}, which may take as long as its grace periods")
            said = carry_out(hub, project.name, Action(action))
            output.print_json({"project": project.name, "action": action, "said": said}) if as_json else output.line(
                said
            )
            return 0
        chosen = [named(con, name, "reconcile ")] if name else here_or_all(con)
        found = look_at_all(hub.home, con, chosen)
    if as_json:
        shapes = [_shape(truths) for truths in found]
        output.print_json(shapes[0] if name else shapes)
    else:
        for number, truths in enumerate(found):
            if number:
                output.line()
            _print(truths)
        if not found:
            output.line("No projects yet. Register one: hubtui add PATH")
    return 1 if any(truths.differences for truths in found) else 0


def _print(truths: Truths) -> None:
    rows = [
        (Cell(f"{'!' if r.differs else ' '} {r.name}", "yellow" if r.differs else ""), *r.words) for r in truths.rows
    ]
    output.table(rows, header=("", "RECORD", "PROCESS TABLE", "ENGINE"))
    if not truths.differences:
        output.line("Nothing differs.")
    for difference in truths.differences:
        output.line(output.paint(f"! {safe_text(difference.sentence)}", "yellow"))
    name = safe_text(truths.project)
    for action in truths.actions:
        output.line(f"  hubtui reconcile {name} {action.option:<15}{action.does}")


def _shape(truths: Truths) -> dict[str, Any]:
    """For programs: the columns as they are shown, and the differences with their kinds."""
    record, kernel, beat = truths.record, truths.kernel, truths.beat
    return {
        "project": truths.project,
        "engine": truths.engine,
        "record": {"run": record.run, "jobs": record.jobs, "runner": record.runner, "boot_id": record.boot_id},
        "process_table": {
            "boot_id": kernel.boot_id,
            "held": kernel.held,
            "runner": {"pid": kernel.runner.pid, "state": kernel.runner.state} if kernel.runner else None,
            "guard": {"pid": kernel.guard.pid, "state": kernel.guard.state} if kernel.guard else None,
            "marked": kernel.marked,
        },
        "heartbeat": {"age": beat.age, "pid": beat.pid, "responsive": beat.responsive} if beat else None,
        "rows": truths.rows,
        "differences": truths.differences,
    }
