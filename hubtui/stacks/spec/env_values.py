"""Values that a person typed, put into the text of a `.env`: what is there gets its value, another is added."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hubtui.errors import UsageError
from hubtui.stacks.spec.dotenv import parse_dotenv
from hubtui.stacks.spec.new_env import ENTRY, parts
from hubtui.stacks.spec.source import read_text

_AS_IT_IS = re.compile(r"[A-Za-z0-9_./:@%+,=~-]*")


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with these values. Of several entries of a name the last counts, so that is the one that changes."""
    last = {entry["key"]: entry.start() for entry in ENTRY.finditer(text) if entry["key"] in values}

    def put(entry: re.Match[str]) -> str:
        name = entry["key"]
        if name is None or last.get(name) != entry.start():
            return entry[0]
        return f"{entry['name']}{quoted(values[name])}{parts(entry)[1]}"

    text = ENTRY.sub(put, text)
    more = [f"{name}={quoted(value)}\n" for name, value in values.items() if name not in last]
    return "".join([text if text.endswith("\n") or not text else f"{text}\n", *more])


def quoted(value: str) -> str:
    """A value as an env file has to write it, so that it is read as it is. Raises UsageError for what no file can
    hold."""
    if "\0" in value:
        raise UsageError("A value cannot hold a NUL character.")
    if _AS_IT_IS.fullmatch(value):
        return value
    if "'" not in value and "\\" not in value:
        return f"'{value}'"
    escaped = re.sub(r'([\\"$])', r"\\\1", value).replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def put_values(file: Path, values: Mapping[str, str]) -> None:
    """Give variables their values in a file that is there, all at once or not at all; its mode and owner stay. Raises
    UsageError where it cannot be written, StackError where it cannot be read."""
    real = Path(os.path.realpath(file))
    text = read_text(real, what=".env file", as_it_is=True)
    parse_dotenv(text, file, {})  # what is broken already is for a person to mend
    text = with_values(text, values)
    made = ""
    try:
        handle, made = tempfile.mkstemp(prefix=".env.", dir=real.parent)
        with open(handle, "w", encoding="utf-8", newline="") as opened:
            was = real.stat()
            with contextlib.suppress(PermissionError):  # somebody else's file becomes one's own
                os.fchown(opened.fileno(), was.st_uid, was.st_gid)
            os.fchmod(opened.fileno(), was.st_mode & 0o777)
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(made, real)
    except OSError as error:
        if made:
            with contextlib.suppress(OSError):
                os.unlink(made)
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{file} cannot be written: {reason}", "Nothing was changed.") from error
