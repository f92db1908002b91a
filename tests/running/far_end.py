"""A far end for webhooks: a real HTTP server on this machine, which answers as a test wants it to."""

from __future__ import annotations

import json
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from bot.hooks.signing import SIGNATURE, TIMESTAMP, signature

SECRET = "a-secret-that-both-sides-know"


@dataclass
class Heard:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def signed(self) -> bool:
        return self.headers[SIGNATURE] == signature(SECRET, self.headers[TIMESTAMP], self.body)


@dataclass
class Listening:
    """`answers`: statuses (with headers) for the next requests, 200 afterwards; "hang" keeps the caller waiting."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: deque[Any] = field(default_factory=deque)
    let_go: Event = field(default_factory=Event)
    came: Event = field(default_factory=Event)

    @property
    def events(self) -> list[str]:
        return [one.json["event"] for one in self.heard]


@contextmanager
def listening() -> Iterator[Listening]:
    """One that runs until the end of the block."""
    far_end = Listening()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            far_end.heard.append(Heard(self.path, dict(self.headers), body))
            far_end.came.set()
            answer = far_end.answers.popleft() if far_end.answers else 200
            if answer == "hang":
                far_end.let_go.wait(30)
                return
            if answer == "drip":
                while not far_end.let_go.wait(0.02):
                    try:
                        self.wfile.write(b"H")
                    except OSError:
                        return
                return
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET

    server = Server(("127.0.0.1", 0), Handler)
    far_end.url = f"http://127.0.0.1:{server.server_port}/baton?key=not-for-logs"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield far_end
    finally:
        far_end.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
