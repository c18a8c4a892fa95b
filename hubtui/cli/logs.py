"""`logs`: what services printed, merged by time, searched and filtered; with -f also what they print from now on."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hubtui.cli import options, output
from hubtui.cli.target import targets
from hubtui.commands import by_id
from hubtui.errors import HubtuiError, UsageError

if TYPE_CHECKING:
    from hubtui.cli.log_streams import Sift, Streams, Window
    from hubtui.cli.log_writer import Writer
    from hubtui.logs.filters import Filters

POLL = 0.1
LOOKS_BETWEEN_JOINS = 20
_WHEN = "10m, 12:04, yesterday 12:04 or 2026-11-22T13:00"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, as it was typed."""

    follow: bool
    count: int | None
    since: str | None
    until: str | None
    grep: tuple[str, ...]
    hide: tuple[str, ...]
    regex: bool
    ignore_case: bool
    level: str | None
    run: str | None
    context: int
    raw: bool
    as_json: bool
    file: Path | None

    @property
    def form(self) -> str:
        return "raw" if self.raw else "json" if self.as_json else "text"


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    options.many_targets,
    click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C."),
    click.option("-n", "--tail", "count", type=click.IntRange(min=0), metavar="N", help="Only the last N lines."),
    click.option("--since", metavar="X", help=f"Only from then on: {_WHEN}."),
    click.option("--until", metavar="X", help="Only up to then."),
    click.option("--grep", metavar="P", multiple=True, help="Only lines with this text; of several, with any of them."),
    click.option("--hide", metavar="P", multiple=True, help="No lines with this text; may be repeated."),
    click.option("-E", "--regex", is_flag=True, help="The texts are regular expressions."),
    click.option("-i", "--ignore-case", is_flag=True, help="Upper and lower case are the same in them."),
    click.option("--level", metavar="L", help="Only what is at least so grave: debug, info, warning, error or fatal."),
    click.option("--run", metavar="R", help="Only lines of this run, by its number."),
    click.option("-C", "--context", type=click.IntRange(0, 1000), default=0, metavar="N", help="N lines around each."),
    click.option("--raw", is_flag=True, help="The bytes as they were printed, without time and service."),
    click.option("-o", "file", type=click.Path(path_type=Path), metavar="FILE", help="Write to a new file."),
    options.as_json,
)


def _with_options(command: Callable[..., int]) -> Callable[..., int]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("logs", help=by_id("logs").help.split(".")[0] + ". All of it, unless told which lines.")
@_with_options
def logs_verb(words: tuple[str, ...], **asked: Any) -> int:
    wish = Wish(**asked)
    sift, window = _sift(wish), _window(wish)
    from hubtui.cli import log_writer
    from hubtui.cli.log_streams import Streams

    with contextlib.ExitStack() as stack:
        hub = stack.enter_context(options.opened())
        con = stack.enter_context(contextlib.closing(hub.reader()))
        wanted = targets(con, words, "logs")
        with _errors_said():
            streams = stack.enter_context(contextlib.closing(Streams(hub.home, con, wanted, sift, window)))
            sink = log_writer.Stdout() if wish.file is None else stack.enter_context(log_writer.ToFile(wish.file))
            writer = log_writer.Writer(streams.all, sink, form=wish.form, context=wish.context > 0)
            try:
                _print_all(streams, writer, wish.count)
                if not writer.count and not wish.follow and wish.count != 0:
                    output.note("No line matches." if _is_choosy(wish) else "Nothing was printed yet.")
                if wish.follow:
                    _follow(streams, writer, window.until)
            except KeyboardInterrupt:
                names = ", ".join(sorted({t.project.name for t in wanted}))
                raise options.left(f"Only the looking has ended; nothing of {names} was stopped.") from None
    return 0


def _print_all(streams: Streams, writer: Writer, count: int | None) -> None:
    """What there is already: everything in the order of its times, however long, or the last `count` lines."""
    gc.disable()  # millions of lines, none in a cycle: looking for some would take a fifth of the time
    try:
        for lines in streams.rest() if count is None else [streams.last(count)]:
            writer.put(lines)
        writer.flush()
    finally:
        gc.enable()


def _follow(streams: Streams, writer: Writer, until: float | None) -> None:
    """Look at the files ten times a second, up to a time of the wall clock if one is given."""
    ends = float("inf") if until is None else time.monotonic() + until - time.time()
    looks = 0
    while time.monotonic() <= ends:
        looks += 1
        if looks % LOOKS_BETWEEN_JOINS == 0:
            streams.join()
        lines, said = streams.news()
        for sentence in said:
            output.note(sentence)
        if lines:
            writer.put(lines)
            writer.flush()
        else:
            time.sleep(POLL)


# What was asked for


def _window(wish: Wish) -> Window:
    """The times. Raises UsageError."""
    from hubtui.cli.log_streams import Window

    if wish.since is None and wish.until is None:
        return Window()
    from hubtui.logs.asked_time import moment

    window = Window(
        None if wish.since is None else moment(wish.since), None if wish.until is None else moment(wish.until)
    )
    if window.since is not None and window.until is not None and window.since > window.until:
        raise UsageError(f"--since {wish.since} is later than --until {wish.until}.")
    return window


def _sift(wish: Wish) -> Sift:
    """What makes of a service's lines those asked for. Raises UsageError."""
    if wish.follow and wish.file:
        raise UsageError("-o writes a file that is whole; with -f there is no end.", "Use > FILE with -f.")
    if wish.raw and wish.as_json:
        raise UsageError("--raw and --json exclude each other.", "JSON has every byte of a line, too.")
    if not (wish.grep or wish.hide or wish.level or wish.run):
        if wish.context:
            raise UsageError("--context says how much around the lines that --grep, --hide, --level or --run choose.")
        return lambda lines: lines
    from hubtui.logs.filtered import Filtered
    from hubtui.logs.levels import level_of

    filters = _filters(wish)
    return lambda lines: Filtered(lines, filters, level_of, wish.context)


def _filters(wish: Wish) -> Filters:
    from hubtui.logs.filters import Filters
    from hubtui.logs.patterns import Pattern

    found = Filters(level=_level(wish.level), run=None if wish.run is None else _run(wish.run))
    for texts, hides in ((wish.grep, False), (wish.hide, True)):
        for text in texts:
            found = found.add(Pattern(text, regex=wish.regex, case=not wish.ignore_case), hides=hides)
    return found


def _level(word: str | None) -> int | None:
    if word is None:
        return None
    from hubtui.logs.levels import Level, level_named

    level = level_named(word)
    if level is None:
        raise UsageError(f"{word!r} is no level.", f"Say one of {', '.join(each.word for each in Level)}.")
    return level


def _run(text: str) -> int:
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise UsageError(f"{text!r} is no run's number.", "`hubtui status PROJECT` and `--json` name runs.")
    return int(digits)


def _is_choosy(wish: Wish) -> bool:
    return bool(wish.grep or wish.hide or wish.level or wish.run or wish.since or wish.until)


@contextlib.contextmanager
def _errors_said() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise HubtuiError(f"A log cannot be read: {error}.", "Run `hubtui doctor`.") from error
