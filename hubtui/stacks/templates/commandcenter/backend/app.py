"""backend: a JSON API. It counts the views of the page in redis, and says whether redis and postgres answer.

GET /health        {"status": "ok", "redis": "ok", "postgres": "ok"}; 503 where one of them does not answer
GET /api/health    the same, for the page
GET /api/views     {"views": 12}
POST /api/views    one more view
"""

from __future__ import annotations

import json
import os
import signal
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import stores

LARGEST = 1024 * 1024  # bytes of a request's body


def health():
    """(status, body): every store with what is wrong with it."""
    found = {}
    for name, check in {"redis": stores.check_redis, "postgres": stores.check_postgres}.items():
        try:
            check()
            found[name] = "ok"
        except stores.StoreError as error:
            found[name] = str(error)
    well = all(said == "ok" for said in found.values())
    return 200 if well else 503, {"status": "ok" if well else "a store does not answer", **found}


ROUTES = {
    "GET /health": health,
    "GET /api/health": health,
    "GET /api/views": lambda: (200, {"views": stores.views()}),
    "POST /api/views": lambda: (200, {"views": stores.views(1)}),
}


class Handler(BaseHTTPRequestHandler):
    """Finds the route and answers in JSON; one log line a request."""

    timeout = 10  # seconds that a client may be silent

    def answer(self):
        began, path = time.monotonic(), urlsplit(self.path).path
        length = self.headers.get("Content-Length", "")
        self.rfile.read(min(int(length), LARGEST) if length.isdecimal() else 0)  # a body is taken, no route wants it
        route = ROUTES.get(f"{self.command} {path}")
        try:
            status, body = route() if route else (404, {"error": "no such path"})
        except stores.StoreError as error:
            status, body = 502, {"error": str(error)}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        reason = "" if status < 400 else f"  {body}"
        log(f"{self.command} {path!a} {status} {(time.monotonic() - began) * 1000:.1f} ms{reason}")

    do_GET = do_POST = answer

    def log_request(self, *_):
        """`answer` writes the line."""

    def log_message(self, form, *words):
        log(form % words)


class Server(ThreadingHTTPServer):
    request_queue_size = 64

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer would ask the DNS for our name
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        log(f"{client_address[0]} went away: {sys.exc_info()[1]!r}")


def log(text):
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")  # whole, so that threads do not mix their lines
    sys.stdout.flush()


def stop(number, _frame):
    """A container's first process gets no end by SIGTERM unless it asks for one."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(f"{signal.Signals(number).name}: stopped")


def main():
    address = os.environ.get("BIND", "0.0.0.0"), int(os.environ.get("PORT", "8000"))
    try:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        server = Server(address, Handler)
        log(f"listening on http://{address[0]}:{address[1]}")
        server.serve_forever()
    except SystemExit as said:
        log(said)
    os._exit(0)  # at once, whatever is still being answered


if __name__ == "__main__":
    main()
