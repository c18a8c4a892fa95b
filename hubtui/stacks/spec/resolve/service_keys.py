"""The keys of a service: which there are, what they take, and how they are printed.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md, deploy.md, develop.md and build.md
"""

from __future__ import annotations

import re
from typing import Any

from hubtui.stacks.spec.fields import kind
from hubtui.stacks.spec.ports import short
from hubtui.stacks.spec.resolve.kinds import (
    ARGS,
    BOOLEAN,
    BYTES,
    CHOICE,
    COMMAND,
    COUNT,
    DURATION,
    ENVIRONMENT,
    FILLED,
    HOSTS,
    INTEGER,
    KEPT,
    LABELS,
    LIST,
    MODE,
    NUMBER,
    PAUSE,
    RATE,
    SCALAR,
    SCALARS,
    SET,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    WHOLE,
    either,
)
from hubtui.stacks.spec.resolve.longform import MAX_SPELLED_OUT
from hubtui.stacks.spec.resolve.shaping import Kind, Shaper, listed, named, table


def _or_table(keys: Kind, example: str) -> Kind:
    """A mapping; a string in its place is a short form that could not be read."""

    def shape(shaper: Shaper, value: Any) -> Any:
        if isinstance(value, dict):
            return keys.shape(shaper, value)
        if not isinstance(value, str):
            return shaper.refuse(f"must be a string, not {kind(value)}", "Or a mapping.")
        return shaper.refuse(f"must be {example}, not {value[:60]!r}")

    return Kind("a string", shape)


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


def _capital(keys: Kind) -> Kind:
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
        "published": SCALAR,
    },
    need=("target",),
)
_MOUNT = table(
    {
        "type": either("bind", "cluster", "image", "npipe", "tmpfs", "volume"),
        "source": TEXT,
        "target": TEXT,
        "read_only": BOOLEAN,
        "consistency": TEXT,
        "bind": table(
            {
                "propagation": TEXT,
                "create_host_path": BOOLEAN,
                "recursive": either("enabled", "disabled", "writable", "readonly"),
                "selinux": either("z", "Z"),
            }
        ),
        "volume": table({"labels": LABELS, "nocopy": BOOLEAN, "subpath": TEXT}),
        "tmpfs": table({"size": BYTES, "mode": WHOLE}),
        "image": table({"subpath": TEXT}),
    },
    need=("type", "target"),
)
_LIMITS = table({"soft": INTEGER, "hard": INTEGER}, need=("soft", "hard"))
_ULIMITS = named(Kind("a number or a mapping", _ulimit))
_GRANT = _or_table(
    table({**dict.fromkeys(("source", "target", "uid", "gid"), TEXT), "mode": MODE}), "a name or a mapping"
)
_DEVICE_REQUEST = {
    "capabilities": SET,
    "driver": TEXT,
    "count": Kind("a number or all", _devices_count),
    "device_ids": SET,
    "options": LABELS,
}
_HOOK_KEYS = {
    "command": COMMAND,
    "user": TEXT,
    "privileged": BOOLEAN,
    "working_dir": TEXT,
    "environment": ENVIRONMENT,
}
_HOOK = table(_HOOK_KEYS, need=("command",), always={"command": None})
_FIRST_HOOK = table({**_HOOK_KEYS, "image": TEXT, "per_replica": BOOLEAN}, always={"command": None})

