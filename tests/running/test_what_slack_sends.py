"""Slack's endpoint over a real socket: what is signed and well formed is served, all else is refused politely."""

import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_bot import SmallBot
from werkzeug.serving import make_server

from bot.running.web import create_app
from bot.settings import Settings

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass
class Answer:
    status: int
    text: str


class Line:
    """A connection to the bot's web, and the bot behind it."""

    def __init__(self, bot: SmallBot, port: int) -> None:
        self.bot = bot
        self._port = port

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, text)

    def send(self, body: bytes, kind: str, at: float | None = None, secret: str = SECRET, **headers: str) -> Answer:
        """Send a body to Slack's endpoint, signed at a moment (now); `headers` replace or add some."""
        timestamp = str(int(time.time() if at is None else at))
        basis = b"v0:" + timestamp.encode() + b":" + body
        signature = "v0=" + hmac.new(secret.encode(), basis, "sha256").hexdigest()
        signed = {"X_Slack_Request_Timestamp": timestamp, "X_Slack_Signature": signature, "Content_Type": kind}
        return self.ask("POST", "/slack/events", body, **signed | headers)

    def event(self, **event: object) -> Answer:
        body = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev1", "event": event}
        return self.send(json.dumps(body).encode(), JSON)

    def command(self, text: str) -> Answer:
        form = {"command": "/handoff", "text": text, "user_id": "U1", "team_id": "T1", "channel_id": "C1"}
        return self.send(urlencode(form).encode(), FORM)


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    bot = SmallBot(Settings(bot_token="xoxb-1", signing_secret=SECRET, api_url="http://127.0.0.1:9/api/"))
    web = create_app(bot.bolt, SECRET, bot.ready)
    server = make_server("127.0.0.1", 0, web, threaded=True)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield Line(bot, server.server_port)
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_command_is_answered(line: Line) -> None:
    assert line.command("list mine") == Answer(200, "you said: list mine")


def test_a_command_about_a_payload_keeps_its_words(line: Line) -> None:
    assert line.command("show payload systems & sons {x}") == Answer(200, "you said: show payload systems & sons {x}")


def test_slacks_address_check_is_answered(line: Line) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-17", "token": "t"}).encode()

    assert json.loads(line.send(body, JSON).text) == {"challenge": "c-17"}


def test_an_event_that_nobody_listens_to_is_acknowledged_and_a_strange_button_is_not(line: Line) -> None:
    assert line.event(type="app_home_opened", user="U1", tab="home").status == 200
    assert line.event(type="grid_migration_started").status == 200
    assert line.send(b'{"type":"app_rate_limited","team_id":"T1"}', JSON).status == 200

    click = {"type": "block_actions", "actions": [{"action_id": "nobody.listens", "block_id": "b", "type": "button"}]}
    form = urlencode({"payload": json.dumps(click | {"user": {"id": "U1"}, "team": {"id": "T1"}})}).encode()
    assert line.send(form, FORM).status == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Slack_Signature": "v0=" + "0" * 64},
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0=é"},
        {"X_Slack_Request_Timestamp": "noon"},
        {"X_Slack_Request_Timestamp": "-1"},
        {"X_Slack_Request_Timestamp": "9" * 400},
        {"X_Slack_Request_Timestamp": "²"},
        {"X_Slack_Request_Timestamp": ""},
    ],
)
def test_what_is_not_signed_by_slack_is_refused(line: Line, headers: dict[str, str]) -> None:
    assert line.send(b'{"type":"event_callback"}', JSON, **headers).status == 401


def test_a_recorded_request_is_refused_after_five_minutes(line: Line) -> None:
    body = urlencode({"command": "/handoff", "text": "", "user_id": "U1", "team_id": "T1"}).encode()

    assert line.send(body, FORM, at=time.time() - 240).status == 200
    assert line.send(body, FORM, at=time.time() - 310).status == 401
    assert line.send(body, FORM, at=time.time() + 310).status == 401
    assert line.send(body, FORM, secret="another secret").status == 401
    assert line.ask("POST", "/slack/events", body).status == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"{}", JSON),
        (b'{"type": 3}', JSON),
        (b'{"type": "event_callback"}', JSON),
        (b'{"type": "event_callback", "event": "x"}', JSON),
        (b"[" * 100_000, JSON),
        (b'{"type": "\xff"}', JSON),
        (b"\xff\xfe", FORM),
        (b"hello", FORM),
        (b"payload=", FORM),
        (b"payload=%7B", FORM),
        (b"payload=[1]", FORM),
        (b'payload={"type":"block_actions"}', FORM),
        (b'payload={"type":"block_actions","actions":[1]}', FORM),
        (b'payload={"type":"view_submission","view":"x"}', FORM),
        (b'{"type": "event_callback"}', "text/plain"),
        (b"command=%2Fhandoff", "multipart/form-data"),
        (b"command=%2Fhandoff", ""),
    ],
)
def test_what_slack_never_sends_is_refused(line: Line, body: bytes, kind: str) -> None:
    assert line.send(body, kind).status == 400


def test_a_body_has_a_size(line: Line) -> None:
    assert line.send(b"", JSON).status == 401
    assert line.send(b"x" * (1024 * 1024 + 1), JSON).status == 413
    assert line.send(b"x" * (1024 * 1024), JSON).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/slack/events", 405), ("PUT", "/slack/events", 405), ("GET", "/nothing", 404), ("POST", "/healthz", 405)],
)
def test_other_methods_and_paths_get_a_short_text(line: Line, method: str, path: str, status: int) -> None:
    answer = line.ask(method, path)

    assert answer.status == status
    assert len(answer.text) < 40
    assert "<" not in answer.text


def test_health_is_ok_once_the_bot_can_serve(line: Line) -> None:
    assert json.loads(line.ask("GET", "/healthz").text) == {"status": "ok"}

    line.bot.can_serve, line.bot.reason = False, "the database does not answer"
    answer = line.ask("GET", "/healthz")
    line.bot.can_serve = True

    assert answer.status == 503
    assert json.loads(answer.text) == {"status": "unavailable", "reason": "the database does not answer"}
    assert "Baton" in line.ask("GET", "/").text


names = st.sampled_from(
    ["type", "team", "team_id", "user", "user_id", "id", "event", "view", "actions", "channel", "authorizations",
     "is_enterprise_install", "enterprise", "container", "message", "response_urls", "function_data", "state"]
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
kinds = st.sampled_from(["event_callback", "block_actions", "view_submission", "view_closed", "block_suggestion",
                         "shortcut", "message_action", "interactive_message", "dialog_submission", "x"])  # fmt: skip


@settings(max_examples=150, deadline=None, database=None)
@given(kind=kinds, body=st.dictionaries(names, anything, max_size=6))
def test_no_signed_body_of_a_wrong_shape_is_our_failure(line: Line, kind: str, body: dict[str, object]) -> None:
    text = json.dumps(body | {"type": kind})

    assert line.send(text.encode(), JSON).status < 500
    assert line.send(urlencode({"payload": text}).encode(), FORM).status < 500
