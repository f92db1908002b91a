"""Commands, clicks, choices, shortcuts and options: what the app is sent, and what people see when it fails."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from tiny_bolt import TinyApp, actions, button, modal, option, section, start_sandbox, text_input

from sandbox.choices import NotPossible
from sandbox.model import Json, MessageAt, ViewAt
from sandbox.person import Person
from sandbox.seen import Seen
from sandbox.server import Sandbox
from sandbox.transport import HttpTransport

ACCOUNTS = "C0ACCOUNTS0"


@pytest.fixture
def mia(sandbox: Sandbox) -> Person:
    return sandbox.person("mia")


def card(mia: Person, client: WebClient, *blocks: Json, **more: Any) -> Seen:
    client.chat_postMessage(channel=ACCOUNTS, text="a card", blocks=list(blocks), **more)
    return mia.messages("#accounts")[-1]


# -- commands --------------------------------------------------------------------------------------------------------


def test_a_command_arrives_as_slack_sends_it(app: TinyApp, mia: Person) -> None:
    mia.types("/tiny move @olaf to #general for @sales-managers & co, see https://a.example/#general.", in_="#accounts")
    fields = app.last
    assert fields["command"] == "/tiny"
    assert fields["text"] == (
        "move <@U0OLAF00000|olaf> to <#C0GENERAL00|general> for"
        " <!subteam^S0SALESMANAGERS|@sales-managers> &amp; co, see <https://a.example/#general>."
    )
    assert (fields["channel_id"], fields["channel_name"], fields["user_name"]) == (ACCOUNTS, "accounts", "mia")
    assert fields["response_url"].startswith(f"{mia.sandbox.url}/commands/")
    assert fields["is_enterprise_install"] == "false"


@pytest.mark.parametrize(
    ("answer", "text"), [({"text": "only you"}, "only you"), ({"text": "x", "blocks": [section("a block")]}, "a block")]
)
def test_the_answer_of_a_command_is_ephemeral(app: TinyApp, mia: Person, answer: Json, text: str) -> None:
    app.answers("command", **answer)
    assert mia.types("/tiny", in_="#accounts").ok
    assert mia.ephemerals("#accounts")[-1].text == text
    assert not mia.sandbox.person("olaf").sees("only you")


def test_commands_that_cannot_be_typed(mia: Person) -> None:
    root = mia.says("root", in_="#accounts")
    assert mia.types("/tiny", in_="#accounts", thread=root).error == "/tiny is not supported in threads. Sorry!"
    outcome = mia.types("/nonsense", in_="#accounts")
    assert "/nonsense is not a valid command" in str(outcome.error)
    assert mia.ephemerals("#accounts")[-1].author == "slackbot"
    assert "cannot write" in str(mia.sandbox.person("otto").types("/tiny", in_="#accounts").error)


def test_what_people_see_when_the_app_fails(sandbox: Sandbox, app: TinyApp, mia: Person, client: WebClient) -> None:
    def boom(**_: Any) -> None:
        raise RuntimeError("on purpose")

    shown = card(mia, client, actions(button("go", "Go")))
    app.on("command", boom)
    app.on("action", boom)
    assert mia.types("/tiny", in_="#accounts").error == '/tiny failed with the error "dispatch_failed"'
    assert shown.click("Go").error == "tiny responded with status 500"
    app.answers("command", blocks=[section("")])
    assert mia.types("/tiny", in_="#accounts").error == '/tiny failed with the error "invalid_blocks"'
    app.on("command", lambda **_: None)
    sandbox.delivery.connect_by(HttpTransport(app.url, sandbox.workspace.app.signing_secret, ack_seconds=0.2))
    assert mia.types("/tiny", in_="#accounts").error == '/tiny failed with the error "operation_timeout"'
    app.on("action", lambda **_: None)
    assert shown.click("Go").error == "tiny is not responding"
    sandbox.delivery.connect("http://127.0.0.1:9/slack/events")
    assert shown.click("Go").error == "tiny is not responding"
    sandbox.delivery.connect(app.url)


def test_a_forged_request_is_refused_by_the_app(app: TinyApp) -> None:
    forged = HttpTransport(app.url, "another secret").send("slash_commands", {"command": "/tiny"})
    assert (forged.status, app.bodies) == (401, [])


# -- clicks ----------------------------------------------------------------------------------------------------------


def test_a_click_in_a_message(app: TinyApp, mia: Person, client: WebClient) -> None:
    shown = card(mia, client, section("x"), actions(button("go", "Go", value="7", style="primary"), block_id="b"))
    assert shown.click("Go").ok
    body = app.last
    assert body["actions"][0] | {"action_ts": ""} == {
        "type": "button",
        "action_id": "go",
        "block_id": "b",
        "value": "7",
        "style": "primary",
        "action_ts": "",
        "text": {"type": "plain_text", "text": "Go", "emoji": True},
    }
    assert body["container"] == {
        "type": "message",
        "message_ts": shown.ts,
        "channel_id": ACCOUNTS,
        "is_ephemeral": False,
    }
    assert (body["channel"], body["message"]["ts"]) == ({"id": ACCOUNTS, "name": "accounts"}, shown.ts)
    assert body["user"]["username"] == "mia"
    assert body["team"]["domain"] == "northfield"
    assert body["state"] == {"values": {}}
    assert body["trigger_id"]
    assert body["response_url"]


def test_near_words_tell_equal_buttons_apart(app: TinyApp, mia: Person, client: WebClient) -> None:
    menu = {"type": "overflow", "action_id": "menu", "options": [option("Assign"), option("Skip")]}
    shown = card(
        mia,
        client,
        section("Read the history", accessory=button("done", "Done", value="1")),
        actions(menu),
        section("Call them", accessory=button("done", "Done", value="2")),
    )
    with pytest.raises(AssertionError, match="more than one button"):
        shown.click("Done")
    shown.click("Done", near="call them")
    assert app.last["actions"][0]["value"] == "2"
    shown.menu("Assign", near="the history")
    assert app.last["actions"][0]["selected_option"]["value"] == "assign"
    with pytest.raises(AssertionError, match=r"no button 'Undo'; visible: 'Done', 'Done'"):
        shown.click("Undo")
    with pytest.raises(AssertionError, match="nothing to use near 'the future'"):
        shown.click("Done", near="the future")


def test_a_choice_in_a_message_stays_until_its_block_id_changes(app: TinyApp, mia: Person, client: WebClient) -> None:
    def boxes(block_id: str, *initial: str) -> Json:
        more = {"initial_options": [option(i) for i in initial]} if initial else {}
        return actions(
            {"type": "checkboxes", "action_id": "c", "options": [option("One"), option("Two")], **more},
            block_id=block_id,
        )

    shown = card(mia, client, boxes("v1"))
    shown.choose("", ["One"])
    assert app.last["state"]["values"]["v1"]["c"]["selected_options"][0]["value"] == "one"
    client.chat_update(channel=ACCOUNTS, ts=shown.ts, text="x", blocks=[boxes("v1", "Two")])
    assert shown.value("") == "One"
    client.chat_update(channel=ACCOUNTS, ts=shown.ts, text="x", blocks=[boxes("v2", "Two")])
    assert shown.value("") == "Two"
    assert mia.sandbox.person("ines").messages("#accounts")[-1].value("") == "Two"


def test_a_click_in_what_is_gone(mia: Person, client: WebClient) -> None:
    shown = card(mia, client, actions(button("go", "Go"), block_id="b"))
    actions_of = mia.sandbox.actions
    assert "has changed" in str(actions_of.act(mia.id, MessageAt(ACCOUNTS, shown.ts), "other", "go").error)
    client.chat_delete(channel=ACCOUNTS, ts=shown.ts)
    assert "not there" in str(actions_of.act(mia.id, MessageAt(ACCOUNTS, shown.ts), "b", "go").error)
    with pytest.raises(AssertionError, match="not there"):
        shown.click("Go")


def test_an_app_without_interactivity_gets_no_clicks() -> None:
    with start_sandbox(interactivity=False) as sandbox:
        client = WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url)
        shown = card(sandbox.person("mia"), client, actions(button("go", "Go")))
        assert "not configured" in str(shown.click("Go").error)


# -- shortcuts -------------------------------------------------------------------------------------------------------


def test_shortcuts(app: TinyApp, mia: Person) -> None:
    mia.shortcut("start")
    assert (app.last["type"], app.last["callback_id"]) == ("shortcut", "tiny_new")
    assert not {"channel", "response_url"} & set(app.last)
    said = mia.says("keep <this> @olaf", in_="#accounts")
    said.shortcut("Keep this message")
    assert app.last["type"] == "message_action"
    assert app.last["message"]["text"] == "keep &lt;this&gt; <@U0OLAF00000>"
    assert (app.last["message_ts"], app.last["channel"]["id"]) == (said.ts, ACCOUNTS)
    with pytest.raises(AssertionError, match="no shortcut 'Nothing'; visible: 'Start something'"):
        mia.shortcut("Nothing")


# -- every kind of element -------------------------------------------------------------------------------------------

OPTIONS = [option("First thing", "1"), option("Second thing", "2")]
KINDS: list[tuple[Json, Any, str, Any]] = [
    ({"type": "static_select", "options": OPTIONS}, "second", "selected_option", "2"),
    ({"type": "radio_buttons", "options": OPTIONS}, "First", "selected_option", "1"),
    ({"type": "checkboxes", "options": OPTIONS}, ["first", "second"], "selected_options", ["1", "2"]),
    ({"type": "multi_static_select", "options": OPTIONS}, "second", "selected_options", ["2"]),
    ({"type": "external_select"}, "Acme", "selected_option", "acme"),
    ({"type": "multi_external_select"}, ["Acme", "Bolt"], "selected_options", ["acme", "bolt"]),
    ({"type": "users_select"}, "@olaf", "selected_user", "U0OLAF00000"),
    ({"type": "multi_users_select"}, ["olaf", "ines"], "selected_users", ["U0OLAF00000", "U0INES00000"]),
    ({"type": "channels_select"}, "#general", "selected_channel", "C0GENERAL00"),
    ({"type": "conversations_select"}, "#accounts", "selected_conversation", "C0ACCOUNTS0"),
    ({"type": "multi_conversations_select"}, ["#accounts"], "selected_conversations", ["C0ACCOUNTS0"]),
    ({"type": "datepicker"}, date(2026, 3, 9), "selected_date", "2026-03-09"),
    ({"type": "timepicker"}, "09:30", "selected_time", "09:30"),
    ({"type": "datetimepicker"}, datetime.fromisoformat("2026-03-09T10:00:00+00:00"), "selected_date_time", 1773050400),
    ({"type": "plain_text_input"}, "typed", "value", "typed"),
    ({"type": "number_input", "is_decimal_allowed": True}, "1.5", "value", "1.5"),
]


def offer(ack: Any, body: Json, **_: Any) -> None:
    names = ["Acme", "Acme East", "Bolt Works"]
    ack(
        options=[
            option(n, n.split()[0].lower() if n != "Acme East" else "east")
            for n in names
            if body["value"].lower() in n.lower()
        ]
    )


@pytest.mark.parametrize(("element", "wanted", "field", "value"), KINDS, ids=[k[0]["type"] for k in KINDS])
def test_every_element_reaches_the_state(
    app: TinyApp, mia: Person, element: Json, wanted: Any, field: str, value: Any
) -> None:
    app.on("options", offer)
    app.opens("shortcut", modal(text_input("b", "Field", element=element)))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    assert form.choose("Field", wanted).ok
    assert form.value("Field")
    assert form.submit().ok
    found = app.last["view"]["state"]["values"]["b"]["typed"][field]
    got = [f["value"] if isinstance(f, dict) else f for f in found] if isinstance(found, list) else found
    assert (got["value"] if isinstance(got, dict) else got) == value


def test_options_are_asked_for_after_enough_characters(app: TinyApp, mia: Person, sandbox: Sandbox) -> None:
    app.on("options", offer)
    app.opens("shortcut", modal(text_input("b", "Account", element={"type": "external_select"}), private_metadata="7"))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    before = len(app.bodies)
    assert form.options("Account", typed="Ac") == []
    assert len(app.bodies) == before
    assert form.options("Account", typed="acm") == ["Acme", "Acme East"]
    assert (app.last["type"], app.last["value"], app.last["view"]["private_metadata"]) == (
        "block_suggestion",
        "acm",
        "7",
    )
    app.answers("options", options=[option("x" * 76, "v")])
    with pytest.raises(AssertionError, match=r"must be less than 76 characters"):
        form.options("Account", typed="acme")
    with pytest.raises(NotPossible, match="not among those offered"):
        sandbox.actions.enter(mia.id, ViewAt(form.view_id), "b", "typed", "zzz")


def test_the_current_conversation_is_chosen_and_answered(app: TinyApp, mia: Person) -> None:
    where = {"type": "conversations_select", "default_to_current_conversation": True, "response_url_enabled": True}
    app.opens("command", modal(text_input("b", "Where", element=where)))
    mia.types("/tiny", in_="#accounts")
    form = mia.modal
    assert form
    assert form.value("Where") == "#accounts"
    assert form.submit().ok
    answer = app.last["response_urls"][0]
    assert (answer["block_id"], answer["channel_id"]) == ("b", ACCOUNTS)
    assert said(answer["response_url"], text="done here", response_type="in_channel").text == "ok"
    assert mia.messages("#accounts")[-1].text == "done here"


@pytest.mark.parametrize(
    ("kind", "more", "name"),
    [
        ("channels_select", {}, "#leadership"),
        ("conversations_select", {}, "#nowhere"),
        ("conversations_select", {"filter": {"include": ["private"]}}, "#general"),
        ("users_select", {}, "#general"),
    ],
)
def test_a_select_offers_only_what_fits(app: TinyApp, mia: Person, kind: str, more: Json, name: str) -> None:
    app.opens("shortcut", modal(text_input("b", "Where", element={"type": kind, **more})))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    with pytest.raises(AssertionError, match="offers no"):
        form.choose("Where", name)


def test_a_dispatching_input_tells_the_app_at_once(app: TinyApp, mia: Person) -> None:
    app.opens("shortcut", modal(text_input("a", "Quiet"), text_input("b", "Loud", dispatch_action=True)))
    mia.shortcut("Start")
    form = mia.modal
    assert form
    form.fill("Quiet", "one")
    assert app.last["type"] == "shortcut"
    form.fill("Loud", "two")
    assert (app.last["type"], app.last["actions"][0]["value"]) == ("block_actions", "two")
    assert app.last["view"]["state"]["values"]["a"]["typed"]["value"] == "one"


# -- response URLs ---------------------------------------------------------------------------------------------------


def said(url: str, **body: Any) -> httpx.Response:
    return httpx.post(url, json=body, trust_env=False)


def test_a_response_url_speaks_five_times_in_half_an_hour(sandbox: Sandbox, app: TinyApp, mia: Person) -> None:
    mia.types("/tiny", in_="#accounts")
    url = app.last["response_url"]
    for n in range(5):
        assert said(url, text=f"word {n}").text == "ok"
    assert (said(url, text="too many").status_code, said(url, text="x").json()["error"]) == (404, "used_url")
    assert mia.ephemerals("#accounts")[-1].text == "word 4"
    mia.types("/tiny", in_="#accounts")
    sandbox.workspace.clock.advance(timedelta(minutes=31))  # type: ignore[attr-defined]
    assert said(app.last["response_url"], text="late").json()["error"] == "expired_url"


def test_a_response_url_replaces_and_deletes_what_was_clicked(app: TinyApp, mia: Person, client: WebClient) -> None:
    shown = card(mia, client, actions(button("go", "Go")))
    shown.click("Go")
    url = app.last["response_url"]
    assert said(url, text="private").text == "ok"
    assert mia.ephemerals("#accounts")[-1].text == "private"
    said(url, text="public", response_type="in_channel", thread_ts=shown.ts)
    assert mia.thread(shown)[-1].text == "public"
    said(url, text="new words", replace_original=True)
    assert (shown.text, shown.buttons) == ("new words", [])
    assert said(url, delete_original=True, text="x").status_code == 400
    said(url, delete_original=True)
    assert mia.messages("#accounts")[-1].text == "This message was deleted."


def test_an_ephemeral_is_changed_only_by_its_own_response_url(app: TinyApp, mia: Person, client: WebClient) -> None:
    client.chat_postEphemeral(channel=ACCOUNTS, user=mia.id, text="x", blocks=[actions(button("go", "Go"))])
    shown = mia.ephemerals("#accounts")[-1]
    assert shown.click("Go").ok
    assert app.last["container"]["is_ephemeral"] is True
    assert "message" not in app.last
    said(app.last["response_url"], text="changed", replace_original=True, response_type="in_channel")
    assert shown.text == "changed"
    said(app.last["response_url"], delete_original=True)
    assert shown.ts not in [s.ts for s in mia.ephemerals("#accounts")]


def test_bad_words_through_a_response_url(app: TinyApp, mia: Person) -> None:
    mia.types("/tiny", in_="#accounts")
    url = app.last["response_url"]
    assert said(url, blocks=[section("")]).json()["error"] == "invalid_blocks"
    assert said(url).json()["error"] == "no_text"
    assert httpx.post(url, content=b"nonsense", trust_env=False).status_code == 400
    assert json.loads(said(url[:-3] + "999", text="x").text)["error"] == "no_such_url"
