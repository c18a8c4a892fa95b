"""`logs` and `config`, and how errors are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubtui import cli
from hubtui.paths import Home
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import LogWriter, service_folder
from tests.unit.cli.support import call, refused, said


class TestLogs:
    @pytest.fixture
    def written(self, harbor: Path) -> None:
        home = Home.default()
        for name, first in (("store", 1e9), ("web", 1e9 + 1)):
            clock = iter((first, first, first + 2, first + 2, first + 2))
            writer = LogWriter(
                service_folder(home.logs("harbor"), name),
                4,
                LogLimits(),
                clock=lambda c=clock: next(c),  # type: ignore[misc]
            )
            writer.write("out", f"{name} one\n".encode())
            writer.write("err", f"\x1b[31m{name} two\n".encode())
            writer.close()

    @pytest.mark.usefixtures("written")
    def test_all_lines_merged_by_time(self) -> None:
        lines = said("logs", "harbor").splitlines()
        assert [line[:11] for line in lines] == ["2001-09-09 "] * 4, "lines of another day have their date"
        assert [line[20:] for line in lines] == [
            "store | store one",
            "web   | web one",
            "store | store two",
            "web   | web two",
        ]

    @pytest.mark.usefixtures("written")
    def test_tail_one_service_and_json(self) -> None:
        assert len(said("logs", "harbor", "-n", "3").splitlines()) == 3
        assert said("logs", "harbor", "-n", "0") == ""
        (line,) = said("logs", "harbor/web", "--tail", "1", "--json").splitlines()
        assert json.loads(line) == {
            "time": "2001-09-09T01:46:43.000Z",
            "service": "web",
            "stream": "err",
            "run": 4,
            "line": "\x1b[31mweb two",
        }
        assert "\x1b" not in line

    def test_nothing_yet_is_said_beside_stdout(self, harbor: Path) -> None:
        result = call("logs", "harbor")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing was printed yet.\n")


class TestConfig:
    def test_the_stack_with_its_variables(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GREETING", "0123")
        shape = json.loads(said("config", "harbor", "--format", "json"))
        assert shape["services"]["web"]["environment"] == {"GREETING": "0123"}
        assert "GREETING: '0123'" in said("config", "harbor")

    def test_a_file_and_this_folder(self, harbor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        said("rm", "harbor")
        assert "name: harbor" in said("config", "-f", str(harbor / "compose.yaml"))
        monkeypatch.chdir(harbor)
        assert "name: harbor" in said("config")
        assert "two different stacks" in refused("config", "harbor", "-f", "compose.yaml")

    def test_a_mistake_names_file_and_line(self, harbor: Path) -> None:
        (harbor / "compose.yaml").write_text("services:\n  web: [1]\n")
        assert f"{harbor}/compose.yaml:2:3: " in refused("config", "harbor", code=1)


class TestErrors:
    def test_wrong_words(self, here: Path) -> None:
        assert "hubtui --help" in refused("nope")
        assert "hubtui start --help" in refused("start", "--nope")
        assert "hubtui job --help" in refused("job")

    def test_the_unexpected_is_one_sentence(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("the \x1b[2Jmoon")

        monkeypatch.setattr("hubtui.workers.reconcile.reconcile", broken)
        assert "RuntimeError: the moon" in refused("ls", code=1)
        monkeypatch.setenv("HUBTUI_DEBUG", "1")
        assert "Traceback" in call("ls").stderr

    def test_a_lost_store_is_said(self, harbor: Path) -> None:
        Home.default().database.unlink()
        assert "missing or empty" in refused("ls", code=1)

    def test_no_dashboard_without_a_terminal(self, here: Path) -> None:
        assert "needs a terminal" in refused()
        assert "needs a terminal" in refused("demo")

    def test_help_names_every_verb(self, here: Path) -> None:
        text = said("--help")
        assert all(f"\n  {verb} " in text for verb in cli.VERBS)
