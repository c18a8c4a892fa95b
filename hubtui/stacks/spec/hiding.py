"""No error quotes a secret: what is wrong with a value may well be that a secret was filled in there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from hubtui.errors import StackError
from hubtui.safetext import MASK, SHORTEST_SECRET, is_secret_name, mask
from hubtui.stacks.spec.interpolate import Findings

_EXCERPT = 80  # characters of a value that an error quotes at most


@contextlib.contextmanager
def hiding(findings: Findings) -> Iterator[None]:
    """What is raised in the block says •••••• for the values of secret variables that were filled in until then."""
    try:
        yield
    except StackError as error:
        if secrets := {form for name, value in findings.used if is_secret_name(name) for form in _forms(value)}:
            _hide(error, secrets)
        raise


def _forms(value: str) -> Iterator[str]:
    """The value, and as it stands between the quotes of an error."""
    yield from (form for form in (value, repr(value)[1:-1]) if len(form) >= SHORTEST_SECRET)


def _hide(error: StackError, secrets: Iterable[str]) -> None:
    for one in getattr(error, "mistakes", ()):
        _hide(one, secrets)
    error.message, error.hint = hidden(error.message, secrets), hidden(error.hint, secrets)
    error.args = (error.message,)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """`text` without these values, and without the beginning of one that was cut off by the end of a quotation."""
    text = mask(text, secrets)
    for secret in secrets:
        for length in range(min(len(secret) - 1, _EXCERPT), SHORTEST_SECRET - 1, -1):
            for quote in "'\"":
                text = text.replace(secret[:length] + quote, MASK + quote)
    return text
