"""The demo as a newcomer meets it: the real program on a real terminal, its services on free ports."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.terminal import Terminal, hubtui

NAMES = ("HARBOR_WEB_PORT", "HARBOR_STORE_PORT", "HARBOR_API_PORT", "REEF_WEB_PORT", "REEF_STORE_PORT", "REEF_API_PORT")


class Demo:
    """`hubtui demo` in a folder of its own; every terminal that it opened is closed at the end."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ports = [str(p) for p in stacks.free_ports(len(NAMES))]
        self.environment = {
            "HUBTUI_DEMO_HOME": str(root),
            "WARMUP_SECONDS": "1",
            "BUILD_SECONDS": "1",
            **dict(zip(NAMES, ports, strict=True)),
        }
        self.url = f"http://127.0.0.1:{ports[0]}/"
        self._terminals: list[Terminal] = []
        self._host: Host | None = None

    def open(self, columns: int = 80, lines: int = 24, **more: str) -> Terminal:
        terminal = hubtui(self.root, "demo", columns=columns, lines=lines, **{**self.environment, **more})
        self._terminals.append(terminal)
        terminal.wait_for("harbor", "reef")
        return terminal

    @property
    def host(self) -> Host:
        """The same state folder, asked from the test."""
        if self._host is None:
            os.environ.update(self.environment)
            self._host = Host(self.root)
        return self._host

    def page(self) -> str:
        """What the demo serves, "" where nothing answers."""
        try:
            with urllib.request.urlopen(self.url, timeout=2) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return ""

    def close(self) -> None:
        for terminal in self._terminals:
            terminal.close()
        self.host.close()
        for name in self.environment:
            os.environ.pop(name, None)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    found = Demo(tmp_path / "demo")
    yield found
    found.close()
