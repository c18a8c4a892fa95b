"""The card of a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hubtui.models import JobError
from hubtui.widgets import trouble
from tests.unit.test_presentation import FAILED, NOW, PROJECT, ago

CHANGES = ("compose file", "image of web", "git 3f2a1c > 9b01d2", "variable API_URL new", "Dockerfile", "engine")
GOOD = replace(FAILED, id=41, finished_at=ago(7500), error=None)
LONG = JobError("service_exited", "backend exited with code 137 " * 12, "Do this and then that. " * 20)


def card(job: object = FAILED, width: int = 52, height: int = 99, good: object = GOOD) -> list[str]:
    found = trouble.trouble_of(replace(PROJECT, job=job), good, NOW)  # type: ignore[arg-type]
    assert found is not None
    return trouble.card(found, "core › backend", width, height).plain.splitlines()


def test_it_says_what_why_what_next_and_which_keys() -> None:
    text = "\n".join(card(replace(FAILED, changes=("compose file",))))
    for told in (
        "✗ start #42 failed",
        "at core › backend",
        "Port 5432 is taken",
        "± changed since #41 (good, 2h05m ago): compose",
        "→ Stop it",
        "t try again  s start  r restart  l log  h steps",
    ):
        assert told in text
    assert all(len(line) <= 52 for line in text.splitlines())


def test_four_changes_are_named_and_the_others_counted() -> None:
    told = trouble.changes_words(replace(FAILED, changes=CHANGES), GOOD, NOW)
    assert told[0].endswith(": compose file · image of web · git 3f2a1c > 9b01d2 · variable API_URL new · +2 more")
    assert told[-2].endswith(": compose file · +5 more")
    assert told[-1] == "6 things changed since #41"


def test_nothing_changed_is_said_only_where_something_was_compared() -> None:
    assert trouble.changes_words(FAILED, GOOD, NOW) == ("nothing that hubtui sees changed since #41 (good, 2h05m ago)",)
    assert trouble.changes_words(FAILED, None, NOW) == ()


@pytest.mark.parametrize("height", [6, 7, 8, 9, 12, 99])
@pytest.mark.parametrize("width", [36, 49, 90])
def test_however_long_its_sentences_are_it_fits_with_headline_and_keys(width: int, height: int) -> None:
    rows = card(replace(FAILED, error=LONG, changes=CHANGES), width, height)
    assert len(rows) <= height
    assert rows[0].startswith("✗ start #42 failed") and rows[-1].strip().startswith("t try again")
    assert any(row.startswith("± ") for row in rows) and any(row.startswith("→ ") for row in rows)
    assert all(len(row) <= width for row in rows[:-1])
    assert "…" in "".join(rows)


def test_fewer_changes_are_named_before_their_line_is_cut() -> None:
    rows = card(replace(FAILED, error=LONG, changes=CHANGES), 60, 7)
    told = next(row for row in rows if row.startswith("± "))
    assert told == "± 6 things changed since #41"
    rows = card(replace(FAILED, error=LONG, changes=CHANGES), 70, 7)
    assert "± changed since #41 (good, 2h05m ago): compose file · +5 more" in rows


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("web exited with code 137 after 2 s", "137 = SIGKILL, often for want of memory (OOM)"),
        ("web exited with code 143 after 2 s", "143 = SIGTERM"),
        ("web exited with code 139 after 2 s", "139 = SIGSEGV, a fault of the program itself"),
        ("the build exited with code 127: x: not found", "127 = there is no such command"),
        ("exited with code 126", "126 = it is there but cannot be run"),
        ("web exited with code 2 after 2 s", ""),
        ("web exited with code 255", ""),
        ("web was killed by the kernel (out of memory)", ""),
        ("barcode 137", ""),
    ],
)
def test_an_exit_code_is_put_into_words_where_it_means_something(sentence: str, told: str) -> None:
    assert trouble.code_words(sentence) == told


def test_foreign_words_are_safe_and_never_markup() -> None:
    nasty = "[@click=app.exit]x[/] \x1b[31mred\x1b[0m\x9b"
    job = replace(FAILED, error=JobError("x", nasty, nasty), changes=(nasty,))
    found = trouble.trouble_of(replace(PROJECT, job=job), GOOD, datetime.now(UTC) + timedelta(1))
    assert found is not None
    content = trouble.card(found, nasty, 80)
    assert content.plain.count("[@click=app.exit]x[/]") == 4
    assert not set("\x1b\x9b") & set(content.plain)
    assert all("@click" not in str(span.style) for span in content.spans)
