"""One call to a far end: signed, short, to an allowed machine, and without following it anywhere."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http.client import HTTPConnection, HTTPException
from importlib.metadata import version
from threading import Lock, Timer
from typing import Any

from bot.hooks.far_ends import FarEnd, Forbidden, reachable
from bot.hooks.signing import SIGNATURE, TIMESTAMP, signature

log = logging.getLogger(__name__)

SECONDS = 5.0
"""For the connection, and for each silence of the far end."""
IN_ALL = 10.0
"""For everything: a far end that answers letter by letter is cut off."""
READ_AT_MOST = 4096
MOST_ADDRESSES = 3


@dataclass(frozen=True)
class Outcome:
    """`error` is empty when the far end took it; `wait`: how long it asks to be left alone."""

    error: str = ""
    wait: timedelta | None = None


class Caller:
    """Calls one far end, one call at a time. `cut` may be called from another thread."""

    def __init__(self, far_end: FarEnd, secret: str, *, private: bool = False) -> None:
        self._far_end, self._secret, self._private = far_end, secret, private
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    def __call__(self, event: str, body: Mapping[str, Any], now: float) -> Outcome:
        """Post the body; `now` (Unix seconds) is signed with it. Raises nothing that a far end can cause."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(event, str(body.get("id", "")), text, now)
        try:
            return self._post(text, headers)
        except Forbidden as problem:
            return Outcome(f"refused: {problem}")
        except ssl.SSLCertVerificationError as problem:
            return Outcome(f"its certificate is not trusted: {problem.verify_message}")
        except TimeoutError:
            return Outcome("no answer in time")
        except (OSError, HTTPException, ValueError) as problem:
            return Outcome(f"{type(problem).__name__}: {_words(problem)}")

    def cut(self) -> None:
        """End the call under way, and every later one at once: the process stops."""
        self._cut = True
        self._close()

    def _post(self, text: bytes, headers: Mapping[str, str]) -> Outcome:
        until = time.monotonic() + IN_ALL
        line = self._connected(until)
        limit = Timer(max(0.0, until - time.monotonic()), self._close)
        limit.daemon = True
        limit.start()
        try:
            connection = HTTPConnection(self._far_end.host, self._far_end.port, timeout=SECONDS)
            connection.sock = line
            connection.request("POST", self._far_end.path, text, dict(headers))
            answer = connection.getresponse()
            answer.read(READ_AT_MOST)
            return _judged(answer.status, answer.headers.get("Retry-After", ""))
        except (OSError, HTTPException, ValueError):
            if time.monotonic() >= until:
                raise TimeoutError() from None
            raise
        finally:
            limit.cancel()
            self._close()

    def _connected(self, until: float) -> socket.socket:
        """A connection to the first of the far end's addresses that answers."""
        problem: OSError = OSError("the name leads nowhere")
        for address in list(reachable(self._far_end, private=self._private))[:MOST_ADDRESSES]:
            left = min(SECONDS, until - time.monotonic())
            if left <= 0:
                raise TimeoutError()
            try:
                return self._held(socket.create_connection((address, self._far_end.port), timeout=left))
            except ssl.SSLError:
                raise
            except OSError as found:
                problem = found
        raise problem

    def _held(self, plain: socket.socket) -> socket.socket:
        """The connection, encrypted where it should be, and where `cut` finds it."""
        self._keep(plain)
        if not self._far_end.secure:
            return plain
        line = _tls().wrap_socket(plain, server_hostname=self._far_end.host)
        self._keep(line)
        return line

    def _keep(self, line: socket.socket) -> None:
        with self._lock:
            self._socket = line
        if self._cut:
            self._close()
            raise ConnectionAbortedError("Baton stops")

    def _close(self) -> None:
        with self._lock:
            line, self._socket = self._socket, None
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("the connection was closed already")
            line.close()

    def _headers(self, event: str, number: str, text: bytes, now: float) -> dict[str, str]:
        timestamp = str(int(now))
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"Baton/{_version()}",
            "Accept": "*/*",
            "Connection": "close",
            "X-Baton-Event": event,
            "X-Baton-Id": number,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, timestamp, text),
        }


def _judged(status: int, retry_after: str) -> Outcome:
    if 200 <= status < 300:
        return Outcome()
    if 300 <= status < 400:
        return Outcome(f"HTTP {status}: it leads elsewhere, and Baton does not follow")
    wait = timedelta(seconds=int(retry_after)) if retry_after.isascii() and retry_after[:6].isdecimal() else None
    return Outcome(f"HTTP {status}", wait if len(retry_after) <= 6 else None)


def _words(problem: Exception) -> str:
    return " ".join(str(getattr(problem, "strerror", None) or problem).split())[:200] or "no reason given"


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _version() -> str:
    return version("baton")
