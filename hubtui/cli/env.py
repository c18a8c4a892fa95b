"""`env`: which variables a stack wants, from where each one comes, which are missing; and a first `.env` with them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hubtui.cli import options, output
from hubtui.cli.target import absolute, current_folder, stack_of
from hubtui.errors import UsageError
from hubtui.paths import expanded
from hubtui.safetext import safe_text

if TYPE_CHECKING:
    from hubtui.stacks.spec.wants import Want

_PATH = click.Path(path_type=Path)


@click.command("env", help="Which variables the stack wants, from where each comes, which are missing (exit code 1).")
@options.maybe_project
@click.option("-f", "--file", "files", type=_PATH, metavar="FILE", multiple=True, help="Read this compose file.")
@click.option("--env-file", "env_files", type=_PATH, metavar="FILE", multiple=True, help="Instead of `.env`.")
@click.option("--init", is_flag=True, help="Write a .env: secrets generated, the rest to fill in; never over another.")
@options.as_json
def env_verb(name: str | None, files: tuple[Path, ...], env_files: tuple[Path, ...], init: bool, as_json: bool) -> int:
    from hubtui.stacks.spec.project import read_project
    from hubtui.stacks.spec.resolve.sources import Wanted
    from hubtui.stacks.spec.wants import wants

    if name and files:
        raise UsageError("PROJECT and -f mean two different stacks.", "Say one of them.")
    if init and env_files:
        raise UsageError("--init writes .env, and --env-file means that none is read.", "Say one of them.")
    here, environ = (current_folder(), os.environ) if files else stack_of(name)
    wanted = Wanted(list(map(expanded, files)), absolute(env_files))
    project = read_project(here, wanted, environ)
    found = wants(project, environ)
    if init:
        _init(project.folder, found, quiet=as_json)
        found = wants(read_project(here, wanted, environ), environ)
    if as_json:
        output.print_json([_shape(want) for want in found])
    elif found:
        _print(found, project.folder / ".env")
    else:
        output.line("The stack asks for no variables.")
    return 1 if any(want.missing for want in found) else 0


def _shape(want: Want) -> dict[str, Any]:
    return {"name": want.name, "required": want.required, "source": want.source, "set": want.set}


def _init(folder: Path, found: Sequence[Want], *, quiet: bool) -> None:
    from hubtui.paths import Home
    from hubtui.stacks.spec.new_env import find_example
    from hubtui.workers.first_env import write_first

    if not found and find_example(folder) is None:
        return  # nothing to write down
    file, made = write_first(Home.default(), folder, found, {})
    if quiet:
        return
    output.line(f"Wrote {safe_text(str(file))}, which only you can read.")
    if made.generated:
        output.line(f"  generated:  {', '.join(made.generated)}")
    if made.empty:
        output.line(f"  to fill in: {', '.join(made.empty)}")


def _print(found: Sequence[Want], file: Path) -> None:
    rows = [(_state(want), want.name, _source(want), want.shown) for want in found]
    output.table(rows, header=("", "VARIABLE", "FROM", "VALUE"))
    missing = [want for want in found if want.missing]
    for want in missing:
        said = f": {want.message}" if want.message else ""
        output.warn(f"{want.name} is required and not set ({want.where}{said})")
    if missing:
        output.note(f"Set it in {file} or in the environment.")
        if not file.exists():
            output.note("`hubtui env --init` writes that file, with new passwords and what else can be made up.")


def _state(want: Want) -> output.Cell:
    if want.missing:
        return output.Cell("✗ missing", "red")
    if want.set:
        return output.Cell("● set", "green")
    return output.Cell("○ default" if want.source else "○ not set")


def _source(want: Want) -> str:
    return want.source or ("nowhere, required" if want.missing else "nowhere, counts as empty")
