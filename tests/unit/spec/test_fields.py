"""Single values: durations, sizes, ports, commands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubtui.stacks.spec import fields
from hubtui.stacks.spec.model import Port
from hubtui.stacks.spec.ports import short

from .conftest import Folder


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *(("10s", 10), ("1m30s", 90), ("1h5m10s20ms", 3910.02), ("1.5h", 5400), ("500ms", 0.5), ("0", 0), (0, 0)),
        *(("2d", 172800), ("100us", 1e-4), (".5s", 0.5), ("0s", 0), ("1s\n", 1)),
    ],
)
def test_durations(written: Any, seconds: float) -> None:
    assert fields.duration(written) == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["", "10", 10, "s", "1x", "-1s", "1 s", None, [], "s1", "1s2", "9999w99999999w"])
def test_what_is_no_duration(written: Any) -> None:
    with pytest.raises(ValueError, match=r"must be a duration such as 10s|is too long"):
        fields.duration(written)


@pytest.mark.parametrize(("written", "seconds"), [("30s", 30), (90, 90), ("90", 90), (1.5, 1.5), ("2h", 7200)])
def test_seconds_need_no_unit(written: Any, seconds: float) -> None:
    assert fields.seconds(written) == seconds


@pytest.mark.parametrize("written", [0, "0", "0s", "0.0", -1, "-1", True, None, [], "1 s", float("inf"), float("nan")])
def test_what_is_no_time_to_wait(written: Any) -> None:
    with pytest.raises(ValueError, match=r"must be a duration such as 10s|must be more than 0"):
        fields.seconds(written)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        *(("512M", 512 * 2**20), ("512m", 512 * 2**20), ("1g", 2**30), ("1GiB", 2**30), ("1.5gb", 3 * 2**29)),
        *(("64kb", 65536), ("100b", 100), ("100", 100), (100, 100), ("2 GB", 2**31), ("0", 0)),
    ],
)
def test_sizes(written: Any, size: int) -> None:
    assert fields.size(written) == size


@pytest.mark.parametrize("written", ["", "M", "-1", "1X", "1.M", True, "1e3", "99999999999p"])
def test_what_is_no_size(written: Any) -> None:
    with pytest.raises(ValueError, match=r"must be a size such as 512M|is too large"):
        fields.size(written)


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ("80", [Port(80)]),
        (80, [Port(80)]),
        ("8080:80", [Port(80, 8080)]),
        ("127.0.0.1:8080:80", [Port(80, 8080, "tcp", "127.0.0.1")]),
        ("127.0.0.1:8080:80/udp", [Port(80, 8080, "udp", "127.0.0.1")]),
        ("127.0.0.1::80", [Port(80, None, "tcp", "127.0.0.1")]),
        ("[::1]:8080:80", [Port(80, 8080, "tcp", "::1")]),
        ("53:53/UDP", [Port(53, 53, "udp")]),
        ("3000-3002:3000-3002", [Port(p, p) for p in (3000, 3001, 3002)]),
        ("3000-3001", [Port(3000), Port(3001)]),
        ("9000-9010:80", [Port(80, 9000)]),
        ("0:80", [Port(80)]),
        (":80", [Port(80)]),
        ("22:22", [Port(22, 22)]),
    ],
)
def test_short_ports(written: Any, ports: list[Port]) -> None:
    assert short(written) == ports


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("web", "must be a port such as 8080:80"),
        ("", "must be a port such as 8080:80"),
        ("a:80", "must be a port such as 8080:80"),
        ("80:", "must be a port such as 8080:80"),
        ("1:2:3:4", "must be a port such as 8080:80"),
        ("80:70000", "has the port 70000; the highest is 65535"),
        ("80:0", "has the target 0"),
        ("80:100000", "has '100000', which is no port"),
        ("3002-3000:80", "has the range 3002-3000, which runs backwards"),
        ("3000-3001:80-82", "has ranges of different length: 3000-3001 and 80-82"),
        ("80:80/http", "has the protocol 'http'; known are tcp, udp, sctp"),
        ("300.0.0.1:80:80", "has '300.0.0.1', which is no IP address"),
        ([], "must be a string, not a list"),
    ],
)
def test_what_is_no_port(written: Any, message: str) -> None:
    with pytest.raises(ValueError, match="^" + message):
        short(written)


def test_long_ports(folder: Folder) -> None:
    service = folder.service(
        """
        ports:
          - {target: 80, published: "8080", protocol: udp, host_ip: 127.0.0.1, mode: host, name: web}
          - {target: "81"}
          - {target: 82, published: 9000-9005}
          - 81
        """
    )
    assert service.ports == (Port(80, 8080, "udp", "127.0.0.1"), Port(81), Port(82, 9000))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("ports:\n  - 80\n  - web", "compose.yaml:6: services.web.ports[1] must be a port such as"),
        ("ports: {a: 1}", "compose.yaml:4: services.web.ports must be a list, not a mapping"),
        ("ports:\n  - published: 80", "compose.yaml:5: services.web.ports[0] has no target"),
        ("ports:\n  - target: x", "compose.yaml:5: services.web.ports[0].target must be a number, not 'x'"),
        ("ports: [1-9000, 9001-20000, 20001-30000]", "compose.yaml:4: services.web.ports has more than 20000 ports"),
    ],
)
def test_port_errors_say_where(folder: Folder, body: str, message: str) -> None:
    assert folder.service_error(body).startswith(message)


@given(st.integers(1, 65535), st.integers(1, 65535), st.sampled_from(["tcp", "udp", "sctp"]))
def test_any_port_can_be_written(published: int, target: int, protocol: str) -> None:
    assert short(f"{published}:{target}/{protocol}") == [Port(target, published, protocol)]


@given(st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.none(), st.lists(st.integers(), max_size=2)))
@pytest.mark.parametrize(
    "convert", [fields.duration, fields.size, fields.cpus, fields.integer, fields.boolean, fields.argv, short]
)
def test_converters_answer_or_say_why(convert: Any, value: Any) -> None:
    try:
        convert(value)
    except ValueError as error:
        assert str(error)


def test_commands() -> None:
    assert fields.argv('run "a b" c\\ d') == ("run", "a b", "c d")
    assert fields.argv(["run", "a b", 1, True]) == ("run", "a b", "1", "true")
    assert fields.argv("") == ()
    with pytest.raises(ValueError, match="cannot be split into words: no closing quotation"):
        fields.argv("run 'a")
