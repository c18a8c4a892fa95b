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
