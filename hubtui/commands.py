"""Every command once: its name, key and help. The footer, the palette, the help screen and the CLI all read this table.

A command's `id` is also the name of its action (`action_<id>`) and of its key binding, so that keys can be remapped.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do. `verb` is the CLI's word for it ("" where it has none), `help` a sentence."""

    id: str
    key: str
    label: str
    help: str
    verb: str = ""
    footer: bool = True


COMMANDS: tuple[Command, ...] = (
    Command("start", "s", "start", "Start the project's stack; what is up already stays as it is.", "start"),
    Command("stop", "x", "stop", "Stop the project's stack: TERM, then KILL after the grace period.", "stop"),
    Command("restart", "r", "restart", "Stop the stack and start it again.", "restart"),
    Command("restart_service", "R", "restart service", "Restart only the service under the cursor.", "restart", False),
    Command("stop_service", "X", "stop service", "Stop only the service under the cursor.", "stop", False),
    Command("rebuild", "b", "rebuild", "Build the stack's images anew and start it with them.", "rebuild", False),
    Command("retry", "t", "try again", "Do again what the project's last job failed at; what is up stays up.", "retry"),
    Command("logs", "l", "logs", "Read and follow the log of a service or of the whole stack.", "logs"),
    Command("cancel", "c", "cancel", "End the project's running job.", "cancel"),
    Command("retry_now", "n", "retry now", "Have the next try of the project's job at once.", "", False),
    Command("be_patient", "w", "wait on", "Give a job that seems stuck as much time again.", "", False),
    Command(
        "history",
        "h",
        "history",
        "Jobs, newest first: find them, run them again; statistics.",
        "jobs",
    ),
    Command(
        "reconcile",
        "equals_sign",
        "three truths",
        "Record, process table and engine side by side; mend what differs.",
        "reconcile",
        False,
    ),
    Command("environment", "e", "environment", "Choose what the next starts use: files, profiles, limits.", "", False),
    Command("profiles", "p", "profiles", "Choose which profiles a start takes along.", "", False),
    Command("add", "a", "add", "Register a project by its folder, or make one from a template.", "add"),
    Command("remove", "d", "remove", "Forget a project that is not up; its files stay.", "rm", False),
    Command("copy_url", "u", "copy URL", "Copy the address of the service under the cursor.", "", False),
    Command("adopt", "o", "take over", "Hold what runs of the project in Docker, without a restart.", "adopt", False),
    Command("pull", "P", "pull images", "Pull newer images; what runs on an older one is made anew.", "pull", False),
    Command("scale", "S", "scale", "Have so many containers of the service under the cursor.", "scale", False),
    Command("shell", "E", "shell", "A shell inside the service under the cursor, until you leave it.", "exec", False),
    Command("down", "D", "take down", "Stop the stack and remove its containers and networks.", "down", False),
    Command("clean", "C", "clean", "See what the project has on its Docker engine, and give it up.", "clean", False),
    Command("filter", "slash", "filter", "Show only the projects whose name holds what you type.", ""),
    Command("help", "question_mark", "help", "Every key and what it does.", ""),
    Command("quit", "q", "leave", "Leave the dashboard; jobs and stacks go on.", ""),
)


def by_id(command: str) -> Command:
    """A command of the table; KeyError for one that is not in it."""
    return next(c for c in COMMANDS if c.id == command)


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of the log view. `action` is that of the view or of what is around it; `keys` are Textual's names for them,
    `key` what is printed on them. `first`: what is typed right after it is not for the view."""

    action: str
    keys: str
    key: str
    label: str
    help: str
    first: bool = False


LOG_KEYS: tuple[LogKey, ...] = (
    LogKey("find", "slash", "/", "search", "Search; ^r regular expression, ^t case. Hits stand out.", True),
    LogKey("next(False)", "n", "n", "next", "The next hit; N the one before."),
    LogKey("next(True)", "N", "N", "", ""),
    LogKey("filters", "f", "f", "filter", "What is shown: texts, least level, lines around; on and off, remove."),
    LogKey("narrow", "ampersand", "&", "only", "Show only lines with a text, at once.", True),
    LogKey("go_to", "colon,ctrl+g", ":", "go to", "A time (12:04, 10m ago), a line (4711), a part (50%).", True),
    LogKey("detail", "enter", "enter", "detail", "The line under the cursor, whole, with its fields; copy it."),
    LogKey("wrap", "w", "w", "wrap", "Long lines in several rows, or cut: ← → look further right."),
    LogKey("times", "t", "t", "times", "Time stamps: absolute, relative, off."),
    LogKey("raw", "J,r", "J", "raw", "JSON and logfmt lines as they were printed, or readable."),
    LogKey("copy", "y", "y", "copy", "Copy the line under the cursor, made safe."),
    LogKey("export", "e", "e", "export", "Write what is visible, filtered, marked or everything to a file."),
    LogKey("mark", "m", "m", "mark", "Mark the line under the cursor, or take its mark away."),
    LogKey("next_mark(False)", "apostrophe", "'", "next mark", 'The next marked line; " the one before.'),
    LogKey("next_mark(True)", "quotation_mark", '"', "", ""),
    LogKey("unmark", "C", "C", "unmark all", "Take all marks away."),
)
LOG_MOVING: tuple[tuple[str, str], ...] = (
    ("↑ ↓ k j", "The cursor, a line; pgup pgdn b space a page, u d half of one."),
    ("g home", "The first line there is, earlier runs included."),
    ("G F end", "The end, and follow it. Moving away from it stops that; what comes is counted."),
    ("← → h l", "Look further to the left or right."),
)


def log_keys() -> list[tuple[str, str]]:
    """Every key of the log view, as printed, and what it does."""
    return [*LOG_MOVING, *((k.key, k.help) for k in LOG_KEYS if k.help)]
