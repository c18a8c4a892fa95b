"""What every test starts from: an environment without anybody's settings, and state folders of its own."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubtui.paths import Home
from hubtui.store import connect

_UNWANTED = ("NO_COLOR", "HUBTUI_", "COLORTERM", "COLORFGBG", "TEXTUAL_THEME", "TEXTUAL_COLOR", "TEXTUAL_ANIM")
# Who has bound the clock to a name of its own; the clock itself last, so that nobody binds the stopped one for good.
_CLOCKS = (
    "store.attempts",
    "store.events",
    "store.history",
    "store.jobs",
    "store.requests",
    "store.retention",
    "store.runs",
    "store.services",
    "store.steps",
    "models",
)


def pytest_configure() -> None:
    """Snapshots break where NO_COLOR or a theme comes from outside; settings of the person who tests change results."""
    for name in [n for n in os.environ if n.startswith(_UNWANTED) and not n.startswith("HUBTUI_TEST_")]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Other work on a shared machine only ever adds to a duration: one of three measurements must meet it."""
    for item in items:
        if item.get_closest_marker("timed"):
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=["AssertionError"]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line on what was not tried and why: a skip must not look like a pass. One on the faults that
    were tried, and one on each real engine."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        skipped = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common())
        terminalreporter.write_line(f"NOT TRIED: {sum(reasons.values())} tests: {skipped}", yellow=True)
    calls = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
    ]
    told = [found for report in calls for found in report.user_properties]
    faults = Counter(found[1] for found in told if found[0] == "fault")
    if faults:
        kinds = ", ".join(f"{count} {kind}" for kind, count in faults.most_common())
        terminalreporter.write_line(f"faults tried: {faults.total()} (by kind: {kinds})")
    for who in sorted({found[1] for found in told if found[0] == "calls"}):
        counted = ", ".join(sorted({found[2] for found in told if found[:2] == ("calls", who)}))
        terminalreporter.write_line(f"durable calls of {who}, undisturbed: {counted}")
    ran = Counter(
        found[1] for r in calls if r.outcome != "skipped" for found in r.user_properties if found[0] == "live"
    )
    for engine, count in sorted(ran.items()):
        terminalreporter.write_line(f"live tests that ran: {count} on {engine}")
    for version in sorted({found[1] for found in told if found[0] == "compose"}):
        terminalreporter.write_line(f"compose files compared with docker compose {version}")


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").strip() or "no reason was given"


class Clock:
    """A wall clock that moves only when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 13, 40, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, seconds: float) -> None:
        """Let this much time go by."""
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that the store writes and the screen shows; UTC is the local time."""
    stopped = Clock()
    for module in _CLOCKS:
        monkeypatch.setattr(f"hubtui.{module}.now", stopped)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return stopped


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A state folder with an empty store."""
    made = Home(tmp_path / "state")
    connect.create(made)
    return made
