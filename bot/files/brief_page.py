"""The brief in a browser, behind a signed link: as a page that prints well, and as a file (.html, .md).

What it shows is decided when it is opened, for the person the link was made for. Everything is in the one page: no
script, no picture, nothing from elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flask import Flask, Response

from bot.customer_side import CustomerSide
from bot.files.signed_links import Expired, Forged, SignedLinks, safe_name
from bot.slack.pages import Pages
from bot.usecases.brief.brief import BRIEF, DOSSIER, Briefs, Gone, NotTheirs
from bot.usecases.brief.views import PageView
from bot.usecases.desk import Desk

HTML, MARKDOWN = "text/html; charset=utf-8", "text/markdown; charset=utf-8"
PATH = "/brief"
LARGEST_VERSION = 2**31


class BriefPage:
    """Shows what `Briefs.open` finds."""

    def __init__(self, briefs: Briefs, links: SignedLinks, folders: Sequence[Path]) -> None:
        self._briefs, self._links, self._pages = briefs, links, Pages(folders)

    def show_on(self, web: Flask) -> None:
        """Answer under these addresses; the account's name in them is for people, nothing looks at it."""

        @web.get(f"{PATH}/<token>/<name>")
        def brief(token: str, name: str) -> Response:
            return self._answer(token, None, "page")

        @web.get(f"{PATH}/<token>/<name>/file.<any(html, md):ending>")
        def brief_as_file(token: str, name: str, ending: str) -> Response:
            return self._answer(token, None, ending)

        @web.get(f"{PATH}/<token>/<name>/version/<int:version>")
        def version_of_brief(token: str, name: str, version: int) -> Response:
            return self._answer(token, version, "page")

        @web.get(f"{PATH}/<token>/<name>/version/<int:version>/file.<any(html, md):ending>")
        def version_as_file(token: str, name: str, version: int, ending: str) -> Response:
            return self._answer(token, version, ending)

    def _answer(self, token: str, version: int | None, form: str) -> Response:
        try:
            ticket = self._links.read(token)
        except Forged:
            return _told("There is nothing at this address. Open the brief in Slack again.", 404)
        except Expired:
            return _told("This link has expired. Open the brief in Slack again for a new one.", 410)
        if ticket.purpose not in (BRIEF, DOSSIER):
            return _told("There is nothing at this address. Open the brief in Slack again.", 404)
        try:
            view = self._briefs.open(ticket, min(version, LARGEST_VERSION - 1) if version is not None else None)
        except Gone:
            return _told("What this link led to is not there any more.", 410)
        except NotTheirs:
            return _told("You have no part in this handoff any more, so its brief is not shown to you.", 403)
        return self._shown(view, form)

    def _shown(self, view: PageView, form: str) -> Response:
        nonce = secrets.token_urlsafe(16)
        template = "brief/file.md" if form == "md" else "brief/page.html"
        brief = view.brief
        text = self._pages(
            template,
            view.reader.locale,
            view.reader.tz,
            view.names,
            brief=replace(brief, link=None) if form != "page" else brief,
            version=view.version,
            reader=view.reader,
            today=brief.today,
            now=self._briefs.desk.now(),
            nonce=nonce,
            base=(brief.link or "").rstrip("/"),
        )
        answer = Response(text, 200, content_type=MARKDOWN if form == "md" else HTML)
        if form != "page":
            name = safe_name(
                f"Brief {brief.account.name}{f' v{view.version.number}' if view.version else ''}", f".{form}"
            )
            answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return _private(answer, f"style-src 'nonce-{nonce}'")


def brief_pages(desk: Desk, customer: CustomerSide, folders: Sequence[Path]) -> Briefs:
    """The briefs of one process, whose pages are shown where the downloads are."""
    briefs = Briefs(desk, customer.links)
    customer.downloads.beside(BriefPage(briefs, customer.links, folders))
    return briefs


def _told(sentence: str, status: int) -> Response:
    return _private(Response(sentence + "\n", status, mimetype="text/plain"), "sandbox")


def _private(answer: Response, policy: str) -> Response:
    """Kept by nobody on the way, found by no search engine, shown in no frame, with nothing from elsewhere in it."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    forbidden = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    answer.headers["Content-Security-Policy"] = f"{forbidden}; {policy}"
    return answer
