"""Model -> words, without an app."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubtui.models import (
    EndReason,
    Health,
    Job,
    JobError,
    JobState,
    JobType,
    LimitsView,
    PortView,
    Project,
    ProjectView,
    Run,
    Runner,
    RunState,
    Service,
    ServiceState,
    Step,
    StepState,
)
from hubtui.widgets import presentation, service_detail, services, steps, trouble, units, words
from hubtui.widgets.jobs import words as job_words
from hubtui.widgets.key_bar import bar_line, command_hints, fitting
from hubtui.widgets.plain import EMPTY, fit, joined, lines, plain, right, spread
from hubtui.widgets.project_list import list_head, matching

NOW = datetime(2026, 11, 22, 13, 40, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


PROJECT = Project("alpha", Path("/srv/alpha"), "process", "because", "development", services_total=4)
JOB = Job(42, "alpha", 1, JobType.START, JobState.BUILDING, "building", ago(80), started_at=ago(70), progress=63)
RUN = Run(1, "alpha", RunState.UP, None, "process", None, ago(7800), None, 1)
FAILED = replace(
    JOB,
    state=JobState.FAILURE,
    finished_at=ago(10),
    error=JobError("port_taken", "Port 5432 is taken by postgres (pid 77).", "Stop it, then press s."),
)


@pytest.mark.parametrize(
    ("seconds", "exact", "elapsed", "coarse"),
    [
        (0, "0.0 s", "0 s", "<1m"),
        (2.13, "2.1 s", "2 s", "<1m"),
        (9.96, "9 s", "9 s", "<1m"),
        (59.9, "59 s", "59 s", "<1m"),
        (70, "1:10", "1:10", "1m"),
        (3723, "1:02:03", "1:02:03", "1h02m"),
        (277_200, "77:00:00", "77:00:00", "3d5h"),
        (-5, "0.0 s", "0 s", "<1m"),
    ],
)
def test_durations(seconds: float, exact: str, elapsed: str, coarse: str) -> None:
    assert (words.exact(seconds), words.elapsed(seconds), units.coarse(seconds)) == (exact, elapsed, coarse)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, ""),
        (0, "0 B"),
        (512, "512 B"),
        (1000, "1 K"),
        (2048, "2 K"),
        (48 << 20, "48 M"),
        (999 << 20, "999 M"),
        (1200 << 20, "1.2 G"),
        (120 << 30, "120 G"),
        (3 << 40, "3.0 T"),
        (5000 << 40, "5000 T"),
    ],
)
def test_sizes_are_short_and_unknown_is_nothing(count: int | None, said: str) -> None:
    assert units.size(count) == said


def test_a_bar_is_as_long_as_it_says() -> None:
    for percent in (-5, 0, 1, 50, 99, 100, 130):
        done, left = words.bar(percent, 10)
        assert len(done + left) == 10
    assert words.bar(63, 10) == ("▓▓▓▓▓▓", "░░░░")


@pytest.mark.parametrize(
    ("project", "glyph", "word"),
    [
        (PROJECT, "○", "stopped"),
        (replace(PROJECT, job=replace(JOB, state=JobState.PENDING, started_at=None)), "◌", "queued"),
        (replace(PROJECT, job=JOB), "◐", "63 %  1:10"),
        (replace(PROJECT, job=replace(JOB, type=JobType.STOP)), "◐", "stopping"),
        (replace(PROJECT, run=RUN, services_healthy=4), "●", "4/4 healthy"),
        (replace(PROJECT, run=RUN, services_healthy=3), "◐", "3/4 healthy"),
        (replace(PROJECT, run=replace(RUN, state=RunState.DEGRADED), services_healthy=3), "◐", "3/4 degraded"),
        (replace(PROJECT, run=replace(RUN, runner=Runner(7, True, False))), "?", "unresponsive"),
        (replace(PROJECT, job=FAILED), "✗", "port taken"),
        (replace(PROJECT, job=replace(FAILED, error=JobError("a_kind_with_a_long_name", "x"))), "✗", "failed"),
        (replace(PROJECT, job=replace(FAILED, error=JobError("stack", "x"))), "✗", "compose file"),
        (replace(PROJECT, job=replace(FAILED, error=JobError("usage", "x"))), "✗", "failed"),
        (replace(PROJECT, run=replace(RUN, state=RunState.ENDED, end_reason=EndReason.LOST)), "✗", "lost"),
        (replace(PROJECT, run=replace(RUN, state=RunState.ENDED, end_reason=EndReason.STOPPED)), "○", "stopped"),
    ],
)
def test_a_project_is_a_glyph_and_a_word(project: Project, glyph: str, word: str) -> None:
    mark = words.project_mark(project, NOW)
    assert (mark.glyph, mark.word) == (glyph, word)
    for width in (12, 20, 26, 60):
        row = presentation.project_row(project, NOW, width)
        assert row.cell_length == width
        assert row.plain.startswith(f"{glyph} alpha"[: width - 2])


def test_a_stop_after_a_lost_run_ends_the_trouble() -> None:
    ended = replace(RUN, state=RunState.ENDED, end_reason=EndReason.LOST, ended_at=ago(60), detail="killed")
    lost = replace(PROJECT, run=ended, job=replace(JOB, state=JobState.SUCCESS, finished_at=ago(100)))
    assert trouble.trouble_of(lost) is not None
    stopped = replace(lost, job=replace(JOB, type=JobType.STOP, state=JobState.SUCCESS, finished_at=ago(5)))
    assert trouble.trouble_of(stopped) is None
    assert words.project_mark(stopped, NOW).word == "stopped"


def test_what_happened_last_is_what_is_shown() -> None:
    lost_later = replace(RUN, state=RunState.ENDED, end_reason=EndReason.LOST, ended_at=ago(1), detail="killed")
    project = replace(PROJECT, job=replace(FAILED, finished_at=ago(60)), run=lost_later)
    found = trouble.trouble_of(project)
    assert found is not None and found.headline == "lost" and words.project_mark(project, NOW).word == "lost"
    failed_with_it = replace(lost_later, end_reason=EndReason.FAILED)
    project = replace(project, run=failed_with_it)
    found = trouble.trouble_of(project)
    assert found is not None and found.headline == "start #42 failed"
    assert words.project_mark(project, NOW).word == "port taken"


def test_a_silent_runner_names_its_pid_and_what_to_do() -> None:
    found = trouble.trouble_of(replace(PROJECT, run=replace(RUN, runner=Runner(77, True, False))))
    assert found is not None and "pid 77" in found.sentence and "kill -CONT 77" in found.hint


def test_the_header_counts_kinds() -> None:
    projects = [PROJECT, replace(PROJECT, run=RUN), replace(PROJECT, job=JOB), replace(PROJECT, job=FAILED)]
    text = presentation.header("build-7", projects, 80).plain
    for told in ("hubtui", "build-7", "1 running", "1 starting", "1 failed", "1 stopped"):
        assert told in text
    half, silent = replace(RUN, state=RunState.DEGRADED), replace(RUN, runner=Runner(7, True, False))
    text = presentation.header("build-7", [replace(PROJECT, run=run) for run in (half, RUN, silent, half)], 80).plain
    assert text.rstrip().endswith("1 running  1 unresponsive  2 degraded"), "what needs a person is told apart"


STEPS = (
    Step(1, None, "infrastructure", StepState.DONE, started_at=ago(60), finished_at=ago(57)),
    Step(2, 1, "postgres", StepState.DONE, started_at=ago(60), finished_at=ago(57.9)),
    Step(3, 1, "redis", StepState.CACHED, cached=True),
    Step(4, None, "core", StepState.RUNNING, started_at=ago(48)),
    Step(5, 4, "backend", StepState.RUNNING, started_at=ago(48), message="pip install"),
    Step(6, None, "edge", StepState.WAITING),
    Step(7, 6, "frontend", StepState.WAITING, message="waits for backend"),
)


def test_steps_are_grouped_by_stage() -> None:
    rows = steps.stage_lines(STEPS, NOW, 60).plain.splitlines()
    assert rows[0].split() == ["✓", "infrastructure", "postgres", "2.1", "s", "redis", "cached"]
    assert rows[1].split() == ["◐", "core", "backend", "pip", "install", "48", "s"]
    assert rows[2].split() == ["○", "edge", "frontend", "waits", "for", "backend"]


def test_what_is_under_way_is_never_cut_off() -> None:
    done = [replace(STEPS[0], id=100 + n, name=f"s{n}") for n in range(20)]
    text = steps.stage_lines([*done, STEPS[3], STEPS[4]], NOW, 60, 4).plain
    assert len(text.splitlines()) == 4
    assert "backend" in text and "18 done" in text


BUILD = (
    Step(1, None, "ports", StepState.DONE, started_at=ago(12), finished_at=ago(11.9)),
    Step(2, None, "Dagger session", StepState.DONE, started_at=ago(11.9), finished_at=ago(11)),
    Step(3, None, "image store", StepState.DONE, started_at=ago(11), finished_at=ago(9)),
    Step(4, None, "build web", StepState.RUNNING, started_at=ago(11)),
    Step(5, 4, "sync web", StepState.DONE, started_at=ago(11), finished_at=ago(10.8)),
    Step(6, 4, "RUN pip install -r requirements.txt -c constraints.txt", StepState.RUNNING, started_at=ago(9)),
    Step(7, None, "stage 1", StepState.WAITING),
)


def test_a_command_is_cut_before_its_seconds_are() -> None:
    row = steps.stage_lines(BUILD, NOW, 50).plain.splitlines()[3]
    assert row.startswith("◐ build web       ✓ 1   RUN pip install") and row.endswith("… 9 s")
    job_row = steps.tree_lines(BUILD, NOW, 50)[5].plain
    assert job_row.startswith("  ◐ RUN pip install -r req") and job_row.rstrip().endswith("… 9 s")


def test_what_takes_minutes_is_said_with_its_seconds() -> None:
    pulls = replace(BUILD[1], state=StepState.RUNNING, message="pulls the engine image, which may take minutes")
    row = steps.stage_lines([BUILD[0], pulls], NOW, 48).plain.splitlines()[1]
    assert row.startswith("◐ Dagger session  pulls the engine image") and row.endswith("… 11 s")
    assert steps.tree_lines([pulls], NOW, 80)[0].plain.split()[:4] == ["◐", "Dagger", "session", "11"]


def test_a_build_that_runs_shows_its_seconds_between_two_commands() -> None:
    between = [*BUILD[:5], BUILD[6]]
    assert steps.stage_lines(between, NOW, 60).plain.splitlines()[3].split()[-2:] == ["11", "s"]


def test_a_build_that_is_done_shows_how_long_it_took_where_its_steps_have_no_room() -> None:
    done = replace(BUILD[3], state=StepState.DONE, finished_at=ago(2))
    below = [replace(BUILD[5], id=n, state=StepState.DONE, finished_at=ago(5)) for n in range(20, 24)]
    assert steps.stage_lines([done, *below], NOW, 50).plain.rstrip() == "✓ build web  9.0 s   ✓ 4"


def test_what_was_done_first_shares_a_line_where_there_are_too_many() -> None:
    rows = steps.stage_lines(BUILD, NOW, 60, 4).plain.splitlines()
    assert rows[0].startswith("✓ ports, Dagger session") and rows[0].endswith("2 done 1.0 s")
    assert [row.split()[1] for row in rows[1:]] == ["image", "build", "stage"]


def test_a_failed_build_names_its_service() -> None:
    failed = [replace(step, state=StepState.FAILED) for step in (BUILD[3], BUILD[5])]
    view = ProjectView(1, PROJECT, tuple(failed), (service("store"), service("web")))
    assert steps.failed_service(view) == "web"
    assert steps.failed_step(view.steps).startswith("build web › RUN pip install")


def test_the_tree_has_every_step() -> None:
    rows = [row.plain for row in steps.tree_lines(STEPS, NOW, 70)]
    assert len(rows) == len(STEPS)
    assert rows[1].startswith("  ✓ postgres")


def service(name: str, state: ServiceState = ServiceState.RUNNING, port: int | None = None, **more: object) -> Service:
    ports = (PortView(port, port, "tcp", "127.0.0.1", f"http://127.0.0.1:{port}"),) if port else ()
    return replace(Service(name, state, ports=ports, since=ago(7800)), **more)  # type: ignore[arg-type]


ROWS = (
    service("store", port=8711, health=Health.HEALTHY, latency_ms=1.6, cpu_percent=0.7, memory_bytes=48 << 20),
    service("a-service-with-a-name", health=Health.UNHEALTHY, restarts=3),
    service("job", ServiceState.EXITED, exit_code=0),
    service("broken", ServiceState.FAILED, exit_code=2, message="exited with code 2 after 0.4 s"),
)


@pytest.mark.parametrize("width", [20, 30, 45, 51, 60, 90, 140])
def test_the_table_is_aligned_at_every_width(width: int) -> None:
    table = services.table(ROWS, NOW, width)
    drawn = [table.line(services.cells(row, NOW, width >= 90)) for row in ROWS]
    assert {line.cell_length for line in drawn} == {table.head.cell_length}
    assert table.head.cell_length <= width
    assert all("STATE" in table.head.plain for _ in drawn)


def test_the_table_at_80_columns_tells_what_matters() -> None:
    table = services.table(ROWS[:1], NOW, 51)
    text = table.line(services.cells(ROWS[0], NOW, False)).plain
    for told in ("● store", "running", "✓ 2 ms", "8711", "1 %", "48 M", "2h10m"):
        assert told in text


def test_a_very_long_name_takes_neither_health_nor_port_from_the_others() -> None:
    long = service("a-very-long-service-name-that-goes-on-for-sixty-characters-1", health=Health.UNHEALTHY)
    for width in (51, 60, 70, 90):
        table = services.table([ROWS[0], long], NOW, width)
        assert table.line(services.cells(long, NOW, False)).cell_length <= width
        first, second = (table.line(services.cells(row, NOW, False)).plain for row in (ROWS[0], long))
        assert "✓ 2 ms" in first and "8711" in first
        assert "✗ unhealthy" in second and "a-very-long-service" in second


@pytest.mark.parametrize(
    ("row", "glyph", "health"),
    [
        (ROWS[0], "●", "✓ 2 ms"),
        (ROWS[1], "✗", "✗ unhealthy"),
        (ROWS[2], "✓", "exit 0"),
        (replace(ROWS[2], exit_code=3), "✗", "exit 3"),
        (service("x", health=Health.STARTING), "◐", "◐ checking"),
        (service("x", ServiceState.STOPPED), "○", ""),
    ],
)
def test_a_service_is_a_glyph_a_state_and_a_health(row: Service, glyph: str, health: str) -> None:
    cells = services.cells(row, NOW, False)
    assert cells[0].plain.startswith(glyph)
    assert cells[2].plain == health


CARRIED = PortView(8711, 80, "tcp", "127.0.0.1", "http://127.0.0.1:8711/", 3, 1250, 80 << 20)


def test_traffic_is_shown_where_it_is_known_and_there_is_room() -> None:
    rows = [replace(ROWS[0], ports=(CARRIED, replace(CARRIED, published=8712)))]
    wide, narrow = (services.table(rows, NOW, width).head.plain for width in (120, 51))
    assert "CONN" in wide and "IN/OUT" in wide
    assert "CONN" not in narrow and "MEM" in narrow
    assert [cell.plain for cell in services.traffic(rows[0])] == ["6", "2 K/160 M"]
    assert "CONN" not in services.table(ROWS, NOW, 120).head.plain


def test_what_went_over_the_network_of_a_container_is_shown() -> None:
    row = replace(ROWS[0], bytes_received=12 << 20, bytes_sent=3 << 10)
    assert [cell.plain for cell in services.traffic(row)] == ["", "12 M/3 K"]
    assert "network: 12 M received, 3 K sent" in service_detail.detail(row, 60, 8).plain
    assert "IN/OUT" in services.table([row], NOW, 120).head.plain


def test_one_that_has_ended_says_how() -> None:
    for state in (ServiceState.FAILED, ServiceState.RESTARTING):
        assert services.cells(service("x", state, exit_code=7), NOW, False)[2].plain == "exit 7"


def test_the_service_under_the_cursor_has_its_ports_and_notes() -> None:
    note = "the volume pgdata is a cache of the engine: an engine that dies uncleanly wipes it"
    one = service("db", message="waits for 5432/tcp", notes=(note,))
    one = replace(one, ports=(CARRIED, PortView(5432, 5432, "tcp", "127.0.0.1", None)))
    rows = [row.rstrip() for row in service_detail.detail(one, 60, 9).plain.splitlines()]
    assert rows[:3] == ["  waits for 5432/tcp", "  http://127.0.0.1:8711/ → 80  3 open  1 K/80 M", "  127.0.0.1:5432"]
    assert " ".join(row[2:] for row in rows[3:]) == note and rows[3].startswith("! ")
    short = service_detail.detail(one, 60, 3).plain.splitlines()
    assert len(short) == 3 and "hubtui status" in short[-1]
    assert "→" not in service_detail.port_line(CARRIED, 40).plain


def test_whose_notes_there_are_keeps_the_key_in_sight() -> None:
    rows = [service(f"service-{n}", notes=("x",)) for n in range(9)]
    told = service_detail.noted(PROJECT, rows, 50)
    assert told.cell_length <= 50 and told.plain.endswith("tab reads them")
    assert not service_detail.noted(PROJECT, ROWS, 50)


def test_the_notes_of_one_service_begin_in_sight() -> None:
    one = service("api", notes=("its entry in compose.yaml has changed since it was started", "y"))
    told = service_detail.noted(PROJECT, [*ROWS, one], 70)
    assert told.plain.startswith("! api: its entry in compose.yaml has changed") and told.plain.endswith("tab reads it")
    assert told.cell_length <= 70


def test_a_run_tells_the_version_of_its_engine_while_it_lasts() -> None:
    versions = {"engine": "v0.21.8", "CLI": "v0.21.8"}
    held = replace(PROJECT, run=replace(RUN, engine="dagger", environment="development", versions=versions))
    ended = replace(held, run=replace(RUN, state=RunState.ENDED, versions={"engine": "v0.21.8"}))
    assert presentation.title(held, 60).plain.endswith("dagger v0.21.8  development")
    assert presentation.header("build-7", [held, held, PROJECT], 80).plain.count("dagger v0.21.8") == 1
    assert "v0.21.8" not in presentation.header("build-7", [ended], 80).plain + presentation.title(ended, 60).plain


def test_limits_say_when_nobody_enforces_them() -> None:
    limited = service("x", limits=LimitsView(0.5, 128 << 20, False))
    assert services.limits(limited) == "0.5 cpu 128 M not enforced"
    assert services.limits(replace(limited, limits=LimitsView(0.5, None, True))) == "0.5 cpu"


def test_the_address_to_copy() -> None:
    assert services.address_of(ROWS, None) == ("store", "http://127.0.0.1:8711")
    assert services.address_of(ROWS, "job") is None
    socket = PortView(5432, 5432, "tcp", "127.0.0.1", None)
    assert services.address_of([service("db", ports=(socket,))], "db") == ("db", "127.0.0.1:5432")


def test_where_it_failed() -> None:
    failed = (replace(STEPS[3], state=StepState.FAILED), replace(STEPS[4], state=StepState.FAILED))
    view = ProjectView(1, PROJECT, failed, ROWS)
    assert steps.failed_step(view.steps) == "core › backend"
    assert steps.failed_service(view) == "broken"
    assert steps.failed_service(replace(view, services=(service("backend"),))) == "backend"


def test_foreign_text_is_made_safe_and_never_markup() -> None:
    nasty = "[@click=app.exit]x[/] \x1b[31mred\x1b[0m\x9b"
    for content in (
        plain(nasty),
        presentation.project_row(replace(PROJECT, name=nasty), NOW, 60),
        presentation.title(replace(PROJECT, name=nasty), 90),
        lines(job_words.job_note(replace(JOB, message=nasty), NOW, 90)),
    ):
        assert "[@click=app.exit]x[/]" in content.plain
        assert not set("\x1b\x9b") & set(content.plain)
        assert all("@click" not in str(span.style) for span in content.spans)


def test_fitting_of_text() -> None:
    assert fit(plain("abcdef"), 4).plain == "abc…"
    assert fit(plain("ab"), 4).plain == "ab  "
    assert fit(EMPTY, 3).plain == "   "
    assert right(plain("ab"), 4).plain == "  ab"
    assert fit(plain("日本語"), 4).cell_length == 4
    assert spread(plain("left side"), plain("end"), 20).plain == "left side        end"
    assert joined([plain("a"), EMPTY, plain("b")]).plain == "a  b"
    assert lines([plain("a"), EMPTY, plain("b")]).plain == "a\n\nb"
    assert fit(plain("x"), 0) is EMPTY


def test_the_footer_keeps_help_and_leave_and_drops_what_makes_no_sense_first() -> None:
    hints = command_hints(frozenset({"stop", "restart", "logs", "history", "add", "filter", "help", "quit"}))
    for width in (30, 60, 78, 100, 200):
        kept = fitting(hints, width)
        assert bar_line(kept).cell_length <= width
        assert [h.action for h in kept][-2:] == ["help", "quit"]
    assert "start" not in [h.action for h in fitting(hints, 78)]
    assert "stop" in [h.action for h in fitting(hints, 78)]
    assert bar_line(fitting(hints, 200)).plain.endswith("? help  q leave (jobs go on)")


def test_the_filter_wants_every_word() -> None:
    projects = [replace(PROJECT, name=name) for name in ("shop-api", "shop-web", "api")]
    assert [p.name for p in matching(projects, "API shop")] == ["shop-api"]
    assert [p.name for p in matching(projects, "")] == ["shop-api", "shop-web", "api"]
    assert list_head(1, 3, "api", 26).plain == "/api" + " " * 16 + "1 of 3"


def test_empty_says_what_to_press() -> None:
    assert "a  add" in presentation.welcome().plain and "hubtui demo" in presentation.welcome().plain


def test_who_cancelled_the_last_job_is_said_whole() -> None:
    why = "cancelled by ann on pts/3; nothing is up"
    job = replace(JOB, state=JobState.REVOKED, finished_at=ago(10), message=why)
    view = ProjectView(1, replace(PROJECT, job=job))
    for width in (50, 120):
        text = presentation.headline(view, NOW, width).plain
        assert why in text and "start #42  REVOKED" in text
        assert max(map(len, text.splitlines())) <= width


def test_a_stack_that_nobody_stopped_says_why_it_is_down() -> None:
    by_itself = "all services ended by themselves"
    ended = replace(RUN, state=RunState.ENDED, end_reason=EndReason.STOPPED, ended_at=ago(120), detail=by_itself)
    started = replace(JOB, state=JobState.SUCCESS, finished_at=ago(600))
    text = presentation.headline(ProjectView(1, replace(PROJECT, run=ended, job=started)), NOW, 52).plain
    assert text.startswith(f"stopped  {by_itself}  2m ago")
    stopped = replace(started, type=JobType.STOP, finished_at=ago(119))
    text = presentation.headline(ProjectView(1, replace(PROJECT, run=ended, job=stopped)), NOW, 52).plain
    assert by_itself not in text
