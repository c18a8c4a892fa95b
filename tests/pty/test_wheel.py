"""The built wheel, installed into a fresh environment, has everything that the app needs to start."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.doubles.terminal import Terminal, environment

pytestmark = pytest.mark.pty
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it; its dependencies are lent by the one that runs the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    wheel = next(folder.glob("*.whl"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    # a path file makes the packages visible, not the editable hubtui, whose own path file is not read from there
    Path(found.stdout.strip(), "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin"


def test_the_app_starts_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [installed / "python", "-P", "-c", "import hubtui; print(hubtui.__file__)"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed.parent)), "it is the installed one, not the checkout"
    home = tmp_path / "demo"
    terminal = Terminal([str(installed / "hubtui"), "demo"], environment(home, HUBTUI_DEMO_HOME=str(home)))
    terminal.wait_for("harbor", "reef", "PROJECTS")
    terminal.press("?")
    terminal.wait_for("cancel")
    terminal.press("\x1b")
    terminal.wait_for("PROJECTS")
    terminal.press("q")
    assert terminal.wait_end() == 0
    terminal.close()


def test_the_wheel_carries_its_data(installed: Path) -> None:
    look = "import hubtui, pathlib; r = pathlib.Path(hubtui.__file__).parent; print(*[p.name for p in r.rglob('*')])"
    said = subprocess.run([installed / "python", "-P", "-c", look], capture_output=True, text=True, check=True, cwd="/")
    for name in ("hubtui.tcss", "0001_initial.sql", "compose.yaml", "worker.ini", ".env.example", ".gitignore"):
        assert name in said.stdout.split()
