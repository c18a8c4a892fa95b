"""Which jobs a person wants to see: what the keys and the words of the jobs screen say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hubtui.models import JobType
from hubtui.store import history
from hubtui.store.history import KINDS, Wanted

_KINDS: tuple[str, ...] = ("", *KINDS)
_TYPES: tuple[JobType | None, ...] = (None, *JobType)


@dataclass(slots=True)
class JobFilter:
    """`project` or all of them; `kind` is a name of KINDS or "", `needle` what was typed."""

    project: str
    all_projects: bool = False
    kind: str = ""
    type: JobType | None = None
    needle: str = ""

    @property
    def words(self) -> list[str]:
        """What is filtered, in words; whose jobs these are is not among them."""
        return [word for word in (self.kind, str(self.type or ""), self.needle.strip()) if word]

    def wanted(self, projects: Sequence[str]) -> Wanted:
        """The jobs themselves; `projects` are the names that there are. Raises UsageError for a word of no use."""
        found = history.typed(self.needle, projects, Wanted("" if self.all_projects else self.project))
        if self.kind:
            found = replace(found, states=KINDS[self.kind])
        return replace(found, types=(self.type,)) if self.type else found

    def scope(self, wanted: Wanted) -> Wanted:
        """Of which jobs these are some: of all, else of the project, which may be one that was typed."""
        return Wanted() if self.all_projects else Wanted(wanted.project)

    def next_kind(self) -> None:
        """From all to active, failed, and so on, and around."""
        self.kind = _KINDS[(_KINDS.index(self.kind) + 1) % len(_KINDS)]

    def next_type(self) -> None:
        """From all types to each one, and around."""
        self.type = _TYPES[(_TYPES.index(self.type) + 1) % len(_TYPES)]

    def drop(self) -> None:
        """Show all again."""
        self.kind, self.type, self.needle = "", None, ""
