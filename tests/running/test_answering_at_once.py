"""Slack's request is answered as soon as the work is done, whatever is left for after the acknowledgement."""

from __future__ import annotations

import json
import time
from threading import Event
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack, Respond
from slack_sdk.signature import SignatureVerifier

from bot.app import build
from bot.clock import SystemClock
from bot.running.bolt import bolt_app
from bot.running.web import create_app
from bot.settings import Settings
from handlers.answering import answering
from handlers.payloads import Body

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def served(tmp_path):
    """A bot, a Bolt app without listeners of its own, and a click on button "a"."""
    url = f"sqlite:///{tmp_path / 'baton.db'}"
    settings = Settings(bot_token="xoxb-1", signing_secret=SECRET, database_url=url)
    bot, bolt = build(settings, SystemClock()), bolt_app(settings)
    web = create_app(bolt, SECRET, lambda: (True, "")).test_client()

    def click():
        payload = {"type": "block_actions", "user": {"id": "U1"}, "team": {"id": "T1"}, "actions": [{"action_id": "a"}]}
        body, now = urlencode({"payload": json.dumps(payload)}), str(int(time.time()))
        headers = {
            "X-Slack-Request-Timestamp": now,
            "X-Slack-Signature": SignatureVerifier(SECRET).generate_signature(timestamp=now, body=body),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return web.post("/slack/events", data=body, headers=headers)

    yield bot, bolt, click
    bot.stop(1)


def test_the_answer_does_not_wait_for_what_comes_after_the_acknowledgement(served):
    bot, bolt, click = served
    going_on, done = Event(), []

    def listener(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.then(lambda: done.append(going_on.wait(30)))
            answer.then(lambda: done.append("second"))

    bolt.action("a")(listener)
    assert click().status_code == 200
    assert done == []
    going_on.set()
    assert bot.afterwards.wait_idle(10)
    assert done == [True, "second"]


def test_what_fails_after_the_acknowledgement_keeps_nothing_else_from_being_done(served, caplog):
    bot, bolt, click = served
    done = []

    def listener(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.then(lambda: done.append(1 / 0))
            answer.then(lambda: done.append("second"))

    bolt.action("a")(listener)
    assert click().status_code == 200
    assert bot.afterwards.wait_idle(10)
    assert done == ["second"]
    assert "ZeroDivisionError" in caplog.text


def test_a_listener_that_fails_is_answered_for(served):
    _, bolt, click = served
    bolt.action("a")(lambda: 1 / 0)
    assert click().status_code == 500


def test_the_next_request_of_the_same_thread_has_an_acknowledgement_of_its_own(served):
    _, bolt, click = served
    words = iter(["first", "second"])
    bolt.action("a")(lambda ack: ack(next(words)))
    assert [click().text, click().text] == ["first", "second"]
