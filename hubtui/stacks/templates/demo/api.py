"""api: ships come in, their jobs wait in the store. It warms a cache first, so it is slow to become healthy."""

from __future__ import annotations

import itertools
import os
import random
import time

from service import NoAnswer, call, log, new_id, run, serve

STORE = os.environ.get("STORE_URL", "http://127.0.0.1:8711")
WARMUP = float(os.environ.get("WARMUP_SECONDS", "6"))
SHIPS = ("Nordwind", "Alma", "Kestrel", "Santa Rita", "Ebba", "Blue Heron", "Tindra", "Marisol")
WORK = ("unload", "load", "stow", "weigh")
BERTHS = 40  # jobs that may wait
numbers = itertools.count(1)
warm = {"percent": 0}


def health(req, path, body):
    if warm["percent"] < 100:
        return 503, {"status": f"warming cache {warm['percent']} %"}
    return 200, {"status": "ok"}


def counts(req, path, body):
    have = call("GET", f"{STORE}/keys", req=req)
    numbers = {name: have.get(name, 0) for name in ("ships", "done", "crates")}
    return 200, numbers | {"waiting": len(have.get("jobs", [])), "last": have.get("last", "none yet")}


def take(req, path, body):
    return 200, call("POST", f"{STORE}/pop/jobs", req=req)


def done(req, path, job):
    call("POST", f"{STORE}/add/crates", job["crates"], req)
    call("PUT", f"{STORE}/keys/last", f"{job['work']} {job['ship']}", req)
    total = call("POST", f"{STORE}/add/done", 1, req)
    log.info("req=%s job %d done: %s %s (%d so far)", req, job["id"], job["work"], job["ship"], total)
    return 200, {"done": total}


def arrive():
    """A ship comes in with one job."""
    req, ship = new_id(), random.choice(SHIPS)
    try:
        if len(call("GET", f"{STORE}/keys", req=req).get("jobs", [])) >= BERTHS:
            log.warning("req=%s %d jobs wait, %s stays outside: is the worker up?", req, BERTHS, ship)
            return
        job = {"id": next(numbers), "ship": ship, "work": random.choice(WORK), "crates": random.randint(4, 60)}
        call("POST", f"{STORE}/push/jobs", job, req)
        call("POST", f"{STORE}/add/ships", 1, req)
    except NoAnswer as error:
        log.warning("req=%s %s cannot be booked in: %s", req, ship, error)
        return
    log.info("req=%s %s came in: job %d, %s %d crates", req, ship, job["id"], job["work"], job["crates"])
    if random.random() < 0.06:
        log.warning("req=%s %s was %d min late", req, ship, random.randint(5, 50))


def main():
    serve({"GET /health": health, "GET /counts": counts, "POST /take": take, "POST /done": done})
    for percent in range(0, 100, 5):
        warm["percent"] = percent
        if percent % 20 == 0:
            log.info("warming cache %d %%", percent)
        time.sleep(WARMUP / 20)
    warm["percent"] = 100
    log.info("cache is warm, taking requests")
    while True:
        arrive()
        time.sleep(random.uniform(1.5, 3.5))


run(main)
