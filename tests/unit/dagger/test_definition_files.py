"""What a service finds in its container: variables, mounts, secrets and configs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.definition import define
from hubtui.stacks.proctree import MARKER
from tests.unit.dagger.defining import CLIENT, calls, defined, wanted


def test_what_is_secret_is_never_a_plain_variable(tmp_path: Path) -> None:
    made = defined(
        tmp_path, "environment: {DB_PASSWORD: hush-hush, URL: 'x://hush-hush@y', EMPTY_TOKEN: '', MODE: dev}"
    )
    plain = {a["name"]: a["value"] for a in made["withEnvVariable"]}
    assert plain == {
        **{"EMPTY_TOKEN": "", "MODE": "dev", MARKER: "run-7", "HUBTUI_SERVICE": "web"},
        **{"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
    }
    secrets = {a["name"]: calls(a["secret"])[-1][1] for a in made["withSecretVariable"]}
    assert {name: s["plaintext"] for name, s in secrets.items()} == {
        "DB_PASSWORD": "hush-hush",
        "URL": "x://hush-hush@y",
    }
    assert len({s["name"] for s in secrets.values()}) == 2


def test_a_service_may_send_its_telemetry_where_it_wants(tmp_path: Path) -> None:
    made = defined(tmp_path, "environment: {OTEL_TRACES_EXPORTER: otlp}")["withEnvVariable"]
    assert [a["value"] for a in made if a["name"] == "OTEL_TRACES_EXPORTER"] == ["otlp"]


@pytest.mark.parametrize(
    ("body", "key", "sharing"),
    [
        ("volumes: ['data:/v']", "hubtui/shop/data", "LOCKED"),
        ("volumes: ['shared:/v']", "hubtui/shop/shared", "SHARED"),
        ("volumes: [/v]", "hubtui/shop/web/v", "LOCKED"),
    ],
)
def test_a_volume_is_the_projects_own_and_locked_unless_two_services_share_it(
    tmp_path: Path, body: str, key: str, sharing: str
) -> None:
    [made] = defined(tmp_path, body)["withMountedCache"]
    assert calls(made.pop("cache")) == [("cacheVolume", {"key": key})]
    # A default is not sent, so that SHARED does not appear.
    assert made == {"path": "/v", "owner": "5:6", **({"sharing": "LOCKED"} if sharing == "LOCKED" else {})}


def test_memory_and_snapshots_are_mounted_at_their_targets(tmp_path: Path) -> None:
    folder, file = CLIENT.directory(), CLIENT.directory().file("x")
    made = defined(
        tmp_path,
        "tmpfs: ['/a:size=64m', /b], volumes: ['./d:/d', './f:/f']",
        snapshots={"/d": folder, "/f": file},
    )
    assert made["withMountedTemp"] == [{"path": "/a", "size": 64 * 2**20}, {"path": "/b"}]
    assert made["withMountedDirectory"] == [{"path": "/d", "source": folder}]
    assert made["withMountedFile"] == [{"path": "/f", "source": file}]


@pytest.mark.parametrize(
    ("grant", "owner", "mode"),
    [
        ("key", "", 0o444),
        ("{source: key, uid: '5', gid: '6', mode: 0440}", "5:6", 0o440),
        ("{source: key, uid: '5'}", "5", 0o444),
        ("{source: key, gid: '6', mode: 0640}", "0:6", 0o640),
    ],
)
def test_a_secret_is_mounted_as_its_grant_says(tmp_path: Path, grant: str, owner: str, mode: int) -> None:
    [made] = defined(tmp_path, f"secrets: [{grant}]")["withMountedSecret"]
    assert calls(made["source"])[-1][1]["plaintext"] == "key-file-text"
    assert (made["path"], made.get("owner", ""), made["mode"]) == ("/run/secrets/key", owner, mode)


def test_a_config_is_a_file_with_its_text(tmp_path: Path) -> None:
    made = defined(tmp_path, "configs: [conf, {source: other, target: /etc/o, uid: '5', mode: 0400}]")["withNewFile"]
    assert made == [
        {"path": "/conf", "contents": "a=1", "permissions": 0o444},
        {"path": "/etc/o", "contents": "b=2", "permissions": 0o400, "owner": "5"},
    ]


@pytest.mark.parametrize("body", ["secrets: [gone]", "configs: [gone]"])
def test_what_is_external_cannot_be_had_here(tmp_path: Path, body: str) -> None:
    with pytest.raises(EngineError, match=r"gone has no (value|text) here") as caught:
        define(CLIENT, wanted(tmp_path, body))
    assert caught.value.kind == "dagger_cannot"
