"""A folder to write a compose file into, and to load it from with an environment of the test's own."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from hubtui.errors import StackError
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Service, Stack


class Folder:
    """One project folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path / "compose.yaml"

    def write(self, text: str, name: str = "compose.yaml") -> Path:
        """Write a file, dedented."""
        path = self.path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def load(self, text: str, environ: Mapping[str, str] | None = None) -> Stack:
        """Write and load a compose file."""
        self.write(text)
        return load_stack(self.path, environ=environ or {})

    def service(self, body: str, environ: Mapping[str, str] | None = None) -> Service:
        """Load a file whose only service, `web`, has an image and `body`, which begins in line 4. It declares some
        networks."""
        text = "services:\n  web:\n    image: x\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
        text += "\nnetworks: {front: , back: , side: }\n"
        self.file.write_text(text, encoding="utf-8")
        return load_stack(self.path, environ=environ or {}).services["web"]

    def error(self, text: str, environ: Mapping[str, str] | None = None) -> str:
        """What loading this file complains about, with the folder left out."""
        with pytest.raises(StackError) as caught:
            self.load(text, environ)
        return self.plain(caught.value)

    def service_error(self, body: str, environ: Mapping[str, str] | None = None) -> str:
        """As error, for the body of a service."""
        with pytest.raises(StackError) as caught:
            self.service(body, environ)
        return self.plain(caught.value)

    def plain(self, error: StackError) -> str:
        """An error without the folder and the column; `Collected` in test_mistakes looks at those."""
        return re.sub(r"(ya?ml:[0-9]+):[0-9]+: ", r"\1: ", str(error).replace(f"{self.path}/", ""))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "My Shop_1"
    path.mkdir()
    return Folder(path)
