"""Times as people type them, read with a clock and a zone that are given."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubtui import when
from hubtui.errors import UsageError


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


NOW = "2026-11-26 14:30:00"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("now", NOW),
        ("12:04", "2026-11-26 12:04"),
        ("9:04", "2026-11-26 09:04"),
        ("12:04:30", "2026-11-26 12:04:30"),
        ("12:04:30.25", "2026-11-26 12:04:30.250"),
        ("14:30", NOW),
        ("14:31", "2026-11-25 14:31"),
        ("00:00", "2026-11-26"),
        ("today 18:00", "2026-11-26 18:00"),
        ("yesterday 12:04", "2026-11-25 12:04"),
        ("Yesterday", "2026-11-25"),
        ("2026-11-22", "2026-11-22"),
        ("2026-11-22 12:04", "2026-11-22 12:04"),
        ("2026-11-22T12:04:30", "2026-11-22 12:04:30"),
        ("2026-11-22T12:04:30Z", "2026-11-22 13:04:30"),
        ("2026-07-01T12:04:30+00:00", "2026-07-01 14:04:30"),
        ("10m", "2026-11-26 14:20"),
        ("10m ago", "2026-11-26 14:20"),
        ("-2h", "2026-11-26 12:30"),
        ("1h30m", "2026-11-26 13:00"),
        ("1 hour 30 minutes ago", "2026-11-26 13:00"),
        ("1.5h", "2026-11-26 13:00"),
        ("1d", "2026-11-25 14:30"),
        ("2w", "2026-11-12 14:30"),
        (" 90s ", "2026-11-26 14:28:30"),
    ],
)
def test_what_is_typed_is_meant(typed: str, meant: str) -> None:
    assert when.moment(typed, at(NOW)) == at(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12:04", "2026-11-20 12:04"),
        ("12:06", "2026-11-19 12:06"),
        ("yesterday 12:04", "2026-11-25 12:04"),
        ("10m", "2026-11-26 14:20"),
    ],
)
def test_a_time_without_a_date_is_the_last_before_the_end_of_the_log(typed: str, meant: str) -> None:
    assert when.moment(typed, at(NOW), at("2026-11-20 12:05")) == at(meant)


def test_the_clock_that_was_put_forward_moves_no_day() -> None:
    """29 March 2026 has no 02:30 in Berlin, and one hour less."""
    assert when.moment("12:04", at("2026-03-29 14:00")) == at("2026-03-29T12:04+02:00")
    assert when.moment("yesterday 12:04", at("2026-03-29 14:00")) == at("2026-03-28T12:04+01:00")


@pytest.mark.parametrize(
    "typed", ["", "25:00", "12:60", "noon", "2026-13-01", "10x", "999999999d", "-", "ago", "10m later", "12", "1:2"]
)
def test_what_is_no_time_is_told_with_what_may_be_said(typed: str) -> None:
    with pytest.raises(UsageError) as error:
        when.moment(typed, at(NOW))
    assert "is no time" in error.value.message
    assert when.FORMS in error.value.hint


@given(st.text(max_size=20) | st.text("0123456789:-. mhdsTZago", max_size=20))
def test_nothing_typed_is_a_traceback(typed: str) -> None:
    try:
        assert isinstance(when.moment(typed, 1.8e9), float)
    except UsageError:
        pass


def test_all_forms_that_an_error_names_are_read() -> None:
    for form in when.FORMS.replace(" or ", ", ").split(", "):
        when.moment(form, at(NOW))


def test_a_time_has_the_milliseconds_that_were_written() -> None:
    for written in range(1000):
        assert when.to_the_millisecond(1_795_662_245 + written / 1000) == (1_795_662_245, written)
    assert when.to_the_millisecond(-0.25) == (-1, 750)
