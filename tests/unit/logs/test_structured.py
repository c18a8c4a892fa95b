"""A line of fields is understood as what its program meant, or left as text; no line is too strange or too long."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.levels import Level
from hubtui.logs.structured import FIELDS, MORE, Field, Structured, structured


def of(line: str) -> Structured:
    found = structured(line.encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "level", "message", "rest"),
    [
        ('{"level":30,"time":1764126735123,"pid":1,"msg":"up"}', Level.INFO, "up", "pid=1"),
        (
            '{"level":"warn","ts":1.2e9,"caller":"a.go:1","msg":"slow","n":{"a": [1, 2]}}',
            Level.WARNING,
            "slow",
            'n={"a": [1, 2]}',
        ),
        ('{"event": "failed", "level": "error", "timestamp": "t"}', Level.ERROR, "failed", ""),
        ('{"message": "m", "msg": "n"}', None, "n", "message=m"),
        ('{"log":"hello\\n","stream":"stdout","time":"t"}', None, "hello", "stream=stdout"),
        ('{"msg":"a","a":1,"a":2}', None, "a", "a=1 a=2"),
        ('{"msg":"a","x":NaN,"y":-Infinity,"z":null,"t":true}', None, "a", "x=NaN y=-Infinity z=null"),
        ('{"msg":"a","n":' + "9" * 6000 + "}", None, "a", "n=" + "9" * 6000),
        ('{"msg":"a","n":[' + "9" * 6000 + "]}", None, "a", "n=[" + "9" * 6000 + "]"),
        ('{"msg":"a","n":1.10,"m":12345678901234567890}', None, "a", "n=1.10 m=12345678901234567890"),
        ('{"a":1}', None, "", "a=1"),
        ('{"a":1,}', None, "", "a=1"),
        ('  {"msg":"led by blanks"}  ', None, "led by blanks", ""),
        ('{"msg":"a tab\there"}', None, "a tab\there", ""),
        ('{"msg":"\\ud800 half"}', None, "\ud800 half", ""),
        ('{"level":"loud","msg":"m"}', None, "m", "level=loud"),
        ('{"level":{"a":1},"msg":"m"}', None, "m", 'level={"a":1}'),
        ('\x1b[2m{"msg":\x1b[32m"coloured"\x1b[0m}', None, "coloured", ""),
        ('web-1  | {"level":"debug","msg":"m"}', Level.DEBUG, "m", ""),
        ('2026-11-26T03:12:15.123Z\tinfo\tmain.go:12\tup\t{"port": 80}', Level.INFO, "", "port=80"),
        ('time="2026" level=info msg="API \\"x\\" on [::]" port=80 ok', Level.INFO, 'API "x" on [::]', "port=80 =ok"),
        ("level=warn caller=a.go:1", Level.WARNING, "", ""),
        ('a=1 b="two words" c=', None, "", "a=1 b=two words c="),
        ('level=info msg="\\x00"', Level.INFO, "\\x00", ""),
        ('msg="not closed level=info', Level.INFO, '"not', "=closed"),
    ],
)
def test_fields(line: str, level: Level | None, message: str, rest: str) -> None:
    found = of(line)
    assert (found.level, found.message) == (level, message)
    assert " ".join(f"{f.key}={f.value}" for f in found.fields if f.key != "t") == rest


@pytest.mark.parametrize(
    "line",
    [
        "",
        "plain words",
        "{",
        "{}",
        "{not json}",
        '{"a":1',
        '{"a":1} and more',
        '{"a" 1}',
        '{"a":01x}',
        '{"a":}',
        "[1, 2]",
        '"a"',
        'got {"ok":true} back',
        'got the answer {"ok":true}',
        "x=1",
        "GET /?a=1 b=2 c=3",
        "a=1&b=2",
        "SELECT x=1 FROM y",
        "user=1 did a thing that is told in words",
        "FOO=bar BAZ=qux",
        '{"a":' + "[" * 20000 + "]" * 20000 + "}",
    ],
)
def test_what_is_text_stays_text(line: str) -> None:
    assert structured(line.encode()) is None


def test_every_field_is_kept_in_order_with_what_stood_before() -> None:
    found = of('api | {"msg":"m","level":"info","z":1,"a":"x y","logger":"core","caller":"f.py:1","time":"12:00"}')
    assert found.before == "api |"
    assert [f.key for f in found.every] == ["msg", "level", "z", "a", "logger", "caller", "time"]
    assert (found.time, found.logger, found.caller) == ("12:00", "core", "f.py:1")
    assert found.fields == (Field("z", "1", False), Field("a", "x y", True))


def test_nothing_of_too_many_fields_is_lost() -> None:
    line = "{" + ",".join(f'"k{i}":{i}' for i in range(FIELDS + 50)) + "}"
    found = of(line)
    assert len(found.every) == FIELDS + 1 and found.every[-1].key == MORE
    assert found.every[-1].value.startswith(f'"k{FIELDS}":{FIELDS},') and found.every[-1].value.endswith("}")
    assert len(of("level=info " + "a=1 " * 500).every) == FIELDS + 1


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())))
def test_any_object_is_read_as_python_reads_it(value: dict[str, object]) -> None:
    found = structured(json.dumps(value).encode())
    if value:
        assert found is not None
        read = {f.key: f.value if f.text else json.loads(f.value) for f in found.every}
        assert read == value
    else:
        assert found is None


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=100) | st.text('{}[]":,= \\ab1\t', max_size=100).map(str.encode))
def test_any_bytes_have_an_answer(raw: bytes) -> None:
    for line in (raw, b'{"' + raw, b"level=info a=" + raw):
        structured(line)


@pytest.mark.timed
@pytest.mark.parametrize(
    "piece",
    [
        '{"',
        '{"a":',
        "[",
        '{"a":[',
        '"a":1,',
        '"a":"\\u0041",',
        "a=1 ",
        'a="',
        'a="b\\"" ',
        "a=",
        "\\",
        '{ "',
        "\x1b[1m",
        '"',
        "=",
        "-1",
    ],
)
def test_no_line_takes_long(piece: str) -> None:
    best = 1.0
    for begin in ("", "{", '{"a":[', "level=info msg=", 'a="', '{"m":"'):
        for end in ("", "}", "]}", '"', '"}'):
            raw = (begin + piece * 32768)[: 32768 - len(end)].encode() + end.encode()
            best = 1.0
            for _ in range(3):
                began = time.perf_counter()
                structured(raw)
                best = min(best, time.perf_counter() - began)
            assert best < 0.01, (begin, end)  # 2 ms on a machine that does nothing else
