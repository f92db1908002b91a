"""The WSGI application: what Slack sends (`bot/running/inbound.py`), what a load balancer asks, metrics and files."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from flask import Flask, Response, request
from slack_bolt import App
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from bot.files.downloads import Files
from bot.running.inbound import PATH, Answer, Inbound, said

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
"""Bytes. Slack's largest payloads (a modal of 100 blocks, submitted) stay well below."""


class Metrics(Protocol):
    """What is counted here and shown at `/metrics` (bot/running/exposition.py)."""

    def request_came(self) -> None: ...

    def allows(self, authorization: str) -> bool: ...

    def page(self) -> bytes: ...


def create_app(
    bolt: App,
    signing_secret: str,
    ready: Callable[[], tuple[bool, str]],
    metrics: Metrics | None = None,
    files: Files | None = None,
) -> Flask:
    """The application of one bot. `ready` answers whether people can be served, and if not, why."""
    web = Flask(__name__, static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    slack = Inbound(bolt, signing_secret, metrics.request_came if metrics is not None else _uncounted)
    web.add_url_rule(PATH, "slack", lambda: slack.answer(request), methods=["POST"])
    web.wsgi_app = _SlackFirst(slack, web.wsgi_app)  # type: ignore[method-assign]

    @web.get("/")
    def home() -> Answer:
        return said("This is Baton, a Slack bot. It lives in Slack: type /handoff there.", 200)

    @web.get("/healthz")
    def health() -> tuple[dict[str, str], int]:
        can_serve, reason = ready()
        return ({"status": "ok"}, 200) if can_serve else ({"status": "unavailable", "reason": reason}, 503)

    if metrics is not None:
        _show(web, metrics)
    if files is not None:
        files.show_on(web)
    web.register_error_handler(HTTPException, lambda problem: _refusal(problem, request))
    web.register_error_handler(Exception, _failure)
    return web


def _uncounted() -> None:
    """Where nothing is counted."""


class _SlackFirst:
    """What Slack sends is answered straight away: to Flask, which finds the way for everything else, it would be a
    tenth of the work of a click."""

    def __init__(self, slack: Inbound, others: WSGIApplication) -> None:
        self._slack, self._others = slack, others

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        if environ["REQUEST_METHOD"] != "POST" or environ.get("PATH_INFO") != PATH:
            return self._others(environ, start_response)
        asked = _SlackRequest(environ)
        try:
            text, status, headers = self._slack.answer(asked)
        except HTTPException as problem:
            text, status, headers = _refusal(problem, asked)
        except Exception as problem:
            text, status, headers = _failure(problem)
        body = text.encode()
        length = ("Content-Length", str(len(body)))
        start_response(f"{status} {HTTPStatus(status).phrase}", [*headers, length])
        return [body]


class _SlackRequest(Request):
    max_content_length = LARGEST_BODY


def _show(web: Flask, metrics: Metrics) -> None:
    @web.get("/metrics")
    def shown() -> Answer | Response:
        if not metrics.allows(request.headers.get("Authorization", "")):
            words, status, headers = said("The metrics need the token of METRICS_TOKEN.", 401)
            return words, status, [*headers, ("WWW-Authenticate", "Bearer")]
        return Response(metrics.page(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _refusal(problem: HTTPException, asked: Request) -> Answer:
    words, status, headers = said(problem.name or "Not possible", problem.code or 500)
    allowed = [(name, value) for name, value in problem.get_headers(asked.environ) if name == "Allow"]
    return words, status, [*headers, *allowed]


def _failure(problem: Exception) -> Answer:
    reference = uuid.uuid4().hex[:8]
    log.error("a request failed, reference %s", reference, exc_info=problem)
    return said(f"Something went wrong on our side. Reference: {reference}", 500)
