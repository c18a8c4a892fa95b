"""What `config --engines` prints: for each engine what it would refuse, not enforce, ignore or do otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubtui.cli import output
from hubtui.cli.output import Cell

if TYPE_CHECKING:
    from hubtui.stacks.spec.model import Stack
    from hubtui.stacks.spec.project import Project

_COLOURS = {"refused": "red", "not enforced": "yellow", "otherwise": "yellow"}


def print_engines(project: Project, *, as_json: bool) -> None:
    """All engines that a compose file can name. Raises StackError for a stack that no engine could take."""
    from hubtui.stacks.spec.load import ENGINES, build_stack

    stack = build_stack(project)
    rows = [row for engine in ENGINES for row in _rows(stack, engine)]
    if as_json:
        output.print_json([{key: value for key, value in row.items() if key != "quiet"} for row in rows])
        return
    for engine in ENGINES:
        own = [row for row in rows if row["engine"] == engine]
        refused = any(row["kind"] == "refused" for row in own)
        unlike = any(not row["quiet"] for row in own)
        word = "cannot run it" if refused else "runs it, not all as written" if unlike else "runs it as it is written"
        output.line(f"{engine}: {word}")
        output.table([("", row["service"], _kind(row["kind"]), row["message"]) for row in own])


def _rows(stack: Stack, engine: str) -> list[dict[str, Any]]:
    from hubtui.stacks import plan
    from hubtui.stacks.engines import differs

    return [
        {
            "engine": engine,
            "service": name,
            "kind": difference.kind.value,
            "message": difference.said,
            "quiet": difference.quiet,
        }
        for name, difference in differs.of_stack(stack, engine, plan.select(stack))
    ]


def _kind(word: str) -> Cell:
    return Cell(word, _COLOURS.get(word, "dim"))
