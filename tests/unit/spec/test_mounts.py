"""`volumes` and `tmpfs` of a service: what is mounted where, and what is wrong with it when it is."""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.model import Mount, MountKind

from .conftest import Folder

BIND, VOLUME, TMPFS = MountKind
DECLARED = "\nvolumes: {data: , logs: }\n"


def web(body: str) -> str:
    """A file whose only service has this body, which begins in line 4, and what it can refer to."""
    return "services:\n  web:\n    image: x\n" + textwrap.indent(body, "    ") + DECLARED


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")


@pytest.mark.parametrize(
    ("written", "mount"),
    [
        ("/cache", Mount(VOLUME, "/cache")),
        ("data:/data", Mount(VOLUME, "/data", "data")),
        ("data:/data:ro", Mount(VOLUME, "/data", "data", read_only=True)),
        ("data:/data:rw,nocopy", Mount(VOLUME, "/data", "data")),
        ("data:/srv//x/../data/", Mount(VOLUME, "/srv/data", "data")),
        (".:/app", Mount(BIND, "/app", "FOLDER")),
        ("./src:/app", Mount(BIND, "/app", "FOLDER/src")),
        ("./src/../lib/:/app:z,ro", Mount(BIND, "/app", "FOLDER/lib", read_only=True)),
        ("../all:/app", Mount(BIND, "/app", "PARENT/all")),
        ("~:/app", Mount(BIND, "/app", "/home/ann")),
        ("~/keys:/keys:ro", Mount(BIND, "/keys", "/home/ann/keys", read_only=True)),
        ("/etc/localtime:/etc/localtime:ro", Mount(BIND, "/etc/localtime", "/etc/localtime", read_only=True)),
        ("${WHERE}:/app", Mount(BIND, "/app", "FOLDER/filled in")),
    ],
)
def test_a_mount_in_one_line(folder: Folder, written: str, mount: Mount) -> None:
    service = folder.load(web(f"volumes: ['{written}']"), {"WHERE": "./filled in"}).services["web"]
    expected = mount.source.replace("FOLDER", str(folder.path)).replace("PARENT", str(folder.path.parent))
    assert service.mounts == (Mount(mount.kind, mount.target, expected, mount.read_only),)


@pytest.mark.parametrize(
    ("written", "mount"),
    [
        ("{type: volume, source: data, target: /data}", Mount(VOLUME, "/data", "data")),
        ("{type: volume, target: /data}", Mount(VOLUME, "/data")),
        (
            "{type: volume, source: data, target: /data, read_only: 'true', volume: {subpath: a/b, nocopy: true}}",
            Mount(VOLUME, "/data", "data", True, subpath="a/b"),
        ),
        ("{type: bind, source: ~/x, target: /app, bind: {}}", Mount(BIND, "/app", "/home/ann/x")),
        (
            "{type: bind, source: /x, target: /app/, bind: {create_host_path: false, propagation: rshared}}",
            Mount(BIND, "/app", "/x", create_host_path=False),
        ),
        ("{type: bind, source: '/a:b', target: /app}", Mount(BIND, "/app", "/a:b")),
        ("{type: tmpfs, target: /run}", Mount(TMPFS, "/run")),
        ("{type: tmpfs, target: /run, tmpfs: {size: 64m, mode: 0o1777}}", Mount(TMPFS, "/run", size=64 * 2**20)),
        ("{type: tmpfs, target: /run, tmpfs: {size: 0}}", Mount(TMPFS, "/run")),
    ],
)
def test_a_mount_in_the_long_form(folder: Folder, written: str, mount: Mount) -> None:
    assert folder.load(web(f"volumes:\n  - {written}")).services["web"].mounts == (mount,)


@pytest.mark.parametrize(
    ("written", "mounts"),
    [
        ("/run", (Mount(TMPFS, "/run"),)),
        ("[/run, '/tmp:size=64m,mode=1777,ro']", (Mount(TMPFS, "/run"), Mount(TMPFS, "/tmp", "", True, 64 * 2**20))),
        ("['/tmp:size=50%']", (Mount(TMPFS, "/tmp"),)),
    ],
)
def test_memory(folder: Folder, written: str, mounts: tuple[Mount, ...]) -> None:
    assert folder.load(web(f"tmpfs: {written}")).services["web"].mounts == mounts


