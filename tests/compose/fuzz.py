"""`python -m tests.compose.fuzz FOLDER SEED COUNT`: mutated projects of the corpus and of the broken ones, resolved and
loaded one after the other; what they did wrong is printed as JSON, a line each, and last what the whole of it took.

The same seed gives the same projects: one that failed is made again with COUNT 1.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hubtui.errors import HubtuiError
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.resolve.config import resolve
from hubtui.stacks.spec.resolve.sources import Wanted
from tests.compose.cases import CORPUS, HERE, Case, read_case
from tests.compose.mutation import mutated

SECONDS = 2.0
ADDRESS_SPACE = 1 << 30  # bytes: what would take all memory ends here, as MemoryError
# What is about a file as a whole, or about no file: what an option or a variable says.
NO_LINE = ("this file is empty", "no compose.yaml in this folder", "there is no such", "reads more than 200 files")
NO_FILE = ("is no project name",)
READ = (".yaml", ".yml", ".env", ".json", "")


def main(folder: Path, seed: int, count: int) -> None:
    """Try `count` projects, made in `folder`."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    sources = [*sorted(CORPUS.iterdir()), *sorted((HERE / "broken").iterdir())]
    others = [path.read_bytes() for path in sorted(CORPUS.glob("*/compose.yaml"))]
    slowest, refused = 0.0, 0
    for number in range(seed, seed + count):
        rnd = random.Random(number)
        place = folder / str(number)
        source = rnd.choice(sources)
        shutil.copytree(source, place, symlinks=True)
        _mutate(place, others, rnd)
        wrong, took, was_refused = _try(place, source)
        slowest, refused = max(slowest, took), refused + was_refused
        for what in wrong:
            print(json.dumps({"seed": number, "case": source.name, "wrong": what}))
        shutil.rmtree(place)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(json.dumps({"slowest": slowest, "peak": int(peak), "refused": refused, "tried": count}))


def _mutate(place: Path, others: list[bytes], rnd: random.Random) -> None:
    files = [p for p in sorted(place.rglob("*")) if p.is_file() and not p.is_symlink() and p.suffix in READ]
    files = [p for p in files if p.name != "case.toml"]
    main_ones = [p for p in files if "compose" in p.name]
    for file in rnd.sample(files, 1) if rnd.random() < 0.3 and files else main_ones[:1]:
        file.write_bytes(mutated(file.read_bytes(), others, rnd))


def _try(place: Path, source: Path) -> tuple[list[str], float, bool]:
    """(what was wrong, seconds of the slower call, whether it was refused)."""
    case = _case(place, source)
    wanted = Wanted(
        [Path(f) for f in case.files],
        [Path(f) for f in case.env_files],
        case.profiles,
        case.project_name,
        Path(case.project_directory) if case.project_directory else None,
    )
    wrong: list[str] = []
    slowest, refused = 0.0, False
    for work in (resolve, load_stack):
        begun = time.monotonic()
        try:
            work(place, wanted=wanted, environ=case.environ())
        except HubtuiError as error:
            refused = True
            wrong += _unclear(error)
        except BaseException as error:
            wrong.append("".join(traceback.format_exception(error)[-6:]))
        took = time.monotonic() - begun
        slowest = max(slowest, took)
        if took > SECONDS:
            wrong.append(f"{work.__name__} took {took:.1f} s")
    return wrong, slowest, refused


def _case(place: Path, source: Path) -> Case:
    if source.parent == CORPUS:
        return replace(read_case(source), folder=place)
    return Case(source.name, place)


def _unclear(error: HubtuiError) -> Iterator[str]:
    """What of an error does not tell where to look."""
    for one in getattr(error, "mistakes", (error,)):
        said = str(one)
        if any(words in said for words in NO_FILE):
            continue
        if not getattr(one, "file", ""):
            yield f"names no file: {one}"
        elif getattr(one, "line", None) is None and not any(words in said for words in NO_LINE):
            yield f"names no line: {one}"
        if len(said) > 20_000:
            yield f"is {len(said)} characters long: {said[:200]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
