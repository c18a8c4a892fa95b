"""The keys of a service: which there are, what they take, and how they are printed.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md and develop.md
"""

from __future__ import annotations

from hubtui.stacks.spec.resolve.build_keys import BUILD
from hubtui.stacks.spec.resolve.deploy_keys import DEPLOY, DEVICE_REQUEST
from hubtui.stacks.spec.resolve.kinds import (
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
    NUMBER,
    PLAIN_OPTIONS,
    SCALAR,
    SCALARS,
    SET,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    WHOLE,
    WHOLE_PART,
    either,
    natural,
)
from hubtui.stacks.spec.resolve.shaping import listed, named, table
from hubtui.stacks.spec.resolve.special_kinds import (
    GRANT,
    OPTIONS,
    PORT,
    PULL_POLICY,
    RATES,
    RESTART,
    TEST,
    ULIMITS,
    capital,
    names_or,
    or_table,
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
_HOOK_KEYS = {
    "command": COMMAND,
    "user": TEXT,
    "privileged": BOOLEAN,
    "working_dir": TEXT,
    "environment": ENVIRONMENT,
}
_HOOK = table(_HOOK_KEYS, need=("command",), always={"command": None})
_FIRST_HOOK = table({**_HOOK_KEYS, "image": TEXT, "per_replica": BOOLEAN}, always={"command": None})
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
        "test": TEST,
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
_DEPENDENCY = table(
    {
        "condition": either("service_started", "service_healthy", "service_completed_successfully"),
        "restart": BOOLEAN,
        "required": CHOICE,
    },
    need=("condition",),
)
_ENV_FILE = or_table(table({"path": TEXT, "format": TEXT, "required": CHOICE}, need=("path",)), "a path or a mapping")
_DEVICE = or_table(
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
    "restart": RESTART,
    "pull_policy": PULL_POLICY,
    "attach": CHOICE,
    "init": CHOICE,
    **dict.fromkeys(
        ("cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "pids_limit"), WHOLE_PART
    ),
    "oom_score_adj": INTEGER,
    "cpu_count": natural(),
    "scale": COUNT,
    "cpu_percent": natural(100),
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
    "storage_opt": named(SCALAR),
    "environment": ENVIRONMENT,
    "extra_hosts": HOSTS,
    "env_file": listed(_ENV_FILE),
    "build": BUILD,
    "deploy": DEPLOY,
    "develop": table({"watch": listed(_WATCH)}, null=True),
    "healthcheck": _HEALTH,
    "depends_on": names_or(named(_DEPENDENCY)),
    "networks": names_or(named(_NETWORK)),
    "models": named(table({"endpoint_var": TEXT, "model_var": TEXT}, null=True)),
    "ports": listed(PORT),
    "volumes": listed(or_table(_MOUNT, "a mount such as data:/data or ./src:/app:ro")),
    "secrets": listed(GRANT),
    "configs": listed(GRANT),
    "devices": listed(_DEVICE),
    "ulimits": ULIMITS,
    "logging": table({"driver": TEXT, "options": PLAIN_OPTIONS}),
    "gpus": listed(table(DEVICE_REQUEST)),
    "blkio_config": table(
        {
            "weight": INTEGER,
            "weight_device": listed(capital(table({"path": TEXT, "weight": COUNT}))),
            **dict.fromkeys(("device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"), RATES),
        }
    ),
    "credential_spec": table(dict.fromkeys(("config", "file", "registry"), TEXT)),
    "extends": table(dict.fromkeys(("service", "file"), TEXT), need=("service",)),
    "provider": table({"type": TEXT, "options": OPTIONS}, need=("type",)),
    "pre_start": listed(_FIRST_HOOK),
    "post_start": listed(_HOOK),
    "pre_stop": listed(_HOOK),
}
