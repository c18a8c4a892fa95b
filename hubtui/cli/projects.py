"""`add` and `rm`: which projects there are."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from hubtui.cli import completion, options, output
from hubtui.commands import by_id
from hubtui.errors import UsageError
from hubtui.safetext import safe_text


@click.command("add", help=by_id("add").help + " PATH is this folder if not given.")
@click.argument("paths", metavar="[PATH]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--name", metavar="N", help="Another name than the stack's own.")
@click.option("--engine", metavar="E", help="Run it with this engine, whatever would be chosen: process.")
@click.option("--template", metavar="T", help="Make the project from a template, in an empty or new folder.")
@click.option("--scan", type=click.Path(path_type=Path), metavar="DIR", help="Show the compose projects below DIR.")
@click.option("--yes", is_flag=True, help="With --scan: add all that can be.")
@click.option("--only", metavar="NAME", multiple=True, help="With --scan: add these: --only A B.")
@options.as_json
def add_verb(
    paths: tuple[Path, ...],
    name: str | None,
    engine: str | None,
    template: str | None,
    scan: Path | None,
    yes: bool,
    only: tuple[str, ...],
    as_json: bool,
) -> int:
    from hubtui.workers import registry

    if scan is not None:
        from hubtui.cli.scan import scan_folder

        if (paths and not only) or name or engine or template:
            raise UsageError("--scan takes no PATH, --name, --engine or --template.", "Add such a project by itself.")
        names = (*only, *map(str, paths))  # --only A B C
        return scan_folder(scan, only=names, everything=yes, as_json=as_json)
    if yes or only:
        raise UsageError("--yes and --only go with --scan DIR.", "hubtui add --scan DIR --yes")
    if len(paths) > 1:
        raise UsageError("One PATH at a time.", "All below a folder: hubtui add --scan DIR")
    path = paths[0] if paths else None
    folder = Path.cwd() if path is None else path
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
@click.argument("name", metavar="PROJECT", shell_complete=completion.names)
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
