"""Whatever stands in a compose file: it is resolved, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.resolve.config import resolve
from hubtui.stacks.spec.resolve.resource_keys import STACK
from hubtui.stacks.spec.resolve.service_keys import SERVICE

Shape = dict[str, Any]
WORDS = ["web", "db", "a=b", "80:80", "./x:/y", "1m", "10s", "", "${A:-1}", "${A?}", "$", "default", "true"]
WORDS += ["x:y:z", "service:db"]
KEYS = [*SERVICE, *STACK, "context", "args", "ssh", "secrets", "resources", "limits", "devices", "watch", "test"]
KEYS += ["path", "file", "service", "source", "target", "type", "published", "external", "name", "x-hubtui"]
KEYS += ["process", "health"]

scalars = st.none() | st.booleans() | st.integers(-3, 70_000) | st.floats() | st.sampled_from(WORDS)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
services = st.dictionaries(
    st.sampled_from(["web", "db"]), st.dictionaries(st.sampled_from(list(SERVICE)), values, max_size=4)
)
stacks = st.dictionaries(st.sampled_from([*STACK, "include", "x-hubtui"]), values, max_size=3)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=400, deadline=2000, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(documents=st.lists(st.tuples(stacks, services), min_size=1, max_size=2))
def test_any_values_are_resolved_or_refused(
    place: Path, documents: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    file = place / "compose.yaml"
    file.write_text("---\n".join(yaml.safe_dump({**stack, "services": some}) for stack, some in documents))
    for work in (resolve, load_stack):
        try:
            work(place, environ={})
        except StackError as error:
            assert all(one.file for one in getattr(error, "mistakes", (error,))), error
