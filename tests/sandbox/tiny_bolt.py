"""A tiny Bolt app on a real socket, and the town it lives in."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.clock import ManualClock
from sandbox.config import load_town
from sandbox.model import Json
from sandbox.person import Person
from sandbox.quiet import WatchedExecutor
from sandbox.seen import Seen
from sandbox.server import Sandbox

HERE = Path(__file__).parent
_ANY = re.compile(".*")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACCOUNTS, GENERAL = "C0ACCOUNTS0", "C0GENERAL00"
MIA, OTTO, BOT = "U0MIA000000", "U0OTTO00000", "U0APPBOT001"
"""Mia is in #accounts, Otto is not."""


def start_sandbox(**changes: Any) -> Sandbox:
    """The sample town with the tiny app's manifest; `changes` are fields of the AppConfig to replace."""
    town = load_town(HERE.parents[1] / "sandbox" / "town.yaml", HERE / "manifest.yaml")
    town.app = replace(town.app, **changes)
    return Sandbox.start(town, ManualClock(MONDAY))


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Threaded(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal view of these blocks with a submit button."""
    plain = {"type": "plain_text", "text": "Tiny form"}
    submit = {"type": "plain_text", "text": "Send"}
    return {"type": "modal", "callback_id": "form", "title": plain, "submit": submit, "blocks": list(blocks), **more}


def text_input(block_id: str, label: str, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "typed", **more.pop("element", {})}
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": label},
        "element": element,
        **more,
    }


def button(action_id: str, label: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": label}, **more}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str, value: str | None = None) -> Json:
    return {"text": {"type": "plain_text", "text": text}, "value": value or text.lower()}


def card(mia: Person, client: WebClient, *blocks: Json, **more: Any) -> Seen:
    """A message of the app's in #accounts, as Mia sees it."""
    client.chat_postMessage(channel=ACCOUNTS, text="a card", blocks=list(blocks), **more)
    return mia.messages("#accounts")[-1]


def refusal(call: Any, **args: Any) -> str:
    """The error code of a call that must fail."""
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def post_to(url: str, **body: Any) -> httpx.Response:
    """What the app says through a response URL."""
    return httpx.post(url, json=body, trust_env=False)


class TinyApp:
    """Keeps every payload it got in `bodies`. What it does is set by a test: `on(kind, function)` where the function
    takes Bolt's arguments (ack, body, client, respond) as a dict; without one it just acks."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.executor = WatchedExecutor()
        self.sandbox = sandbox
        self.bodies: list[Json] = []
        self.headers: list[Json] = []
        self.doing: dict[str, Callable[..., None]] = {}
        self.home: Callable[[Json, WebClient], None] | None = None
        config = sandbox.workspace.app
        self.client = WebClient(token=config.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        result = AuthorizeResult(
            enterprise_id=None,
            team_id=sandbox.workspace.team_id,
            bot_token=config.bot_token,
            bot_id=config.bot_id,
            bot_user_id=config.bot_user_id,
        )
        self.bolt = App(
            signing_secret=config.signing_secret,
            client=self.client,
            authorize=lambda **_: result,
            listener_executor=self.executor,
        )
        self._register()
        self._server = make_server(
            "127.0.0.1",
            0,
            SlackRequestHandler(self.bolt, path="/slack/events"),
            server_class=_Threaded,
            handler_class=_Quiet,
        )
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/events"
        sandbox.connect(self.url, settle=self.executor.wait_idle)

    def _register(self) -> None:
        everything = {
            "command": self.bolt.command("/tiny"),
            "action": self.bolt.action({"action_id": _ANY}),
            "shortcut": self.bolt.shortcut("tiny_new"),
            "message": self.bolt.shortcut("tiny_keep"),
            "submit": self.bolt.view("form"),
            "closed": self.bolt.view_closed("form"),
            "options": self.bolt.options({"action_id": _ANY}),
        }
        for kind, decorate in everything.items():
            decorate(self._listener(kind))
        self.bolt.event(_ANY)(self._event)

    def _listener(self, kind: str) -> Callable[..., None]:
        def listen(ack: Any, body: Json, client: WebClient, respond: Any) -> None:
            self.bodies.append(body)
            do = self.doing.get(kind)
            if do is None:
                ack()
            else:
                do(ack=ack, body=body, client=client, respond=respond)

        return listen

    def _event(self, body: Json, request: Any, client: WebClient) -> None:
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        if body["event"]["type"] == "app_home_opened" and self.home:
            self.home(body, client)

    def on(self, kind: str, do: Callable[..., None]) -> None:
        self.doing[kind] = do

    def opens(self, kind: str, view: Json) -> None:
        """On this kind of interaction open a modal, then ack: so it is there when the act is over."""

        def do(ack: Any, body: Json, client: WebClient, **_: Any) -> None:
            client.views_open(trigger_id=body["trigger_id"], view=view)
            ack()

        self.on(kind, do)

    def answers(self, kind: str, **answer: Any) -> None:
        """On this kind of interaction ack with these arguments."""
        self.on(kind, lambda ack, **_: ack(**answer))

    @property
    def last(self) -> Json:
        """The newest payload, once the listeners are through (Bolt acks an event before its listener runs)."""
        self.executor.wait_idle()
        return self.bodies[-1]

    def reset(self) -> None:
        self.bodies.clear()
        self.headers.clear()
        self.doing.clear()

    def __enter__(self) -> TinyApp:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.executor.shutdown()
