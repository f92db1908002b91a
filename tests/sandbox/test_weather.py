"""Faults on demand, and the record of calls."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tiny_bolt import ACCOUNTS, MIA, refusal

from sandbox.server import Sandbox


def test_the_next_calls_fail_as_told(sandbox: Sandbox, client: WebClient) -> None:
    weather = sandbox.workspace.weather
    weather.fail_next("chat.postMessage", error="fatal_error", times=2)
    for _ in range(2):
        assert refusal(client.chat_postMessage, channel=ACCOUNTS, text="x") == "fatal_error"
    assert client.chat_postMessage(channel=ACCOUNTS, text="x")["ok"]
    weather.fail_next("chat.postMessage", error="is_archived", times=0)
    weather.fail_next("chat.postMessage", error="is_archived", channel=MIA)
    assert client.chat_postMessage(channel=ACCOUNTS, text="x")["ok"]
    assert refusal(client.chat_postMessage, channel=MIA, text="x") == "is_archived"
    weather.fail_next("auth.test", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")


def test_everything_fails_until_it_clears(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.weather.fail_all(status=503)
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            client.auth_test()
        assert caught.value.response.status_code == 503
    sandbox.workspace.weather.clear()
    assert client.auth_test()["ok"]


def test_a_cut_connection_leaves_the_work_done_or_not(sandbox: Sandbox, client: WebClient) -> None:
    weather = sandbox.workspace.weather
    weather.cut_after("chat.postMessage")
    with pytest.raises((ConnectionError, OSError)):
        client.chat_postMessage(channel=ACCOUNTS, text="done in silence")
    assert sandbox.person("mia").sees("done in silence")
    weather.cut_before("chat.postMessage")
    with pytest.raises((ConnectionError, OSError)):
        client.chat_postMessage(channel=ACCOUNTS, text="never said")
    assert not sandbox.person("mia").sees("never said")


def test_a_whole_hour_of_it_until_it_clears(sandbox: Sandbox, client: WebClient) -> None:
    weather = sandbox.workspace.weather
    weather.calls.clear()
    for when in ("before", "after"):
        weather.cut_all(when)
        for word in ("one", "two"):
            with pytest.raises((ConnectionError, OSError)):
                client.chat_postMessage(channel=ACCOUNTS, text=f"{when} {word}")
        weather.clear()
    weather.fail_all(status=None, error="fatal_error", taken=True)
    assert refusal(client.chat_postMessage, channel=ACCOUNTS, text="taken all the same") == "fatal_error"
    weather.clear()
    mia = sandbox.person("mia")
    assert not mia.sees("before two")
    assert mia.sees("after two")
    assert mia.sees("taken all the same")
    assert [call.fault for call in weather.calls] == ["before", "before", "after", "after", "after"]


def test_every_call_is_recorded(sandbox: Sandbox, client: WebClient) -> None:
    weather = sandbox.workspace.weather
    weather.calls.clear()
    client.chat_postMessage(channel=ACCOUNTS, text="x")
    refusal(client.chat_postMessage, channel=ACCOUNTS)
    first, second = weather.called("chat.postMessage")
    assert (first.ok, first.args["text"], second.error, second.at) == (True, "x", "no_text", sandbox.workspace.now())
    assert "token" not in first.args
