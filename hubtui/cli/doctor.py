"""`doctor`: what is here, what is missing, how to mend it."""

from __future__ import annotations

import click

from hubtui.cli import options, output
from hubtui.cli.output import Cell
from hubtui.safetext import safe_text

_SHAPES = {"ok": ("✓ ok", "green"), "warn": ("! warn", "yellow"), "fail": ("✗ fail", "red")}


@click.command("doctor", help="What is here, what is missing, and how to mend it. Exit 1 where hubtui cannot work.")
@options.as_json
def doctor_verb(as_json: bool) -> int:
    from hubtui.paths import Home
    from hubtui.workers import doctor

    findings = doctor.examine(Home.default())
    if as_json:
        output.print_json(findings)
    else:
        width = max(len(f.check) for f in findings)
        for found in findings:
            cell = Cell(*_SHAPES[found.state])
            output.line(
                f"{output.paint(cell.ljust(6), cell.colour)}  {found.check:{width}}  {safe_text(found.message)}"
            )
            if found.hint:
                output.line(f"{'':{width + 10}}{safe_text(found.hint)}")
    return 1 if any(f.state == "fail" for f in findings) else 0
