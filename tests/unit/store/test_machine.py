"""Runs and jobs as a state machine: hubs ask, runners claim, work, crash and write late; what was promised holds."""

from __future__ import annotations

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
from hubtui.models import EndReason, Job, JobState, JobType, Project, Service, ServiceState
from hubtui.paths import Home
from hubtui.store import connect, jobs, projects, requests, runners, runs, services
from hubtui.workers import lost, operations

PROJECTS = ("alpha", "beta")


@dataclass
class Runner:
    """A runner as a test moves it: `alive` ones hold the lease, dead ones may still try to write."""

    project: str
    generation: int
    alive: bool = True
    job: Job | None = None
    run: int | None = None


class Life(RuleBasedStateMachine):
    """The kernel's lease is a dict here; everything else is the real store."""

    @initialize()
    def born(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.home = Home(self.folder / "state")
        self.con, self.lock = connect.open_writer(self.home)
        self.lease: dict[str, Runner] = {}
        self.dead: list[Runner] = []
        self.acknowledged: dict[int, JobType] = {}
        self.ended: dict[int, JobState] = {}
        for name in PROJECTS:
            project = Project(name, self.folder, "process", "a test")
            self.tx(partial(projects.insert, project=project, stages=[]))
            service = Service("web", ServiceState.STOPPED)
            self.tx(partial(services.declare, project=name, declared=[service], enabled=["web"]))

    def tx(self, work: connect.Work[connect.T]) -> connect.T:
        return connect.transact(self.con, self.lock, self.home, work)

    @rule(name=st.sampled_from(PROJECTS), type_=st.sampled_from(JobType), whole=st.booleans())
    def ask(self, name: str, type_: JobType, whole: bool) -> None:
        wanted = () if whole else ("web",)
        asked = self.tx(lambda con: operations.write_job(con, type_, name, wanted, (), "somebody"))
        self.acknowledged[asked.job.id] = asked.job.type

    @rule(name=st.sampled_from(PROJECTS))
    def a_runner_begins(self, name: str) -> None:
        if name in self.lease:
            return
        generation = self.tx(lambda con: runners.register(con, name, 1, 1, "boot"))
        self.tx(lambda con: self._recover(con, name))
        self.lease[name] = Runner(name, generation)

    def _recover(self, con: sqlite3.Connection, name: str) -> None:
        run = runs.ACTIVE_OF_PROJECT.first(con, name)
        if run is not None:
            runs.end(con, run.id, EndReason.LOST, "its runner died")
        for job in jobs.CLAIMED_OF_PROJECT.all(con, name):
            jobs.finish(con, job.id, JobState.FAILURE, "lost")

    @precondition(lambda self: self.lease)
    @rule(data=st.data(), outcome=st.sampled_from([JobState.SUCCESS, JobState.FAILURE, None]))
    def a_runner_works(self, data: st.DataObject, outcome: JobState | None) -> None:
        runner = self.lease[data.draw(st.sampled_from(sorted(self.lease)))]
        self.tx(lambda con: self._work(con, runner, outcome))

    def _work(self, con: sqlite3.Connection, runner: Runner, outcome: JobState | None) -> None:
        runners.check(con, runner.project, runner.generation)
        if runner.job is None:
            waiting = jobs.OPEN_OF_PROJECT.first(con, runner.project)
            if waiting is not None:
                runner.job = jobs.claim(con, waiting.id, runner.generation)
                assert runner.job is not None, "the lease's holder always gets what waits"
            return
        job = runner.job
        for request in requests.OPEN.all(con, runner.project):
            requests.obeyed(con, request.id)
            if request.job == job.id:
                assert jobs.finish(con, job.id, JobState.REVOKED, request.reason)
                runner.job = None
                return
        if job.type is JobType.START and runner.run is None:
            runner.run = runs.begin(con, runner.project, "process", runner.generation, "boot", ())
        jobs.progress(con, job.id, state=JobState.RUNNING, percent=50, message="", step=None)
        if outcome is not None:
            if job.type is JobType.STOP and not job.services and runner.run is not None:
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
            del self.lease[runner.project]
            self.dead.append(runner)

    @precondition(lambda self: self.lease)
    @rule(data=st.data(), marked=st.booleans())
    def a_runner_dies(self, data: st.DataObject, marked: bool) -> None:
        runner = self.lease.pop(data.draw(st.sampled_from(sorted(self.lease))))
        self.dead.append(runner)
        if marked:  # its guard lived on
            self.tx(lambda con: lost.mark_in(con, runner.project, EndReason.LOST, "killed"))

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

    @rule(data=st.data())
    def cancel_a_waiting_job(self, data: st.DataObject) -> None:
        waiting = [j for n in PROJECTS for j in jobs.OPEN_OF_PROJECT.all(self.con, n) if j.state is JobState.PENDING]
        if waiting:
            job = data.draw(st.sampled_from(waiting))
            assert self.tx(lambda con: jobs.finish(con, job.id, JobState.REVOKED, "cancelled"))

    @invariant()
    def at_most_one_active_run_and_one_claimed_job(self) -> None:
        for name in PROJECTS if hasattr(self, "con") else ():
            assert len(runs.ACTIVE_OF_PROJECT.all(self.con, name)) <= 1
            assert len(jobs.CLAIMED_OF_PROJECT.all(self.con, name)) <= 1

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
            stops = [j.id for j in waiting if j.type is JobType.STOP and not j.services]
            assert not [j for j in waiting if stops and j.id < stops[0] and j.type is not JobType.STOP]

    def teardown(self) -> None:
        if hasattr(self, "con"):
            self.con.close()
            os.close(self.lock)
            shutil.rmtree(self.folder)


Life.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase
