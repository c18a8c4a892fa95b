"""`hubtui view` on a real terminal: hostile bytes stay text and columns stay aligned; a pipe is read like a file."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.terminal import Terminal, environment, hubtui
from tests.doubles.waiting import eventually
from tests.pty.test_hostile import PAYLOADS, audit

pytestmark = pytest.mark.pty

ROWS = [
    *(payload.encode("utf-8", "surrogatepass") for payload in PAYLOADS),
    b"\x9b31mC1 bytes\x9d52;c;RVZJTA==\x9c\x90q\x9c",
    b"\x1bP+q544e\x1b\\dcs \x1b^pm\x1b\\ \x1bXsos\x1b\\",
    b"\x1b[10;10Hmoved \x1b[3Aup \x1b[?25l\x1b[?1000h\x1b]11;?\x07asked",
    "rtl \u202eevil\u202c \u2066isolate\u2069 \u200fmark".encode(),
    "zero\u200bwidth\u200djoiner\ufeffbom \u2060word".encode(),
    b"zalgo e" + "\u0301\u0338\u20dd".encode() * 3400 + b" after ten thousand marks",
    b"nul\x00nul\x00 bell\x07 back\x08space del\x7f vt\x0b ff\x0c so\x0e si\x0f",
    "utf-16 in the middle".encode("utf-16"),
    b"over\rwritten\rby lone CR",
    b"crlf line\r",
    "wide 世界🎉👩‍👩‍👧 and half ｶﾅ".encode(),
    b"\xff\xfe\xfa not utf-8 \xc3\x28 \xe2\x82 \xf0\x9f\x92",
    b'{"level":"error","msg":"\\u001b]52;c;RVZJTA==\\u0007json \\u202e","k\\u001b[2J":"\\u009b31m"}',
    b'level=warn msg="\x1b]0;EVILTITLE\x07logfmt" \x1b[2Jkey=\x9bvalue',
    b"x" * 200_000,
    b"THE LAST LINE",
]


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    path = tmp_path / "evil\x1b]0;EVILTITLE\x07[bold]name.log"
    path.write_bytes(b"\n".join(ROWS) + b"\n")
    return path


@pytest.fixture
def screens() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        one.close()


def aligned(screen: Terminal, columns: int) -> None:
    """The scroll bar is in the last column of every row: nothing has pushed it, and the key bar is the last line, which
    comes last."""
    screen.wait_for("G end")
    assert screen.text.splitlines()[-1].lstrip().startswith("G end")
    for y in range(1, screen.screen.lines - 1):
        row = screen.screen.buffer[y]
        assert row[columns - 1].data == " ", f"row {y}: {screen.screen.display[y]!r}"


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (140, 40)])
def test_hostile_bytes_are_text_on_every_page_of_the_view(
    evil: Path, tmp_path: Path, screens: list[Terminal], columns: int, lines: int
) -> None:
    screen = hubtui(tmp_path / "home", "view", str(evil), columns=columns, lines=lines)
    screens.append(screen)
    screen.wait_for("THE LAST LINE", "follow")
    aligned(screen, columns)
    page = (("\r", "AS PRINTED", ""), ("\x1b", "/evil", "AS PRINTED"), ("j", "", ""))
    for keys, expected, gone in (
        ("g", "written", ""),
        ("w", "wrap  paused", ""),
        ("\x1b[6~", "", ""),
        ("J", "wrap  raw  ", ""),
        ("G", "THE LAST LINE", ""),
        ("t", "follow", ""),
        ("w", "follow", "wrap  raw"),
        ("\x1b[C", "from column", ""),
        ("g", "End to follow", ""),
        ("/evil\r", "/evil", ""),
        ("n", "/evil", ""),
        ("&EVIL\r", "FILTER", ""),
        ("f", "Filters of this log", ""),
        ("D", "No filter", ""),
        ("\x1b", "/evil", "Filters of this log"),
        ("g", "End to follow", ""),
        *(page * (len(ROWS) - 1)),
        ("?", "Keys of a log", ""),
        ("\x1b", "/evil", "Keys of a log"),
    ):
        screen.press(keys)
        screen.wait_for(expected)
        if gone:
            screen.wait_gone(gone)
    aligned(screen, columns)
    screen.press("q")
    assert screen.wait_end() == 0
    audit(screen.output, "view")


def test_lines_of_a_pipe_are_followed_and_keys_come_from_the_terminal(tmp_path: Path, screens: list[Terminal]) -> None:
    code = "import time\nfor i in range(3000): print('piped', i, flush=i % 1000 == 999)\ntime.sleep(60)"
    line = f'{sys.executable} -c "$CODE" | {sys.executable} -m hubtui view'
    screen = Terminal(["/bin/sh", "-c", line], {**environment(tmp_path / "home"), "CODE": code})
    screens.append(screen)
    screen.wait_for("piped 2999", "follow")
    screen.press("g")
    screen.wait_for("piped 0", "paused")
    screen.press("/piped 1234\r")
    screen.wait_for("1 of 1")
    screen.press("q")
    eventually(lambda: screen.read(0.05) and b"\x1b[?1049l" in screen.output)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/nowhere.log"], "cannot be read"),
        (["/"], "is a folder"),
        ([], "needs a terminal"),
        (["-"], "needs a terminal"),
    ],
)
def test_what_cannot_be_viewed_is_a_sentence(tmp_path: Path, arguments: list[str], told: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "hubtui", "view", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(tmp_path / "home"),
        start_new_session=True,
        timeout=30,
    )
    assert ended.returncode == 2 and told in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("-", "Nothing comes through stdin: it is the terminal."),
        ("/dev/stdin", "Nothing comes through stdin: it is the terminal."),
        ("", "There is no file to view."),
        ("/dev/tty", "/dev/tty is a terminal."),
        ("a.sock", "a.sock is no file."),
    ],
)
def test_what_has_no_lines_is_refused_on_a_terminal(
    tmp_path: Path, screens: list[Terminal], words: str, told: str
) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "a.sock"))
        line = f"cd {tmp_path}; {sys.executable} -m hubtui view {words}; echo code $?"
        screen = Terminal(["/bin/sh", "-c", line], environment(tmp_path / "home"))
        screens.append(screen)
        screen.wait_for(told, "code 2")


def test_stdin_may_be_named_by_its_path(tmp_path: Path, screens: list[Terminal]) -> None:
    line = f"seq 3000 3005 | {sys.executable} -m hubtui view /dev/stdin"
    screen = Terminal(["/bin/sh", "-c", line], environment(tmp_path / "home"))
    screens.append(screen)
    screen.wait_for("3005", "6 lines", "stdin has ended.")
    screen.press("q")
    assert screen.wait_end() == 0


def test_a_first_screen_needs_nothing_heavy(tmp_path: Path) -> None:
    """What the first screen of a view waits for: no settings, no store, no models of jobs."""
    path = tmp_path / "a.log"
    path.write_text("one\n")
    code = (
        "import sys, hubtui.cli.view, hubtui.log_app, hubtui.logs.opening\n"
        "heavy = ('pydantic', 'sqlite3', 'psutil', 'dagger', 'httpx', 'hubtui.store', 're2', 'yaml')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "[]", ended.stdout + ended.stderr
