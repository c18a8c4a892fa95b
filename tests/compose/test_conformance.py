"""Every project of the corpus resolves as `docker compose config` resolves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.stacks.spec.yaml import parse_yaml
from tests.compose import binary, ours, real
from tests.compose.cases import EXPECTED, Case, all_cases
from tests.compose.compare import compare, differences
from tests.compose.coverage import not_shown
from tests.compose.known import KNOWN
from tests.compose.outcome import stored

CASES = all_cases()
ACCEPTED = [case for case in CASES if not (case.newer or case.error or case.name in KNOWN)]
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
accepted = pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)


@by_name
def test_resolves_as_docker_compose_does(case: Case) -> None:
    """Field by field, against what the real binary once said. Where it differs on purpose, it must differ still."""
    found = compare(ours.resolve(case), stored(case))
    if case.name in KNOWN:
        assert found, f"does not differ any more, so it need not be in KNOWN: {KNOWN[case.name]}"
    else:
        assert not found, "\n".join(["hubtui != docker compose", *found])


@by_name
def test_the_real_binary_still_says_what_was_stored(case: Case, record_property: Callable[[str, object], None]) -> None:
    """So that the stored output is not the work of a hand. Needs the version that wrote it."""
    if case.newer:
        pytest.skip("the specification decides, the binary at hand is older")
    if why := binary.not_comparable():
        pytest.skip(why)
    record_property("compose", binary.version())
    assert not compare(real.resolve(case), stored(case))


@accepted
def test_variables_that_are_not_set_are_said_as_there(case: Case) -> None:
    """Each once, and no other; the sentences are our own."""
    theirs = re.findall(r'The "(\w+)" variable is not set', "\n".join(stored(case).said))
    ours_ = re.findall(r"the variable (\w+) is not set", "\n".join(ours.resolve(case).said))
    assert sorted(ours_) == sorted(set(theirs))


@accepted
def test_yaml_holds_what_theirs_holds(case: Case) -> None:
    """The order of its keys and its quotes are our own."""
    if why := binary.not_comparable():
        pytest.skip(why)
    code, text, said = real.run(case)
    assert code == 0, said
    printed, theirs = (parse_yaml(each, Path("x.yaml"))[0].tree for each in (ours.run(case).stdout, text))
    assert not list(differences(printed, theirs))


def test_the_corpus_is_whole() -> None:
    """Each case has its expected outcome and each outcome its case; what is known to differ exists."""
    names = {case.name for case in CASES}
    assert names == {path.stem for path in EXPECTED.glob("*.json")}
    assert len(names) >= 160
    assert set(KNOWN) <= names
    assert not [case.name for case in CASES if case.error != (stored(case).config is None)]


def test_every_key_of_the_specification_is_shown() -> None:
    """By a case that is accepted, so that its value is compared."""
    assert not not_shown()
