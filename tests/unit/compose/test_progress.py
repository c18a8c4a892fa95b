"""What Compose prints becomes rows: over recorded outputs of 2.26.1, and lines as later versions print them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from hubtui.models import StepState
from hubtui.stacks.engines.compose.progress.jsonlines import JsonProgress
from hubtui.stacks.engines.compose.progress.plain import PlainProgress
from hubtui.stacks.engines.compose.progress.rows import Rows
from hubtui.stacks.engines.compose.progress.updates import Update
from tests.doubles.reporter import RecordingReporter

RECORDINGS = Path(__file__).parents[2] / "recordings" / "compose"


def shown(
    updates: Iterable[Update], services: Sequence[str], what: str = "build"
) -> tuple[RecordingReporter, dict[str, list[str]]]:
    """The rows that come of it, and what was printed by service."""
    reporter, printed = RecordingReporter(), dict[str, list[str]]()
    rows = Rows(reporter, services, what, lambda name, line: printed.setdefault(name, []).append(line))
    for update in updates:
        rows.take(update)
    return reporter, printed


def plain(text: str, services: Sequence[str]) -> list[Update]:
    reading = PlainProgress(services)
    return [update for line in text.splitlines() for update in reading.hear(line)]


def recorded(name: str, services: Sequence[str]) -> list[Update]:
    return plain((RECORDINGS / name).read_text(), services)


def state_of(reporter: RecordingReporter, name: str) -> StepState:
    return next(row.state for row in reporter.steps.values() if row.name == name)


class TestBuilds:
    def test_every_build_step_is_a_row_below_its_service(self) -> None:
        reporter, _ = shown(recorded("build-two.txt", ["api", "worker"]), ["api", "worker"])
        rows = {row.name: row for row in reporter.steps.values()}
        assert rows["base 2/2 RUN echo one; sleep 1; echo two"].parent == "build:api"
        assert rows["base 2/2 RUN echo one; sleep 1; echo two"].state is StepState.DONE
        assert rows["base 1/2 FROM docker.io/library/bb:1"].state is StepState.CACHED
        assert {row.parent for row in rows.values() if row.name == "exporting to image"} == {"build:api"}

    def test_what_its_commands_print_goes_to_its_service(self) -> None:
        _, printed = shown(recorded("build-two.txt", ["api", "worker"]), ["api", "worker"])
        assert printed == {"api": ["one", "two", "hi", "built it"]}

    def test_what_is_cached_says_so(self) -> None:
        reporter, _ = shown(recorded("build-cached.txt", ["api"]), ["api"])
        assert state_of(reporter, "stage-1 1/2 COPY hello.txt /hello.txt") is StepState.CACHED

    def test_the_step_that_failed_is_the_one_that_is_red(self) -> None:
        reporter, printed = shown(recorded("build-failed.txt", ["api"]), ["api"])
        failed = [row.name for row in reporter.steps.values() if row.state is StepState.FAILED]
        assert failed == ["stage-1 2/2 RUN echo boom >&2; exit 3"]
        assert printed["api"] == ["boom"]

    def test_the_beginnings_of_every_build_are_no_rows(self) -> None:
        reporter, _ = shown(recorded("build-two.txt", ["api", "worker"]), ["api", "worker"])
        assert not [row.name for row in reporter.steps.values() if "dockerignore" in row.name]

    def test_a_name_that_buildkit_writes_otherwise_is_known(self) -> None:
        updates = plain("#1 [my_api 1/2] FROM x\n#1 DONE 0.0s", ["my.api", "other"])
        assert {update.service for update in updates} == {"my.api"}

    def test_without_a_service_in_brackets_it_is_the_only_one(self) -> None:
        updates = plain("#1 [internal] load metadata for x\n#2 [1/2] FROM x", ["web"])
        assert [(u.service, u.name) for u in updates] == [("web", "load metadata for x"), ("web", "1/2 FROM x")]


PULL = "".join(  # each line ends with a space
    f" {line} \n"
    for line in (
        "db Pulling",
        "4abcf2066143 Pulling fs layer",
        "4abcf2066143 Downloading [=====>      ]  1.2MB/3.6MB",
        "4abcf2066143 Download complete",
        "4abcf2066143 Pull complete",
        "0a1b2c3d4e5f Already exists",
        "db Pulled",
    )
)


class TestPulls:
    def test_layers_are_rows_below_the_only_image(self) -> None:
        reporter, _ = shown(plain(PULL, ["db"]), ["db"], "pull")
        layer = reporter.steps["part:pull:db:4abcf2066143"]
        assert (layer.parent, layer.state) == ("build:db", StepState.DONE)
        assert any("1.2MB/3.6MB" in message for message in layer.messages)
        assert reporter.steps["part:pull:db:0a1b2c3d4e5f"].state is StepState.CACHED
        assert reporter.steps["build:db"].state is StepState.DONE

    def test_of_several_images_nobody_knows_whose_a_layer_is(self) -> None:
        reporter, _ = shown(plain(PULL, ["db", "web"]), ["db", "web"], "pull")
        assert reporter.steps["part:pull::4abcf2066143"].parent is None

    def test_who_failed_and_who_was_only_given_up(self) -> None:
        text = (
            " db Pulling \n web Pulling \n"
            ' db Error Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused\n'
            " web Error Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n"
        )
        reporter, _ = shown(plain(text, ["db", "web"]), ["db", "web"], "pull")
        assert reporter.steps["build:db"].state is StepState.FAILED
        assert "connection refused" in reporter.steps["build:db"].message
        assert reporter.steps["build:web"].state is StepState.CANCELLED

    def test_what_was_over_stays_over(self) -> None:
        reporter, _ = shown(plain(PULL + " 4abcf2066143 Downloading [=>  ] 1MB/3MB\n", ["db"]), ["db"], "pull")
        assert reporter.steps["build:db"].state is StepState.DONE


class TestJson:
    def rows(self, *lines: object, services: Sequence[str] = ("db",)) -> RecordingReporter:
        reading = JsonProgress(services, {"postgres:16": ["db"]})
        said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        return shown([update for line in said for update in reading.hear(line)], services, "pull")[0]

    def test_a_pull_of_2_29(self) -> None:
        reporter = self.rows(
            {"id": "db", "text": "Pulling"},
            {"id": "4abcf2066143", "parent_id": "db", "text": "Downloading", "status": "[=> ] 1MB/3MB", "percent": 33},
            {"id": "4abcf2066143", "parent_id": "db", "text": "Pull complete", "percent": 100},
            {"id": "db", "text": "Pulled"},
        )
        layer = reporter.steps["part:pull:db:4abcf2066143"]
        assert (layer.parent, layer.state) == ("build:db", StepState.DONE)
        assert "Downloading [=> ] 1MB/3MB" in layer.messages
        assert reporter.steps["build:db"].state is StepState.DONE

    def test_a_pull_of_versions_that_name_the_image(self) -> None:
        reporter = self.rows(
            {"id": "Image postgres:16", "status": "Working", "text": "Pulling"},
            {"id": "4abcf2066143", "parent_id": "Image postgres:16", "status": "Working", "text": "Downloading"},
            {"id": "Image postgres:16", "status": "Error", "text": "Error", "details": "manifest unknown"},
        )
        assert reporter.steps["part:pull:db:4abcf2066143"].parent == "build:db"
        assert reporter.steps["build:db"].state is StepState.FAILED
        assert reporter.steps["build:db"].message == "manifest unknown"

    def test_a_build_as_buildkit_tells_it(self) -> None:
        printed = base64.b64encode(b"compiling\nlinking\n").decode()
        reading, vertex = JsonProgress(["api"]), {"digest": "sha256:1", "name": "[api 2/3] RUN make"}
        lines = [
            {"vertexes": [vertex | {"started": "2026-01-01T00:00:00Z"}]},
            {"logs": [{"vertex": "sha256:1", "stream": 1, "data": printed, "timestamp": "2026-01-01T00:00:01Z"}]},
            {"vertexes": [vertex | {"completed": "2026-01-01T00:00:02Z", "error": "exit code: 2"}]},
            {"vertexes": [{"digest": "sha256:2", "name": "[api 1/3] FROM x", "cached": True, "completed": "x"}]},
        ]
        updates = [update for line in lines for update in reading.hear(json.dumps(line))]
        reporter, said = shown(updates, ["api"])
        assert said == {"api": ["compiling", "linking"]}
        assert state_of(reporter, "2/3 RUN make") is StepState.FAILED
        assert state_of(reporter, "1/3 FROM x") is StepState.CACHED

    @pytest.mark.parametrize("line", ["{", "[]", '{"id": null}', '{"logs": [{"data": "%%"}]}', "\x1b[2J", ""])
    def test_nothing_that_is_printed_breaks_it(self, line: str) -> None:
        self.rows(line)

    def test_what_is_no_json_is_read_as_plain(self) -> None:
        assert self.rows(" db Error no basic auth credentials").steps["build:db"].state is StepState.FAILED
