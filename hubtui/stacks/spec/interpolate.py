"""Variables in values: `$VAR`, `${VAR}`, defaults, required ones, `$$`.

https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md; in doubt the measure is compose-go's template
package. Values only, never keys. A default or message is looked at only when it is needed, so a required variable inside
an unused default is not missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document, Key

Lookup = Callable[[str], str | None]

MAX_NESTING = 32
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
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

    def __init__(self, missing: list[Missing], hint: str) -> None:
        one = len(missing) == 1
        names = ", ".join(str(m) for m in missing)
        message = f"{'a required variable is' if one else 'required variables are'} not set: {names}"
        super().__init__(message, hint, file=missing[0].file, line=missing[0].line)
        self.missing = tuple(missing)


@dataclass(slots=True)
class Findings:
    """What interpolation met on its way. `used` is each variable that was read, with its value."""

    missing: list[Missing] = field(default_factory=list)
    unset: dict[str, int | None] = field(default_factory=dict)  # name -> line of its first use
    used: dict[str, str] = field(default_factory=dict)


def interpolate(document: Document, variables: Mapping[str, str]) -> tuple[Document, Findings]:
    """The document with every string value interpolated. Raises StackError for a stray `$`; what is missing is
    collected in the findings, for `Findings.missing` to be raised together by the caller."""
    findings = Findings()
    tree = {k: _walk(document, (k,), v, variables.get, findings) for k, v in document.tree.items()}
    return document.with_tree(tree), findings


def _walk(document: Document, path: tuple[Key, ...], value: Any, lookup: Lookup, findings: Findings) -> Any:
    if isinstance(value, dict):
        return {k: _walk(document, (*path, k), v, lookup, findings) for k, v in value.items()}
    if isinstance(value, list):
        return [_walk(document, (*path, n), v, lookup, findings) for n, v in enumerate(value)]
    if not isinstance(value, str) or "$" not in value:
        return value
    try:
        return substitute(value, lookup, findings, file=str(document.file), line=document.line(path))
    except TemplateError as error:
        raise document.error(str(error), path, "Write $$ where a plain $ is meant.") from None


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
            stops = [i for i in (text.find("$", self.position), text.find("}", self.position) if depth else -1) if i >= 0]
            end = min(stops, default=len(text))
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
        if present:
            self.findings.used[name] = value
            return argument if kind == "+" else value
        if kind == "?":
            missing = Missing(name, argument, self.file, self.line)
            if missing not in self.findings.missing:
                self.findings.missing.append(missing)
        return argument if kind == "-" else ""

    def _value(self, name: str) -> str:
        value = self.lookup(name)
        if value is None:
            self.findings.unset.setdefault(name, self.line)
            return ""
        self.findings.used[name] = value
        return value


def _excerpt(template: str, start: int) -> str:
    """The part of a template that an error names; short, because a value may hold a secret."""
    end = min(start + 16, len(template))
    return repr(template[start:end].split("\n")[0] + ("..." if end < len(template) else ""))
