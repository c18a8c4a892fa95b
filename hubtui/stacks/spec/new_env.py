"""A stack's first `.env`: its secrets generated, what only a person can know left empty, defaults as comments.

Where the project has an example of one, that is what it begins with, its order and comments kept. A secret of an
example stands in everybody's copy of it, so it is replaced by a new one, unless it is a path, an address or refers to
another variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hubtui.errors import UsageError
from hubtui.safetext import is_secret_name, safe_text
from hubtui.stacks.spec.wants import OWN_NAME, SHELL, Want
from hubtui.stacks.templates import generate

NAME, EXAMPLES = generate.NAME, (generate.EXAMPLE, ".env.sample", ".env.template", ".env.dist", "env.example")
_HEAD = "# What the stack asks for. Keep it out of git.\n"
ENTRY = re.compile(  # linear for every text that parse_dotenv takes; where a value ends in its line, `parts` says
    r"^(?P<comment>[ \t]*#[^\n]*)"
    r"|^(?P<name>[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*)"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\n]*)",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"[ \t]#")
_SAID = re.compile(r"^[ \t]*#?[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_SUFFIX = re.compile(r"(?:_?\d+|_BASE|_VALUE)+\Z", re.IGNORECASE)  # SECRET_KEY_BASE, PASSWORD_2
_MADE_ELSEWHERE = re.compile(r"dsn|credentials?", re.IGNORECASE)  # a random one of these is always wrong
_MEANS_SOMETHING = re.compile(r"[\"']?(?:[./~]|[a-z][a-z0-9+.-]*://)|.*\$[A-Za-z_{]", re.DOTALL)


@dataclass(slots=True)
class NewEnv:
    """The text of the file, and the names of what was generated and of what somebody has to fill in."""

    text: str = ""
    generated: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def is_made_up(name: str) -> bool:
    """Whether a random text makes a good value for a variable of this name: a password, a token or a key, but not a
    path to one, its name or how long it lives."""
    last = _SUFFIX.sub("", name).rpartition("_")[2]
    return not _MADE_ELSEWHERE.fullmatch(last) and is_secret_name(f"X_{last}")


def find_example(folder: Path) -> Path | None:
    """The folder's example of a `.env`, if it has one."""
    return next((path for name in EXAMPLES if os.path.isfile(path := folder / name)), None)


def compose_env(
    wanted: Iterable[Want], example: str | None, busy: Collection[int] = (), free: Callable[[int], bool] = generate.free
) -> NewEnv:
    """What to write. The marks of `generate` are filled in an example, with ports that are not among `busy`."""
    made = NewEnv()
    wanted = [want for want in wanted if want.source not in (SHELL, OWN_NAME)]
    if example is None:
        blocks = [_block(want, made) for want in wanted]
        made.text = "\n".join([_HEAD, *blocks])
        return made
    needed = {want.name for want in wanted if want.required}
    made.text = ENTRY.sub(lambda entry: _filled(entry, needed, made), example)
    made.text = generate.fill(made.text, busy, free)
    said = set(_SAID.findall(example))
    more = [_block(want, made) for want in wanted if want.name not in said or (want.missing and _unsaid(want, example))]
    if more:
        made.text = "\n".join([made.text.rstrip("\n") + "\n", *more])
    return made


def parts(entry: re.Match[str]) -> tuple[str, str]:
    """The value of an entry as it is written, and what stands behind it: blanks, a comment."""
    value = entry["value"]
    if value[:1] in ("'", '"') and len(value) > 1 and value[-1] == value[0]:
        return value, ""
    found = _COMMENT.search(value)
    kept = value[: found.start() if found else len(value)].rstrip()
    return kept, value[len(kept) :]


def _unsaid(want: Want, example: str) -> bool:
    """Whether the example names a variable only in comments."""
    return not any(entry["key"] == want.name for entry in ENTRY.finditer(example))


def _filled(entry: re.Match[str], needed: Collection[str], made: NewEnv) -> str:
    """A line of an example, as it is or with a new secret."""
    name = entry["key"]
    if name is None:
        return entry[0]
    value, rest = parts(entry)
    bare = value.strip("\"'")
    if bare == "<generate>" or (is_made_up(name) and not _MEANS_SOMETHING.match(value) and (bare or name in needed)):
        made.generated.append(name)
        return f"{entry['name']}{generate.secret()}{rest}"
    if not bare and name in needed:
        made.empty.append(name)
    return entry[0]


def _block(want: Want, made: NewEnv) -> str:
    """One variable, with what is known of it as a comment."""
    about = f"# {_line(want.message)}\n" if want.message else ""
    if is_made_up(want.name) and (want.required or want.default or not want.has_default):
        made.generated.append(want.name)
        return f"{about}# generated\n{want.name}={generate.secret()}\n"
    if want.required:
        made.empty.append(want.name)
        return f"{about}# required: {want.name} is used in {Path(want.where).name}\n{want.name}=\n"
    return f"{about}# {want.name}={_line(want.default)}\n"


def _line(text: str) -> str:
    return safe_text(" ".join(text.split()))


def refuse_existing(file: Path) -> None:
    """Raise UsageError where there is such a file, even as a link that leads nowhere."""
    if os.path.lexists(file):
        raise UsageError(
            f"{file} is there already, and nothing is written over it.",
            "`hubtui env` says what is missing: add it there; or move the file away and ask again.",
        )


def save_env(file: Path, text: str) -> None:
    """Make the file, readable only for its owner. Raises UsageError where it is there or cannot be written."""
    begun: list[Path] = []
    try:
        generate.write_private(file, text, begun)
    except OSError as error:
        for path in begun:
            path.unlink(missing_ok=True)
        raise UsageError(
            f"{file} cannot be written: {(error.strerror or type(error).__name__).lower()}", "Nothing was changed."
        ) from error
