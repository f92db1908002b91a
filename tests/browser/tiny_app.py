"""A small Bolt app with one of everything, so that the page can be walked without the product."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, request
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from werkzeug.serving import make_server

from sandbox.model import AppConfig, Shortcut, SlashCommand

STEPS = ["Read the purchase history", "Send the org chart", "Warn the customer", "List the open deals", "Name a cover",
         "Ask credit how they pay", "Book the introduction", "Hand over the phone number", "Check the prices",
         "Say goodbye"]  # fmt: skip
REASONS = ["Retirement", "Promotion", "Territory change"]
ACCOUNTS = ["Acme Corp", "Acorn Foods", "Borealis Ltd", "Cobalt Works"]

CONFIG = AppConfig(
    name="Tiny",
    bot_name="tiny",
    scopes=("commands", "chat:write", "im:write", "users:read"),
    commands=(
        SlashCommand("/tiny", "Show the card", "[form | break]", True),
        SlashCommand("/tinyhelp", "Say what Tiny can do"),
    ),
    shortcuts=(
        Shortcut("Fill in the form", "form", "global", "Opens the form"),
        Shortcut("Keep this", "keep", "message", "Keeps a message"),
    ),
    events=frozenset({"app_home_opened"}),
)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str) -> dict[str, Any]:
    return {"text": plain(text), "value": text.lower().replace(" ", "-")}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def card(done: dict[str, str]) -> list[dict[str, Any]]:
    """The card: ten steps, each with Done and a menu."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("Acme Corp")},
        {"type": "section", "text": mrkdwn('_"A rep who lives nearby and knows their plants."_'),
         "fields": [mrkdwn("*Stage*\n2 of 4, Prepare"), mrkdwn(f"*Progress*\n{len(done)} of {len(STEPS)} done")]},
        {"type": "context", "elements": [mrkdwn("strategic · direct · <https://crm.example.com/acme|CRM>")]},
        {"type": "divider"},
    ]  # fmt: skip
    for at, step in enumerate(STEPS):
        blocks += _step(at, step, done.get(step))
    blocks.append({"type": "actions", "block_id": "card", "elements": [
        {"type": "button", "action_id": "over", "text": plain("Hand over"), "style": "primary", "value": "1"},
        {"type": "button", "action_id": "drop", "text": plain("Cancel it"), "style": "danger", "confirm": {
            "title": plain("Really?"), "text": mrkdwn("This *cannot* be undone."),
            "confirm": plain("Drop it"), "deny": plain("Keep it"), "style": "danger"}},
        {"type": "button", "action_id": "link", "text": plain("Open the brief"), "url": "https://example.com/brief"},
    ]})  # fmt: skip
    return blocks


def _step(at: int, step: str, by: str | None) -> list[dict[str, Any]]:
    if by:
        return [{"type": "section", "block_id": f"step-{at}-done", "text": mrkdwn(f"~{step}~ done by <@{by}>")}]
    button = {"type": "button", "action_id": "done", "text": plain("Done"), "value": step}
    menu = {
        "type": "overflow",
        "action_id": "menu",
        "options": [option("Skip it"), option("Assign"), option("Change date")],
    }
    return [
        {
            "type": "section",
            "block_id": f"step-{at}",
            "text": mrkdwn(f"*{step}*\nnecessary · due Wed 3 Dec"),
            "accessory": button,
        },
        {"type": "actions", "block_id": f"more-{at}", "elements": [menu]},
    ]


def field(label: str, block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "v", **element},
        **more,
    }


def form(note: str = "", depth: int = 1) -> dict[str, Any]:
    """The form: a field of each kind."""
    blocks: list[dict[str, Any]] = [
        {"type": "section", "block_id": "intro", "text": mrkdwn(note or f"Form number {depth}"),
         "accessory": {"type": "button", "action_id": "refresh", "text": plain("Look again")}},
        field("Account", "account", {"type": "external_select", "min_query_length": 1}),
        field("Reason", "reason", {"type": "static_select", "options": [option(one) for one in REASONS]}),
        field("Outgoing", "outgoing", {"type": "users_select", "placeholder": plain("Choose a person")}),
        field("Channel", "channel", {"type": "conversations_select"}, optional=True),
        field("Last day", "last", {"type": "datepicker"}, optional=True),
        field("Benefit to the customer", "benefit", {"type": "plain_text_input", "multiline": True, "max_length": 300},
              hint=plain("One sentence, used in every message about the move.")),
        field("Tier", "tier", {"type": "radio_buttons", "options": [option("Strategic"), option("Key")]}),
        field("Who helps", "helpers", {"type": "multi_users_select"}, optional=True),
        field("How", "how", {"type": "checkboxes", "options": [option("Quietly"), option("As a test")]}, optional=True),
    ]  # fmt: skip
    more = {"type": "button", "action_id": "deeper", "text": plain("One more form"), "value": str(depth)}
    blocks.append({"type": "actions", "block_id": "deeper", "elements": [more]})
    return {
        "type": "modal", "callback_id": "form", "title": plain(f"Start a handoff {depth}"), "submit": plain("Start"),
        "close": plain("Not now"), "blocks": blocks,
    }  # fmt: skip