BUILD = table(
    {
        **dict.fromkeys(("context", "network", "target", "isolation"), TEXT),
        **dict.fromkeys(("dockerfile", "dockerfile_inline"), KEPT),
        "entitlements": LIST,
        "args": ARGS,
        "ssh": Kind("a mapping or a list", _ssh),
        "labels": LABELS,
        **dict.fromkeys(("cache_from", "cache_to", "tags", "platforms"), LIST),
        **dict.fromkeys(("no_cache", "pull", "privileged"), BOOLEAN),
        "no_cache_filter": TEXTS,
        "additional_contexts": LABELS,
        "provenance": Kind("a string or a boolean", _flag),
        "sbom": Kind("a string or a boolean", _flag),
        "shm_size": BYTES,
        "extra_hosts": HOSTS,
        "secrets": listed(_GRANT),
        "ulimits": _ULIMITS,
    }
)
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
                "limits": table({"cpus": NUMBER, "memory": BYTES, "pids": INTEGER}),
                "reservations": table(
                    {
                        "cpus": NUMBER,
                        "memory": BYTES,
                        "generic_resources": listed(
                            table({"discrete_resource_spec": table({"kind": TEXT, "value": COUNT})})
                        ),
                        "devices": listed(table(_DEVICE_REQUEST, need=("capabilities",))),
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
_WATCH = table(
    {
        "path": TEXT,
        "action": either("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
        "target": TEXT,
        "exec": _HOOK,
        "include": TEXTS,
        "ignore": TEXTS,
        "initial_sync": BOOLEAN,
    },
    need=("path", "action"),
    always={"exec": {"command": None}},
)
_HEALTH = table(
    {
        "test": Kind("a string or a list", _test),
        **dict.fromkeys(("interval", "timeout", "start_period", "start_interval"), DURATION),
        "retries": COUNT,
        "disable": BOOLEAN,
    }
)
_NETWORK = table(
    {
        "aliases": SET,
        **dict.fromkeys(("interface_name", "ipv4_address", "ipv6_address", "mac_address"), TEXT),
        "link_local_ips": SET,
        "driver_opts": named(SCALAR),
        "priority": WHOLE,
        "gw_priority": WHOLE,
    },
    null=True,
)
_RATE = listed(_capital(table({"path": TEXT, "rate": RATE})))
_DEPENDENCY = table(
    {
        "condition": either("service_started", "service_healthy", "service_completed_successfully"),
        "restart": BOOLEAN,
        "required": CHOICE,
    },
    need=("condition",),
)
_ENV_FILE = _or_table(table({"path": TEXT, "format": TEXT, "required": CHOICE}, need=("path",)), "a path or a mapping")
_DEVICE = _or_table(
    table(dict.fromkeys(("source", "target", "permissions"), TEXT), need=("source", "target")),
    "a device such as /dev/ttyUSB0:/dev/ttyUSB0:rwm",
)

SERVICE = {
    **dict.fromkeys(
        ("cgroup_parent", "container_name", "cpuset", "domainname", "hostname", "image", "ipc", "isolation"), TEXT
    ),
    **dict.fromkeys(("mac_address", "platform", "runtime", "stop_signal", "user"), TEXT),
    **dict.fromkeys(("userns_mode", "uts", "working_dir", "pull_refresh_after"), TEXT),
    "pid": TEXT_OR_NULL,
    "network_mode": KEPT,
    "cgroup": either("host", "private"),
    **dict.fromkeys(("oom_kill_disable", "privileged", "read_only", "stdin_open", "tty", "use_api_socket"), BOOLEAN),
    "restart": Kind("a string", _restart),
    "pull_policy": Kind("a string", _pull_policy),
    "attach": CHOICE,
    "init": CHOICE,
    **dict.fromkeys(("cpu_count", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares"), INTEGER),
    "oom_score_adj": INTEGER,
    "pids_limit": INTEGER,
    "scale": COUNT,
    "cpu_percent": NUMBER,
    "cpus": NUMBER,
    **dict.fromkeys(("mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "shm_size"), BYTES),
    "stop_grace_period": DURATION,
    **dict.fromkeys(("command", "entrypoint"), COMMAND),
    **dict.fromkeys(("cap_add", "cap_drop", "dns_opt", "external_links", "links", "security_opt", "volumes_from"), SET),
    **dict.fromkeys(("device_cgroup_rules", "profiles"), SET),
    **dict.fromkeys(("dns_search", "tmpfs", "label_file"), TEXTS),
    **dict.fromkeys(("expose", "group_add"), SCALARS),
    **dict.fromkeys(("annotations", "labels", "sysctls"), LABELS),
    "dns": FILLED,
    "storage_opt": LABELS,
    "environment": ENVIRONMENT,
    "extra_hosts": HOSTS,
    "env_file": listed(_ENV_FILE),
    "build": BUILD,
    "deploy": DEPLOY,
    "develop": table({"watch": listed(_WATCH)}, null=True),
    "healthcheck": _HEALTH,
    "depends_on": named(_DEPENDENCY),
    "networks": named(_NETWORK),
    "models": named(table({"endpoint_var": TEXT, "model_var": TEXT}, null=True)),
    "ports": listed(Kind("a port", _port)),
    "volumes": listed(_or_table(_MOUNT, "a mount such as data:/data or ./src:/app:ro")),
    "secrets": listed(_GRANT),
    "configs": listed(_GRANT),
    "devices": listed(_DEVICE),
    "ulimits": _ULIMITS,
    "logging": table({"driver": TEXT, "options": LABELS}),
    "gpus": listed(table(_DEVICE_REQUEST)),
    "blkio_config": table(
        {
            "weight": INTEGER,
            "weight_device": listed(_capital(table({"path": TEXT, "weight": COUNT}))),
            **dict.fromkeys(("device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"), _RATE),
        }
    ),
    "credential_spec": table(dict.fromkeys(("config", "file", "registry"), TEXT)),
    "extends": table(dict.fromkeys(("service", "file"), TEXT), need=("service",)),
    "provider": table({"type": TEXT, "options": Kind("a mapping", _options)}, need=("type",)),
    "pre_start": listed(_FIRST_HOOK),
    "post_start": listed(_HOOK),
    "pre_stop": listed(_HOOK),
}
