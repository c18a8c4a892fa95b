"""Nothing that a service prints, and no name from a file, reaches the terminal as anything but text."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.models import JobType
from tests.doubles.host import Host, python
from tests.doubles.terminal import hubtui

pytestmark = pytest.mark.pty

PAYLOADS = [
    "\x1b]52;c;RVZJTENMSVA=\x07",  # set the clipboard
    "\x1b]0;EVILTITLE\x07",
    "\x1b]8;;http://evil.example/EVILLINK\x1b\\text\x1b]8;;\x1b\\",
    "\x9d52;c;RVZJTENMSVA=\x9c",  # the same as one C1 character
    "\x9b31mC1RED",
    "\x1b[2JCLEARED",
    "\x1b[6n",  # the terminal would answer on stdin: phantom keys
    "\x1b[?1049lLEFT",
    "\x1bcRESET",
    "\x1bP$qEVILDCS\x1b\\",
    "\x1b_Gf=24;EVILAPC\x1b\\",
    "over\rwritten",
    "bell\x07",
    "back\x08\x08space",
    "rtl\u202eoverride",
    "zero\u200bwidth",
    "tag\U000e0041",
    "line\u2028separator",
    "[@click=app.quit]EVILCLICK[/]",
    "[/foo] [bold red]MARKUP[/]",
    "[link=file:///etc/passwd]EVILFILE[/link]",
]
# What no screen of ours ever sends, unless foreign text got through.
NEVER = [
    b"\x1b]52", b"\x1b]0;", b"\x1b]8;", b"\x1bP", b"\x1b_G", b"\x1bc", b"\x1b[6n", b"\xc2\x9b", b"\xc2\x9d", b"\x07",
    b"\x08", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xe2\x80\xa8", b"\xf3\xa0\x81\x81",
]  # fmt: skip

SERVICE = "import sys, time\nfor line in {payloads!r}: print(line, flush=True)\nprint('ALLSAID', flush=True)\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[tuple[Host, str]]:
    """A project whose service names, messages and output are all hostile."""
    host = Host(tmp_path / "state")
    talk = SERVICE.format(payloads=PAYLOADS)
    build = talk + "sys.exit(0)"
    services = {
        "talker": {"process": [sys.executable, "-c", talk + "time.sleep(600)"], "build": [sys.executable, "-c", build]},
        "failing": {"process": [sys.executable, "-c", talk + "sys.exit(3)"]},
        "chatty": {"process": [sys.executable, "-c", talk + "time.sleep(600)"]},
    }
    document = {
        "name": "evil",
        "services": {
            name: {"image": "scratch", "environment": {"A": "\x1b]0;EVILTITLE\x07"}, "x-hubtui": own}
            for name, own in services.items()
        },
        "x-hubtui": {"engine": "process", "stages": {"\x1b]0;EVILTITLE\x07[/foo]": list(services)}},
    }
    folder = tmp_path / "evil [@click=app.quit] \u00e9 folder"
    folder.mkdir()
    (folder / "compose.yaml").write_text(json.dumps(document))
    yield host, host.add(folder)
    host.close()


def audit(output: bytes, where: str) -> None:
    for sequence in NEVER:
        at = output.find(sequence)
        assert at < 0, f"{where}: {sequence!r} got through: {output[max(0, at - 80) : at + 40]!r}"
    after = re.sub(rb"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]", b"", output)  # what Textual itself sends: CSI only
    left = set(re.findall(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]|\x1b.", after))
    assert left <= {b"\x1b[", b"\x1b\\", b"\x0f"}, f"{where}: {left!r}"


def test_every_screen_shows_hostile_text_as_text(project: tuple[Host, str]) -> None:
    host, name = project
    host.finished(host.ask(JobType.START, name))
    screen = hubtui(host.home.root, columns=130, lines=40)
    screen.wait_for("evil", "failing")
    for keys, expected, gone in (
        ("\tjj", "talker", ""),
        ("l", "ALLSAID", "PROJECTS"),
        ("\x1b", "PROJECTS", ""),
        ("h", "JOB TYPE", "PROJECTS"),
        ("\r", "STEPS", "JOB TYPE"),
        ("\x1b", "JOB TYPE", ""),
        ("\x1b", "PROJECTS", ""),
        ("?", "COMMANDS", "PROJECTS"),
        ("\x1b", "PROJECTS", ""),
        ("d", "evil", ""),  # refused while it is up, with its name in the sentence
        ("a", "TEMPLATE", ""),
        ("\x1b", "PROJECTS", "TEMPLATE"),
        ("/evil\r", "evil", ""),
    ):
        screen.press(keys)
        screen.wait_for(expected)
        if gone:
            screen.wait_gone(gone)
    screen.press("q")
    assert screen.wait_end() == 0
    audit(screen.output, "screens")


def test_every_verb_prints_hostile_text_as_text(project: tuple[Host, str]) -> None:
    host, name = project
    job = host.finished(host.ask(JobType.START, name))
    for verb in (
        ["ls"], ["status", name], ["jobs"], ["job", str(job.id)], ["logs", name, "-n", "200"], ["events"],
        ["stop", "[/foo]\x1b]0;EVIL\x07"], ["config", name],
        ["logs", name, "--json"], ["status", name, "--json"], ["events", "--json"],
    ):  # fmt: skip
        said = python(*verb, home=host.home.root)
        for text in (said.stdout, said.stderr):
            left = set(re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028\U000e0041]", text))
            assert not left, f"{verb}: {left!r}"
