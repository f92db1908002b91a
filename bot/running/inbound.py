"""`POST /slack/events`: what Slack sends is checked, read, and given to Bolt.

Every request that claims to come from Slack is checked here before Bolt sees it: its signature (SLACK.md 1.6) and its
form; its size is checked where the body is read. What a stranger or a broken proxy sends gets 400, 401 or 413, never
500, and no body is ever logged.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_qp
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any
from urllib.parse import unquote_plus

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier
from werkzeug.wrappers import Request

from bot.slack.text import clean
from bot.store.patience import deadline, hurried
from bot.turns import Turns

PATH = "/slack/events"
AT_ONCE = 2
"""Requests that compute at a time: one in its transaction, one that is read or answered (docs/decisions.md, 45)."""

Answer = tuple[str, int, list[tuple[str, str]]]
"""Text, status and headers, as Flask takes them of a view."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_UNCLEAN = re.compile(r"\\u(?:00[01789]|[dD][89a-fA-F])")
"""Where JSON may hold control characters or halves of surrogate pairs as escapes."""
_DELETE = "\x7f"
"""The one control character that JSON allows raw."""
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"

_NEEDED = {
    "event_callback": ("event",),
    "block_actions": ("user", "actions"),
    "block_suggestion": ("user",),
    "view_submission": ("user", "view"),
    "view_closed": ("user", "view"),
    "shortcut": ("user",),
    "message_action": ("user", "message"),
}
_OBJECTS = {"team", "enterprise", "user", "channel", "container", "event", "function_data", "message", "state", "view"}
_LISTS = {"actions", "authorizations", "response_urls"}

Body = Mapping[str, Any]


class Malformed(Exception):
    """A request that is signed well but is nothing that Slack sends. The text says what is wrong with its form."""


class Inbound:
    """Answers what Slack sends. `came` is called for each request that is signed."""

    def __init__(self, bolt: App, signing_secret: str, came: Callable[[], None]) -> None:
        self._bolt, self._came = bolt, came
        self._verifier = SignatureVerifier(signing_secret)
        self._turns = Turns(AT_ONCE)

    def answer(self, asked: Request) -> Answer:
        """Raises HTTPException when it is too large, and whatever Bolt raises."""
        raw = asked.get_data()  # outside of the turn: it comes as slowly as somebody cares to send it
        until = deadline()
        with self._turns.one():
            try:
                return self._answered(asked, raw, until)
            except Malformed as problem:
                return said(f"This request cannot be read: {problem}.", 400)

    def _answered(self, asked: Request, raw: bytes, until: float) -> Answer:
        text = _decoded(raw)
        if not _signed(self._verifier, asked, text):
            return said("This request is not signed by Slack, or is too old.", 401)
        self._came()
        kind = asked.mimetype
        body = _read(text, kind)
        if body.get("ssl_check"):
            return said("", 200)
        # nobody waits for an event: what takes long is better done late than asked for again
        with nullcontext() if body.get("type") == "event_callback" else hurried(until):
            answer = self._bolt.dispatch(_call(body, asked))
        if answer.status == 404 and kind == _JSON:
            # an event that nobody listens to is not an error: with 404 Slack would send it again and count a failure
            return said("", 200)
        if answer.status == 404:
            raise Malformed("it asks for nothing that Baton knows")
        headers = [(name, value) for name, values in answer.headers.items() for value in values]
        return answer.body, answer.status, headers


def said(words: str, status: int) -> Answer:
    """A sentence, as plain text."""
    return words + "\n", status, [("Content-Type", "text/plain; charset=utf-8")]


def _signed(verifier: SignatureVerifier, asked: Request, text: str) -> bool:
    timestamp = asked.headers.get("X-Slack-Request-Timestamp", "")
    signature = asked.headers.get("X-Slack-Signature", "")
    # the library raises on a timestamp that is no number and on a signature that is not ASCII
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    return bool(text) and verifier.is_valid(text, timestamp, signature)


def _call(body: Body, asked: Request) -> BoltRequest:
    """Bolt's view of the request. Raises Malformed when Bolt does not find things where Slack puts them."""
    # As in Socket Mode, Bolt gets the body as it was read here: reading it again would cost as much as the click,
    # and Bolt takes every form with the word "payload" in it for an interaction (`/handoff show payload`).
    query = asked.query_string.decode("utf-8", "replace")
    try:
        return BoltRequest(body=dict(body), mode="socket_mode", query=query, headers=dict(asked.headers))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Malformed("its parts are not where Slack puts them") from problem


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Malformed("it is not UTF-8") from problem


def _read(text: str, content_type: str) -> Body:
    if content_type == _JSON:
        return _well_shaped(read_json(text))
    if content_type != _FORM:
        raise Malformed("its content type is neither JSON nor a form")
    form = form_fields(text)
    if "command" in form or "ssl_check" in form:
        return {name: clean(value) for name, value in form.items()}
    if "payload" not in form:
        raise Malformed("the form holds neither a command nor a payload")
    return _well_shaped(read_json(form["payload"]))


def form_fields(text: str) -> dict[str, str]:
    """The fields of a form, as `urllib.parse.parse_qsl` reads them; the last of two with one name counts.

    Slack writes almost every character of a payload as %XX, and parse_qsl takes longer for that than the whole click.
    Quoted-printable is the same code with another sign, and the standard library reads it in C.
    """
    fields = {}
    for pair in filter(None, text.split("&")):
        name, _, value = pair.partition("=")
        fields[unquote_plus(name)] = _unquoted(value)
    return fields


def _unquoted(value: str) -> str:
    if value.isascii() and not ("=" in value or "\n" in value or "\r" in value):
        read = a2b_qp(value.replace("+", " ").replace("%", "=").encode("ascii"))
        # every %XX became one byte: a stray per cent sign, which the two codes read differently, loses fewer
        if len(value) - len(read) == 2 * value.count("%"):
            return read.decode("utf-8", "replace")
    return unquote_plus(value)


def read_json(text: str) -> dict[str, Any]:
    """The object that Slack sent, without characters that no text has. Raises Malformed for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Malformed("it is not JSON") from problem
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise Malformed("it is not an object with a type")
    return dict(cleaned(found)) if _DELETE in text or _UNCLEAN.search(text) else found


def cleaned(value: Any) -> Any:
    """Whatever JSON holds, without the characters that no text has: PostgreSQL refuses some of them, Slack others."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(part) for part in value]
    if isinstance(value, dict):
        return {clean(name): cleaned(part) for name, part in value.items()}
    return value


def _well_shaped(body: dict[str, Any]) -> Body:
    for name in _NEEDED.get(body["type"], ()):
        if not body.get(name):
            raise Malformed(f"it holds no {name}")
    for name in _OBJECTS & body.keys():
        if not isinstance(body[name], dict | None):
            raise Malformed(f"its {name} is not an object")
        if body[name] is None:
            del body[name]  # Bolt looks into some objects wherever the name stands
    if "event" in body and not isinstance(body["event"].get("type"), str):
        raise Malformed("its event has no type")
    for name in _LISTS & body.keys():
        if not isinstance(body[name], list | None) or not all(isinstance(part, dict) for part in body[name] or ()):
            raise Malformed(f"its {name} are not a list of objects")
    return body