class TinyApp:
    """Serves the app for one sandbox; ``url`` is where it listens."""

    def __init__(self, api_url: str) -> None:
        self.done: dict[str, dict[str, str]] = {}
        bolt = App(
            client=WebClient(base_url=api_url),
            authorize=lambda: AuthorizeResult(
                enterprise_id=None, team_id="T0SANDBOX01", bot_token=CONFIG.bot_token, bot_id=CONFIG.bot_id,
                bot_user_id=CONFIG.bot_user_id,
            ),
            signing_secret=CONFIG.signing_secret,
        )  # fmt: skip
        self._listen(bolt)
        handler = SlackRequestHandler(bolt)
        flask = Flask("tiny")
        flask.add_url_rule("/slack/events", view_func=lambda: handler.handle(request), methods=["POST"])
        self._server = make_server("127.0.0.1", 0, flask, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/events"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _listen(self, bolt: App) -> None:
        bolt.command("/tiny")(self.command)
        bolt.action("done")(self.tick)
        bolt.action("menu")(self.chosen)
        bolt.action("over")(self.whisper)
        bolt.action("drop")(self.drop)
        bolt.action("link")(lambda ack: ack())
        bolt.action("v")(lambda ack: ack())
        bolt.action("refresh")(self.refresh)
        bolt.action("deeper")(self.deeper)
        bolt.options("v")(self.offer)
        bolt.view("form")(self.submitted)
        bolt.shortcut("form")(self.open_form)
        bolt.shortcut("keep")(self.keep)
        bolt.event("app_home_opened")(self.home)

    def command(self, ack: Ack, command: dict[str, Any], client: WebClient) -> None:
        if command["text"] == "break":
            raise RuntimeError("as asked")
        if command["text"] == "form":
            client.views_open(trigger_id=command["trigger_id"], view=form())
            return ack()
        client.chat_postMessage(channel=command["channel_id"], text="Acme Corp: 10 steps", blocks=card({}))
        ack()

    def tick(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        done = self.done.setdefault(ts, {})
        done[body["actions"][0]["value"]] = body["user"]["id"]
        client.chat_update(channel=channel, ts=ts, text="Acme Corp", blocks=card(done))
        ack()

    def chosen(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        chosen = body["actions"][0]["selected_option"]["text"]["text"]
        client.chat_postMessage(
            channel=body["channel"]["id"],
            thread_ts=body["message"]["ts"],
            text=f"<@{body['user']['id']}> chose {chosen}",
        )
        ack()

    def whisper(self, ack: Ack, respond: Respond) -> None:
        ack()
        respond("Credit has not answered yet.", replace_original=False)

    def drop(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="It was cancelled.", blocks=[])
        ack()

    def refresh(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.views_update(view_id=body["view"]["id"], view=form("Looked again"))
        ack()

    def deeper(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.views_push(trigger_id=body["trigger_id"], view=form(depth=int(body["actions"][0]["value"]) + 1))
        ack()

    def offer(self, ack: Ack, payload: dict[str, Any]) -> None:
        ack(options=[option(one) for one in ACCOUNTS if payload["value"].lower() in one.lower()])

    def submitted(self, ack: Ack, body: dict[str, Any], view: dict[str, Any], client: WebClient) -> None:
        values = view["state"]["values"]
        benefit = values["benefit"]["v"]["value"]
        if len(benefit) < 10:
            return ack(response_action="errors", errors={"benefit": "Say it in a sentence."})
        account = values["account"]["v"]["selected_option"]["text"]["text"]
        client.chat_postMessage(channel=body["user"]["id"], text=f"Started {account}: {benefit}")
        ack(response_action="clear")

    def open_form(self, ack: Ack, shortcut: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=shortcut["trigger_id"], view=form())
        ack()

    def keep(self, ack: Ack, shortcut: dict[str, Any], client: WebClient) -> None:
        client.chat_postMessage(channel=shortcut["user"]["id"], text=f"Kept: {shortcut['message']['text']}")
        ack()

    def home(self, event: dict[str, Any], client: WebClient) -> None:
        blocks = [
            {"type": "header", "text": plain("Good morning")},
            {"type": "section", "text": mrkdwn("*3 things* for you today, 1 late.")},
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})
