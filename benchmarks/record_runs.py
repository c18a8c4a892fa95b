"""Start real stacks again and again, and keep how it went: `python -m benchmarks.record_runs [STACK...]`.

A minute of a real stack is some seconds here. What varies, varies by a seeded generator: builds that are slow or find
nothing changed, warm-ups, now and then one that takes far too long. The process engine never says that a step was
cached; `layers` and `images` run on the stand-in for Dagger, which does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.recorded_runs import RECORDED, from_store, save
from hubtui.models import JobState
from tests.doubles import dagger, stacks
from tests.doubles.host import Host

RUNS = 20
Change = Callable[[Path, random.Random], None]
# Warms up for the seconds in a file, then answers 200; nothing answers before.
_SERVER = (
    "import http.server, pathlib, sys, time; time.sleep(float(pathlib.Path(sys.argv[2]).read_text()));"
    " http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"
)
_BUILD = "import pathlib, sys, time; time.sleep(float(pathlib.Path(sys.argv[1]).read_text())); print('built')"


def vary(random_: random.Random, typical: float, outliers: float = 0.04) -> float:
    """A duration as they are: scattered by a quarter, now and then four times as long."""
    return typical * random_.lognormvariate(0, 0.25) * (4 if random_.random() < outliers else 1)


def service(name: str, port: int, needs: tuple[str, ...] = (), build: bool = False) -> dict[str, Any]:
    """A service that warms up for the seconds in NAME.warm; its build takes those in NAME.build."""
    made: dict[str, Any] = {
        "process": [sys.executable, "-c", _SERVER, str(port), f"{name}.warm"],
        "health": f"http://127.0.0.1:{port}/",
        "stop_grace_period": "2s",
    }
    if needs:
        made["depends_on"] = {other: {"condition": "service_healthy"} for other in needs}
    if build:
        made["build_process"] = [sys.executable, "-c", _BUILD, f"{name}.build"]
    return made


def put(folder: Path, name: str, seconds: float) -> None:
    """Say how long the next build or warm-up takes."""
    (folder / name).write_text(f"{seconds:.3f}")


def harbor(here: Host, folder: Path) -> tuple[str, Change]:
    """The demo: a build that finds nothing changed most of the time, and a slow warm-up."""
    project = here.add(folder, template="demo")
    first = iter([True])

    def change(folder: Path, random_: random.Random) -> None:
        ports = dict(zip(("STORE", "API", "WEB"), stacks.free_ports(3), strict=True))
        lines = [f"HARBOR_{name}_PORT={port}" for name, port in ports.items()]
        lines += [f"WARMUP_SECONDS={vary(random_, 1.5):.3f}", f"BUILD_SECONDS={vary(random_, 2.5):.3f}"]
        (folder / ".env").write_text("\n".join(lines) + "\n")
        if not next(first, False) and random_.random() < 0.35:
            with (folder / "assets" / "harbor.css").open("a") as file:
                file.write(f"/* {random_.random()} */\n")

    return project, change


def reef(here: Host, folder: Path) -> tuple[str, Change]:
    """The other demo, its mistake mended: nothing is built, and starts are short."""
    project = here.add(folder, template="demo-reef")
    settings = folder / "worker.ini"
    settings.write_text(settings.read_text().replace("oders", "orders"))

    def change(folder: Path, random_: random.Random) -> None:
        ports = dict(zip(("STORE", "API", "WEB"), stacks.free_ports(3), strict=True))
        (folder / ".env").write_text("".join(f"REEF_{name}_PORT={port}\n" for name, port in ports.items()))

    return project, change


def workshop(here: Host, folder: Path) -> tuple[str, Change]:
    """Builds are most of it: three side by side, slow where something changed, quick where nothing has."""
    one, two, three = stacks.free_ports(3)
    services = {
        "db": service("db", one),
        "api": service("api", two, ("db",), build=True),
        "site": service("site", three, ("api",), build=True),
    }

    def change(folder: Path, random_: random.Random) -> None:
        for name, slow in (("api", 2.8), ("site", 1.8)):
            put(folder, f"{name}.build", vary(random_, slow if random_.random() < 0.7 else 0.15))
        for name, typical in (("db", 0.2), ("api", 0.5), ("site", 0.3)):
            put(folder, f"{name}.warm", vary(random_, typical))

    return here.add(stacks.write(folder, services)), change


def six(here: Host, folder: Path) -> tuple[str, Change]:
    """Six services in four ranks, each waiting for those before it to be healthy; nothing is built."""
    needs: Mapping[str, tuple[str, ...]] = {
        "postgres": (),
        "redis": (),
        "auth": ("postgres",),
        "api": ("postgres", "redis"),
        "worker": ("api", "auth"),
        "web": ("worker",),
    }
    ports = stacks.free_ports(len(needs))
    services = {name: service(name, port, needs[name]) for name, port in zip(needs, ports, strict=True)}
    typical = {"postgres": 1.2, "redis": 0.2, "auth": 0.6, "api": 1.0, "worker": 0.5, "web": 0.4}

    def change(folder: Path, random_: random.Random) -> None:
        for name, seconds in typical.items():
            put(folder, f"{name}.warm", vary(random_, seconds, 0.02))

    return here.add(stacks.write(folder, services)), change


def depot(here: Host, folder: Path) -> tuple[str, Change]:
    """Builds and ranks, and a service that joins the stack at its ninth start."""
    one, two, three, four = stacks.free_ports(4)
    starts = iter(range(1000))

    def services(grown: bool) -> dict[str, Any]:
        found = {
            "queue": service("queue", one),
            "core": service("core", two, ("queue",), build=True),
            "edge": service("edge", three, ("core",), build=True),
        }
        return {**found, "report": service("report", four, ("core",), build=True)} if grown else found

    def change(folder: Path, random_: random.Random) -> None:
        stacks.write(folder, services(grown=next(starts) >= 8))
        for name, slow in (("core", 1.6), ("edge", 1.0), ("report", 2.2)):
            put(folder, f"{name}.build", vary(random_, slow if random_.random() < 0.5 else 0.1))
        for name, typical in (("queue", 0.6), ("core", 0.8), ("edge", 0.3), ("report", 0.4)):
            put(folder, f"{name}.warm", vary(random_, typical))

    return here.add(stacks.write(folder, services(grown=False))), change


def layers(here: Host, folder: Path) -> tuple[str, Change]:
    """An image on the stand-in for Dagger: what was installed is cached unless the list of it changed, what was
    compiled unless the sources changed."""
    image = {"install": (3.0, 0.2), "compile": (1.2, 0.6)}
    return _on_dagger(here, folder, {"web": image})


def images(here: Host, folder: Path) -> tuple[str, Change]:
    """Two images on the stand-in for Dagger, built side by side, one of them in three layers."""
    site = {"install": (2.0, 0.25), "test": (0.8, 0.4), "bundle": (1.5, 0.5)}
    return _on_dagger(here, folder, {"core": {"install": (2.6, 0.15), "compile": (0.7, 0.7)}, "site": site})


def _on_dagger(here: Host, folder: Path, built: Mapping[str, Mapping[str, tuple[float, float]]]) -> tuple[str, Change]:
    """Services whose images are `built` of layers, above a store that is not: of each layer the typical seconds, and
    how often what goes into it changes."""
    ports = stacks.free_ports(2 * len(built) + 2)

    def served(number: int, **more: object) -> dict[str, Any]:
        published, target = ports[2 * number : 2 * number + 2]
        argv = ["python3", "-m", "http.server", str(target)]
        return {"command": argv, "ports": [f"127.0.0.1:{published}:{target}"], **more}

    services = {"store": served(0, image="python:3.12-slim")}
    for number, (name, steps) in enumerate(built.items(), 1):
        services[name] = served(number, build=name, depends_on={"store": {"condition": "service_started"}})
        (folder / name).mkdir(parents=True)
        lines = [f"COPY {step}.in /src/\nRUN sleep $(cat {step}.pace)" for step in steps]
        (folder / name / "Dockerfile").write_text("\n".join(["FROM python:3.12-slim", *lines]) + "\n")
    document = {"name": folder.name, "services": services, "x-hubtui": {"engine": "dagger"}}
    (folder / "compose.yaml").write_text(json.dumps(document))
    first = iter([True])

    def change(folder: Path, random_: random.Random) -> None:
        begins = next(first, False)
        for name, steps in built.items():
            for step, (typical, often) in steps.items():
                if begins or random_.random() < often:
                    (folder / name / f"{step}.in").write_text(str(random_.random()))
                put(folder / name, f"{step}.pace", vary(random_, typical))

    return here.add(folder), change


STACKS = (harbor, reef, workshop, six, depot, layers, images)


def record(make: Callable[[Host, Path], tuple[str, Change]], root: Path) -> None:
    """Start one stack RUNS times, each time from nothing, and write what was seen."""
    name = make.__name__
    here = Host(root / f"{name}-state")
    try:
        random_ = random.Random(f"hubtui {name}")
        folder = root / name
        project, change = make(here, folder)
        for number in range(RUNS):
            change(folder, random_)
            job = here.start(project)
            print(f"{name} {number + 1}: {job.state} {job.error or ''}", file=sys.stderr, flush=True)
            assert here.stop(project).state is JobState.SUCCESS
            scratch.free(here, project)
        (runs,) = from_store(here.home.database).values()
        save(RECORDED / f"{name}.json", runs)
    finally:
        here.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record_runs", description=__doc__)
    names = [make.__name__ for make in STACKS]
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=f"of {', '.join(names)}; all if none is given")
    chosen = parser.parse_args().stacks or names
    with ExitStack() as opened:
        root = opened.enter_context(scratch.folder())
        scratch.clean_environment(root)
        os.environ.update(opened.enter_context(dagger.installed(root / "double")).environment)
        threads = [threading.Thread(target=record, args=(m, root)) for m in STACKS if m.__name__ in chosen]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
