"""What looks after a service from inside its container, run by a real shell here."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.engines.dagger.inside import LOST, Markers, command
from hubtui.stacks.spec.model import HealthCheck
from tests.doubles.waiting import eventually

DEFAULTS = HealthDefaults(interval=0.2)


class Child:
    """A command with its helper; `found` are the helper's findings, `said` what the command printed itself."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(argv, stderr=subprocess.PIPE, start_new_session=True)
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        self.found: list[str] = []
        self.said = b""
        self._markers = Markers("tok", self.found.append)

    def look(self) -> list[str]:
        assert self._process.stderr is not None
        while chunk := self._process.stderr.read(65536):
            self.said += self._markers.clean(chunk)
        return self.found

    def end(self) -> int:
        code = self._process.wait(10)
        self.look()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return code


def child(
    *argv: str,
    check: HealthCheck | None = None,
    volumes: dict[str, str] | None = None,
    expected: list[str] | None = None,
) -> Child:
    return Child(command(argv, "tok", check, DEFAULTS, volumes or {}, expected or []))


def test_a_command_without_anything_to_look_after_stays_as_it_is() -> None:
    assert command(("a", "b c"), "tok", None, DEFAULTS, {}, []) == ("a", "b c")


def test_the_command_keeps_its_arguments_its_output_and_its_code(tmp_path: Path) -> None:
    run = child("sh", "-c", 'echo "$1" >&2; exit 4', "x", 'it\'s "quoted" $HOME', volumes={"data": str(tmp_path)})
    assert run.end() == 4
    assert run.said == b'it\'s "quoted" $HOME\n'


def test_a_health_command_is_run_until_it_succeeds_and_then_at_its_interval(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    check = HealthCheck(command=("/bin/sh", "-c", f"echo looking; test -e {ready}"))
    run = child("sleep", "30", check=check)
    eventually(lambda: run.look().count("health 1 looking") >= 2)
    ready.touch()
    eventually(lambda: run.look().count("health 0 looking") >= 2)
    os.killpg(run._process.pid, signal.SIGKILL)
    run.end()
    assert run.said == b""


def test_of_what_a_health_command_says_the_last_line_is_told(tmp_path: Path) -> None:
    check = HealthCheck(command=("/bin/sh", "-c", "seq 1000; echo refused; exit 1"))
    run = child("sleep", "30", check=check)
    eventually(lambda: "health 1 refused" in run.look())
    os.killpg(run._process.pid, signal.SIGKILL)
    run.end()


def test_a_health_command_that_hangs_is_ended(tmp_path: Path) -> None:
    run = child("sleep", "30", check=HealthCheck(command=("sleep", "20"), timeout=0.2))
    eventually(lambda: [f for f in run.look() if f.startswith("health 137")])
    os.killpg(run._process.pid, signal.SIGKILL)
    run.end()


def test_the_first_data_in_a_volume_is_told(tmp_path: Path) -> None:
    run = child("sleep", "30", volumes={"data": str(tmp_path)})
    assert run.look() == []
    (tmp_path / ".hidden").touch()
    eventually(lambda: run.look() == ["full data"])
    os.killpg(run._process.pid, signal.SIGKILL)
    run.end()


def test_a_volume_that_should_have_data_and_is_empty_keeps_the_command_from_beginning(tmp_path: Path) -> None:
    run = child("touch", str(tmp_path / "begun"), volumes={"data": str(tmp_path)}, expected=["data"])
    assert (run.end(), run.found) == (LOST, ["lost data"])
    assert not (tmp_path / "begun").exists()


def test_a_volume_that_has_its_data_lets_it_begin(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    run = child("touch", str(tmp_path / "begun"), volumes={"data": str(tmp_path)}, expected=["data"])
    assert run.end() == 0
    assert (tmp_path / "begun").exists()


@given(
    st.lists(
        st.one_of(st.binary(max_size=8), st.sampled_from([b"\x1e", b"\x1ehubtui:tok:", b"\x1ehubtui:tok:full /d\x1e"]))
    ),
    st.lists(st.integers(1, 5)),
)
def test_output_comes_through_whole_wherever_it_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    text = b"".join(parts) + b"\n" * 3000  # so that nothing can be held back any more
    heard: list[str] = []
    markers, found, at = Markers("tok", heard.append), b"", 0
    for size in [*cuts, len(text)]:
        found += markers.clean(text[at : at + size])
        at += size
    found += markers.rest()
    whole: list[str] = []
    once = Markers("tok", whole.append)
    assert found == once.clean(text) + once.rest()
    assert heard == whole


def test_a_marker_of_another_run_is_output() -> None:
    heard: list[str] = []
    markers = Markers("tok", heard.append)
    assert markers.clean(b"a\x1ehubtui:other:full /d\x1eb") == b"a\x1ehubtui:other:full /d\x1eb"
    assert heard == []


@pytest.mark.parametrize("size", [1, 4, 100])
def test_markers_between_output_are_taken_out(size: int) -> None:
    heard: list[str] = []
    markers, found = Markers("tok", heard.append), b""
    text = b"before \x1ehubtui:tok:health 0 fine\x1eafter\n"
    for at in range(0, len(text), size):
        found += markers.clean(text[at : at + size])
    assert (found, heard) == (b"before after\n", ["health 0 fine"])
