"""More log files than a process may usually have open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

OPENS = """\
import sys, time
from pathlib import Path
from hubtui.logs.opening import open_lines
lines = open_lines(sorted(Path(sys.argv[1]).iterdir()))
print(len(lines.read(lines.start, 1000, until=time.monotonic() + 30).lines))
"""


def test_more_files_than_the_soft_limit_are_one_log(tmp_path: Path) -> None:
    for n in range(100):
        (tmp_path / f"{n}.log").write_text(f"2026-11-26 12:04:{n % 60:02} line {n}\n")
    limited = ["sh", "-c", 'ulimit -Sn 64 && exec "$0" "$@"', sys.executable, "-c", OPENS, str(tmp_path)]
    done = subprocess.run(limited, capture_output=True, text=True, check=True)
    assert int(done.stdout) == 100
