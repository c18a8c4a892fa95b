"""What Dagger says when something fails, in hubtui's words, with its own words kept."""

from __future__ import annotations

import re

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks.causes import endings, in_engine_words, in_output
from hubtui.stacks.causes.kinds import IMAGE_NOT_FOUND
from hubtui.stacks.engines.dagger.host import STORE

TRACE = re.compile(r"\s*\[traceparent:[0-9a-f-]+\]")
_CODE = re.compile(r"exit code: (\d+)")
_NOT_FOUND = re.compile(
    r"failed to resolve image|failed to resolve source metadata|not found: not found|pull access denied"
)
_LINES = 3
_PRINTED = 200  # lines of either stream
LOST_HINT = "Start it again; `hubtui doctor` says whether the engine answers."
LOG_HINT = "Its log and its steps say more; mend it and press s again."


def explain(error: BaseException, service: str, doing: str) -> EngineError:
    """An error of the SDK (or of its transport) while `doing` something, such as "build", for a service."""
    import dagger

    if isinstance(error, EngineError):
        error.service = error.service or service
        return error
    said = words(error)
    if isinstance(error, dagger.TransportError | dagger.ClientConnectionError):
        return EngineError(
            f"{service}: the Dagger session gave no answer to its {doing} ({said})",
            LOST_HINT,
            kind="session_lost",
            service=service,
        )
    if isinstance(error, dagger.InvalidQueryError):
        return EngineError(
            f"{service}: this Dagger does not know what hubtui asked for its {doing}: {said}",
            "Tell hubtui's authors which versions `hubtui doctor` shows.",
            kind="dagger_query",
            service=service,
        )
    code, output = exit_of(error)
    if code is None and (cause := in_engine_words(TRACE.sub("", str(error)))) and cause.kind != IMAGE_NOT_FOUND:
        return EngineError(f"{service}: its {doing} failed: {said}", cause.hint, kind=cause.kind, service=service)
    if code is None and _NOT_FOUND.search(said):
        image = "the FROM in its Dockerfile" if doing == "build" else f"services.{service}.image"
        return EngineError(
            f"{service}: its image cannot be had: {said}",
            f"Correct {image}, or log in to its registry: docker login. To have it from Docker's own store:"
            f" {STORE}=docker-image.",
            kind=IMAGE_NOT_FOUND,
            service=service,
        )
    if code is not None:
        return _exited(code, output, service, doing)
    return EngineError(f"{service}: its {doing} failed: {said}", LOG_HINT, kind=f"{doing}_failed", service=service)


def _exited(code: int, output: str, service: str, doing: str) -> EngineError:
    """A process inside the engine failed: what a build's tools said of the world outside counts, a service's own words
    never do."""
    lines = output.strip().splitlines()
    last = " | ".join(lines[-_LINES:])
    told = f": {safe_text(last, 400)}" if last else ""
    cause = in_output(lines) if doing == "build" else None
    hint = cause.hint if cause else endings.hint(code) or LOG_HINT
    kind = cause.kind if cause else f"{doing}_failed"
    meant = endings.meaning(code)
    said = f"{service}: its {doing} failed with exit code {code}" + (f" ({meant})" if meant else "") + told
    return EngineError(said, hint, kind=kind, service=service)


def words(error: BaseException) -> str:
    """Its message as safe text in one line, without trace ids."""
    return safe_text(TRACE.sub("", str(error)).replace("\n", " "), 600).strip() or type(error).__name__


def output_of(error: BaseException) -> list[str]:
    """The last lines that a process inside the engine printed before it failed; 0.19 does not tell them."""
    printed = (str(getattr(error, stream, "") or "") for stream in ("stdout", "stderr"))
    return [line for text in printed for line in text.splitlines()[-_PRINTED:]]


def exit_of(error: BaseException) -> tuple[int | None, str]:
    """(exit code, last output) of a process inside the engine, where the error is about one. 0.21 has an ExecError
    with both; 0.19 a text alone."""
    code = getattr(error, "exit_code", None)
    if isinstance(code, int):
        return code, str(getattr(error, "stderr", "") or getattr(error, "stdout", ""))
    found = _CODE.findall(str(error))  # the last one: before it stands the command, which may print such words itself
    return (int(found[-1]), "") if found else (None, "")
