"""What a single written value of YAML means.

Scalars mean what they mean to Compose, whose YAML library (go.yaml.in/yaml) reads YAML 1.2: `22:22`, `yes`, `no`, `on`
and `off` are strings.
"""

from __future__ import annotations

import contextlib
import math
import re
from typing import Any

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{w: float(w.replace(".", "")) for w in (".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN")},
}


def scalar(text: str, plain: bool, tag: str = "") -> Any:
    """What a scalar means: quoted, block and `!!str` ones are strings; plain ones follow YAML 1.2.

    Numbers are those of Compose's YAML library, which also knows `0o17`, `0x1f`, `0b1`, `1_000` and the old octal
    `017`. Dates stay strings.
    """
    explicit = tag.removeprefix(_TAG) in ("int", "float", "bool", "null") and tag.startswith(_TAG)
    if not (explicit or (plain and not tag)):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > 40 or text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(text) and len(digits) <= 20:
        with contextlib.suppress(ValueError):  # 08, 0x_ and the like
            return int(re.sub(r"^([-+]?)0([0-7]+)$", r"\g<1>0o\2", digits), 0)
    if _FLOAT.fullmatch(text) and not math.isinf(number := float(digits)):
        return number
    return text
