"""Variables in values: `$VAR`, `${VAR}`, defaults, required ones, `$$`.

https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md; in doubt the measure is compose-go's
template package. Values only, never keys. A default or message is looked at only when it is needed, so a required
variable inside an unused default is not missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubtui.errors import MISSING_VARIABLE, StackError
from hubtui.stacks.spec.document import Document, Key, Place
from hubtui.stacks.spec.marks import Row, Table
from hubtui.stacks.spec.mistakes import Collector

Lookup = Callable[[str], str | None]

MAX_NESTING = 32
MAX_SIZE = 8 * 1024 * 1024  # characters that interpolation may produce for one stack: `.env` can hold bombs too
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOLLAR = re.compile(r"\$")
_STOP = re.compile(r"[$}]")
_EXCERPT = re.compile(r"\$\{?(?:[A-Za-z_][A-Za-z0-9_]{0,63}|[^\n])?")
_OPERATOR = re.compile(r":?[-?+]")


class TemplateError(ValueError):
    """A `$` that begins nothing; the text says what is wrong without saying where."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable that the file demands and nobody set."""

    name: str
    message: str
    file: str
    line: int | None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{self.name} ({where}: {self.message})" if self.message else f"{self.name} ({where})"


class MissingVariables(StackError):
    """All required variables that are not set, at once: nobody likes to meet them one by one."""

    kind = MISSING_VARIABLE

    def __init__(self, missing: Collection[Missing], hint: str) -> None:
        one = len(missing) == 1
        names = ", ".join(str(m) for m in missing)
        message = f"{'a required variable is' if one else 'required variables are'} not set: {names}"
        super().__init__(message, hint)
        first = next(iter(missing))
        self.file, self.line = first.file, first.line
        self.missing = tuple(missing)


@dataclass(slots=True)
class Findings:
    """What interpolation met on its way. `used` is each variable that counted, with its value
    or default; `size` is for the whole stack."""

    missing: dict[str, Missing] = field(default_factory=dict)  # name -> its first use
    blank: set[tuple[str, int | None]] = field(default_factory=set)  # file and line of each use of a missing one
    unset: dict[str, str] = field(default_factory=dict)  # name -> file:line of its first use
    used: set[tuple[str, str]] = field(default_factory=set)
    files: dict[Path, dict[str, str]] = field(default_factory=dict)  # env_files already read
    origins: dict[str, Path] = field(default_factory=dict)  # variable -> the env file that it comes from
    size: int = 0

    def grow(self, size: int) -> None:
        """Count what a variable brought in."""
        self.size += size
        if self.size > MAX_SIZE:
            raise TemplateError("the variables of this stack unfold to far too much text")


def interpolate(document: Document, variables: Mapping[str, str], findings: Findings) -> None:
    """Interpolate every string value of the document, in place. Raises StackError for stray `$`s, all at once; what is
    missing or unset is only noted in `findings`, so that the caller can name all of it at once."""
    wrong = Collector()
    _fill(document.tree, document, variables.get, findings, wrong, [])
    wrong.check()


def _fill(
    holder: Any, document: Document, lookup: Lookup, findings: Findings, wrong: Collector, path: list[Key]
) -> None:
    """Everything below a mapping or list, which stands at `path`."""
    entries: Iterable[tuple[Any, Any]] = holder.items() if isinstance(holder, dict) else enumerate(holder)
    for key, value in entries:
        if isinstance(value, dict | list):
            path.append(key)
            _fill(value, document, lookup, findings, wrong, path)
            path.pop()
        elif isinstance(value, str) and "$" in value:
            mark = holder.at(key) if isinstance(holder, Table | Row) else None
            file, line, column = mark or (str(document.file), None, None)
            try:
                holder[key] = substitute(value, lookup, findings, file=file, line=line)
            except TemplateError as error:
                hint = "Write $$ where a plain $ is meant."
                message = f"{Place(document, (*path, key), None)}: {error}"
                wrong.add(StackError(message, hint, file=file, line=line, column=column))


