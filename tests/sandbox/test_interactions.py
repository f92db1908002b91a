"""Commands, clicks, choices and shortcuts: what the app is sent, and what people see when it fails."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from tiny_bolt import ACCOUNTS, TinyApp, actions, button, card, option, section, start_sandbox

from sandbox.model import Json, MessageAt
from sandbox.person import Person
from sandbox.server import Sandbox
from sandbox.transport import HttpTransport


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
