"""`config`: the stack as hubtui understands it, with all variables filled in."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import Any

import click

from hubtui.cli import options, output
from hubtui.errors import UsageError


@click.command("config", help="The resolved stack, values not masked: what `docker compose config` prints.")
@options.maybe_project
@click.option("-f", "--file", "file", type=click.Path(path_type=Path), metavar="FILE", help="Read this compose file.")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def config_verb(name: str | None, file: Path | None, form: str) -> int:
    from hubtui.stacks.spec.resolve import resolve

    if name and file:
        raise UsageError("PROJECT and -f mean two different stacks.", "Say one of them.")
    if file is not None:
        whole = file.expanduser().absolute()
        resolved = resolve(whole.parent, file=whole)
    else:
        resolved = resolve(_folder(name))
    if form == "json":
        output.print_json(resolved)
    else:
        _print_yaml(resolved)
    return 0


def _folder(name: str | None) -> Path:
    """The project's folder; without a name this folder's stack, registered or not."""
    from hubtui.cli.target import here, named, stack_folder
    from hubtui.paths import Home
    from hubtui.store import connect

    if name is None and (folder := stack_folder()) is not None:
        return folder
    with contextlib.closing(connect.open_reader(Home.default())) as con:
        return (named(con, name, "logs ") if name else here(con)).path


def _print_yaml(resolved: dict[str, Any]) -> None:
    from ruamel.yaml import YAML

    from hubtui.safetext import safe_block

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 4096
    yaml.representer.ignore_aliases = lambda *_: True
    text = io.StringIO()
    yaml.dump(resolved, text)
    # A file or a pipe gets every value as it is; a terminal gets nothing that acts on it.
    sys.stdout.write(safe_block(text.getvalue()) if sys.stdout.isatty() else text.getvalue())
