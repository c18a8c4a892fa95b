"""`config`: the stack as Compose understands it: files merged, variables filled in, short forms made long."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hubtui.cli import options, output
from hubtui.cli.target import absolute, current_folder, stack_of
from hubtui.errors import UsageError
from hubtui.paths import expanded

if TYPE_CHECKING:
    from hubtui.stacks.spec.project import Project
    from hubtui.stacks.spec.resolve.sources import Wanted

_PATH = click.Path(path_type=Path)


@click.command("config", help="The resolved stack, values not masked: what `docker compose config` prints.")
@options.maybe_project
@click.option(
    "-f",
    "--file",
    "files",
    type=_PATH,
    metavar="FILE",
    multiple=True,
    help="Read this compose file; - is standard input.",
)
@click.option("--env-file", "env_files", type=_PATH, metavar="FILE", multiple=True, help="Instead of `.env`.")
@click.option("--profile", "profiles", metavar="NAME", multiple=True, help="Enable this profile; * means all.")
@click.option("--environment", metavar="E", help="In this named environment.")
@click.option("-p", "--project-name", "project", metavar="NAME", default="", help="Call the project so.")
@click.option("--project-directory", "folder", type=_PATH, metavar="FOLDER", help="Where relative paths begin.")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing, only check.")
@click.option("--services", "listed", flag_value="services", help="Print the names of the services.")
@click.option("--volumes", "listed", flag_value="volumes", help="Print the names of the volumes.")
@click.option("--networks", "listed", flag_value="networks", help="Print the names of the networks.")
@click.option("--profiles", "listed", flag_value="profiles", help="Print the names of the profiles.")
@click.option("--images", "listed", flag_value="images", help="Print the images.")
@click.option("--variables", "listed", flag_value="variables", help="Print the variables that the files ask for.")
@click.option("--environments", "listed", flag_value="environments", help="Print the named environments.")
@click.option("--engines", "listed", flag_value="engines", help="Print what each engine would not do as written.")
@click.option("--hash", "hashed", metavar="SERVICES", help="Print a hash of each of these services; * means all.")
def config_verb(
    name: str | None,
    files: tuple[Path, ...],
    env_files: tuple[Path, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    project: str,
    folder: Path | None,
    form: str,
    quiet: bool,
    listed: str | None,
    hashed: str | None,
) -> int:
    from hubtui.stacks.spec.named_environments import find
    from hubtui.stacks.spec.project import read_project
    from hubtui.stacks.spec.resolve.config import resolved
    from hubtui.stacks.spec.resolve.sources import Wanted

    if files and (environment is not None or listed == "environments"):
        raise UsageError("-f names the files, and so does an environment.", "Say one of them.")
    if name and files:
        raise UsageError("PROJECT and -f mean two different stacks.", "Say one of them.")
    here, environ = (current_folder(), os.environ) if files or folder else stack_of(name)
    if listed == "environments":
        _print_lines(_environments(here, environ))
        return 0
    paths = list(map(expanded, files))
    wanted = Wanted(paths, absolute(env_files), profiles, project, folder, _stdin(here) if Path("-") in paths else {})
    if environment is not None:
        wanted = _within(find(here, environment, environ).wanted(), wanted)
    read = read_project(here, wanted, environ)
    if listed == "engines":
        from hubtui.cli.engines import print_engines

        print_engines(read, as_json=form == "json")
        return 0
    if listed or hashed:
        _print_lines(_list(read, listed, hashed))
        return 0
    shape = resolved(read, extensions=form == "yaml")
    for warning in read.warnings():
        output.warn(warning)
    if quiet:
        return 0
    shape = _escaped(shape)
    if form == "json":
        output.print_json(shape)
    else:
        _print_yaml(_short(shape))
    return 0


def _stdin(here: Path) -> dict[Path, str]:
    """The compose file that `-f -` means, as text. Raises StackError."""
    from hubtui.stacks.spec.project import STDIN
    from hubtui.stacks.spec.source import LIMIT, decoded

    return {here / "-": decoded(sys.stdin.buffer.read(LIMIT + 1), STDIN, what="compose file")}


def _within(environment: Wanted, said: Wanted) -> Wanted:
    """An environment, and what the other options say: env files instead of its own, profiles beside its own."""
    env_files = said.env_files or environment.env_files
    profiles = (*environment.profiles, *said.profiles)
    return replace(said, files=environment.files, env_files=env_files, profiles=profiles)


def _environments(folder: Path, environ: Mapping[str, str]) -> list[str]:
    from hubtui.stacks.spec.named_environments import of_folder

    found = of_folder(folder, environ).values()
    return [f"{e.name}: {'; '.join(e.words()) or 'the folder as Compose reads it'}" for e in found]


def _list(project: Project, listed: str | None, hashed: str | None) -> list[str]:
    from hubtui.stacks.spec.resolve import listing
    from hubtui.stacks.spec.resolve.config import resolved
    from hubtui.stacks.spec.resolve.profiles import all_profiles

    if listed == "variables":
        return listing.variables(project)
    if listed == "profiles":
        return all_profiles(resolved(project, whole=True)["services"])
    shape = resolved(project, files=not hashed)
    if hashed:
        return listing.hashes(shape, hashed)
    return listing.images(shape) if listed == "images" else sorted(shape.get(listed or "", ()))


def _escaped(value: Any) -> Any:
    """`$` as `$$`, so that what is printed can be read again as a compose file."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def _short(shape: dict[str, Any]) -> dict[str, Any]:
    """Without what Compose's JSON always has and its YAML has not, where nothing is said."""
    for service in shape["services"].values():
        _drop(service, command=None, entrypoint=None)
        _drop(service.get("deploy") or {}, resources={}, placement={})
        for watch in (service.get("develop") or {}).get("watch", ()):
            _drop(watch, exec={"command": None})
        for key, devices in (service.get("blkio_config") or {}).items():
            if isinstance(devices, list):  # whose keys have capitals only in JSON
                service["blkio_config"][key] = [{name.lower(): v for name, v in device.items()} for device in devices]
    for network in shape.get("networks", {}).values():
        _drop(network, ipam={})
    return shape


def _drop(table: dict[str, Any], **unsaid: Any) -> None:
    for key, value in unsaid.items():
        if key in table and table[key] == value:
            del table[key]


def _print_lines(lines: list[str]) -> None:
    _print("".join(f"{line}\n" for line in lines))


def _print_yaml(resolved: dict[str, Any]) -> None:
    import yaml

    from hubtui.stacks.spec.scalars import scalar

    class Plain(yaml.SafeDumper):
        """Every value written out where it stands."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def text(self, data: str) -> yaml.ScalarNode:
            """In quotes where YAML 1.2 reads something else, such as 1e30 or 0o17, which YAML 1.1 takes as it is."""
            plain = type(scalar(data, True)) is str
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if plain else "'")

    Plain.add_representer(str, Plain.text)
    text = io.StringIO()
    yaml.dump(resolved, text, Dumper=Plain, sort_keys=False, allow_unicode=True, width=4096)
    _print(text.getvalue())


def _print(text: str) -> None:
    """A file or a pipe gets every value as it is; a terminal gets nothing that acts on it."""
    from hubtui.safetext import safe_block

    sys.stdout.write(safe_block(text) if sys.stdout.isatty() else text)
