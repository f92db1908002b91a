"""Who answers a request is found by its id."""

from __future__ import annotations

import re

import pytest
from slack_bolt import Ack, BoltRequest

from bot.running.bolt import bolt_app
from bot.settings import Settings
from handlers.routes import ANYTHING, Kind, Routes


@pytest.fixture
def app():
    return bolt_app(Settings(bot_token="xoxb-1", signing_secret="s"))


def test_an_id_s_own_function_answers_before_patterns_and_those_in_their_order(app):
    routes, names = Routes(app), ["own", "menu", "rest"]
    own, menu, rest = (type(name, (), {"__call__": lambda self: None})() for name in names)
    routes.action(re.compile(r"item\.(menu|done)"))(menu)
    routes.action(ANYTHING)(rest)
    routes.action("item.done")(own)
    assert routes.found(Kind.ACTION, "item.done") is own
    assert routes.found(Kind.ACTION, "item.menu") is menu
    assert routes.found(Kind.ACTION, "") is rest
    assert routes.found(Kind.VIEW, "item.done") is None


def test_two_answers_to_one_id_are_a_mistake(app):
    routes = Routes(app)
    routes.view("item.add")(lambda: None)
    with pytest.raises(AssertionError, match="two answers to the view"):
        routes.view("item.add")(lambda: None)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("action", {"type": "block_actions", "actions": [{"type": "button", "action_id": "x", "block_id": "b"}]}),
        ("view", {"type": "view_submission", "view": {"type": "modal", "callback_id": "x"}}),
        ("view_closed", {"type": "view_closed", "view": {"type": "modal", "callback_id": "x"}}),
        ("options", {"type": "block_suggestion", "action_id": "x", "block_id": "b", "value": ""}),
        ("shortcut", {"type": "shortcut", "callback_id": "x", "trigger_id": "1"}),
        ("shortcut", {"type": "message_action", "callback_id": "x", "trigger_id": "1", "message": {}}),
        ("command", {"command": "x", "text": "", "user_id": "U1", "team_id": "T1"}),
    ],
)
def test_each_kind_of_request_reaches_its_function_with_what_it_asks_for(app, kind, body):
    routes, got = Routes(app), []
    routes.listen()

    def answer(ack: Ack, body: dict[str, object]) -> None:
        got.append(body)
        ack()

    getattr(routes, kind)("x")(answer)
    sent = {"team": {"id": "T1"}, "user": {"id": "U1"}, **body}
    assert app.dispatch(BoltRequest(body=sent, mode="socket_mode")).status == 200
    assert len(got) == 1
