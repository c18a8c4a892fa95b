"""Nothing a service prints reaches the terminal as anything but visible characters; no secret value passes."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui import safetext
from hubtui.safetext import is_secret_name, mask, safe_block, safe_bytes, safe_text

BAD = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
PIECES = [
    *"\x1b[]()P^_X\\;?012345678mHJKAhl\x07\x9b\x9d\x9c\x90\r\n\t\x00\x08\x7f\u202e\u200b\u2028\ud800\U000e0041\u0301Z ",
    *("\x1b[31m", "\x1b]52;c;QQ==\x07", "\x1bPq", "\ufe0f", "\u1161", "\ue000", "漢", "🎉", "\u200d", "\xa0", "\u0378"),
]
evil = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=60)


def assert_safe(text: str) -> None:
    assert not [c for c in text if unicodedata.category(c) in BAD], repr(text)
    text.encode("utf-8")


@settings(max_examples=1500, deadline=None)
@given(evil, st.integers(0, 80))
def test_any_text_becomes_safe_and_stays_as_it_is(text: str, limit: int) -> None:
    safe = safe_text(text, limit)
    assert_safe(safe)
    assert "\n" not in safe and len(safe) <= max(limit, 1)
    assert safe_text(safe, limit) == safe
    assert safe_text(safe_text(text)) == safe_text(text)


@settings(max_examples=300, deadline=None)
@given(evil)
def test_a_block_keeps_its_lines(text: str) -> None:
    block = safe_block(text)
    assert block.count("\n") == text.count("\n")
    assert_safe(block.replace("\n", ""))
    assert safe_block(block) == block


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_become_safe(data: bytes) -> None:
    assert_safe(safe_bytes(data))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("naïve — 漢字 🎉 Ωж ├──", "naïve — 漢字 🎉 Ωж ├──"),
        ("\x1b]52;c;RVZJTA==\x07X", "X"),
        ("\x1b]0;title\x1b\\X", "X"),
        ('\x1bP$q"p\x1b\\X', "X"),
        ("\x1b_Ga=T;AAAA\x1b\\X", "X"),
        ("\x1bPtmux;\x1b\x1b]52;c;QQ==\x07\x1b\\X", "X"),
        ("\x1b[2J\x1b[31mred", "red"),
        ("\x1b\x1b[31m[31mA", "[31mA"),
        ("\x9b31mA", "A"),
        ("\x9b", "<9B>"),
        ("\x85", "<85>"),
        ("\x9d52;c;x\x9cB", "B"),
        ("\x1bcX", "X"),
        ("\x1b(0lqk", "lqk"),
        ("\x1b[6nX", "X"),
        ("\x1b]8;;http://e\x1b\\L\x1b]8;;\x1b\\", "L"),
        ("a\x1b", "a"),
        ("\x1b]52;c;unterminated", ""),
        ("bell\x07 back\x08 nul\x00 del\x7f", "bell␇ back␈ nul␀ del␡"),
        ("a\tb", "a       b"),
        ("a\nb\r\nc", "a␊b␊c"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("10 %\r50 %\r", "50 %"),
        ("50 %\r\x1b[K", "50 %"),
        ("50 %\r     \r", "50 %"),
        ("\r\r", ""),
        ("user\u202egnp.exe", "user<U+202E>gnp.exe"),
        ("a\u200bb\u00adc\ufeffd\u2028e", "a<U+200B>b<U+00AD>c<U+FEFF>d<U+2028>e"),
        ("\U000e0041", "<U+E0041>"),
        ("\u3164", "<U+3164>"),
        ("\ud800x\udc9b", "\ufffdx\ufffd"),
        ("e" + "\u0301" * 50 + "f", "e\u0301\u0301\u0301f"),
        ("\u0301x", "<U+0301>x"),
        ("⚠\ufe0f 3", "⚠ 3"),
    ],
)
def test_by_example(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def test_a_long_line_is_cut_visibly() -> None:
    assert safe_text("x" * 10, 10) == "x" * 10
    assert safe_text("x" * 11, 10) == "x" * 9 + "…"
    assert safe_text("x" * 10_000_000) == "x" * 8191 + "…"
    assert safe_text("\x1b[0m" * 1_000_000 + "end").endswith("…")


@pytest.mark.parametrize(
    "piece", ["\x1b]", "\x9d", "\x1b[0", "\x9b" + "0" * 64, "\x1b", "\t", "\u0301", "\r", "\x1bP\r"]
)
def test_no_input_takes_long(piece: str) -> None:
    began = time.process_time()
    safe_text(piece * 100_000)
    assert time.process_time() - began < 1


def test_what_takes_the_short_way_needs_no_other() -> None:
    """Every character that is let through unseen would come out of the long way as itself."""
    passed = [c for c in map(chr, range(0x110000)) if safetext._plain(c)]
    assert len(passed) > 40_000
    assert [c for c in passed if safetext._character(c) != (c, False)] == []


@pytest.mark.parametrize(
    "name",
    """
    API_KEY apiKey PGPASSWORD DATABASE_DSN SENTRY_DSN MYSQL_ROOT_PASSWORD db.password SECRET_KEY_BASE APIKEY JWT_SECRET
    GITHUB_TOKEN accessToken TOKEN2 AWS_SECRET_ACCESS_KEY GOOGLE_CREDENTIALS credential DB_PASSWD PASSWORD_FILE
    SSH_KEYS DB_PASS DB_PW MYSQL_PWD SSH_PASSPHRASE AUTHTOKEN private-key
    """.split(),  # noqa: SIM905
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    """
    KEYBOARD MONKEY MONKEY_PATCH TOKENIZER TOKENIZERS_PARALLELISM KEYCLOAK_URL PATH HOME PWD OLDPWD SECRETARY TURKEY
    PASSENGERS COMPASS BYPASS DSNAME LANG PORT
    """.split(),  # noqa: SIM905
)
def test_names_of_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


def test_mask_takes_the_longest_first_and_leaves_short_values() -> None:
    secrets = ["hunter", "hunter2-long", "abc", ""]
    assert mask("a=hunter2-long b=hunter c=abc", secrets) == "a=•••••• b=•••••• c=abc"
    assert mask("nothing", iter(secrets)) == "nothing"
