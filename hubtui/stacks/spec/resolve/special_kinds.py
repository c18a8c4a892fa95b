"""Kinds of values that stand at one key of a service only.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

import re
from typing import Any

from hubtui.stacks.spec.fields import kind
from hubtui.stacks.spec.ports import short
from hubtui.stacks.spec.resolve.kinds import INTEGER, LIST, MODE, RATE, SCALAR, SET, TEXT
from hubtui.stacks.spec.resolve.longform import MAX_SPELLED_OUT
from hubtui.stacks.spec.resolve.shaping import Kind, Shaper, listed, named, table


def or_table(keys: Kind, example: str) -> Kind:
    """A mapping; a string in its place is a short form that could not be read."""

    def shape(shaper: Shaper, value: Any) -> Any:
        if isinstance(value, dict):
            return keys.shape(shaper, value)
        if not isinstance(value, str):
            return shaper.refuse(f"must be a string, not {kind(value)}", "Or a mapping.")
        return shaper.refuse(f"must be {example}, not {value[:60]!r}")

    return Kind("a string", shape)


def names_or(keys: Kind) -> Kind:
    """A mapping; a list in its place is one of names that could not be read as one."""

    def shape(shaper: Shaper, value: Any) -> Any:
        return SET.shape(shaper, value) if isinstance(value, list) else keys.shape(shaper, value)

    return Kind("a mapping", shape)


def _published(shaper: Shaper, value: Any) -> Any:
    return str(value) if type(value) is int else TEXT.shape(shaper, value)


def _port(shaper: Shaper, value: Any) -> Any:
    if isinstance(value, dict):
        return _PORT.shape(shaper, value)
    if isinstance(value, str):
        short(value)  # its ValueError says more
        return shaper.refuse(f"is one of more than {MAX_SPELLED_OUT} ports, which are too many")
    return shaper.refuse(f"must be a port such as 8080:80, not {kind(value)}")


def _ulimit(shaper: Shaper, value: Any) -> Any:
    return _LIMITS.shape(shaper, value) if isinstance(value, dict) else INTEGER.shape(shaper, value)


def _devices_count(shaper: Shaper, value: Any) -> Any:
    """-1 is printed for `all`."""
    return -1 if isinstance(value, str) and value.lower() == "all" else INTEGER.shape(shaper, value)


def _restart(shaper: Shaper, value: Any) -> Any:
    if isinstance(value, bool):
        known = '"no", always, on-failure, on-failure:N or unless-stopped'
        return shaper.refuse(f"must be {known}, not {kind(value)}", 'Write "no", in quotes.')
    return TEXT.shape(shaper, value)


def _pull_policy(shaper: Shaper, value: Any) -> Any:
    if isinstance(value, str) and not _PULL_POLICY.search(value):
        known = "always, never, missing, build, refresh, daily, weekly or every_DURATION"
        return shaper.refuse(f"must be {known}, not {value[:40]!r}")
    return TEXT.shape(shaper, value)


def _test(shaper: Shaper, value: Any) -> Any:
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    words = LIST.shape(shaper, value)
    if isinstance(words, list) and words and words[0] not in ("CMD", "CMD-SHELL", "NONE"):
        return shaper.refuse("must begin with CMD, CMD-SHELL or NONE, and CMD needs a command")
    return words


def _ssh(shaper: Shaper, value: Any) -> Any:
    if not isinstance(value, dict):
        wrong = [i for i in value if not isinstance(i, str) or "=" not in i] if isinstance(value, list) else []
        if wrong:
            return shaper.refuse(f"has {wrong[0]!r} without a path; only default, the agent, needs none")
        return shaper.refuse(f"must be a mapping, not {kind(value)}")
    return [key if path is None else f"{key}={path}" for key, path in value.items()]


def _options(shaper: Shaper, value: Any) -> Any:
    """A provider's options: each may be said several times."""
    if not isinstance(value, dict):
        return shaper.refuse(f"must be a mapping, not {kind(value)}")
    many = {key: item if isinstance(item, list) else [item] for key, item in value.items()}
    return {key: shaper.at(key, listed(SCALAR), item) for key, item in many.items()}


def capital(keys: Kind) -> Kind:
    """Compose prints these keys with a capital: its JSON has no other name for them."""

    def shape(shaper: Shaper, value: Any) -> Any:
        found = keys.shape(shaper, value)
        return {key.capitalize(): item for key, item in found.items()} if isinstance(found, dict) else found

    return Kind("a mapping", shape)


def _flag(shaper: Shaper, value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else TEXT.shape(shaper, value)


_PULL_POLICY = re.compile(r"always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+|^$")
_PORT = table(
    {
        **dict.fromkeys(("name", "mode", "host_ip", "protocol", "app_protocol"), TEXT),
        "target": INTEGER,
        "published": Kind("a string or a number", _published),
    },
    need=("target",),
)
_LIMITS = table({"soft": INTEGER, "hard": INTEGER}, need=("soft", "hard"))
ULIMITS = named(Kind("a number or a mapping", _ulimit))
GRANT = or_table(
    table({**dict.fromkeys(("source", "target", "uid", "gid"), TEXT), "mode": MODE}), "a name or a mapping"
)
RATES = listed(capital(table({"path": TEXT, "rate": RATE})))
PORT = Kind("a port", _port)
RESTART = Kind("a string", _restart)
PULL_POLICY = Kind("a string", _pull_policy)
TEST = Kind("a string or a list", _test)
SSH = Kind("a mapping or a list", _ssh)
OPTIONS = Kind("a mapping", _options)
DEVICE_COUNT = Kind("a number or all", _devices_count)
FLAG = Kind("a string or a boolean", _flag)
