"""frontend: serves index.html, and hands everything below /api/ on to the backend.

GET /          the page
GET /health    "ok": this service alone, not what is behind it
/api/...       what the backend answers; 502 where it does not
"""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import signal
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

BACKEND = urlsplit(os.environ.get("BACKEND_URL", "http://127.0.0.1:8000"))
PAGE = pathlib.Path(__file__).with_name("index.html").read_bytes()
LARGEST = 1024 * 1024  # bytes of a request's body
HTML, JSON, TEXT = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"


def ask_backend(method, path, body):
    """(status, content type, body) of the backend's answer, or of the sentence that there is none."""
    asked = http.client.HTTPConnection(BACKEND.hostname, BACKEND.port or 80, timeout=10)
    try:
        asked.request(method, path, body, {"Content-Type": JSON} if body else {})
        answer = asked.getresponse()
        return answer.status, answer.getheader("Content-Type", JSON), answer.read()
    except (http.client.InvalidURL, UnicodeError):
        return 400, JSON, b'{"error": "a path has printable ASCII characters only"}'
    except (OSError, http.client.HTTPException) as error:
        return 502, JSON, json.dumps({"error": f"the backend does not answer: {error}"}).encode()
    finally:
        asked.close()


class Handler(BaseHTTPRequestHandler):
    """One log line a request."""

    timeout = 10  # seconds that a client may be silent

    def answer(self):
        began, path = time.monotonic(), urlsplit(self.path).path
        status, kind, data = self.found(path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        log(f"{self.command} {path!a} {status} {len(data)} bytes {(time.monotonic() - began) * 1000:.1f} ms")

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def found(self, path):
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > LARGEST:
            return 413, TEXT, b"too much\n"
        if path.startswith("/api/"):
            return ask_backend(self.command, self.path, self.rfile.read(int(length)))
        if self.command == "GET" and path in ("/", "/index.html"):
            return 200, HTML, PAGE
        if self.command == "GET" and path == "/health":
            return 200, TEXT, b"ok\n"
        return 404, TEXT, b"no such path\n"

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
    address = os.environ.get("BIND", "0.0.0.0"), int(os.environ.get("PORT", "8080"))
    try:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        server = Server(address, Handler)
        log(f"listening on http://{address[0]}:{address[1]}, /api/ is at {BACKEND.netloc}")
        server.serve_forever()
    except SystemExit as said:
        log(said)
    os._exit(0)  # at once, whatever is still being answered


if __name__ == "__main__":
    main()
