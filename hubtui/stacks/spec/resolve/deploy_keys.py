"""The keys of `deploy`, and of a request for devices.

https://github.com/compose-spec/compose-spec/blob/main/deploy.md
"""

from __future__ import annotations

from hubtui.stacks.spec.resolve.kinds import (
    COUNT,
    DURATION,
    INTEGER,
    LABELS,
    LIST,
    NUMBER,
    PAUSE,
    SET,
    TEXT,
    WRITTEN_BYTES,
    either,
)
from hubtui.stacks.spec.resolve.shaping import listed, table
from hubtui.stacks.spec.resolve.special_kinds import DEVICE_COUNT

DEVICE_REQUEST = {
    "capabilities": SET,
    "driver": TEXT,
    "count": DEVICE_COUNT,
    "device_ids": SET,
    "options": LABELS,
}
_UPDATE = table(
    {
        "parallelism": COUNT,
        "delay": PAUSE,
        "failure_action": TEXT,
        "monitor": PAUSE,
        "max_failure_ratio": NUMBER,
        "order": either("start-first", "stop-first"),
    }
)
DEPLOY = table(
    {
        "mode": TEXT,
        "endpoint_mode": TEXT,
        "replicas": COUNT,
        "labels": LABELS,
        "rollback_config": _UPDATE,
        "update_config": _UPDATE,
        "resources": table(
            {
                "limits": table({"cpus": NUMBER, "memory": WRITTEN_BYTES, "pids": INTEGER}),
                "reservations": table(
                    {
                        "cpus": NUMBER,
                        "memory": WRITTEN_BYTES,
                        "generic_resources": listed(
                            table({"discrete_resource_spec": table({"kind": TEXT, "value": COUNT})})
                        ),
                        "devices": listed(table(DEVICE_REQUEST, need=("capabilities",))),
                    }
                ),
            }
        ),
        "restart_policy": table({"condition": TEXT, "delay": DURATION, "max_attempts": COUNT, "window": DURATION}),
        "placement": table(
            {
                "constraints": LIST,
                "preferences": listed(table({"spread": TEXT})),
                "max_replicas_per_node": INTEGER,
            }
        ),
    },
    always={"resources": {}, "placement": {}},
    null=True,
)
