"""The stream that a service's output comes by breaks off in the middle of what it says."""

from __future__ import annotations

from tests.doubles.dagger import Double
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, log_lines, started

LINES = 5_000
BREAKS = ("3", "12", "13", "30")  # rows of the stream, each a few hundred lines


def test_every_line_is_there_once_and_in_order(host: Host, projects: Projects, double: Double) -> None:
    double.switch("cut_logs", value=" ".join(BREAKS))
    script = (
        "i=0; while [ $i -lt 50 ]; do seq -f 'line %05.0f' $((i * 100 + 1)) $((i * 100 + 100));"
        " i=$((i + 1)); sleep 0.02; done; echo done; exec sleep 600"
    )
    project = started(host, projects.write("breaks", {"web": projects.shell(script)}))
    eventually(lambda: "out done" in log_lines(host, project, "web")[-3:], 30, pause=0.2)
    said = [line for line in log_lines(host, project, "web") if line.startswith("out line")]
    assert said == [f"out line {number:05}" for number in range(1, LINES + 1)]
    assert (double.folder / "switch" / "cut_logs.done").read_text().split() == list(BREAKS)
