"""Which step of one job is which of another: that of the same key or, where keys are random, of the same name below the
same parent."""

from __future__ import annotations

from collections import Counter

_RANDOM = "span:"  # what an engine numbers anew every time
_GROUP = "stage:"  # what only stands above others, and takes no time of its own


def is_group(key: str) -> bool:
    """Whether this step only groups others."""
    return key.startswith(_GROUP)


def phase(identity: str) -> str:
    """What kind of step it is: `build`, `service`... One that is known by its name is of a kind of its own."""
    return identity if "\n" in identity else identity.partition(":")[0]


def identity(key: str, name: str, parent: str | None) -> str:
    """The step's name over all jobs; `parent` is the parent's name over all jobs."""
    return f"{parent or ''}\n{name}" if key.startswith(_RANDOM) else key


class Identities:
    """Of the steps of one job, named one after the other in the order in which they were first heard of."""

    def __init__(self) -> None:
        self._of_key: dict[str, str] = {}
        self._times: Counter[str] = Counter()

    def add(self, key: str, name: str, parent: str | None) -> str:
        """Its name; what is told twice under one name, like two pulls of one image, is told apart by its place."""
        if key in self._of_key:
            return self._of_key[key]
        found = identity(key, name, self.parent(parent))
        self._times[found] += 1
        if self._times[found] > 1:
            found = f"{found}\n{self._times[found]}"
        self._of_key[key] = found
        return found

    def parent(self, key: str | None) -> str | None:
        """The name of a parent; None where there is none, or only a group."""
        return None if key is None or is_group(key) else self._of_key.get(key, key)
