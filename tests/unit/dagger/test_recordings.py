"""The telemetry reader over what real engines of both versions said: step tree, lives, output, figures."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import Any

import pytest

from hubtui.models import StepState
from hubtui.stacks.engines.dagger.telemetry import otlp
from hubtui.stacks.engines.dagger.telemetry.ancestry import Ancestry
from hubtui.stacks.engines.dagger.telemetry.life import Ended, Lives
from hubtui.stacks.engines.dagger.telemetry.metrics import Meter
from hubtui.stacks.engines.dagger.telemetry.steps import Row, StepTree
from hubtui.stacks.engines.dagger.telemetry.stream import Frames
from tests.unit.dagger import recorded

INSTALL = 'RUN echo "installing dependencies" && sleep 2 && echo "installed 12 packages"'
COMPILE = 'RUN echo "compiling" && sleep 1 && echo "compiled"'
BUNDLE = 'RUN echo "bundling assets" && sleep 1'
FAIL = 'RUN echo "about to fail" && echo "npm ERR! missing script: build" >&2 && exit 1'


class Replay:
    """The rows and lives that come of a recording, by service."""

    def __init__(self, version: str, *, shuffled: random.Random | None = None) -> None:
        ancestry = Ancestry()
        self.tree, lives = StepTree(ancestry), Lives(ancestry)
        self.rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.ends: list[tuple[str, int | None]] = []
        self.of = recorded.operations(version)
        for operation in self.of:
            self.tree.open(operation)
        for data in recorded.events(version, "traces"):
            spans = list(otlp.spans(data))
            if shuffled:
                spans = self._shuffled(spans, shuffled)
            for span in spans:
                ancestry.take(span)
            for span in spans:
                self._note(lives.take(span))
                for row in self.tree.take(span):
                    self.rows[self.of[row.root]][row.key] = row
        for operation in self.of:
            for row in self.tree.close(operation, 0.0, well=True):
                self.rows[self.of[operation]][row.key] = row

    @staticmethod
    def _shuffled(spans: list[otlp.Span], by: random.Random) -> list[otlp.Span]:
        """In another order, but states of one span in theirs; each is said twice."""
        order = sorted({s.id for s in spans}, key=lambda _: by.random())
        return [s for i in order for s in spans if s.id == i for _ in range(2)]

    def _note(self, life: Ended | None) -> None:
        if life is not None:
            self.ends.append((self.of.get(life.root, ""), life.code))

    def shown(self, service: str) -> list[tuple[str, StepState]]:
        return [(row.name, row.state) for row in sorted(self.rows[service].values(), key=lambda r: r.began)]


def test_the_step_tree_of_a_build_in_0_21() -> None:
    shown = Replay("v0.21.8").shown("frontend")
    done = StepState.DONE
    assert shown == [("pull python:3.12-slim", done), (INSTALL, done), (COMPILE, done), (BUNDLE, done)]


def test_the_step_tree_of_a_build_in_0_19() -> None:
    assert Replay("v0.19.4").shown("frontend") == [
        ("[base 1/4] FROM docker.io/library/python:3.12-slim", StepState.CACHED),
        (f"[base 2/4] {INSTALL}", StepState.DONE),
        ("[base 3/4] COPY server.py /app/server.py", StepState.DONE),
        (f"[base 4/4] {COMPILE}", StepState.DONE),
        (f"[frontend 1/1] {BUNDLE}", StepState.DONE),
    ]


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_durations_are_those_of_the_work(version: str) -> None:
    rows = {row.name.partition("] ")[2] or row.name: row for row in Replay(version).rows["frontend"].values()}
    began, ended = rows[INSTALL].began, rows[INSTALL].ended
    assert ended is not None
    assert 2 < ended - began < 5


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_a_step_that_failed_says_so_without_trace_ids(version: str) -> None:
    [row] = Replay(version).rows["broken"].values()
    assert (row.name.endswith(FAIL), row.state) == (True, StepState.FAILED)
    assert "exit code: 1" in row.message
    assert "traceparent" not in row.message


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_an_image_that_is_started_without_a_build_shows_its_pull_alone(version: str) -> None:
    assert [name for name, _ in Replay(version).shown("redis")] == ["pull redis:7-alpine"]


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_order_and_doubles_make_no_difference(version: str) -> None:
    plain = Replay(version)
    for seed in range(5):
        other = Replay(version, shuffled=random.Random(seed))
        for service in ("backend", "frontend", "broken", "postgres", "redis"):
            assert other.shown(service) == plain.shown(service)


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_crashes_and_ends_are_seen_each_with_its_code(version: str) -> None:
    ends = Replay(version).ends
    assert [code for name, code in ends if name == "backend"] == [7, 0]
    assert ("missing", 78) in ends
    assert [name for name, _ in ends][-4:] == ["frontend", "backend", "redis", "postgres"]


@pytest.mark.parametrize("version", recorded.VERSIONS)
def test_output_is_told_by_service_and_stream(version: str) -> None:
    said: dict[tuple[str, str], str] = defaultdict(str)
    ended = set()
    of = recorded.services(version)
    for data in recorded.events(version, "logs"):
        for record in otlp.logs(data):
            if record.stream and not record.verbose:
                said[of.get(record.trace, ""), record.stream] += record.text
            if record.eof:
                ended.add(of.get(record.trace, ""))
    assert "starting backend\n" in said["backend", "out"]
    assert "to stderr\n" in said["frontend", "err"]
    assert "no config\n" in said["missing", "err"]
    assert "s3cret-value" not in "".join(said.values())
    assert {"backend", "frontend", "postgres", "redis"} <= ended


def test_figures_are_unknown_where_the_host_gives_none() -> None:
    for version in recorded.VERSIONS:
        meter = Meter()
        for data in recorded.events(version, "metrics"):
            for gauge in otlp.gauges(data):
                meter.take(gauge)
        assert {meter.read(trace) for trace in recorded.services(version)} == {(None, None)}


def test_figures_where_the_host_gives_them() -> None:
    meter = Meter()
    for at, used in ((10.0, 1_000_000), (15.0, 2_000_000)):
        meter.take(otlp.Gauge("metrics.cpustat.usage", used, "t", "s", at))
    meter.take(otlp.Gauge("metrics.memory.current", 4096, "t", "s", 15.0))
    percent, memory = meter.read("t")
    assert percent == pytest.approx(20.0)
    assert memory == 4096
    meter.take(otlp.Gauge("metrics.cpustat.usage", 500, "t", "s2", 20.0))  # a new process counts from its beginning
    assert meter.read("t")[0] == pytest.approx(20.0)


def frames(ids: list[int]) -> bytes:
    return b"".join(b'event: spans\nid: %d\ndata: {"n": %d}\n\n' % (i, i) for i in ids)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_cut_right_wherever_the_stream_is(size: int) -> None:
    data = b"event: subscribed\ndata:\n\n" + frames([1, 2, 5])
    reader, found = Frames(), []
    for at in range(0, len(data), size):
        found += reader.feed(data[at : at + size])
    assert (found, reader.last) == ([{"n": 1}, {"n": 2}, {"n": 5}], "5")


def test_what_came_before_a_break_is_not_taken_again() -> None:
    reader = Frames("2")
    assert reader.feed(frames([1, 2, 3])) == [{"n": 3}]


def test_data_that_is_no_json_is_passed_over() -> None:
    assert Frames().feed(b"id: 1\ndata: {broken\n\nid: 2\ndata: {}\n\n") == [{}]


@pytest.mark.parametrize("data", [{}, {"resourceSpans": None}, {"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}])
def test_what_is_missing_never_raises(data: dict[str, Any]) -> None:
    assert [s.name for s in otlp.spans(data)] in ([], [""])
    assert json.dumps(data) is not None
