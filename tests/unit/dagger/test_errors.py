"""What real engines said when something failed, in hubtui's words."""

from __future__ import annotations

from typing import Any

import dagger
import gql
import pytest
from dagger import ExecError, QueryError
from dagger._exceptions import QueryErrorValue

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.errors import LOG_HINT, exit_of, explain, words
from hubtui.stacks.engines.dagger.host import STORE
from tests.unit.dagger import recorded

OLD, NEW = "v0.19.4", "v0.21.8"
OUTPUT = {  # what the recorded ExecErrors had in their extensions: the marks hold the text alone
    "broken": {"exitCode": 1, "stdout": "about to fail", "stderr": "npm ERR! missing script: build"},
    "missing": {"exitCode": 78, "stdout": "", "stderr": "no config\n"},
}


def answered(text: str, **extensions: Any) -> QueryError:
    """The SDK's error for an answer of the engine: with a code it is an ExecError."""
    if extensions:
        extensions = {"_type": "EXEC_ERROR", "cmd": ["x"], "stdout": "", "stderr": "", **extensions}
    return QueryError([QueryErrorValue(text, extensions=extensions)], gql.gql("{version}"))


def recording(version: str, service: str, kind: str) -> QueryError:
    """The error that a real engine answered."""
    marks = recorded.lines(version, "marks")
    [text] = [m["text"] for m in marks if m["mark"] == "error" and (m["service"], m["type"]) == (service, kind)]
    return answered(text, **(OUTPUT[service] if kind == "ExecError" else {}))


@pytest.mark.parametrize(
    ("version", "service", "type_", "doing", "kind", "message"),
    [
        (
            NEW,
            "broken",
            "ExecError",
            "build",
            "build_failed",
            "failed with exit code 1: npm ERR! missing script: build",
        ),
        (OLD, "broken", "QueryError", "build", "build_failed", "failed with exit code 1"),
        (NEW, "missing", "ExecError", "start", "start_failed", "failed with exit code 78: no config"),
        (OLD, "missing", "ExecError", "start", "start_failed", "failed with exit code 78: no config"),
    ],
)
def test_a_process_that_failed_is_told_with_its_code_and_last_words(
    version: str, service: str, type_: str, doing: str, kind: str, message: str
) -> None:
    error = recording(version, service, type_)
    assert type(error).__name__ == type_
    told = explain(error, "web", doing)
    assert (told.message, told.hint) == (f"web: its {doing} {message}", LOG_HINT)
    assert (told.kind, told.service) == (kind, "web")


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(("doing", "what"), [("pull", "services.web.image"), ("build", "the FROM in its Dockerfile")])
def test_an_image_that_is_not_there_is_named_with_the_place_to_correct(version: str, doing: str, what: str) -> None:
    told = explain(recording(version, "missing", "QueryError"), "web", doing)
    assert (told.kind, told.service) == ("image_not_found", "web")
    assert ":5000/library/nothere:1: not found" in told.message
    assert told.hint.startswith(f"Correct {what}, or log in to its registry: docker login. ")
    assert f"{STORE}=docker-image" in told.hint


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (dagger.TransportError("Unexpected response from engine: 502 client has closed"), "session_lost", "502 client"),
        (dagger.ClientConnectionError("refused"), "session_lost", "connection to the Dagger session: refused"),
        (dagger.InvalidQueryError("Failed to build GraphQL query"), "dagger_query", "Failed to build GraphQL query"),
        (answered("loading workspace: context deadline exceeded"), "build_failed", "context deadline exceeded"),
        (TimeoutError(), "build_failed", "TimeoutError"),
    ],
)
def test_every_other_error_keeps_its_own_words_and_says_what_to_do(error: Exception, kind: str, said: str) -> None:
    told = explain(error, "web", "build")
    assert (told.kind, told.service) == (kind, "web")
    assert told.message.startswith("web: ")
    assert said in told.message
    assert told.hint


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("failed to resolve image docker.io/x:1: net/http: TLS handshake timeout", "network"),
        ("failed to resolve source metadata for x:1: unexpected status: 503 Service Unavailable", "registry"),
        ("failed to copy: write /var/lib/x: no space left on device", "no_space"),
    ],
)
def test_what_is_no_fault_of_the_project_is_told_apart_from_an_image_that_is_not_there(text: str, kind: str) -> None:
    for doing in ("pull", "build", "start"):
        told = explain(answered(f"{text} [traceparent:00-1]"), "web", doing)
        assert (told.kind, told.service, told.hint != LOG_HINT) == (kind, "web", True)
        assert text in told.message


