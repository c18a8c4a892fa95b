"""What the tests of the verbs share: a stack, the shapes of the contract, and ways to call a verb."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from hubtui import cli

COMPOSE = """\
name: harbor
services:
  store:
    image: scratch
    x-hubtui: {process: [sleep, "300"]}
    deploy: {resources: {limits: {cpus: "0.5", memory: 128M}}}
  web:
    image: scratch
    depends_on: [store]
    environment: {GREETING: "${GREETING:-ahoy}"}
    ports: ["127.0.0.1:18733:80"]
    x-hubtui: {process: [sleep, "300"]}
"""
PROJECT = {
    *("name", "path", "engine", "engine_reason", "environment", "run", "job", "services_total", "services_healthy"),
}
RUN = {
    *("id", "project", "state", "end_reason", "engine", "environment", "started_at", "ended_at", "generation"),
    *("runner", "versions"),
}
JOB = {
    *("id", "project", "run", "type", "state", "message", "priority", "attempt", "max_attempts", "parent", "progress"),
    *("step", "eta_seconds", "queue_position", "waits_for", "requested_by", "host", "created_at", "started_at"),
    *("finished_at", "result", "error", "finished"),
}
SERVICE = {
    *("name", "state", "health", "latency_ms", "ports", "restarts", "since", "exit_code", "cpu_percent"),
    *("memory_bytes", "limits", "notes"),
}


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.cli, list(words))


def said(*words: str, code: int = 0) -> str:
    """What a verb prints to stdout, when it ends as expected."""
    result = call(*words)
    assert result.exit_code == code, result.output
    return result.stdout


def loaded(*words: str, code: int = 0) -> Any:
    return json.loads(said(*words, "--json", code=code))


def refused(*words: str, code: int = 2) -> str:
    """What a verb says on stderr when it ends with this code; stdout stays empty."""
    result = call(*words)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert result.stderr.startswith("hubtui: ")
    assert "Traceback" not in result.stderr
    return result.stderr
