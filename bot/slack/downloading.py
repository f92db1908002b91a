"""Fetching a file that somebody gave Baton: looked at first, then streamed to the disk, within limits.

The token opens the whole workspace, so it goes to Slack and to nobody else, whatever address a file names and wherever
an answer wants to send us. Every refusal and failure is a sentence for whoever brought the file.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.slack.failures import Kind, SlackFailure
from bot.slack.gateway import Gateway
from bot.slack.shared_file import (
    Empty,
    FileGone,
    KeptElsewhere,
    MayNotRead,
    NotATable,
    NotFetched,
    NotOurs,
    SharedFile,
    TooLarge,
    TooSlow,
    WrongAddress,
)

log = logging.getLogger(__name__)

LARGEST = 50 * 1024 * 1024
"""Bytes: some ten times 100,000 accounts."""
SECONDS = 60.0
"""How long a download may take as a whole."""
STALL = 10.0
"""Seconds of silence after which the far end is given up."""
PIECE = 64 * 1024
REDIRECTS = 3
SLACK_HOSTS = frozenset({"slack.com", "files.slack.com", "slack-files.com"})
_PAGES = (b"<!doctype html", b"<html")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Files:
    """Files of one workspace. `home`: the Web API's address, which is where the sandbox keeps its files too."""

    gateway: Gateway
    token: str
    home: str
    limit: int = LARGEST
    seconds: float = SECONDS
    stall: float = STALL

    def __repr__(self) -> str:
        return f"Files({self.home})"

    def look(self, file_id: str) -> SharedFile:
        """What Slack says about a file. Raises FileUnusable when Baton may not see it, NotFetched for other trouble."""
        try:
            return SharedFile.read(self.gateway.file_info(file_id))
        except SlackFailure as failure:
            if failure.kind is Kind.GONE:
                raise FileGone() from failure
            if failure.kind is Kind.FORBIDDEN:
                raise MayNotRead() from failure
            log.warning("Slack does not say what a file is: %s", failure)
            raise NotFetched() from failure

    def require_usable(self, file: SharedFile, team_id: str) -> None:
        """Refuse, before anything is fetched, what is no table of our own people's, or too large. Raises FileUnusable.

        A file without a team is a stranger's: only Slack itself could say otherwise.
        """
        if file.gone:
            raise FileGone()
        if file.team_id != team_id:
            raise NotOurs()
        if file.outside:
            raise KeptElsewhere(name=file.name)
        if not file.looks_like_a_table:
            raise NotATable(name=file.name)
        if file.size > self.limit:
            raise TooLarge(name=file.name, size=-(-file.size // MEGABYTE), limit=self.limit // MEGABYTE)
        if not file.size:
            raise Empty(name=file.name)
        if not file.url:
            raise MayNotRead()

    @contextmanager
    def fetched(self, file: SharedFile) -> Iterator[Path]:
        """The file on this machine's disk, for as long as it is worked on. Raises FileUnusable, NotFetched."""
        with TemporaryDirectory(prefix="baton-") as folder:
            path = Path(folder) / "file"
            with path.open("wb") as into:
                self._fetch(file, into)
            yield path

    def _fetch(self, file: SharedFile, into: BinaryIO) -> None:
        until = time.monotonic() + self.seconds
        url = file.url
        for _ in range(REDIRECTS + 1):
            following = self._piece_by_piece(file, self._trusted(url), into, until)
            if following is None:
                return
            url = urljoin(url, following)
        raise WrongAddress()

    def _trusted(self, url: str) -> SplitResult:
        """The address, if the token may go there. Raises WrongAddress."""
        try:
            parts = urlsplit(url)
            home = urlsplit(self.home)
            slacks = parts.scheme == "https" and parts.hostname in SLACK_HOSTS and parts.port in (None, 443)
            same = (parts.scheme, parts.hostname, parts.port) == (home.scheme, home.hostname, home.port)
        except ValueError:
            raise WrongAddress() from None
        if not (slacks or same) or parts.username is not None or not url.isascii() or not url.isprintable():
            log.warning("a file was not fetched: its address is not Slack's")
            raise WrongAddress()
        return parts

    def _piece_by_piece(self, file: SharedFile, url: SplitResult, into: BinaryIO, until: float) -> str | None:
        """Stream the answer into the file; or where the answer sends us instead."""
        connection = _connection(url, self.stall)
        left = until - time.monotonic()
        watch = Timer(max(left, 0.0), _cut, (connection,))
        watch.daemon = True
        watch.start()
        try:
            answer = self._asked(connection, url)
            if answer.status in (301, 302, 303, 307, 308):
                return answer.getheader("Location") or "/"
            self._require_file(file, answer)
            self._stream(file, answer, into, until)
            return None
        except TimeoutError:
            raise TooSlow() from None
        except (OSError, HTTPException, ValueError) as error:
            log.info("a file did not arrive: %s", type(error).__name__)
            raise (TooSlow() if time.monotonic() >= until else NotFetched()) from None
        finally:
            watch.cancel()
            connection.close()

    def _asked(self, connection: HTTPConnection, url: SplitResult) -> HTTPResponse:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        if isinstance(connection, _ThroughProxy):
            target = f"{url.scheme}://{url.netloc}{target}"
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "identity", "User-Agent": "Baton"}
        connection.request("GET", target, headers=headers)
        return connection.getresponse()

    def _require_file(self, file: SharedFile, answer: HTTPResponse) -> None:
        if answer.status in (401, 403):
            raise MayNotRead()
        if answer.status in (404, 410):
            raise FileGone()
        if answer.status != 200:
            raise NotFetched()
        if answer.headers.get_content_type() == "text/html":
            raise MayNotRead()
        if answer.length is not None and answer.length > self.limit:
            raise self._too_large(file, answer.length)

    def _stream(self, file: SharedFile, answer: HTTPResponse, into: BinaryIO, until: float) -> None:
        into.seek(0)
        into.truncate()
        expected, got = answer.length, 0
        while piece := answer.read1(PIECE):  # what is there: a far end that trickles is noticed
            if not got and piece[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
                raise MayNotRead()
            got += len(piece)
            if got > self.limit:
                raise self._too_large(file, got)
            if time.monotonic() >= until:
                raise TooSlow()
            into.write(piece)
        if time.monotonic() >= until:
            raise TooSlow()  # it was cut off
        if got < file.size or (expected is not None and got < expected):
            raise NotFetched()  # it ended too early
        into.flush()

    def _too_large(self, file: SharedFile, size: int) -> TooLarge:
        return TooLarge(name=file.name, size=-(-size // MEGABYTE), limit=self.limit // MEGABYTE)


class _ThroughProxy(HTTPConnection):
    """Plain HTTP by way of a proxy, which wants the whole address."""


def _connection(url: SplitResult, timeout: float) -> HTTPConnection:
    """Not connected yet; through the proxy that the environment names, as everything else of ours goes."""
    host, port = url.hostname or "", url.port
    found = None if proxy_bypass(host) else getproxies().get(url.scheme)
    if found is None:
        if url.scheme == "https":
            return HTTPSConnection(host, port, timeout=timeout, context=_certificates())
        return HTTPConnection(host, port, timeout=timeout)
    proxy = urlsplit(found if "//" in found else f"http://{found}")
    if url.scheme != "https":
        return _ThroughProxy(proxy.hostname or "", proxy.port, timeout=timeout)
    tunnel = HTTPSConnection(proxy.hostname or "", proxy.port, timeout=timeout, context=_certificates())
    tunnel.set_tunnel(host, port or 443)
    return tunnel


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _cut(connection: HTTPConnection) -> None:
    """The time is over: whoever reads from it gets an error at once, however slowly the far end still speaks."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
