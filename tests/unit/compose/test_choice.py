"""When a project is Docker's: what is found where it is added, and what its engine does otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines import select
from hubtui.stacks.engines.compose import refuse
from hubtui.stacks.engines.compose.prepare import need
from hubtui.stacks.engines.compose.probe import Seen
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.spec.model import Build, HealthCheck, Service, Stack

WEB = Service("web", image="nginx")
BUILT = Service("web", build=Build(Path("/srv")))


def stack(*services: Service, engine: str = "") -> Stack:
    return Stack("shop", Path("/srv"), (), {s.name: s for s in services or (WEB,)}, engine)


def chosen(found: Stack, seen: Seen, dagger: str = "") -> str:
    return select.decide(found, None, DaggerSettings(), lambda settings: dagger, lambda: seen)[0]


def test_containers_or_volumes_of_it_decide_before_a_dagger_engine_that_runs() -> None:
    assert chosen(stack(), Seen("Docker 24", "", frozenset({"shop"})), dagger="runs") == "compose"
    assert chosen(stack(), Seen("Docker 24", "", frozenset({"other"})), dagger="runs") == "dagger"


def test_a_docker_that_answers_is_used_before_processes() -> None:
    both = Service("web", image="nginx", process=("sleep", "1"))
    assert chosen(stack(both), Seen("Docker 24")) == "compose"
    assert chosen(stack(both), Seen(problem="nobody listens")) == "process"
    assert chosen(stack(), Seen(problem="nobody listens")) == "none"


def test_what_has_no_image_is_not_dockers() -> None:
    assert (
        chosen(stack(Service("web", process=("sleep", "1"))), Seen("Docker 24", "", frozenset({"shop"}))) == "process"
    )


def test_the_file_itself_has_the_last_word() -> None:
    assert chosen(stack(engine="process"), Seen("Docker 24")) == "process"


@pytest.mark.parametrize(
    ("service", "here", "rebuild", "what"),
    [
        (WEB, True, False, ""),
        (WEB, False, False, "pull"),
        (WEB, True, True, ""),
        (Service("web", image="x", pull_policy="always"), True, False, "pull"),
        (Service("web", image="x", pull_policy="every_12h"), True, False, "pull"),
        (Service("web", image="x", pull_policy="never"), False, False, ""),
        (BUILT, True, False, ""),
        (BUILT, False, False, "build"),
        (BUILT, True, True, "build"),
        (Service("web", build=Build(Path("/srv")), pull_policy="build"), True, False, "build"),
    ],
)
def test_what_it_needs_before_it_starts(service: Service, here: bool, rebuild: bool, what: str) -> None:
    assert need(service, here, rebuild) == what


def test_what_it_cannot_run_and_what_it_does_otherwise() -> None:
    with pytest.raises(EngineError, match="neither an image nor a build"):
        refuse.check(stack(Service("web", process=("sleep", "1"))), ["web"])
    check = HealthCheck(url="http://127.0.0.1/")
    service = Service("web", image="x", process=("x",), health=check, health_command=HealthCheck(command=("true",)))
    assert len(refuse.notes(service)) == 2
    assert refuse.notes(WEB) == []
