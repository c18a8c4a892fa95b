"""`start`, `stop`, `restart`, `cancel`: each writes a job and says its number at once."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hubtui.cli import options, output
from hubtui.commands import by_id
from hubtui.models import Job, JobState, JobType
from hubtui.workers import operations
from hubtui.workers.hub import Hub

_wait = click.option("--wait", is_flag=True, help="Stay until the job has ended; exit 1 if it failed.")
_profiles = click.option("--profile", "profiles", multiple=True, metavar="P", help="Also start services of profile P.")


@click.command("start", help=by_id("start").help)
@options.many_targets
@_profiles
@_wait
@options.as_json
def start_verb(words: tuple[str, ...], profiles: tuple[str, ...], wait: bool, as_json: bool) -> int:
    from hubtui.workers.logind import will_logout_kill

    if (finding := will_logout_kill()) is not None:
        output.warn(finding.message, finding.hint)
    return _ask(JobType.START, words, profiles, wait=wait, as_json=as_json)


@click.command("stop", help=by_id("stop").help)
@options.many_targets
@_wait
@options.as_json
def stop_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return _ask(JobType.STOP, words, wait=wait, as_json=as_json)


@click.command("restart", help="Stop the stack, or one service of it, and start it again.")
@options.many_targets
@_profiles
@_wait
@options.as_json
def restart_verb(words: tuple[str, ...], profiles: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return _ask(JobType.RESTART, words, profiles, wait=wait, as_json=as_json)


def _ask(
    verb: JobType, words: Sequence[str], profiles: Sequence[str] = (), *, wait: bool = False, as_json: bool = False
) -> int:
    """Write one job a target, after every target was found to be one; with `wait`, follow them to their ends."""
    from hubtui.cli.target import targets
    from hubtui.store import events

    with options.opened() as hub:
        con = hub.reader()
        try:
            wanted = targets(con, words, verb)
            seq = events.LAST_SEQ.first(con) or 0
            asked: list[Job] = []
            for target in wanted:
                found = operations.ask(hub, verb, target.project.name, target.services, profiles)
                asked.append(found.job)
                if not as_json:
                    output.line(_said(found))
            if wait and any(not job.finished for job in asked):
                from hubtui.cli import feed

                asked = _until_the_end(hub, lambda: feed.wait(hub, con, asked, seq, quiet=as_json), asked)
        finally:
            con.close()
    return _close(asked, wait=wait, as_json=as_json)
