"""The comparison sees what differs, and says where."""

from __future__ import annotations

import pytest

from tests.compose.compare import compare, differences
from tests.compose.outcome import Outcome


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ({"a": [{"b": 80}]}, {"a": [{"b": "80"}]}, ["a[0].b: 80 != '80'"]),
        ({"a": True}, {"a": 1}, ["a: True != 1"]),
        ({"a": None}, {}, ["a: None != nothing"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a[1]: nothing != 2"]),
        ({"a": {"b": {}}}, {"a": {"b": []}}, ["a.b: {} != []"]),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    ],
)
def test_differences(ours: object, theirs: object, said: list[str]) -> None:
    assert list(differences(ours, theirs)) == said


def test_a_refusal_is_compared_as_one() -> None:
    """Each side has its own words; that only one side refuses is a difference."""
    assert not compare(Outcome(None, error="no"), Outcome(None, error="never"))
    assert compare(Outcome(None, error="no"), Outcome({})) == ["refused: no"]
    assert compare(Outcome({}), Outcome(None, error="never")) == ["not refused, as in: never"]
