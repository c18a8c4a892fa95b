"""`start`, `stop`, `restart`, `rebuild`, `adopt`, `cancel`, `retry`: each writes a job and says its number at once."""

from __future__ import annotations

import click

from hubtui.cli import options, output
from hubtui.cli.asking import How, ask, said
from hubtui.commands import by_id
from hubtui.models import JobType, Priority
from hubtui.safetext import safe_text
from hubtui.workers import operations

_profiles = click.option("--profile", "profiles", multiple=True, metavar="P", help="Also start services of profile P.")
_environment = click.option(
    "--environment", metavar="E", help="In this named environment: `hubtui config --environments` shows them."
)
_empty = click.option(
    "--empty-volume",
    "empty_volumes",
    multiple=True,
    metavar="V",
    help="Go on with an empty volume V where its data is lost.",
)
_priority = click.option(
    "--priority",
    type=click.Choice([p.value for p in Priority], case_sensitive=False),
    default=Priority.NORMAL.value,
    show_default=True,
    help="Who goes first where jobs wait for a slot.",
)


@click.command("start", help=by_id("start").help)
@options.many_targets
@_profiles
@_environment
@_empty
@_priority
@options.wait
@options.as_json
def start_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    empty_volumes: tuple[str, ...],
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    from hubtui.workers.logind import will_logout_kill

    if (finding := will_logout_kill()) is not None:
        output.warn(finding.message, finding.hint)
    how = How(profiles, empty_volumes, Priority(priority), environment)
    return ask(JobType.START, words, how, wait=wait, as_json=as_json)


up_verb = start_verb


@click.command("stop", help=by_id("stop").help)
@options.many_targets
@options.wait
@options.as_json
def stop_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return ask(JobType.STOP, words, wait=wait, as_json=as_json)


@click.command("restart", help="Stop the stack, or one service of it, and start it again.")
@options.many_targets
@_profiles
@_environment
@_priority
@options.wait
@options.as_json
def restart_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    how = How(profiles, priority=Priority(priority), environment=environment)
    return ask(JobType.RESTART, words, how, wait=wait, as_json=as_json)


@click.command("rebuild", help="Build the images of the stack, or of one service, anew and start it with them.")
@options.many_targets
@_profiles
@_environment
@_empty
@_priority
@options.wait
@options.as_json
def rebuild_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    empty_volumes: tuple[str, ...],
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    how = How(profiles, empty_volumes, Priority(priority), environment)
    return ask(JobType.REBUILD, words, how, wait=wait, as_json=as_json)


@click.command("adopt", help="Take over what runs of a project in Docker, whoever started it; nothing is restarted.")
@options.many_targets
@options.wait
@options.as_json
def adopt_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return ask(JobType.ADOPT, words, wait=wait, as_json=as_json)


@click.command("cancel", help="End a job: at once while it waits, else its runner ends it.")
@click.argument("job", callback=options.job_number)
@options.as_json
def cancel_verb(job: int, as_json: bool) -> int:
    with options.opened() as hub:
        found = operations.cancel(hub, job)
    if as_json:
        output.print_json(found)
    elif found.finished:
        output.line(f"{safe_text(output.job_name(found))} has ended: {found.state}, {safe_text(found.message)}")
    else:
        output.line(f"{safe_text(output.job_name(found))} is told to end: hubtui job {found.id}")
    return 0


@click.command("retry", help="Do again what a finished job was to do, as a new job; what is up stays up.")
@click.argument("job", callback=options.job_number)
@options.as_json
def retry_verb(job: int, as_json: bool) -> int:
    with options.opened() as hub:
        asked = operations.retry(hub, job)
    if as_json:
        output.print_json(asked.job)
    else:
        output.line(said(asked) + (f"  (tries #{job} again)" if asked.created and not asked.job.finished else ""))
    return 0
