"""The keys of `build`.

https://github.com/compose-spec/compose-spec/blob/main/build.md
"""

from __future__ import annotations

from hubtui.stacks.spec.resolve.kinds import ALL_PAIRS, ARGS, BOOLEAN, BYTES, HOSTS, KEPT, LABELS, LIST, TEXT, TEXTS
from hubtui.stacks.spec.resolve.shaping import listed, table
from hubtui.stacks.spec.resolve.special_kinds import FLAG, GRANT, SSH, ULIMITS

BUILD = table(
    {
        **dict.fromkeys(("context", "network", "target", "isolation"), TEXT),
        **dict.fromkeys(("dockerfile", "dockerfile_inline"), KEPT),
        "entitlements": LIST,
        "args": ARGS,
        "ssh": SSH,
        "labels": LABELS,
        **dict.fromkeys(("cache_from", "cache_to", "tags", "platforms"), LIST),
        **dict.fromkeys(("no_cache", "pull", "privileged"), BOOLEAN),
        "no_cache_filter": TEXTS,
        "additional_contexts": ALL_PAIRS,
        "provenance": FLAG,
        "sbom": FLAG,
        "shm_size": BYTES,
        "extra_hosts": HOSTS,
        "secrets": listed(GRANT),
        "ulimits": ULIMITS,
    }
)