def test_mounts_keep_their_order_and_what_is_no_mount_here_is_kept_and_said(folder: Folder) -> None:
    image = "{type: image, source: x, target: /x}"
    stack = folder.load(web(f"tmpfs: /t\nvolumes:\n  - logs:/l\n  - {image}\n  - data:/d"))
    assert [m.target for m in stack.services["web"].mounts] == ["/l", "/d", "/t"]
    assert stack.services["web"].extra == {"volumes": [{"type": "image", "source": "x", "target": "/x"}]}
    assert stack.warnings == (f"{folder.file}:7: the image mount of web is not read yet",)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("volumes: a:/b", "4: volumes must be a list, not a string"),
        ("volumes:\n  - data:/d\n  - [x]", "6: volumes[1] must be a string, not a list"),
        ("volumes:\n  - ", "5: volumes[0] must be a string, not empty"),
        ("volumes: ['data::/d']", "4: volumes[0] must be a mount such as data:/data or ./src:/app:ro"),
        ("volumes: ['data:/b:ro:x']", "4: volumes[0] must be a mount such as data:/data or ./src:/app:ro"),
        ("volumes: [':/b']", "4: volumes[0] must be a mount such as data:/data or ./src:/app:ro"),
        ("volumes: ['']", "4: volumes[0] must be a mount such as data:/data or ./src:/app:ro"),
        ("volumes: [data]", "4: volumes[0] must mount at an absolute path such as /data, not at 'data'"),
        ("volumes: ['data:/']", "4: volumes[0] must mount at an absolute path such as /data, not at '/'"),
        ("tmpfs: /a\nvolumes: ['/a']", "4: tmpfs mounts at /a, where something is mounted already"),
        ('volumes: ["~\\ud800/x:/a"]', "4: this is not valid YAML: while parsing a quoted scalar found invalid"),
        ("volumes:\n  - {target: /a}", "5: volumes[0] has no type"),
        ("volumes:\n  - {type: disk, target: /a}", "5: volumes[0].type must be one of bind, cluster, imag"),
        ("volumes:\n  - {type: [bind], target: /a}", "5: volumes[0].type must be one of bind, cluster, "),
        ("volumes:\n  - {type: tmpfs}", "5: volumes[0] has no target"),
        ("volumes:\n  - {type: bind, target: /a}", "5: volumes[0] has no source"),
        ("volumes:\n  - {type: bind, source: x, target: a}", "5: volumes[0] must mount at an abs"),
        (
            "volumes:\n  - type: bind\n    source: x\n    target: /a\n    bind: {create_host_path: 2}",
            "8: volumes[0].bind.create_host_path must be true or false, not 2",
        ),
        ("volumes:\n  - {type: bind, source: x, target: /a, bind: [1]}", "5: volumes[0].bind must be a m"),
        (
            "volumes:\n  - {type: volume, source: data, target: /a, volume: {subpath: ../x}}",
            "5: volumes[0].volume.subpath must be a path inside the volume, not '../x'",
        ),
        ("volumes:\n  - {type: tmpfs, target: /a, tmpfs: {size: x}}", "5: volumes[0].tmpfs.size must be"),
        ("tmpfs: ['/a:size=x']", "4: tmpfs[0] must be a size such as 512M or 1g, not 'x'"),
        ("tmpfs: {a: 1}", "4: tmpfs must be a list, not a mapping"),
    ],
)
def test_errors_say_where_and_what(folder: Folder, body: str, message: str) -> None:
    assert folder.error(web(body)).replace("services.web.", "").startswith(f"compose.yaml:{message}")


@pytest.mark.parametrize("written", ["src:/app", "{type: volume, source: ./src, target: /app}"])
def test_a_volume_that_is_not_declared_is_told_how_to_be_one_or_a_path(folder: Folder, written: str) -> None:
    with pytest.raises(StackError, match=r"compose\.yaml:5:\d+: .*refers to undefined volume '(\./)?src'") as caught:
        folder.load(web(f"volumes:\n  - {written}"))
    assert caught.value.hint == "Declare it at the top level, below `volumes:`; a path begins with ./ or /."


PIECES = st.sampled_from(["data", "/", ".", "..", "~", ":", ":ro", "a b", "${X}", "$$", "\\", "\x00", "é", "~root"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(PIECES | st.text(max_size=3), max_size=7).map("".join) | st.integers() | st.floats())
def test_any_line_is_one_mount_or_an_error_with_its_line(folder: Folder, written: Any) -> None:
    service = {"image": "x", "volumes": [written]}
    folder.file.write_text(json.dumps({"services": {"web": service}, "volumes": {"data": None}}))
    try:
        [mount] = load_stack(folder.path, environ={"X": "./x"}).services["web"].mounts
    except StackError as error:
        assert (error.file, error.line) == (str(folder.file), 1)
        return
    assert mount.target.startswith("/")
    assert mount.target == os.path.normpath(mount.target) != "/"
    if mount.kind is BIND:
        assert Path(mount.source).is_absolute()
    else:
        assert (mount.kind, mount.source in ("", "data")) == (VOLUME, True)
