"""Every difference between the three truths, in words, with what can be done. Pure: nothing here looks at the host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hubtui.few import few
from hubtui.models import Service, ServiceState
from hubtui.safetext import safe_text
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.workers import lease
from hubtui.workers.truths.model import Action, Difference, Marked, Row, Truths

TAKE_OVER, STOP, MARK_FAILED = Action.TAKE_OVER, Action.STOP, Action.MARK_FAILED
_DOWN = (ServiceState.STOPPED, ServiceState.FAILED)
_ENDED = (*_DOWN, ServiceState.EXITED)
_LETTERS = {
    "R": "running",
    "S": "alive",
    "I": "alive",
    "D": "in uninterruptible sleep",
    "T": "stopped (SIGSTOP)",
    "t": "stopped by a debugger",
    "Z": "a zombie",
}
_SHORT = {"D": "in D sleep", "T": "stopped", "t": "stopped", "Z": "dead"}
_PIDS = 6  # as many are named


def compared(found: Truths, kept: Callable[[Difference], bool] = lambda difference: True) -> Truths:
    """The same with its rows and its differences, as far as they are to be kept."""
    differences = tuple(filter(kept, _differences(found)))
    services = {d.service for d in differences if d.service}
    rows = (_project_row(found, any(not d.service for d in differences)), *_service_rows(found, services))
    return replace(found, rows=rows, differences=differences)


def _differences(t: Truths) -> Iterator[Difference]:
    if t.kernel.held:
        yield from _held(t)
    else:
        yield from _free(t)
    yield from _strays(t)


# Nobody holds the project


def _free(t: Truths) -> Iterator[Difference]:
    run, job, waiting = t.record.active, t.record.claimed, t.record.jobs
    left = _left(t)
    if run is not None and t.record.boot_id != t.kernel.boot_id:
        said = (
            f"The record says that run #{run.id} is {run.state}, but the host was started anew since (another boot id)."
        )
        yield Difference("rebooted", said, (TAKE_OVER, MARK_FAILED))
    elif run is not None:
        since = f", last heard of {_age(t.beat.age)} ago" if t.beat is not None else ""
        said = f"The record says that run #{run.id} is {run.state}, but its runner and guard are gone{since}; {left}."
        yield Difference("runner_gone", said, _of_free(t))
    elif job is not None:
        said = f"The record says that {job.type} #{job.id} is {job.state}, but no runner is at it; {left}."
        yield Difference("job_alone", said, _of_free(t))
    elif waiting:
        said = f"{waiting[0].type} #{waiting[0].id} waits, and no runner is there to take it."
        yield Difference("job_waits", said, (TAKE_OVER,))
    elif t.containers:
        verb = "are" if len(t.containers) > 1 else "is"
        said = f"The record says that nothing is up, but {_names(t.containers)} {verb} running in Docker."
        yield Difference("containers_alone", said, (TAKE_OVER, STOP))
    elif up := [s.name for s in t.record.services if s.state not in _ENDED]:
        verb = "are" if len(up) > 1 else "is"
        said = f"The record says that {_names(up)} {verb} up, but no run is, and no runner; {left}."
        yield Difference("services_alone", said, _of_free(t))


def _of_free(t: Truths) -> tuple[Action, ...]:
    """A stack that still lives can be taken over only where its engine kept it whole."""
    if t.containers:
        return TAKE_OVER, STOP, MARK_FAILED
    if not t.survivors:
        return TAKE_OVER, MARK_FAILED
    return (TAKE_OVER, STOP, MARK_FAILED) if t.engine in OUTLIVES else (STOP, MARK_FAILED)


def _left(t: Truths) -> str:
    if t.containers:
        return f"Docker runs {_names(t.containers)} of it"
    run = t.record.run
    own = [m.pid for m in t.kernel.marked if run is not None and m.run == run.id]
    own += [t.record.processes[name].pid for name in t.kernel.alive if t.record.processes[name].pid not in own]
    return _alive(own, "of it") if own else "nothing of it is alive"


# Somebody holds it


def _held(t: Truths) -> Iterator[Difference]:
    runner, guard = t.kernel.runner, t.kernel.guard
    if runner is None:
        yield from _without_runner(t)
        return
    if t.stopped:
        how = _LETTERS[runner.state]
        said = f"Its runner, PID {runner.pid}, is {how}: it does nothing until it goes on (kill -CONT {runner.pid})."
        yield Difference("runner_stopped", said, (TAKE_OVER, STOP, MARK_FAILED))
    elif not t.answers:
        told = f"for {_age(t.beat.age)}" if t.beat is not None else "at all"
        how = _LETTERS.get(runner.state, runner.state)
        said = f"Its runner, PID {runner.pid}, was not heard of {told}; the process table says it is {how}."
        yield Difference("runner_silent", said, (STOP, MARK_FAILED))
    if guard is not None and guard.state in "Tt":
        said = f"Its guard, PID {guard.pid}, is {_LETTERS[guard.state]}: should the runner die, nobody would clean up."
        yield Difference("guard_stopped", said, (TAKE_OVER, STOP))
    if t.kernel.word != lease.UP:
        return  # it leaves: what it has not written yet it is about to write
    if not t.known:
        yield Difference("record_older", _names_another(t), (STOP,))
    elif t.record.active is None and not t.record.jobs and t.kernel.marked:
        left = _alive([m.pid for m in t.kernel.marked], "that it holds")
        said = f"The record says that nothing is up, but its runner, PID {runner.pid}, goes on: {left}."
        yield Difference("record_older", said, (STOP,))
    yield from _services(t)


def _without_runner(t: Truths) -> Iterator[Difference]:
    guard = t.kernel.guard
    if guard is not None and guard.state in "Tt":
        said = f"Its runner is dead, and its guard, PID {guard.pid}, is {_LETTERS[guard.state]}: nobody cleans up."
        yield Difference("guard_stopped", said, (TAKE_OVER, STOP))
    elif guard is None:
        said = "Its lease is held, but by no guard or runner that can be seen from here."
        yield Difference("holder_hidden", said)


def _names_another(t: Truths) -> str:
    row, runner = t.record.runner, t.kernel.runner
    assert runner is not None
    known = f"PID {row.pid}, generation {row.generation} ({row.state})" if row is not None else "no runner at all"
    return (
        f"PID {runner.pid} holds the project, but the record names {known}: the store was put back from a copy."
        " That runner can write nothing any more."
    )


# Service by service


def _services(t: Truths) -> Iterator[Difference]:
    """Of a project that is held: what its record says of each service beside the other two."""
    run = t.record.active
    own: dict[str, list[int]] = {}
    for there in t.kernel.marked:
        if run is not None and there.run == run.id and there.service:
            own.setdefault(there.service, []).append(there.pid)
    for service in t.record.services:
        name, process = safe_text(service.name, 60), t.record.processes.get(service.name)
        runs = service.state is ServiceState.RUNNING
        if runs and process is not None and service.name not in t.kernel.alive and service.name not in own:
            said = f"The record says that {name} runs as PID {process.pid}, which is gone."
            yield Difference("process_gone", said, (STOP,), service.name)
        elif service.state in _DOWN and (left := own.get(service.name)):
            said = f"The record says that {name} is {service.state}, but {_alive(left, 'of it')}."
            yield Difference("process_left", said, (STOP,), service.name)
        elif said := _against_engine(t, service):
            yield Difference("engine_differs", said, (STOP,), service.name)


def _against_engine(t: Truths, service: Service) -> str:
    """Where the engine tells, and is heard: whether it holds what the record says it runs, and nothing else."""
    if not t.answers or t.beat is None or not t.beat.engine:
        return ""
    told = t.beat.engine.get(service.name)
    name, up = safe_text(service.name, 60), ServiceState.RUNNING.value
    if service.state is ServiceState.RUNNING and told != up:
        return f"The record says that {name} runs; the engine says {safe_text(told, 40) if told else 'nothing of it'}."
    if service.state in _ENDED and told == up:
        return f"The record says that {name} is {service.state}; the engine says that it runs."
    return ""


# Processes of other runs


def _strays(t: Truths) -> Iterator[Difference]:
    run = t.record.active
    if not t.kernel.held and run is None and t.record.run is not None and _said_already(t):
        return
    by_run: dict[int, list[Marked]] = {}
    for there in t.strays:
        by_run.setdefault(there.run, []).append(there)
    for number, left in sorted(by_run.items()):
        pids = [m.pid for m in left]
        if run is None:
            if t.kernel.held:
                continue  # its runner is just beginning or ending, or was told of above
            said = f"The record says that nothing is up, but {_alive(pids, f'of run #{number}')}."
            yield Difference("unrecorded", said, (STOP,))
        else:
            age = "an older run" if number < run.id else "a run that the record does not know"
            said = f"Beside run #{run.id}, {_alive(pids, f'of {age} (#{number})')}."
            yield Difference("other_run", said, (STOP,))


def _said_already(t: Truths) -> bool:
    """Whether what lives is of the newest run and was told with its job or services."""
    alone = t.record.claimed is not None or any(s.state not in _ENDED for s in t.record.services)
    return alone and t.record.run is not None and all(m.run == t.record.run.id for m in t.strays)


# The three columns


def _project_row(t: Truths, differs: bool) -> Row:
    run, runner, guard = t.record.run, t.kernel.runner, t.kernel.guard
    said = "no run" if run is None else f"run #{run.id} {run.state}" + (f": {run.end_reason}" if run.end_reason else "")
    parts = [f"runner {runner.pid} {_SHORT.get(runner.state, 'alive')}" if runner else ""]
    parts += [f"guard {guard.pid} {_SHORT.get(guard.state, '')}".rstrip() if guard else ""]
    process = ", ".join(p for p in parts if p) or ("held by a stranger" if t.kernel.held else "no runner")
    silent = f"silent for {_age(t.beat.age)}" if t.beat is not None and t.kernel.held else "-"
    return Row(t.project, said, process, "answers" if t.answers else silent, differs)


def _service_rows(t: Truths, differ: set[str]) -> Iterator[Row]:
    run = t.record.run
    heard = t.beat is not None and t.answers
    for service in t.record.services:
        process = t.record.processes.get(service.name)
        own = [m.pid for m in t.kernel.marked if run is not None and m.run == run.id and m.service == service.name]
        if process is not None and service.name in t.kernel.alive:
            more = len([pid for pid in own if pid != process.pid])
            told = f"PID {process.pid}" + (f" and {more} more" if more else "")
        elif own:
            told = _pids(own)
        elif process is not None and service.state not in _ENDED:
            told = f"PID {process.pid} is gone"
        else:
            told = _without_process(t, service.name)
        engine = t.beat.engine.get(service.name, "-") if heard and t.beat is not None else "-"
        yield Row(service.name, str(service.state), told, engine, service.name in differ)


def _without_process(t: Truths, service: str) -> str:
    if t.containers is not None:
        return "container up" if service in t.containers else "no container"
    return "none" if t.engine == "process" else "-"


# Words


def _alive(pids: Sequence[int], of: str) -> str:
    """ "3 processes of it are alive: PID 812, 813, 814"."""
    what, verb = ("one process", "is") if len(pids) == 1 else (f"{len(pids)} processes", "are")
    return f"{what} {of} {verb} alive: {_pids(pids)}"


def _pids(pids: Iterable[int]) -> str:
    return "PID " + few([str(pid) for pid in sorted(set(pids))], _PIDS)


def _names(found: Sequence[str]) -> str:
    return few([safe_text(name, 60) for name in found], _PIDS)


def _age(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.0f} h"
    )