def test_a_build_that_the_network_ended_may_pass_and_a_service_that_says_the_same_may_not() -> None:
    text = "npm ERR! code ECONNRESET\nnpm ERR! network aborted"
    assert explain(answered("exit code: 1", exitCode=1, stderr=text), "web", "build").kind == "network"
    assert explain(answered("exit code: 1", exitCode=1, stderr=text), "web", "start").kind == "start_failed"


def test_the_command_of_a_build_is_no_word_of_its_engine() -> None:
    text = "process \"/bin/sh -c grep 'connection reset by peer' log\" did not complete successfully: exit code: 1"
    assert explain(answered(text), "web", "build").kind == "build_failed"


def test_exit_codes_that_shells_give_are_told_in_words() -> None:
    told = explain(answered("exit code: 127", exitCode=127, stderr="sh: pnpm: not found"), "web", "build")
    assert told.message == "web: its build failed with exit code 127 (command not found): sh: pnpm: not found"
    assert "PATH" in told.hint


def test_an_error_of_hubtuis_own_stays_as_it_is_and_gets_the_service() -> None:
    own = EngineError("no", "do", kind="port_taken")
    assert explain(own, "web", "build") is own
    assert (own.service, own.kind) == ("web", "port_taken")
    assert explain(EngineError("no", service="db"), "web", "build").service == "db"


@pytest.mark.parametrize(
    ("error", "code", "output"),
    [
        (answered("exit code: 78 [traceparent:00-1]", exitCode=78, stderr="err", stdout="out"), 78, "err"),
        (answered("exit code: 3", exitCode=3, stdout="out"), 3, "out"),
        (answered("x", exitCode=0), 0, ""),
        (answered('process "/bin/sh -c echo exit code: 9; exit 1" did not complete successfully: exit code: 1'), 1, ""),
        (answered("context deadline exceeded"), None, ""),
        (TimeoutError(), None, ""),
    ],
)
def test_the_exit_code_is_the_processs_own(error: Exception, code: int | None, output: str) -> None:
    assert exit_of(error) == (code, output)


def test_only_the_last_lines_of_the_output_are_told() -> None:
    output = "".join(f"line {n}\n" for n in range(9))
    told = explain(answered("exit code: 1", exitCode=1, stderr=output), "web", "build")
    assert told.message == "web: its build failed with exit code 1: line 6 | line 7 | line 8"


@pytest.mark.parametrize(
    "error", [answered("a\x1b[31m\x07b\nc" + "x" * 9999), answered("q", exitCode=1, stderr="\x1b]0;x\x07" * 999)]
)
def test_what_an_engine_says_can_be_shown_in_one_line(error: Exception) -> None:
    told = explain(error, "web", "build")
    assert told.message.isprintable()
    assert len(told.message) < 700


def test_trace_ids_are_left_out() -> None:
    for version in (OLD, NEW):
        assert "traceparent" not in words(recording(version, "missing", "ExecError"))
    assert "traceparent" in str(recording(NEW, "broken", "ExecError"))
    assert words(recording(NEW, "broken", "ExecError")) == "failed to clone built container state: exit code: 1"
    assert isinstance(recording(NEW, "broken", "ExecError"), ExecError)
