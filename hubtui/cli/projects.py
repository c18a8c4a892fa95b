"""`add` and `rm`: which projects there are."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from hubtui.cli import options, output
from hubtui.commands import by_id
from hubtui.safetext import safe_text


@click.command("add", help=by_id("add").help + " PATH is this folder if not given.")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--name", metavar="N", help="Another name than the stack's own.")
@click.option("--engine", metavar="E", help="Run it with this engine, whatever would be chosen: process.")
@click.option("--template", metavar="T", help="Make the project from a template, in an empty or new folder.")
@options.as_json
def add_verb(path: Path | None, name: str | None, engine: str | None, template: str | None, as_json: bool) -> int:
    from hubtui.workers import registry

    folder = Path.cwd() if path is None else path.expanduser()
    with options.opened() as hub:
        project = registry.add(hub, folder, name=name, engine=engine, template=template)
    if as_json:
        output.print_json(project)
        return 0
    output.line(f"{safe_text(project.name)}  {safe_text(str(project.path))}")
    output.line(f"  engine: {safe_text(project.engine)}, because {safe_text(project.engine_reason)}")
    output.line(f"  next:   hubtui start {shlex.quote(safe_text(project.name))}")
    return 0


@click.command("rm", help=by_id("remove").help)
@click.argument("name", metavar="PROJECT")
@options.as_json
def rm_verb(name: str, as_json: bool) -> int:
    import contextlib

    from hubtui.cli.target import named
    from hubtui.workers import registry

    with options.opened() as hub:
        with contextlib.closing(hub.reader()) as con:
            project = named(con, name, "stop ")
        project = registry.remove(hub, project.name)
    if as_json:
        output.print_json(project)
    else:
        output.line(f"{safe_text(project.name)} is forgotten; its files stay in {safe_text(str(project.path))}")
    return 0
