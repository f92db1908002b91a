"""Events: what is told, to whom it is told, and when it is told again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from tiny_bolt import ACCOUNTS, BOT, GENERAL, MIA, OTTO, TinyApp, section, start_sandbox

from sandbox.model import Json
from sandbox.server import Sandbox
from sandbox.transport import Answer


class Deaf:
    """A network that fails a number of times; keeps (event type, retry) of each try."""

    def __init__(self, times: int, headers: dict[str, str] | None = None) -> None:
        self.times, self.headers = times, headers or {}
        self.tries: list[tuple[str, tuple[int, str] | None]] = []

    def send(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        self.tries.append((payload["event"]["type"], retry))
        self.times -= 1
        return Answer(500, failure="http_error", headers=self.headers) if self.times >= 0 else Answer(200)


@pytest.fixture
def fresh() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


def kinds(app: TinyApp) -> list[str]:
    app.executor.wait_idle()
    return [b["event"]["type"] for b in app.bodies]


def test_what_happens_is_told(fresh: Sandbox) -> None:
    with TinyApp(fresh) as app:
        act = fresh.actions
        act.invite(ACCOUNTS, OTTO)
        act.leave(ACCOUNTS, OTTO)
        act.invite(GENERAL, BOT)
        act.change_user(MIA, tz="Asia/Tokyo")
        act.deactivate(OTTO)
        act.archive(GENERAL)
        assert kinds(app) == [
            "member_joined_channel",
            "member_left_channel",
            "member_joined_channel",
            "user_change",
            "user_change",
            "channel_archive",
        ]
        assert app.bodies[3]["event"]["user"]["tz"] == "Asia/Tokyo"
        assert app.bodies[4]["event"]["user"]["deleted"] is True
        assert app.bodies[0]["event"] | {"event_ts": ""} == {
            "type": "member_joined_channel",
            "user": OTTO,
            "channel": ACCOUNTS,
            "team": "T0SANDBOX01",
            "channel_type": "C",
            "event_ts": "",
        }
        assert app.last["type"] == "event_callback"
        assert len({b["event_id"] for b in app.bodies}) == 6
        app.reset()
        act.uninstall()
        assert kinds(app) == ["app_uninstalled", "tokens_revoked"]
        assert app.last["event"]["tokens"]["bot"] == [BOT]


def test_what_is_not_subscribed_or_not_near_is_not_told() -> None:
    with start_sandbox(events=frozenset({"member_joined_channel"})) as sandbox, TinyApp(sandbox) as app:
        sandbox.actions.change_user(MIA, title="Boss")
        sandbox.actions.leave(GENERAL, OTTO)
        sandbox.actions.invite(GENERAL, OTTO)
        assert kinds(app) == []


def test_opening_the_home_tab(fresh: Sandbox) -> None:
    with TinyApp(fresh) as app:

        def publish(body: Json, client: WebClient) -> None:
            client.views_publish(user_id=body["event"]["user"], view={"type": "home", "blocks": [section("Welcome")]})

        app.home = publish
        mia = fresh.person("mia")
        assert mia.home.text == "Welcome"
        assert (app.last["event"]["tab"], "view" in app.last["event"]) == ("home", False)
        mia.opens_home()
        assert app.last["event"]["view"]["blocks"][0]["text"]["text"] == "Welcome"
        fresh.actions.open_home(MIA, tab="messages")
        assert app.last["event"]["tab"] == "messages"


def test_what_the_app_causes_is_told_to_it_too(fresh: Sandbox) -> None:
    with TinyApp(fresh) as app:
        app.client.conversations_join(channel=GENERAL)
        fresh.wait_idle()
        assert kinds(app) == ["member_joined_channel"]


def test_a_failed_event_comes_again_at_once_after_a_minute_and_after_five(fresh: Sandbox) -> None:
    network = Deaf(times=9)
    fresh.delivery.connect_by(network)
    clock = fresh.workspace.clock
    fresh.actions.change_user(MIA, title="Boss")
    assert [retry for _, retry in network.tries] == [None, (1, "http_error")]
    clock.advance(timedelta(seconds=59))  # type: ignore[attr-defined]
    assert len(network.tries) == 2
    clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    assert network.tries[-1][1] == (2, "http_error")
    clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    assert network.tries[-1][1] == (3, "http_error")
    clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    assert len(network.tries) == 4


def test_the_app_may_forbid_retries(fresh: Sandbox) -> None:
    network = Deaf(times=9, headers={"x-slack-no-retry": "1"})
    fresh.delivery.connect_by(network)
    fresh.actions.change_user(MIA, title="Boss")
    assert len(network.tries) == 1


def test_an_app_that_starts_late_gets_the_event_with_its_number(fresh: Sandbox) -> None:
    fresh.connect("http://127.0.0.1:9/slack/events")
    fresh.actions.change_user(MIA, title="Boss")
    with TinyApp(fresh) as app:
        fresh.workspace.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
        assert kinds(app) == ["user_change"]
        assert app.headers[-1]["x-slack-retry-num"] == ["2"]
        assert app.headers[-1]["x-slack-retry-reason"] == ["connection_failed"]