def substitute(
    template: str, lookup: Lookup, findings: Findings | None = None, *, file: str = "", line: int | None = None
) -> str:
    """One string with its variables replaced. Raises TemplateError; notes everything else in `findings`."""
    if "$" not in template:
        return template
    reader = _Reader(template, lookup, findings if findings is not None else Findings(), file, line)
    return reader.read(0, True)


@dataclass(slots=True)
class _Reader:
    """One pass over a template: `wanted` says whether a part counts, so that unused defaults are only skipped."""

    template: str
    lookup: Lookup
    findings: Findings
    file: str
    line: int | None
    position: int = 0

    def read(self, depth: int, wanted: bool) -> str:
        """Up to the end, or inside `${` (depth > 0) up to its closing brace, which is left to the caller."""
        parts: list[str] = []
        text, closing = self.template, "}" if depth else ""
        while self.position < len(text):
            char = text[self.position]
            if char == closing:
                break
            if char == "$":
                parts.append(self._variable(depth, wanted))
                continue
            stop = (_STOP if depth else _DOLLAR).search(text, self.position)
            end = stop.start() if stop else len(text)
            parts.append(text[self.position : end])
            self.position = end
        return "".join(parts)

    def _variable(self, depth: int, wanted: bool) -> str:
        """What stands at `$`."""
        start = self.position
        following = self.template[start + 1 : start + 2]
        if following == "$":
            self.position += 2
            return "$"
        braced = following == "{"
        match = _NAME.match(self.template, start + 1 + braced)
        if match is None and not braced:  # as Compose has it, a lone $ is one
            self.position += 1
            return "$"
        if match is None:
            raise TemplateError(f"{_excerpt(self.template, start)} is not a variable")
        self.position = match.end()
        if not braced:
            return self._value(match[0]) if wanted else ""
        if depth >= MAX_NESTING:
            raise TemplateError(f"variables are nested deeper than {MAX_NESTING} levels")
        return self._braced(match[0], start, depth, wanted)

    def _braced(self, name: str, start: int, depth: int, wanted: bool) -> str:
        """`${NAME...}` from behind the name to behind the brace."""
        operator = _OPERATOR.match(self.template, self.position)
        result = ""
        if operator is None:
            result = self._value(name) if wanted and self.template[self.position : self.position + 1] == "}" else ""
        else:
            self.position = operator.end()
            value = self.lookup(name)
            present = value is not None and (value != "" or operator[0][0] != ":")
            kind = operator[0][-1]
            argument = self.read(depth + 1, wanted and present == (kind == "+"))
            if wanted:
                result = self._choose(name, kind, value or "", present, argument)
        if self.template[self.position : self.position + 1] != "}":
            raise TemplateError(f"{_excerpt(self.template, start)} does not end as a variable should, with }}")
        self.position += 1
        return result

    def _choose(self, name: str, kind: str, value: str, present: bool, argument: str) -> str:
        """The result of `-`, `?` or `+`, with what was found noted."""
        if kind == "?" and not present:
            self.findings.missing.setdefault(name, Missing(name, argument[:200], self.file, self.line))
            self.findings.blank.add((self.file, self.line))
            return ""
        result = (argument if kind == "+" else value) if present else (argument if kind == "-" else "")
        self.findings.used.add((name, value if present else result))
        self.findings.grow(len(result))
        return result

    def _value(self, name: str) -> str:
        value = self.lookup(name)
        if value is None:
            self.findings.unset.setdefault(name, f"{self.file}:{self.line}")
            return ""
        self.findings.used.add((name, value))
        self.findings.grow(len(value))
        return value


def _excerpt(template: str, start: int) -> str:
    """The beginning of a variable, for an error: no more than its name, because a value may be a secret."""
    match = _EXCERPT.match(template, start)
    return repr(match[0] if match else "$")
