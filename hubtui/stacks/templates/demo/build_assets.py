"""build_assets: makes .build/ out of assets/ in twelve steps; quick when nothing changed since the last time."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import time

HERE = pathlib.Path(__file__).resolve().parent
OUT = pathlib.Path(os.environ.get("SITE") or HERE / ".build")
SECONDS = float(os.environ.get("BUILD_SECONDS", "8"))
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><text y="7" font-size="8">⚓</text></svg>'
src = {}  # what was read, by file name
out = {}  # what will be written


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]


def read():
    src.update({file.name: file.read_text("utf-8") for file in sorted((HERE / "assets").iterdir())})
    src["build_assets.py"] = pathlib.Path(__file__).read_text("utf-8")


def check():
    missing = [mark for mark in ("/*css*/", "/*js*/", "{{done}}") if mark not in src["index.html"]]
    if missing:
        raise SystemExit(f"assets/index.html: no {missing[0]} in it")


def current():
    """The last build's digest if it was made of the same sources and is still whole."""
    try:
        made = json.loads((OUT / "manifest.json").read_text("utf-8"))
        whole = all(digest((OUT / name).read_text("utf-8")) == was for name, was in made["files"].items())
        return made["sources"] if whole and made["sources"] == digest(*src.values()) else None
    except (OSError, ValueError, KeyError):
        return None


def write():
    OUT.mkdir(parents=True, exist_ok=True)
    made = {"sources": digest(*src.values()), "files": {name: digest(text) for name, text in out.items()}}
    for name, text in (*out.items(), ("manifest.json", json.dumps(made, indent=1))):  # the manifest comes last
        (OUT / f"{name}.new").write_text(text, "utf-8")
        (OUT / f"{name}.new").replace(OUT / name)


def put(name, text):
    out[name] = text


def inline(mark, text):
    put("index.html", out.get("index.html", src["index.html"]).replace(mark, text))


STEPS = (
    ("reading assets/", read),
    ("checking index.html", check),
    ("bundling harbor.css", lambda: put("app.css", src["harbor.css"])),
    ("minifying app.css", lambda: put("app.css", re.sub(r"/\*.*?\*/|\s+(?=\s)", "", out["app.css"], flags=re.S))),
    ("bundling harbor.js", lambda: put("app.js", src["harbor.js"])),
    ("stripping app.js", lambda: put("app.js", re.sub(r"^\s*//.*\n", "", out["app.js"], flags=re.M))),
    ("drawing icon.svg", lambda: put("icon.svg", ICON)),
    ("inlining app.css", lambda: inline("/*css*/", out["app.css"])),
    ("inlining app.js", lambda: inline("/*js*/", out["app.js"])),
    ("versioning icon.svg", lambda: inline("icon.svg", f"icon.svg?{digest(out['icon.svg'])}")),
    ("compressing index.html", lambda: put("index.html", re.sub(r">\s+<", ">\n<", out["index.html"]))),
    ("writing index.html", write),
)

for number, (what, step) in enumerate(STEPS, 1):
    print(f"[{number}/{len(STEPS)}] {what}", flush=True)
    step()
    if number == 1 and (same := current()):
        print(f"[{len(STEPS)}/{len(STEPS)}] nothing changed since the last build, cached ({same})", flush=True)
        break
    time.sleep(SECONDS / len(STEPS))
