"""Values put into the text of a `.env`, read back by the reader of such files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubtui.errors import UsageError
from hubtui.stacks.spec.dotenv import parse_dotenv
from hubtui.stacks.spec.env_values import put_values, with_values
from hubtui.stacks.spec.new_env import is_made_up

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_was_put_in_is_read_back_and_the_rest_stays(before: dict[str, str], values: dict[str, str]) -> None:
    text = with_values(with_values("# head\n", before), values)
    assert parse_dotenv(text, Path(".env"), {}) == {**before, **values}


def test_entries_keep_their_places_and_comments() -> None:
    text = "A=1\nexport B= # yours\n#B=2\nB=old # last\nC='x\nB=in a text'\n"
    assert with_values(text, {"B": "new", "D": "a b"}) == (
        "A=1\nexport B= # yours\n#B=2\nB=new # last\nC='x\nB=in a text'\nD='a b'\n"
    )


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    real = tmp_path / "real.env"
    real.write_text("A=\n")
    real.chmod(0o640)
    (tmp_path / ".env").symlink_to(real)
    put_values(tmp_path / ".env", {"A": "1"})
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("A=1\n", 0o640)
    assert (tmp_path / ".env").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".env", "real.env"]


def test_a_nul_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    with pytest.raises(UsageError):
        put_values(tmp_path / ".env", {"A": "\0"})
    assert (tmp_path / ".env").read_text() == "A=1\n"


@pytest.mark.parametrize("name", ["DB_PASSWORD", "SECRET_KEY_BASE", "JWT_SECRET", "TOKEN", "API_KEY_2", "MYSQL_PWD"])
def test_what_can_be_made_up(name: str) -> None:
    assert is_made_up(name)


@pytest.mark.parametrize("name", ["SENTRY_DSN", "TLS_KEY_FILE", "TOKEN_TTL", "SECRET_NAME", "PWD_FILE", "DB_HOST"])
def test_what_cannot(name: str) -> None:
    assert not is_made_up(name)
