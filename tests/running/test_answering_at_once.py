"""Slack's request is answered as soon as the listener has acknowledged, whatever the listener still does."""

from __future__ import annotations

import json
import time
from threading import Event
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack
from slack_sdk.signature import SignatureVerifier

from bot.running.bolt import bolt_app
from bot.running.listeners import Listeners
from bot.running.web import create_app
from bot.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def served():
    listeners = Listeners()
    bolt = bolt_app(Settings(bot_token="xoxb-1", signing_secret=SECRET), listeners)
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

    yield bolt, listeners, click
    listeners.shutdown()


def test_the_answer_does_not_wait_for_what_comes_after_the_acknowledgement(served):
    bolt, listeners, click = served
    going_on, done = Event(), Event()

    def listener(ack: Ack) -> None:
        ack("seen")
        assert going_on.wait(30)
        done.set()

    bolt.action("a")(listener)
    answer = click()
    assert (answer.status_code, answer.text) == (200, "seen")
    assert not done.is_set()
    going_on.set()
    assert listeners.wait_idle(10)
    assert done.is_set()


def test_a_listener_that_fails_is_answered_for(served):
    bolt, listeners, click = served
    bolt.action("a")(lambda: 1 / 0)
    assert click().status_code == 500
    assert listeners.wait_idle(10)


def test_the_next_request_of_the_same_thread_has_an_acknowledgement_of_its_own(served):
    bolt, _, click = served
    words = iter(["first", "second"])
    bolt.action("a")(lambda ack: ack(next(words)))
    assert [click().text, click().text] == ["first", "second"]
