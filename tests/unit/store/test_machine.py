"""Runs and jobs as a state machine: two hubs ask, runners wait for a slot, claim, work, try again, crash and write
late; what was promised holds."""

from __future__ import annotations

import copy
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hubtui.errors import Replaced
from hubtui.models import EndReason, Job, JobError, JobState, JobType, Priority, Project, Service, ServiceState, now
from hubtui.paths import Home
from hubtui.store import attempts, connect, jobs, projects, requests, runners, runs, services, slots
from hubtui.workers import lease, lost, operations
from hubtui.workers.runner import concurrency
from hubtui.workers.runner.claims import Claims

PROJECTS = ("alpha", "beta", "gamma")
MOST_SLOTS = 2


@dataclass
class Runner:
    """A runner as a test moves it: those that live hold the lease, dead ones may still try to write."""

    project: str
    generation: int
    lease: int
    claims: Claims
    job: Job | None = None
    run: int | None = None


class Life(RuleBasedStateMachine):
    """Two hubs, and runners that live as long as they hold their real lease; only their processes are missing."""

    @initialize()
    def born(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.home = Home(self.folder / "state")
        self.hubs = [connect.open_writer(self.home) for _ in range(2)]
        self.con, self.lock = self.hubs[0]
        self.lease: dict[str, Runner] = {}
        self.slots = MOST_SLOTS
        os.environ[concurrency.VARIABLE] = str(self.slots)
        self.dead: list[Runner] = []
        self.acknowledged: dict[int, JobType] = {}
        self.ended: dict[int, JobState] = {}
        for name in PROJECTS:
            project = Project(name, self.folder, "process", "a test")
            self.tx(partial(projects.insert, project=project, stages=[]))
            service = Service("web", ServiceState.STOPPED)
            self.tx(partial(services.declare, project=name, declared=[service], enabled=["web"]))

    def tx(self, work: connect.Work[connect.T], hub: int = 0) -> connect.T:
        con, lock = self.hubs[hub]
        return connect.transact(con, lock, self.home, work)

    @rule(
        hub=st.integers(0, 1),
        name=st.sampled_from(PROJECTS),
        type_=st.sampled_from(JobType),
        whole=st.booleans(),
        priority=st.sampled_from(Priority),
    )
    def ask(self, hub: int, name: str, type_: JobType, whole: bool, priority: Priority) -> None:
        wanted = () if whole else ("web",)
        asked = self.tx(
            lambda con: operations.write_job(con, type_, name, wanted, (), "somebody", priority=priority), hub
        )
        self.acknowledged[asked.job.id] = asked.job.type

    @rule(hub=st.integers(0, 1), name=st.sampled_from(PROJECTS), priority=st.sampled_from(Priority))
    def ask_for_a_start_and_see_a_runner_up(self, hub: int, name: str, priority: Priority) -> None:
        self.ask(hub, name, JobType.START, True, priority)
        self.a_runner_begins(name)
        runner = self.lease[name]
        if runner.job is None:
            self.tx(lambda con: self._work(con, runner, None))

    @rule(slots=st.integers(1, MOST_SLOTS))
    def a_person_allows_so_many_at_once(self, slots: int) -> None:
        self.slots = slots
        os.environ[concurrency.VARIABLE] = str(slots)

    @rule(name=st.sampled_from(PROJECTS))
    def a_runner_begins(self, name: str) -> None:
        if name in self.lease:
            return
        fd = lease.open_lease(self.home.lease(name))
        assert lease.try_take(fd)
        generation = self.tx(lambda con: runners.register(con, name, 1, 1, "boot"))
        self.tx(lambda con: self._recover(con, name))
        self.lease[name] = Runner(name, generation, fd, Claims(self.home, name, generation))

    def _recover(self, con: sqlite3.Connection, name: str) -> None:
        run = runs.ACTIVE_OF_PROJECT.first(con, name)
        if run is not None:
            runs.end(con, run.id, EndReason.LOST, "its runner died")
        for job in jobs.CLAIMED_OF_PROJECT.all(con, name):
            jobs.finish(con, job.id, JobState.FAILURE, "lost")

    @precondition(lambda self: self.lease)
    @rule(data=st.data(), outcome=st.sampled_from([JobState.SUCCESS, JobState.FAILURE, JobState.RETRY, None]))
    def a_runner_works(self, data: st.DataObject, outcome: JobState | None) -> None:
        runner = self.lease[data.draw(st.sampled_from(sorted(self.lease)))]
        self.tx(lambda con: self._work(con, runner, outcome))

    def _work(self, con: sqlite3.Connection, runner: Runner, outcome: JobState | None) -> None:
        runners.check(con, runner.project, runner.generation)
        for request in requests.OPEN.all(con, runner.project):
            self._obey(con, runner, request)
        if runner.job is None:
            runner.job = runner.claims.next(con)
            if runner.job is not None and runner.job.slot:
                assert len(slots.holders(con)) <= self.slots, "more at work than there are slots"
        elif outcome is JobState.RETRY:
            error = JobError("network", "the registry did not answer")
            assert attempts.retry_later(con, runner.job.id, "tried again", error, now())
            runner.claims.put_off(runner.job.id, 1000.0)
            runner.job = None
        else:
            self._go_on(con, runner, runner.job, outcome)

    def _obey(self, con: sqlite3.Connection, runner: Runner, request: requests.Request) -> None:
        requests.obeyed(con, request.id)
        assert request.job is not None
        found = jobs.get(con, request.job)
        if request.kind == "retry_now":
            runner.claims.hurry(found.id)
        elif runner.job is not None and runner.job.id == found.id:
            assert jobs.finish(con, found.id, JobState.REVOKED, request.reason)
            runner.job = None
        elif found.state is JobState.RETRY:
            assert jobs.finish(con, found.id, JobState.REVOKED, request.reason)
            runner.claims.forget(found.id)

    def _go_on(self, con: sqlite3.Connection, runner: Runner, job: Job, outcome: JobState | None) -> None:
        if job.type is JobType.START and runner.run is None:
            runner.run = runs.begin(con, runner.project, "process", runner.generation, "boot", ())
        jobs.progress(con, job.id, state=JobState.RUNNING, percent=50, message="", step=None)
        if outcome is not None:
            if job.type.ends and not job.services and runner.run is not None:
                assert runs.end(con, runner.run, EndReason.STOPPED)
                runner.run = None
            assert jobs.finish(con, job.id, outcome, "done")
            runner.job = None

    @precondition(lambda self: self.lease)
    @rule(data=st.data())
    def a_runner_leaves(self, data: st.DataObject) -> None:
        runner = self.lease[data.draw(st.sampled_from(sorted(self.lease)))]
        if runner.run is None and self.tx(lambda con: runners.leave(con, runner.project, runner.generation)):
            assert not jobs.OPEN_OF_PROJECT.all(self.con, runner.project), "a job was stranded"
            self._bury(runner)

    @precondition(lambda self: self.lease)
    @rule(data=st.data(), marked=st.booleans())
    def a_runner_dies(self, data: st.DataObject, marked: bool) -> None:
        runner = self.lease[data.draw(st.sampled_from(sorted(self.lease)))]
        if marked:  # its guard lives on until that is written
            self.tx(lambda con: lost.mark_in(con, runner.project, EndReason.LOST, "killed"))
        self._bury(runner)

    def _bury(self, runner: Runner) -> None:
        os.close(runner.lease)
        del self.lease[runner.project]
        self.dead.append(runner)

    @precondition(lambda self: self.dead)
    @rule(data=st.data())
    def a_ghost_writes(self, data: st.DataObject) -> None:
        """A dead runner's last write arrives late: where a newer one owns the project it changes nothing."""
        ghost = self.dead[data.draw(st.integers(0, len(self.dead) - 1))]
        owner = runners.OF_PROJECT.first(self.con, ghost.project)
        assert owner is not None
        if owner.generation == ghost.generation:
            return
        with pytest.raises(Replaced):
            self.tx(lambda con: runners.check(con, ghost.project, ghost.generation))

    @rule(data=st.data(), hub=st.integers(0, 1))
    def cancel_a_job(self, data: st.DataObject, hub: int) -> None:
        """One that waits for its runner at once; one in RETRY or at work by its runner."""
        found = [j for n in PROJECTS for j in jobs.OPEN_OF_PROJECT.all(self.con, n)]
        if not found:
            return
        job = data.draw(st.sampled_from(found))
        if job.state is JobState.PENDING:
            assert self.tx(lambda con: jobs.finish(con, job.id, JobState.REVOKED, "cancelled"), hub)
        else:
            self.tx(lambda con: requests.ask(con, job.project, "cancel", "a hub", job=job.id, reason="cancelled"), hub)

    @rule(data=st.data(), hub=st.integers(0, 1))
    def try_again_now(self, data: st.DataObject, hub: int) -> None:
        found = [j for n in PROJECTS for j in jobs.OPEN_OF_PROJECT.all(self.con, n) if j.state is JobState.RETRY]
        if found:
            job = data.draw(st.sampled_from(found))
            self.tx(lambda con: requests.ask(con, job.project, "retry_now", "a hub", job=job.id), hub)

    @invariant()
    def never_more_at_work_than_there_ever_were_slots(self) -> None:
        if hasattr(self, "con"):
            assert len(slots.holders(self.con)) <= MOST_SLOTS

    @invariant()
    def where_a_slot_is_free_somebody_who_could_go_may(self) -> None:
        """Nobody starves: of the runners that are idle and have something to begin, the first in the line begins."""
        if not hasattr(self, "con") or len(slots.holders(self.con)) >= self.slots:
            return
        idle = [r for r in self.lease.values() if r.job is None and self._could_begin(r)]
        assert not idle or any(self._would_claim(runner) for runner in idle), [r.project for r in idle]

    def _could_begin(self, runner: Runner) -> bool:
        """Its oldest job, or one that needs no slot, which may pass those that wait for one."""
        waits = jobs.OPEN_OF_PROJECT.all(self.con, runner.project)
        due = [j for j in waits if j.state is JobState.PENDING or j.id not in runner.claims._due]
        return any(j is waits[0] or not j.slot for j in due)

    def _would_claim(self, runner: Runner) -> bool:
        claims = copy.deepcopy(runner.claims)
        self.con.execute("BEGIN IMMEDIATE")
        try:
            return claims.next(self.con) is not None
        finally:
            self.con.execute("ROLLBACK")

    @invariant()
    def at_most_one_active_run_and_one_job_at_work(self) -> None:
        for name in PROJECTS if hasattr(self, "con") else ():
            assert len(runs.ACTIVE_OF_PROJECT.all(self.con, name)) <= 1
            claimed = jobs.CLAIMED_OF_PROJECT.all(self.con, name)
            assert len([j for j in claimed if j.state is not JobState.RETRY]) <= 1

    @invariant()
    def what_was_acknowledged_is_there_and_what_ended_stays_ended(self) -> None:
        for job in getattr(self, "acknowledged", {}):
            found = jobs.ONE.first(self.con, job)
            assert found is not None
            if job in self.ended:
                assert found.state is self.ended[job]
            elif found.finished:
                self.ended[job] = found.state
                assert found.finished_at is not None

    @invariant()
    def every_finished_job_ended_once(self) -> None:
        if hasattr(self, "con"):
            rows = self.con.execute("SELECT job, count(*) AS n FROM events WHERE kind = 'job.finished' GROUP BY job")
            assert {row["n"] for row in rows.fetchall()} <= {1}

    @invariant()
    def a_whole_stop_leaves_no_start_waiting_behind_it(self) -> None:
        for name in PROJECTS if hasattr(self, "con") else ():
            waiting = [j for j in jobs.OPEN_OF_PROJECT.all(self.con, name) if j.state is JobState.PENDING]
            stops = [j.id for j in waiting if j.type.ends and not j.services]
            assert not [j for j in waiting if stops and j.id < stops[0] and not j.type.ends]

    def teardown(self) -> None:
        if hasattr(self, "con"):
            for runner in self.lease.values():
                os.close(runner.lease)
            for con, lock in self.hubs:
                con.close()
                os.close(lock)
            shutil.rmtree(self.folder)
            os.environ.pop(concurrency.VARIABLE, None)


Life.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase
