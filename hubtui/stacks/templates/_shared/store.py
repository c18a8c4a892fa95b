"""store: a tiny key-value store over HTTP; it keeps everything in memory and forgets it at its end."""

from __future__ import annotations

import random
import threading
import time

from service import log, run, serve

values = {}
lock = threading.Lock()
counts = {"reads": 0, "writes": 0}


def health(req, path, body):
    return 200, {"status": "ok", "keys": len(values)}


def keys(req, path, body):
    """GET /keys: everything; GET /keys/NAME: one value."""
    with lock:
        counts["reads"] += 1
        if not path:
            return 200, dict(values)
        return (200, values[path[0]]) if path[0] in values else (404, {"error": f"no key {path[0]!r}"})


def put(req, path, body):
    """PUT /keys/NAME: set a value."""
    with lock:
        counts["writes"] += 1
        values[path[0]] = body
    return 200, body


def add(req, path, body):
    """POST /add/NAME: a counter goes up by the number sent."""
    with lock:
        counts["writes"] += 1
        values[path[0]] = values.get(path[0], 0) + body
        return 200, values[path[0]]


def push(req, path, body):
    """POST /push/NAME: an item joins a queue; answers the queue's length."""
    return 200, change(req, "push", path[0], lambda queue: queue.append(body))[1]


def pop(req, path, body):
    """POST /pop/NAME: the oldest item leaves a queue; null when there is none."""
    return 200, change(req, "pop", path[0], lambda queue: queue.pop(0) if queue else None)[0]


def change(req, what, name, act):
    began = time.monotonic()
    if random.random() < 0.03:
        time.sleep(0.15)  # what a busy disk would do
    with lock:
        counts["writes"] += 1
        queue = values.setdefault(name, [])
        item, length = act(queue), len(queue)
    took = (time.monotonic() - began) * 1000
    if took > 100:
        log.warning("req=%s slow %s %s: %.0f ms, over 100 ms", req, what, name, took)
    elif what == "push" or item is not None:
        log.info("req=%s %s %s length=%d %.1f ms", req, what, name, length, took)
    return item, length


def main():
    routes = {"GET /keys": keys, "PUT /keys": put, "POST /add": add, "POST /push": push, "POST /pop": pop}
    serve(routes | {"GET /health": health})
    while True:
        time.sleep(5)
        log.info("keys=%d reads=%d writes=%d", len(values), counts["reads"], counts["writes"])


run(main)
