"""A case as the real binary resolves it."""

from __future__ import annotations

import json
import re
import subprocess

from tests.compose.binary import compose
from tests.compose.cases import Case
from tests.compose.outcome import Outcome, portable

_LOG = re.compile(r'^time="[^"]*" level=(\w+) msg="(.*)"$')


def resolve(case: Case) -> Outcome:
    """`docker compose config --format json`, and the lists that the case asks for. Needs a binary."""
    code, out, said = run(case, "--format", "json")
    warnings = sorted({line for line in said if line.startswith("warning: ")})
    if code:
        reason = [line for line in said if line not in warnings]
        # Where it panics, the trace is of no use.
        return Outcome(None, error=reason[0] if "panic" in reason[0] else " ".join(reason), said=warnings)
    lists = {
        option: sorted(line.rstrip() for line in run(case, *option.split())[1].splitlines()) for option in case.lists
    }
    return Outcome(portable(json.loads(out)), lists=portable(lists), said=warnings)


def run(case: Case, *options: str) -> tuple[int, str, list[str]]:
    """`docker compose config` on a case: (exit code, what it printed, its warnings and errors)."""
    call = [*(compose() or ()), *case.options(), "config", *options]
    ended = subprocess.run(
        call, cwd=case.folder, env=case.environ(), capture_output=True, text=True, timeout=60, check=False
    )
    lines = [_LOG.sub(r"\1: \2", line).strip() for line in ended.stderr.splitlines()]
    return ended.returncode, ended.stdout, [portable(line).replace('\\"', '"') for line in lines if line]
