"""api: orders and, now and then, a refund wait in the store's queues until a worker takes them."""

from __future__ import annotations

import itertools
import os
import random
import time

from service import NoAnswer, call, log, new_id, run, serve

STORE = os.environ.get("STORE_URL", "http://127.0.0.1:8721")
QUEUES = ("orders", "refunds")
GOODS = ("snorkel", "fins", "mask", "wetsuit", "lamp", "tank")
LONGEST = 40
numbers = itertools.count(1001)


def queues(req, path, body):
    return 200, {"queues": list(QUEUES)}


def counts(req, path, body):
    have = call("GET", f"{STORE}/keys", req=req)
    return 200, {name: len(have.get(name, [])) for name in QUEUES} | {"done": have.get("done", 0)}


def take(req, path, body):
    if path[0] not in QUEUES:
        return 404, {"error": f"no queue {path[0]!r}"}
    return 200, call("POST", f"{STORE}/pop/{path[0]}", req=req)


def done(req, path, item):
    total = call("POST", f"{STORE}/add/done", 1, req)
    log.info("req=%s %s %d done (%d so far)", req, path[0], item["id"], total)
    return 200, {"done": total}


def order():
    """Somebody orders something, or sends it back."""
    req, queue = new_id(), QUEUES[random.random() < 0.15]
    item = {"id": next(numbers), "what": random.choice(GOODS), "amount": random.randint(1, 4)}
    try:
        if len(call("GET", f"{STORE}/keys", req=req).get(queue, [])) >= LONGEST:
            log.warning("req=%s %d %s wait already, turned one away", req, LONGEST, queue)
            return
        length = call("POST", f"{STORE}/push/{queue}", item, req)
        log.info("req=%s %s %d: %d x %s, %d waiting", req, queue, item["id"], item["amount"], item["what"], length)
    except NoAnswer as error:
        log.warning("req=%s cannot queue %d: %s", req, item["id"], error)


def main():
    health = {"GET /health": lambda req, path, body: (200, {"status": "ok"})}
    serve(health | {"GET /queues": queues, "GET /counts": counts, "POST /take": take, "POST /done": done})
    while True:
        order()
        time.sleep(random.uniform(1.5, 3.5))


run(main)
