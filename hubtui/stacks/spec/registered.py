"""The stack of a registered project, in one of its environments, whatever shell its reader was started from."""

from __future__ import annotations

from pathlib import Path

from hubtui.stacks.spec import named_environments
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.spec.named_environments import NamedEnvironment
from hubtui.stacks.spec.shell import without_compose


def load_registered(folder: Path, environment: str | None) -> tuple[NamedEnvironment, Stack]:
    """The environment of this name (None: the folder as Compose reads it), and the stack in it. Raises UsageError where
    there is none of that name, StackError where the files cannot be used."""
    environ = without_compose()
    found = named_environments.find(folder, environment, environ)
    return found, load_stack(folder, environ=environ, wanted=found.wanted())
