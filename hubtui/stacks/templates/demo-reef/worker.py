"""worker: empties the queue that worker.ini names; ends with 2 when there is no such queue."""

from __future__ import annotations

import configparser
import difflib
import os
import pathlib
import time

from service import NoAnswer, call, log, new_id, run

API = os.environ.get("API_URL", "http://127.0.0.1:8722")
INI = pathlib.Path(__file__).resolve().with_name("worker.ini")
READY = pathlib.Path(os.environ.get("READY_FILE", ".worker.ready"))  # there while the worker works
FIELDS = ("id", "amount", "what")


def wanted():
    """The queue that worker.ini names, and the line that does it."""
    settings = configparser.ConfigParser()
    settings.read(INI, encoding="utf-8")
    lines = INI.read_text("utf-8").splitlines()
    line = next((n for n, text in enumerate(lines, 1) if text.replace(" ", "").startswith("queue=")), 1)
    return settings.get("worker", "queue", fallback=""), line


def main():
    READY.unlink(missing_ok=True)
    try:
        queue, line = wanted()
    except (OSError, configparser.Error) as error:
        log.error("%s cannot be read: %s", INI, error)
        return 2
    try:
        known = call("GET", f"{API}/queues")["queues"]
    except NoAnswer as error:
        log.error("cannot ask for the queues: %s", error)
        return 1
    log.info("%s says queue = %s; the api offers %s", INI.name, queue, ", ".join(known))
    if queue not in known:
        best = (difflib.get_close_matches(queue, known, 1) or known)[0]
        log.error("unknown queue '%s', did you mean '%s'?", queue, best)
        log.error("it stands in %s:%d", INI, line)
        log.error("change that line to: queue = %s", best)
        log.error("then press s again")
        return 2
    READY.touch()  # the health check looks for it
    try:
        while True:
            pack(queue)
            time.sleep(2)
    finally:
        READY.unlink(missing_ok=True)


def pack(queue):
    """The oldest item of the queue, if there is one."""
    req, began = new_id(), time.monotonic()
    try:
        item = call("POST", f"{API}/take/{queue}", req=req)
        if item is None:
            log.info("req=%s no %s waiting", req, queue)
            return
        time.sleep(0.2)
        call("POST", f"{API}/done/{queue}", item, req)
        took = (time.monotonic() - began) * 1000
        log.info("req=%s packed %d: %d x %s in %.0f ms", req, *map(item.get, FIELDS), took)
    except NoAnswer as error:
        log.warning("req=%s trying again in 2 s: %s", req, error)


run(main)
