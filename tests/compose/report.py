"""`python -m tests.compose.report [NAME...]`: how hubtui resolves the corpus, every difference on a line."""

from __future__ import annotations

import sys

from tests.compose import ours
from tests.compose.cases import CORPUS, all_cases, read_case
from tests.compose.compare import compare
from tests.compose.outcome import stored


def main(names: list[str]) -> None:
    """Print the differences of the named cases, or of all of them, then how many are the same."""
    cases = [read_case(CORPUS / name) for name in names] or all_cases()
    same = 0
    for case in cases:
        try:
            found = compare(ours.resolve(case), stored(case))
        except Exception as problem:
            found = [f"{type(problem).__name__}: {problem}"]
        same += not found
        for difference in found:
            print(f"{case.name}: {difference}")
    print(f"{same} of {len(cases)} the same")


if __name__ == "__main__":
    main(sys.argv[1:])
