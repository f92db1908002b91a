"""Every answer of Slack, and every way in which the connection can break, is a value that says what to do.

Each test talks to a real HTTP server on this machine that answers as it is told.
"""

import json
import logging
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.slack.failures import DEFAULT_WAIT, Kind, SlackFailure, kind_of
from bot.slack.gateway import METHODS, Gateway

TOKEN = "xoxb-not-for-anyone"
MESSAGE = {"text": "a private sentence", "blocks": [], "unfurl_links": False, "unfurl_media": False}


class Slack:
    """Answers each request with the next told answer: (status, body, headers), or "cut", or "silence"."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                sent = json.loads(body) if body.startswith("{") else {k: v[0] for k, v in parse_qs(body).items()}
                slack.asked.append((self.path.removeprefix("/api/"), sent, self.headers["Authorization"]))
                slack.answer(self, slack.answers.pop(0))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, answer: Any) -> None:
        if answer == "cut":
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        if answer == "silence":
            handler.rfile.read()  # until the other side gives up
            return
        status, body, headers = answer
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": len(content)}.items():
            handler.send_header(name, str(value))
        handler.end_headers()
        handler.wfile.write(content)

    def will(self, body: Any, status: int = 200, **headers: str) -> None:
        self.answers.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.fixture
def slack() -> Iterator[Slack]:
    server = Slack()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def gateway(slack: Slack) -> Gateway:
    return Gateway(TOKEN, slack.url, timeout=1)


def failure_of(gateway: Gateway, how: str = "post") -> SlackFailure:
    calls = {
        "post": lambda: gateway.post_message("C1", MESSAGE),
        "update": lambda: gateway.update_message("C1", "1.0", MESSAGE),
    }
    with pytest.raises(SlackFailure) as caught:
        calls[how]()
    return caught.value


def test_a_post_says_where_it_stands(slack: Slack, gateway: Gateway) -> None:
    slack.will({"ok": True, "channel": "D9", "ts": "12.34"})
    posted = gateway.post_message("U1", MESSAGE, thread_ts="11.0")
    assert (posted.channel, posted.ts) == ("D9", "12.34")
    method, sent, authorization = slack.asked[0]
    assert (method, authorization) == ("chat.postMessage", f"Bearer {TOKEN}")
    assert sent == {"channel": "U1", "thread_ts": "11.0", **MESSAGE}


def test_an_update_keeps_to_what_the_method_takes(slack: Slack, gateway: Gateway) -> None:
    slack.will({"ok": True, "channel": "C1", "ts": "12.34"})
    gateway.update_message("C1", "12.34", MESSAGE)
    assert slack.asked[0][1] == {"channel": "C1", "ts": "12.34", "text": "a private sentence", "blocks": []}


def test_views_are_opened_changed_and_published(slack: Slack, gateway: Gateway) -> None:
    view = {"type": "modal"}
    for _ in range(4):
        slack.will({"ok": True, "view": {"id": "V1", "hash": "h1"}})
    assert gateway.open_view("t", view).view_id == "V1"
    assert gateway.push_view("t", view).hash == "h1"
    gateway.update_view("V1", view, hash="h0")
    gateway.publish_home("U1", view)
    assert [asked[0] for asked in slack.asked] == ["views.open", "views.push", "views.update", "views.publish"]
    assert slack.asked[2][1] == {"view_id": "V1", "view": view, "hash": "h0"}


def test_people_channels_and_groups_are_read(slack: Slack, gateway: Gateway) -> None:
    profile = {"display_name": "Mia", "title": "Rep"}
    slack.will({"ok": True, "user": {"id": "U1", "tz": "Europe/Berlin", "is_restricted": True, "profile": profile}})
    slack.will({"ok": True, "channel": {"id": "C1", "name": "accounts", "is_private": True}})
    slack.will({"ok": True, "usergroups": [{"id": "S1", "handle": "credit", "name": "Credit"}]})
    slack.will({"ok": True, "users": ["U1", "U2"]})
    slack.will({"ok": True, "permalink": "https://example.com/p1"})
    mia = gateway.user_info("U1")
    assert (mia.shown_name, mia.tz, mia.is_guest, mia.deleted) == ("Mia", "Europe/Berlin", True, False)
    assert slack.asked[0][1] == {"user": "U1", "include_locale": "1"}
    channel = gateway.channel_info("C1")
    assert (channel.name, channel.is_private, channel.is_member) == ("accounts", True, True)
    assert gateway.usergroups()[0].handle == "credit"
    assert gateway.usergroup_members("S1") == ("U1", "U2")
    assert gateway.permalink("C1", "1.0") == "https://example.com/p1"
    assert {asked[0] for asked in slack.asked} <= METHODS


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [
        ({"dnd_enabled": True, "next_dnd_start_ts": 1450416600, "next_dnd_end_ts": 1450452600}, 600),
        ({"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}, None),
        ({"dnd_enabled": False, "next_dnd_start_ts": 1450416600, "next_dnd_end_ts": 1450452600}, None),
        ({"dnd_enabled": True}, None),
        ({"dnd_enabled": True, "next_dnd_start_ts": "1", "next_dnd_end_ts": None}, None),
        ({}, None),
    ],
)
def test_when_somebody_is_not_to_be_disturbed(
    slack: Slack, gateway: Gateway, answer: dict[str, Any], minutes: int | None
) -> None:
    slack.will({"ok": True, **answer})
    found = gateway.do_not_disturb("U1")
    assert (found and (found.ends - found.begins).total_seconds() / 60) == minutes
    assert slack.asked[0][:2] == ("dnd.info", {"user": "U1"})


def test_the_identity_brings_its_scopes(slack: Slack, gateway: Gateway) -> None:
    slack.will({"ok": True, "team_id": "T1", "user_id": "UB", "bot_id": "B1"}, X_OAuth_Scopes="chat:write, commands")
    identity = gateway.auth_test()
    assert (identity.team_id, identity.bot_user_id) == ("T1", "UB")
    assert identity.scopes == {"chat:write", "commands"}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("service_unavailable", Kind.RETRY),
        ("fatal_error", Kind.UNSURE),
        ("internal_error", Kind.UNSURE),
        ("message_not_found", Kind.GONE),
        ("hash_conflict", Kind.CONFLICT),
        ("expired_trigger_id", Kind.LATE),
        ("user_disabled", Kind.UNREACHABLE),
        ("is_archived", Kind.PLACE),
        ("restricted_action_thread_locked", Kind.PLACE),
        ("restricted_action", Kind.FORBIDDEN),
        ("no_permission", Kind.FORBIDDEN),
        ("token_revoked", Kind.BROKEN),
        ("invalid_blocks", Kind.OURS),
        ("something_new", Kind.OURS),
    ],
)
def test_each_error_says_what_to_do(slack: Slack, gateway: Gateway, error: str, kind: Kind) -> None:
    slack.will({"ok": False, "error": error})
    failure = failure_of(gateway)
    assert (failure.kind, failure.error, failure.method) == (kind, error, "chat.postMessage")
    assert len(slack.asked) == 1


def test_a_channel_error_about_a_person_means_the_person() -> None:
    assert kind_of("channel_not_found", "chat.postMessage", "U1") is Kind.UNREACHABLE
    assert kind_of("is_archived", "chat.postMessage", "D1") is Kind.UNREACHABLE
    assert kind_of("channel_not_found", "chat.postMessage", "C1") is Kind.PLACE
    assert kind_of("fatal_error", "chat.update", "C1") is Kind.RETRY, "an update may be done twice"


def test_a_missing_scope_is_named(slack: Slack, gateway: Gateway) -> None:
    slack.will({"ok": False, "error": "missing_scope", "needed": "im:write", "provided": "chat:write"})
    failure = failure_of(gateway)
    assert (failure.needed, failure.provided, failure.kind) == ("im:write", "chat:write", Kind.FORBIDDEN)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", DEFAULT_WAIT)])
def test_too_fast_says_how_long_to_wait(slack: Slack, gateway: Gateway, header: str, seconds: float) -> None:
    slack.will({"ok": False, "error": "ratelimited"}, 429, Retry_After=header)
    failure = failure_of(gateway)
    assert (failure.kind, failure.retry_after, len(slack.asked)) == (Kind.WAIT, seconds, 1)


@pytest.mark.parametrize(
    ("status", "post", "update"),
    [
        (500, Kind.RETRY, Kind.RETRY),
        (502, Kind.RETRY, Kind.RETRY),
        (503, Kind.RETRY, Kind.RETRY),
        (429, Kind.WAIT, Kind.WAIT),
        (200, Kind.UNSURE, Kind.RETRY),
        (404, Kind.OURS, Kind.OURS),
    ],
)
def test_an_answer_without_json_is_judged_by_its_status(
    slack: Slack, gateway: Gateway, status: int, post: Kind, update: Kind
) -> None:
    slack.will("<html>", status)
    slack.will("<html>", status)
    assert failure_of(gateway).kind is post
    assert failure_of(gateway, "update").kind is update


@pytest.mark.parametrize("trouble", ["cut", "silence"])
def test_a_post_that_got_no_answer_is_unsure_and_never_repeated(slack: Slack, gateway: Gateway, trouble: str) -> None:
    slack.answers = [trouble, trouble]
    assert failure_of(gateway).kind is Kind.UNSURE
    assert len(slack.asked) == 1
    assert failure_of(gateway, "update").kind is Kind.RETRY


def test_a_post_that_never_left_may_be_sent_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Gateway(TOKEN, f"http://127.0.0.1:{taken.getsockname()[1]}/api/", timeout=1)
        assert failure_of(nobody).kind is Kind.RETRY


def test_neither_logs_nor_errors_hold_the_token_or_the_message(
    slack: Slack, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text]"]
    slack.will({"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": wrong}})
    slack.answers.append("cut")
    with caplog.at_level(logging.DEBUG):
        ours = failure_of(gateway)
        unsure = failure_of(gateway)
    assert "json-pointer:/blocks/0/text" in caplog.text
    for text in (caplog.text, repr(ours), str(ours), str(unsure)):
        assert TOKEN not in text
        assert "a private sentence" not in text
    for failure in (ours, unsure):
        assert failure.__cause__ is None
        assert failure.__context__ is None


def test_the_time_limit_can_be_shortened(slack: Slack) -> None:
    slack.answers = ["silence"]
    patient = Gateway(TOKEN, slack.url, timeout=60)
    assert failure_of(patient.within(1)).error == "no_answer"
