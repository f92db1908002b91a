"""The page's addresses, as a browser and as somebody with bad intentions would use them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sandbox.model import Channel, ChannelKind
from sandbox.page.deeds import next_morning
from sandbox.server import Sandbox

ACCOUNTS = "C0ACCOUNTS0"
Do = Callable[..., dict[str, Any]]


@pytest.fixture
def browser(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, headers={"Origin": sandbox.url}) as client:
        yield client


@pytest.fixture
def do(browser: httpx.Client) -> Do:
    def perform(user: str, deed: str, **body: Any) -> dict[str, Any]:
        answer = browser.post(f"/page/do/{deed}", json={"as": user, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return perform


def parts(browser: httpx.Client, user: str, at: str = ACCOUNTS, **more: str) -> dict[str, str]:
    answer = browser.get("/page/parts", params={"as": user, "at": at, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["parts"]


def test_one_chooses_who_to_be(browser: httpx.Client, sandbox: Sandbox) -> None:
    chooser = browser.get("/").text
    for user in sandbox.workspace.users.values():
        assert (f'href="/as/{user.name}"' in chooser) is not (user.is_bot or user.deleted or user.name == "slackbot")
    assert browser.get("/?as=mia").headers["location"] == "/as/mia"
    page = browser.get("/as/mia")
    assert page.status_code == 200
    assert "You are <strong>Mia" in page.text
    assert browser.get("/as/nobody").status_code == 404


def test_nothing_of_elsewhere_runs_on_the_page(browser: httpx.Client) -> None:
    page = browser.get("/as/mia")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "<style" not in page.text
    assert ' style="' not in page.text
    assert page.text.count("<script") == page.text.count('<script type="module" src="/page/static/')


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, '{"as": "mia"}', 403),
        ({"Origin": "null"}, '{"as": "mia"}', 403),
        ({"Content-Type": "text/plain"}, '{"as": "mia"}', 415),
        ({}, "{", 400),
        ({}, "[]", 400),
        ({}, '{"as": "nobody"}', 404),
        ({}, "{}", 404),
    ],
)
def test_only_the_page_itself_acts(browser: httpx.Client, headers: dict[str, str], content: str, status: int) -> None:
    sent = {"Content-Type": "application/json", **headers}
    assert browser.post("/page/do/post", content=content, headers=sent).status_code == status


def test_unknown_deeds_and_lacking_words(browser: httpx.Client, do: Do) -> None:
    assert browser.post("/page/do/fly", json={"as": "mia"}).status_code == 404
    assert not do("mia", "post", channel=ACCOUNTS)["ok"]
    assert not do("mia", "act", where={"where": "moon"}, block_id="b", action_id="a")["ok"]
    assert not do("mia", "clock", move="sideways")["ok"]


def test_a_message_reaches_the_others_as_unread_until_they_look(browser: httpx.Client, do: Do) -> None:
    assert do("mia", "post", channel=ACCOUNTS, text="*hello* <b> @ines")["ok"]
    assert "<strong>hello</strong> &lt;b&gt;" in parts(browser, "mia")["conversation"]
    assert "unread</span>" in parts(browser, "ines", "home")["sidebar"]
    assert "unread</span>" not in parts(browser, "mia", "home")["sidebar"], "one's own words are not news"
    assert "mention me" in parts(browser, "ines", seen="1")["conversation"]
    assert "unread</span>" not in parts(browser, "ines", "home")["sidebar"]


def test_threads_stand_beside(browser: httpx.Client, do: Do, sandbox: Sandbox) -> None:
    root = sandbox.actions.post("U0MIA000000", ACCOUNTS, "root")
    assert do("ines", "post", channel=ACCOUNTS, text="an answer", thread=root.ts)["ok"]
    seen = parts(browser, "mia", thread=root.ts)
    assert "an answer" in seen["thread"]
    assert "an answer" not in seen["conversation"]
    assert ">1 reply<" in seen["conversation"]
    assert "1 new" in seen["conversation"]
    assert "hidden" in parts(browser, "mia")["thread"].split(">")[0]


def test_slash_commands_and_what_slack_says_about_them(browser: httpx.Client, do: Do, app: Any) -> None:
    app.answers("command", text="only for you")
    assert do("mia", "post", channel=ACCOUNTS, text="/tiny go")["ok"]
    assert app.last["text"] == "go"
    assert "only for you" in parts(browser, "mia")["conversation"]
    assert "Only visible to you" in parts(browser, "mia")["conversation"]
    assert "only for you" not in parts(browser, "ines")["conversation"]
    refused = do("mia", "post", channel=ACCOUNTS, text="/nonsense")
    assert "not a valid command" in refused["error"]
    assert "not supported in threads" in do("mia", "post", channel=ACCOUNTS, text="/tiny", thread="1.0")["error"]


def test_ephemerals_can_be_put_away(browser: httpx.Client, do: Do, sandbox: Sandbox) -> None:
    whisper = sandbox.workspace.whisper(ACCOUNTS, "U0MIA000000", "USLACKBOT", "psst")
    assert "psst" in parts(browser, "mia")["conversation"]
    assert do("mia", "dismiss", ephemeral=whisper.id)["ok"]
    assert "psst" not in parts(browser, "mia")["conversation"]


def test_a_private_channel_is_nowhere_for_others(browser: httpx.Client, sandbox: Sandbox) -> None:
    private = Channel("C0SECRET000", "secret-plan", ChannelKind.PRIVATE, ["U0MIA000000"])
    with sandbox.workspace.changing():
        sandbox.workspace.channels[private.id] = private
    sandbox.actions.post("U0MIA000000", private.id, "hush")
    assert "hush" in parts(browser, "mia", private.id)["conversation"]
    seen = json.dumps(parts(browser, "ines", private.id)) + json.dumps(parts(browser, "ines"))
    assert "hush" not in seen
    assert "secret-plan" not in seen


def test_clicks_and_choices_carry_everything_typed(browser: httpx.Client, do: Do, client: WebClient, app: Any) -> None:
    plain = {"type": "plain_text", "text": "x"}
    day = {"type": "datepicker", "action_id": "day"}
    moment = {"type": "datetimepicker", "action_id": "moment"}
    elements = [{"type": "button", "action_id": "go", "text": plain}, day, moment]
    posted = client.chat_postMessage(
        channel=ACCOUNTS, text="card", blocks=[{"type": "actions", "block_id": "b", "elements": elements}]
    )
    where = {"where": "message", "channel": ACCOUNTS, "ts": posted["ts"]}
    state = [
        {"block_id": "b", "action_id": "day", "type": "datepicker", "value": "2026-03-04"},
        {"block_id": "b", "action_id": "moment", "type": "datetimepicker", "value": "2026-03-04T10:00"},
    ]
    assert do("mia", "act", where=where, block_id="b", action_id="go", state=state)["ok"]
    values = app.last["state"]["values"]["b"]
    assert values["day"]["selected_date"] == "2026-03-04"
    assert values["moment"]["selected_date_time"] == int(datetime(2026, 3, 4, 9, 0, tzinfo=UTC).timestamp())
    assert 'value="2026-03-04"' in parts(browser, "mia")["conversation"]


def test_a_modal_with_errors_and_an_end(browser: httpx.Client, do: Do, app: Any) -> None:
    label = {"type": "plain_text", "text": "Who"}
    inputs = [{"type": "input", "block_id": "who", "label": label,
               "element": {"type": "external_select", "action_id": "v", "min_query_length": 1}}]  # fmt: skip
    words = {part: {"type": "plain_text", "text": part.title()} for part in ("title", "submit", "close")}
    app.opens("shortcut", {"type": "modal", "callback_id": "form", "blocks": inputs, **words})
    app.answers("options", options=[{"text": {"type": "plain_text", "text": "Acme"}, "value": "1"}])
    assert do("mia", "shortcut", callback="tiny_new")["ok"]
    modal = parts(browser, "mia")["modal"]
    view_id = modal.split('data-view="')[1].split('"')[0]
    assert 'aria-modal="true"' in modal
    assert "Submit</button>" in modal
    assert 'data-view="' not in parts(browser, "ines")["modal"]
    assert do("mia", "submit", view=view_id, state=[])["errors"] == {"who": "Please complete this required field."}
    assert 'aria-invalid="true"' in parts(browser, "mia")["modal"]
    asked = {"where": {"where": "view", "view": view_id}, "block_id": "who", "action_id": "v", "query": "ac"}
    offered = browser.post("/page/options", json={"as": "mia", **asked}).json()["options"]
    state = [{"block_id": "who", "action_id": "v", "type": "external_select", "value": offered[0]}]
    assert do("mia", "submit", view=view_id, state=state)["ok"]
    assert app.last["view"]["state"]["values"]["who"]["v"]["selected_option"]["value"] == "1"
    assert 'data-view="' not in parts(browser, "mia")["modal"]


def test_home_and_direct_messages(browser: httpx.Client, do: Do, client: WebClient, app: Any) -> None:
    assert "has not shown anything" in parts(browser, "carl", "home")["conversation"]
    assert do("carl", "home", tab="home")["ok"]
    assert app.last["event"]["type"] == "app_home_opened"
    text = {"type": "plain_text", "text": "Good morning"}
    client.views_publish(user_id="U0CARL00000", view={"type": "home", "blocks": [{"type": "header", "text": text}]})
    assert "Good morning" in parts(browser, "carl", "home")["conversation"]
    client.chat_postMessage(channel="U0CARL00000", text="a word in private")
    dm = browser.get("/page/parts", params={"as": "carl", "at": "@tiny"}).json()
    assert dm["at"].startswith("D")
    assert "a word in private" in dm["parts"]["conversation"]
    assert "a word in private" not in parts(browser, "mia", dm["at"])["conversation"]


def test_the_clock_is_moved_for_everybody(browser: httpx.Client, do: Do, sandbox: Sandbox) -> None:
    before = sandbox.workspace.now()
    assert do("mia", "clock", move="hour")["ok"]
    assert (sandbox.workspace.now() - before).total_seconds() == 3600
    assert do("mia", "clock", move="next_morning")["ok"]
    assert "<strong>09:00</strong>" in parts(browser, "mia")["top"]


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-03-02T05:00", "Europe/Berlin", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "Europe/Berlin", "2026-03-03T08:00"),
        ("2026-03-27T12:00", "Europe/Berlin", "2026-03-30T07:00"),  # over the weekend on which the clocks go forward
        ("2026-03-28T05:00", "Europe/Berlin", "2026-03-30T07:00"),
        ("2026-03-02T05:00", "America/New_York", "2026-03-02T14:00"),
    ],
)
def test_the_next_morning_is_the_persons_own(now: str, zone: str, expected: str) -> None:
    moment = next_morning(datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(zone))
    assert moment.astimezone(UTC) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_people_join_invite_and_leave(browser: httpx.Client, do: Do, sandbox: Sandbox) -> None:
    channel = Channel("C0NEWONE000", "new-one", ChannelKind.PUBLIC, ["U0MIA000000"])
    with sandbox.workspace.changing():
        sandbox.workspace.channels[channel.id] = channel
    assert "Join the channel" in parts(browser, "ines", channel.id)["conversation"]
    assert do("ines", "join", channel=channel.id)["ok"]
    assert do("mia", "post", channel=channel.id, text="/invite @carl @tiny")["ok"]
    assert {"U0INES00000", "U0CARL00000", sandbox.workspace.app.bot_user_id} <= set(channel.members)
    assert not do("mia", "post", channel=channel.id, text="/invite @nobody")["ok"]
    assert do("ines", "post", channel=channel.id, text="/leave")["ok"]
    assert "U0INES00000" not in channel.members


def test_files_go_up_and_come_down_as_downloads(browser: httpx.Client) -> None:
    sent = browser.post("/page/upload", params={"as": "mia", "name": 'a"b<.html'}, content=b"<script>x</script>").json()
    got = browser.get(f"/page/file/{sent['id']}")
    assert got.content == b"<script>x</script>"
    assert got.headers["content-disposition"] == 'attachment; filename="a_b_.html"'
    assert got.headers["content-type"] == "application/octet-stream"
    assert browser.get("/page/file/F9").status_code == 404


def test_files_are_sent_with_a_message_by_whoever_brought_them(browser: httpx.Client, sandbox: Sandbox) -> None:
    sent = browser.post("/page/upload", params={"as": "mia", "name": "book.csv"}, content=b"a,b").json()["id"]

    def post(name: str, files: list[str]) -> dict[str, Any]:
        body = {"as": name, "channel": "C0ACCOUNTS0", "text": "the book", "files": files}
        answer: dict[str, Any] = browser.post("/page/do/post", json=body).json()
        return answer

    assert not post("olaf", [sent])["ok"]
    assert not post("mia", ["F9"])["ok"]
    assert post("mia", [sent])["ok"]
    message = sandbox.workspace.channels["C0ACCOUNTS0"].messages[-1]
    assert (message.text, message.files) == ("the book", [sent])
    shown = browser.get("/page/parts", params={"as": "olaf", "at": "C0ACCOUNTS0"}).json()["parts"]["conversation"]
    assert f'href="/page/file/{sent}' in shown
    assert ">book.csv</a>" in shown


def test_open_pages_hear_of_every_change(sandbox: Sandbox) -> None:
    address = sandbox.url.replace("http", "ws") + "/live"
    with connect(address, origin=sandbox.url) as socket:
        first = json.loads(socket.recv(3))["version"]
        sandbox.actions.post("U0MIA000000", ACCOUNTS, "news")
        assert json.loads(socket.recv(3))["version"] > first


def test_other_sites_may_not_listen(sandbox: Sandbox) -> None:
    address = sandbox.url.replace("http", "ws") + "/live"
    with pytest.raises(InvalidStatus), connect(address, origin="https://elsewhere.example"):
        pass
