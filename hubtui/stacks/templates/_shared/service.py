"""What the demo's services share: log lines, JSON over HTTP both ways, and a clean end on SIGTERM."""

from __future__ import annotations

import json
import logging
import os
import signal
import socketserver
import sys
import threading
import time
import uuid
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

log = logging.getLogger("demo")
opener = build_opener(ProxyHandler({}))  # the services are on this machine: never through a proxy


class NoAnswer(Exception):
    """Another service does not answer, or not as it should."""


class Stopped(BaseException):
    """SIGTERM or Ctrl-C came."""


def new_id():
    return uuid.uuid4().hex[:8]


def call(method, url, body=None, req=""):
    """Ask another service; returns its JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"X-Request-Id": req or new_id()}, method=method)
    try:
        with opener.open(request, timeout=2) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise NoAnswer(f"{method} {url} answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(f"{method} {url}: {getattr(error, 'reason', error)}") from error


class Handler(BaseHTTPRequestHandler):
    """Finds the route by method and first path segment: `route(req, rest_of_path, body) -> (status, body[, type])`."""

    def answer(self):
        began, req = time.monotonic(), self.headers.get("X-Request-Id", "")
        req = req if req.isalnum() and len(req) <= 32 else new_id()
        first, *rest = urlsplit(self.path).path.strip("/").split("/")
        routes = self.server.routes
        route = routes.get(f"{self.command} /{first}")
        try:
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            status, body, *kind = route(req, rest, sent) if route else (404, {"error": "no such path"})
        except NoAnswer as error:
            status, body, kind = 502, {"error": str(error)}, []
        except (KeyError, IndexError, TypeError, ValueError) as error:
            status, body, kind = 400, {"error": f"bad request: {error!r}"}, []
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind[0] if kind else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Request-Id", req)
        self.end_headers()
        self.wfile.write(data)
        took = (time.monotonic() - began) * 1000
        if first != "health" and (status >= 400 or took > 250):
            log.warning("req=%s %s /%s answered %d after %.0f ms", req, self.command, first, status, took)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        """The services write their own lines."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer would ask the DNS for our name
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        log.debug("%s went away", client_address)


def serve(routes):
    """Listen on $BIND:$PORT in the background."""
    address = os.environ.get("BIND", "127.0.0.1"), int(os.environ["PORT"])
    try:
        server = Server(address, Handler)
    except OSError as error:
        log.error("cannot listen on %s:%d: %s", *address, error.strerror)
        raise SystemExit(1) from error
    server.routes = routes
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    log.info("listening on http://%s:%d (pid %d)", *address, os.getpid())


def run(main):
    """Call `main`; end with what it returns, or with 0 when SIGTERM comes."""

    def stop(number, _frame):
        signal.signal(number, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    logging.addLevelName(logging.WARNING, "WARN")
    form = "%(asctime)s %(levelname)-5s %(message)s"
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format=form, datefmt="%H:%M:%S")
    logging.raiseExceptions = False  # nobody reads our lines any more: no reason to fail
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        code = main() or 0
    except Stopped as signalled:
        log.info("%s: stopped cleanly", signalled)
        code = 0
    except SystemExit as end:
        code = end.code
    except Exception:
        log.exception("stopped by a mistake in the program")
        code = 1
    os._exit(code)  # without waiting for requests that are still being answered
