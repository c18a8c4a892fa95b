"""A case as hubtui resolves it, through the verb that people use."""

from __future__ import annotations

import contextlib
import json
import os
from unittest import mock

from click.testing import CliRunner, Result

from hubtui.cli import cli
from tests.compose.cases import Case
from tests.compose.outcome import Outcome, portable


def resolve(case: Case) -> Outcome:
    """`hubtui config --format json` in the folder of the case, and the lists that the case asks for.

    Raises AssertionError where hubtui met what it did not expect: that is neither a project nor a refusal.
    """
    ended = run(case, "--format", "json")
    if ended.exit_code:
        return Outcome(None, error=portable(ended.stderr.strip()))
    lists = {
        option: sorted(line.rstrip() for line in run(case, *option.split()).stdout.splitlines())
        for option in case.lists
    }
    said = [portable(line) for line in ended.stderr.splitlines()]
    return Outcome(portable(json.loads(ended.stdout)), lists=portable(lists), said=said)


def run(case: Case, *options: str) -> Result:
    """`hubtui config` on a case."""
    with contextlib.chdir(case.folder), mock.patch.dict(os.environ, case.environ(), clear=True):
        ended = CliRunner().invoke(cli, ["config", *case.options(), *options])
    assert "unexpected" not in ended.stderr, ended.stderr
    return ended
