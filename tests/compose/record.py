"""`python -m tests.compose.record [NAME...]`: write the expected outcomes anew from the real binary.

Cases that are newer than the binary are left as they are. Ends with 1 where a case was refused that should not be, or
the other way round: then the case does not show what its author meant.
"""

from __future__ import annotations

import sys

from tests.compose import binary, real
from tests.compose.cases import CORPUS, EXPECTED, all_cases, read_case
from tests.compose.outcome import store


def main(names: list[str]) -> int:
    """Record the named cases, or all of them, and remove what no case has any more."""
    if not binary.compose():
        print("no docker compose here", file=sys.stderr)
        return 2
    cases = [read_case(CORPUS / name) for name in names] or all_cases()
    wrong = 0
    for case in cases:
        if case.newer:
            continue
        outcome = real.resolve(case)
        store(case, outcome)
        if (outcome.config is None) != case.error:
            wrong += 1
            print(f"{case.name}: {outcome.error or 'was not refused'}")
    if not names:
        kept = {case.name for case in cases}
        for stale in [path for path in EXPECTED.glob("*.json") if path.stem not in kept]:
            stale.unlink()
        (EXPECTED / "VERSION").write_text(binary.version() + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
