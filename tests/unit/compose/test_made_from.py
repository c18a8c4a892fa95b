"""Which hashes a container may carry whose entry has not changed; how Compose itself hashes is compared elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from hubtui.stacks.engines.compose.made_from import hashes
from hubtui.stacks.spec.resolve.hashing import service_hash

NEEDS: dict[str, Any] = {
    "db": {"condition": "service_started", "required": True},
    "rare": {"condition": "service_started", "required": False},
}
TOLD: dict[str, Any] = {"image": "a", "env_file": [{"path": "/x.env", "required": True}], "depends_on": NEEDS}
FILLED: dict[str, Any] = {"image": "a", "environment": {"A": "1"}, "depends_on": NEEDS}


@pytest.mark.parametrize("needs", [NEEDS, {"db": NEEDS["db"]}, None])
def test_env_files_are_filled_in_and_dependencies_may_be_left_out(needs: dict[str, Any] | None) -> None:
    container = {key: value for key, value in {**FILLED, "depends_on": needs}.items() if value is not None}
    found = hashes(TOLD, FILLED, service_hash(TOLD))
    assert service_hash(container) in found
    assert service_hash({**container, "environment": {"A": "2"}}) not in found


def test_a_version_that_counts_no_dependencies_is_understood() -> None:
    told, filled = ({**entry, "profiles": ["more"]} for entry in (TOLD, FILLED))
    bare = {"image": "a", "environment": {"A": "1"}}
    found = hashes(told, filled, service_hash({"image": "a", "env_file": TOLD["env_file"]}))
    assert service_hash(bare) in found
    assert service_hash({**bare, "environment": {"A": "2"}}) not in found


def test_a_hash_that_is_made_in_another_way_is_not_understood() -> None:
    assert hashes(TOLD, FILLED, "0" * 64) == frozenset()
    assert hashes({}, {}, service_hash({})) == frozenset()
