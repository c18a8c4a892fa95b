"""worker: takes a job from the api every two seconds and does it; it listens on no port."""

from __future__ import annotations

import os
import random
import time

from service import NoAnswer, call, log, new_id, run

API = os.environ.get("API_URL", "http://127.0.0.1:8712")
PATIENCE = 15  # tries without an answer, then it gives up and the restart policy has the word


def work():
    """One job, if there is one."""
    req, began = new_id(), time.monotonic()
    job = call("POST", f"{API}/take", req=req)
    if job is None:
        log.info("req=%s the quay is empty, waiting", req)
        return
    time.sleep(random.uniform(0.1, 0.5))
    if random.random() < 0.05:
        log.warning("req=%s job %d: crane 2 is stuck, trying crane 3", req, job["id"])
        time.sleep(0.5)
    call("POST", f"{API}/done", job, req)
    took = (time.monotonic() - began) * 1000
    log.info("req=%s job %d: %s %s, %d crates in %.0f ms", req, *map(job.get, FIELDS), took)


FIELDS = ("id", "work", "ship", "crates")


def main():
    log.info("taking jobs from %s (pid %d)", API, os.getpid())
    silent = 0
    while silent < PATIENCE:
        try:
            work()
            silent = 0
        except NoAnswer as error:
            silent += 1
            log.warning("try %d of %d: %s", silent, PATIENCE, error)
        time.sleep(2)
    log.error("the api at %s gave no answer %d times: giving up", API, PATIENCE)
    return 1


run(main)
