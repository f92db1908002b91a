"""Files that people fetch with a signed link: the only pages of Baton that need no login.

A link that is not ours, or was changed, answers 404; one whose time is over, 410; each with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask import Flask, Response

from bot.files.signed_links import PATH, Expired, Forged, SignedLinks, Ticket

ICS = "text/calendar; charset=utf-8; method=PUBLISH"
EML = "message/rfc822"


@dataclass(frozen=True)
class File:
    """`name` is safe for every system. `opens`: phones open it at once instead of putting it away."""

    name: str
    content_type: str
    content: bytes
    opens: bool = False


Source = Callable[[Ticket], File | None]
"""What a ticket leads to now; None when that is not there any more."""


class Files(Protocol):
    """What `bot/running/web.py` needs of this."""

    def show_on(self, web: Flask) -> None: ...


class Downloads:
    """`sources`: who makes the file, by the purpose of the link."""

    def __init__(self, links: SignedLinks, sources: Mapping[str, Source]) -> None:
        self._links, self._sources = links, sources
        self._beside: tuple[Files, ...] = ()

    def offer(self, purpose: str, source: Source) -> None:
        """Answer links of one purpose more."""
        self._sources = {**self._sources, purpose: source}

    def beside(self, pages: Files) -> None:
        """Show other pages as well, which have a signed link too and are no files."""
        self._beside = (*self._beside, pages)

    def show_on(self, web: Flask) -> None:
        """Answer under these addresses. The file's name in the address is for people: nothing looks at it."""

        @web.get(f"{PATH}/<token>/<name>")
        def fetch(token: str, name: str) -> Response:
            return self._answer(token)

        for pages in self._beside:
            pages.show_on(web)

    def _answer(self, token: str) -> Response:
        try:
            ticket = self._links.read(token)
        except Forged:
            return _told("There is nothing at this address. Open the link in Slack again.", 404)
        except Expired:
            return _told("This link has expired. Open the step in Slack again for a new one.", 410)
        source = self._sources.get(ticket.purpose)
        file = source(ticket) if source else None
        if file is None:
            return _told("What this link led to is not there any more.", 410)
        answer = Response(file.content, 200, content_type=file.content_type)
        kind = "inline" if file.opens else "attachment"
        answer.headers["Content-Disposition"] = f'{kind}; filename="{file.name}"'
        return _private(answer)


def _told(sentence: str, status: int) -> Response:
    return _private(Response(sentence + "\n", status, mimetype="text/plain"))


def _private(answer: Response) -> Response:
    """Kept by nobody on the way, found by no search engine, and never taken for a page."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
