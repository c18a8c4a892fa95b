"""The log viewers that are compared, how each is started and which keys it has, and one of them on a terminal."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import scratch
from benchmarks.terminal import Terminal

HOME, END, DOWN, PAGE, ENTER = b"\x1b[H", b"\x1b[F", b"\x1b[B", b"\x1b[6~", b"\r"
PATIENCE = 60.0  # seconds for any one thing
MEANT = 1 << 14  # bytes that are enough to paint any screen


@dataclass(frozen=True, slots=True)
class Viewer:
    """`command` comes before the file. `follow`: keys that make it follow, once its first screen stands; `go`: what
    starts a search that was typed; `again`: what goes to a hit that was found late."""

    name: str
    command: tuple[str, ...]
    home: bytes = HOME
    end: bytes = END
    find: bytes = b"/"
    page: bytes = PAGE
    go: bytes = ENTER
    again: bytes = b""
    follow: bytes = END
    moves_while_searching: bool = True
    types_while_following: bool = True


HUBTUI = Viewer("hubtui view", (*scratch.hubtui(), "view"))
LESS = Viewer("less", ("less", "-R"), home=b"g", end=b"G", follow=b"F", types_while_following=False)
LNAV = Viewer("lnav", ("lnav",), home=b"g", end=b"G", again=b"n", follow=b"G")


def toolong(program: Path) -> Viewer:
    return Viewer("toolong", (str(program),), go=DOWN, moves_while_searching=False)


def present(root: Path) -> tuple[list[Viewer], dict[str, str]]:
    """The peers that are here (toolong in an environment of its own below `root`: it wants a Textual of long ago), and
    of the others why not."""
    found = [viewer for viewer in (LESS, LNAV) if shutil.which(viewer.command[0])]
    absent = {viewer.name: "not installed" for viewer in (LESS, LNAV) if viewer not in found}
    try:
        found.append(toolong(_toolong(root / "toolong")))
    except (OSError, subprocess.SubprocessError) as error:
        absent["toolong"] = f"could not be installed: {type(error).__name__}"
    return found, absent


def _toolong(folder: Path) -> Path:
    """Install toolong from the package index. Raises OSError, subprocess.SubprocessError."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, timeout=120)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "toolong==1.5.0"], check=True, capture_output=True, timeout=300)
    return folder / "bin" / "tl"


def environment(home: Path) -> Mapping[str, str]:
    """A user's without settings: whatever a viewer remembers goes below `home`."""
    home.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LESS", "LNAV"))}
    own = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "HUBTUI_HOME": str(home / "hub"),
    }
    return {**kept, **own, "LESSHISTFILE": "-"}


class View(Terminal):
    """A viewer that was just started on a file."""

    def __init__(self, viewer: Viewer, file: Path, env: Mapping[str, str]) -> None:
        super().__init__([*viewer.command, str(file)], env)
        self.viewer = viewer

    def __enter__(self) -> View:
        return self

    def has(self, text: str) -> Callable[[], bool]:
        """Whether some row has this text."""
        return lambda: any(text in row for row in self.screen.display)

    def body(self) -> list[str]:
        """The rows that only lines of the log are on, whatever bars and prompts there are."""
        return self.screen.display[5:17]

    def until(
        self, good: Callable[[], bool], since: float, seconds: float = PATIENCE, *, pressing: bytes = b""
    ) -> float:
        """Seconds from then (perf_counter) until the screen was good; meanwhile these keys are pressed every quarter of
        a second. Raises TimeoutError, also if the program has ended."""
        press_at = since + 0.25
        while (left := since + seconds - time.perf_counter()) > 0:
            ended = not self._reader.is_alive()
            while (at := self._parse_one()) is not None:
                if at >= since and good():
                    return at - since
            if ended:
                raise TimeoutError(f"it ended; {self._last_words()}")
            if pressing and time.perf_counter() >= press_at:
                press_at = self.write(pressing) + 0.25
            time.sleep(min(left, 0.002))
        raise TimeoutError(f"not within {seconds:g} s; {self._last_words()}")

    def settle(self, still: float = 0.3, seconds: float = 5.0) -> None:
        """Wait until nothing comes any more, but no longer than this."""
        with contextlib.suppress(TimeoutError):
            self.quiet(still, time.perf_counter(), seconds)

    def looks(self, step: float, since: float, until: float) -> Iterator[tuple[float, list[str]]]:
        """The rows as they were every `step` seconds from one time to another. Of what came between two looks only the
        end is worked out: who prints every line would take minutes."""
        while (at := since + step) <= until:
            since, came = at, b""
            while self._parsed < len(self._chunks) and self._chunks[self._parsed].at <= at:
                came += self._chunks[self._parsed].data
                self._parsed += 1
            with contextlib.suppress(TypeError):
                self._stream.feed(came[-MEANT:])
            yield at, self.screen.display

    def tree_cpu(self) -> float:
        """Processor seconds of all its processes so far."""
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in self._family())

    def _family(self) -> list[int]:
        return [self.pid, *(child.pid for child in psutil.Process(self.pid).children(recursive=True))]

    def ask(self, text: str) -> float:
        """Search for this text; when that was. What opens slowly is waited for: keys would go elsewhere."""
        self.write(self.viewer.find)
        self.settle()
        return self.write(text.encode() + self.viewer.go)

    def tree_peak(self) -> float:
        """The largest resident size of each of its processes so far, summed, in MB."""
        return sum(map(_peak, self._family()))


def _peak(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as table:
            return next((int(line.split()[1]) / 1024 for line in table if line.startswith("VmHWM")), 0.0)
    except OSError:
        return 0.0
