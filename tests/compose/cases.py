"""The corpus: one folder a case, each a small project that shows one rule of the Compose Specification."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
EXPECTED = HERE / "expected"
HOME = "/home/somebody"


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked of a case, from its `case.toml`; without one: the folder's compose file and nothing else.

    `files` and `env_files` are relative to the folder, which is also the current one. `lists` are the options of
    `config` that print a list (`--services`) and are compared as well. `newer` says that the specification has this and
    the real binary that was used has not: its expected output was written by hand.
    """

    name: str
    folder: Path
    files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    project_name: str = ""
    project_directory: str = ""
    lists: tuple[str, ...] = ()
    error: bool = False
    newer: bool = False

    def environ(self) -> dict[str, str]:
        """The whole environment of a run: nothing of the person who tests gets in."""
        return {"HOME": HOME, "PATH": "/usr/local/bin:/usr/bin:/bin", **self.env}

    def options(self) -> list[str]:
        """As the command line of `docker compose` has them, before the verb."""
        found = [word for name in self.files for word in ("-f", name)]
        found += [word for name in self.env_files for word in ("--env-file", name)]
        found += [word for name in self.profiles for word in ("--profile", name)]
        found += ["-p", self.project_name] if self.project_name else []
        return found + (["--project-directory", self.project_directory] if self.project_directory else [])


def read_case(folder: Path) -> Case:
    """The case in `folder`. Raises TypeError for a key of `case.toml` that is none."""
    described = folder / "case.toml"
    known: dict[str, Any] = tomllib.loads(described.read_text()) if described.is_file() else {}
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
    return Case(name=folder.name, folder=folder, **plain)


def all_cases(corpus: Path = CORPUS) -> list[Case]:
    """Every case, by name."""
    return [read_case(folder) for folder in sorted(corpus.iterdir()) if folder.is_dir()]
