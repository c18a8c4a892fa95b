"""The hash of a service, as `docker compose config --hash` has it: SHA-256 of what Go's JSON makes of the service.

Compose 2.26 hashes everything but `build`, `pull_policy`, `scale` and `deploy.replicas`, before env files are read
(pkg/compose/hash.go). Go writes the keys of a struct in the order of their declaration (compose-go's types.go), which
is what FIELDS are; the keys of a mapping are sorted.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Order = dict[str, Any]  # the keys of a struct, each with the order of what stands there, None for everything else


def _keys(text: str, **inside: Order) -> Order:
    return {key: inside.get(key) for key in text.split()}


_GRANT = _keys("source target uid gid mode")
_UPDATE = _keys("parallelism delay failure_action monitor max_failure_ratio order")
_DEVICE = _keys("capabilities driver count device_ids options")
_RATE = _keys("Path Rate")
_HOOK = _keys("command user privileged working_dir environment")
_RESOURCE = _keys(
    "cpus memory pids devices generic_resources",
    devices=_DEVICE,
    generic_resources=_keys("discrete_resource_spec", discrete_resource_spec=_keys("kind value")),
)
_EACH = "*"  # the keys are names, the values structs

FIELDS: Order = _keys(
    "profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count "
    "cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares command configs "
    "container_name credential_spec depends_on deploy device_cgroup_rules devices dns dns_opt dns_search "
    "domainname entrypoint provider environment env_file expose external_links extra_hosts group_add gpus "
    "hostname healthcheck image init ipc isolation labels label_file links logging mem_limit mem_reservation "
    "memswap_limit mem_swappiness mac_address models network_mode networks oom_kill_disable oom_score_adj pid "
    "pids_limit platform ports privileged pull_policy read_only restart runtime scale secrets security_opt "
    "shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket "
    "user userns_mode uts volumes volumes_from working_dir pre_start post_start pre_stop",
    develop=_keys("watch", watch=_keys("path action target exec include ignore initial_sync", exec=_HOOK)),
    blkio_config=_keys(
        "weight weight_device device_read_bps device_read_iops device_write_bps device_write_iops",
        weight_device=_keys("Path Weight"),
        **dict.fromkeys(("device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"), _RATE),
    ),
    configs=_GRANT,
    secrets=_GRANT,
    credential_spec=_keys("config file registry"),
    depends_on={_EACH: _keys("condition restart required")},
    deploy=_keys(
        "mode replicas labels update_config rollback_config resources restart_policy placement endpoint_mode",
        update_config=_UPDATE,
        rollback_config=_UPDATE,
        resources=_keys("limits reservations", limits=_RESOURCE, reservations=_RESOURCE),
        restart_policy=_keys("condition delay max_attempts window"),
        placement=_keys("constraints preferences max_replicas_per_node"),
    ),
    devices=_keys("source target permissions"),
    env_file=_keys("path required format"),
    gpus=_DEVICE,
    healthcheck=_keys("test timeout interval retries start_period start_interval disable"),
    logging=_keys("driver options"),
    networks={
        _EACH: _keys(
            "priority gw_priority aliases ipv4_address ipv6_address link_local_ips mac_address driver_opts"
            " interface_name"
        )
    },
    ports=_keys("name mode host_ip target published protocol app_protocol"),
    ulimits={_EACH: _keys("single soft hard")},
    volumes=_keys(
        "type source target read_only consistency bind volume tmpfs image",
        bind=_keys("selinux propagation create_host_path recursive"),
        volume=_keys("labels nocopy subpath"),
        tmpfs=_keys("size mode"),
    ),
    pre_start=_HOOK,
    post_start=_HOOK,
    pre_stop=_HOOK,
)


def service_hash(service: dict[str, Any]) -> str:
    """The hash of a service in the shape in which Compose prints it, its env files not yet read."""
    kept = {key: value for key, value in service.items() if key not in ("build", "pull_policy", "scale")}
    if isinstance(deploy := kept.get("deploy"), dict):
        kept["deploy"] = {key: value for key, value in deploy.items() if key != "replicas"}
    if "env_file" in kept:  # one that must be there is written as its path
        kept["env_file"] = [file["path"] if file.get("required") else file for file in kept["env_file"]]
    text = json.dumps(_ordered(kept, FIELDS), ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":  # which Go keeps out of its JSON
        text = text.replace(char, f"\\u{ord(char):04x}")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _ordered(value: Any, order: Order | None) -> Any:
    if isinstance(value, list):
        return [_ordered(item, order) for item in value]
    if not isinstance(value, dict):
        return value
    if order is None or _EACH in order:
        each = order[_EACH] if order else None
        return {key: _ordered(value[key], each) for key in sorted(value)}
    return {key: _ordered(value[key], inside) for key, inside in order.items() if key in value}
