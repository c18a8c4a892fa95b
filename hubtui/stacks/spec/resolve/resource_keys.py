"""The keys of a stack and of what it declares beside its services.

https://github.com/compose-spec/compose-spec/blob/main/06-networks.md, 07-volumes.md, 08-configs.md, 09-secrets.md
"""

from __future__ import annotations

import re
from typing import Any

from hubtui.stacks.spec.resolve.kinds import BOOLEAN, CHOICE, INTEGER, KEPT, LABELS, LIST, SCALAR, TEXT
from hubtui.stacks.spec.resolve.service_keys import SERVICE
from hubtui.stacks.spec.resolve.shaping import Kind, Shaper, named, table

_OPTIONS = named(SCALAR)
_POOL = table({**dict.fromkeys(("subnet", "ip_range", "gateway"), TEXT), "aux_addresses": named(TEXT)})


def _unprinted(shaper: Shaper, value: Any) -> Any:
    """Options of an address driver are checked; Compose prints them nowhere."""
    named(TEXT).shape(shaper, value)
    return {}


def _pools(shaper: Shaper, value: Any) -> Any:
    if not isinstance(value, list):
        return shaper.refuse("must be a list")
    return [shaper.at(number, _POOL, item) for number, item in enumerate(value)]


NETWORK = table(
    {
        "name": KEPT,
        "driver": TEXT,
        "driver_opts": _OPTIONS,
        "ipam": table({"driver": TEXT, "config": Kind("a list", _pools), "options": Kind("a mapping", _unprinted)}),
        **dict.fromkeys(("external", "internal", "attachable"), BOOLEAN),
        **dict.fromkeys(("enable_ipv4", "enable_ipv6"), CHOICE),
        "labels": LABELS,
    },
    always={"ipam": {}},
    null=True,
)
VOLUME = table(
    {"name": KEPT, "driver": TEXT, "driver_opts": _OPTIONS, "external": BOOLEAN, "labels": LABELS}, null=True
)
_FILE = {
    "name": KEPT,
    **dict.fromkeys(("environment", "file", "template_driver"), TEXT),
    "external": BOOLEAN,
    "labels": LABELS,
}
SECRET = table({**_FILE, "driver": TEXT, "driver_opts": _OPTIONS})
CONFIG = table({**_FILE, "content": TEXT})
MODEL = table({"name": TEXT, "model": TEXT, "context_size": INTEGER, "runtime_flags": LIST}, need=("model",))

NAMES = re.compile(r"[a-zA-Z0-9._-]+")
STACK = {
    "name": TEXT,
    "version": Kind("a string", lambda shaper, value: value, null=True),
    "services": named(table(SERVICE), names=NAMES, null=True),
    "networks": named(NETWORK, names=NAMES),
    "volumes": named(VOLUME, names=NAMES),
    "secrets": named(SECRET, names=NAMES),
    "configs": named(CONFIG, names=NAMES),
    "models": named(MODEL, names=NAMES),
}
