"""Where hubtui answers otherwise than the expected output on purpose, and why. A test shows that each is needed."""

from __future__ import annotations

KNOWN: dict[str, str] = {
    "duration-in-days": "later versions of Docker Compose take days, too",
    "include-extends-included": "a service that was included can be extended: nothing else could be meant",
    "merge-empty-extra-hosts": "an empty list says nothing, in one file as in two",
    "merge-wrong-value-overridden": "what a later file replaces does not count",
    "null-pid": "the real binary panics; nothing at all is what an empty key means elsewhere",
    "secrets-mode-forms": "a mode as text is octal in later versions, as everywhere else",
    "tmpfs-where-a-volume-is": "later versions refuse it, too: Docker cannot start such a container",
}
