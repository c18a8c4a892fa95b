"""web: serves the page in $SITE with live counts from the api filled in; the page then follows /live."""

from __future__ import annotations

import html
import mimetypes
import os
import pathlib
import re
import time

from service import NoAnswer, call, log, new_id, run, serve

API = os.environ.get("API_URL", "http://127.0.0.1:8712")
SITE = pathlib.Path(os.environ.get("SITE", "site"))
live = {"counts": {}, "api": "not asked yet"}


def refresh():
    """Ask the api for its counts; what it said last is shown until it answers again."""
    req, began = new_id(), time.monotonic()
    try:
        counts = call("GET", f"{API}/counts", req=req)
    except NoAnswer as error:
        live["api"] = "no answer"
        log.warning("req=%s counts are old: %s", req, error)
        return
    live.update(counts=counts, api="ok")
    numbers = " ".join(f"{k}={v}" for k, v in counts.items() if isinstance(v, int))
    log.info("req=%s counts %s %.0f ms", req, numbers, (time.monotonic() - began) * 1000)


def page(req, path, body):
    """GET /: index.html, `{{name}}` replaced by the count of that name."""
    source = (SITE / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"{{(\w+)}}", lambda found: html.escape(str(live["counts"].get(found[1], "-"))), source)
    log.info("req=%s GET / 200 %d bytes", req, len(text))
    return 200, text.encode(), "text/html; charset=utf-8"


def asset(name):
    """A route that answers one file of the site."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return lambda req, path, body: (200, (SITE / name).read_bytes(), kind)


def main():
    if not (SITE / "index.html").is_file():
        log.error("%s is missing: build the page first (python3 build_assets.py)", SITE / "index.html")
        return 1
    refresh()
    routes = {f"GET /{file.name}": asset(file.name) for file in SITE.iterdir() if file.is_file()}
    routes |= {"GET /": page, "GET /live": lambda req, path, body: (200, live)}
    routes["GET /health"] = lambda req, path, body: (200, {"status": "ok", "api": live["api"]})
    serve(routes)
    while True:
        time.sleep(2)
        refresh()


run(main)
