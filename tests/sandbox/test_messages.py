"""chat.* and files.*: who may post what where, and what editing does."""

from __future__ import annotations

import re
import urllib.request
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tiny_bolt import ACCOUNTS, BOT, GENERAL, MIA, OTTO, TinyApp, actions, button, refusal, section, start_sandbox

from sandbox.server import Sandbox

LEADERSHIP = "C0LEADERSHI"


@pytest.fixture(autouse=True)
def _ids(sandbox: Sandbox) -> None:
    assert {ACCOUNTS, GENERAL} < set(sandbox.workspace.channels)
    sandbox.workspace.limits.reset()


def test_a_post_looks_like_slacks(sandbox: Sandbox, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=ACCOUNTS, text="<@U0MIA000000> & co", blocks=[section("*hi*")])
    message = answer["message"]
    assert re.fullmatch(r"\d{10}\.\d{6}", answer["ts"])
    assert (answer["channel"], message["ts"], message["user"]) == (ACCOUNTS, answer["ts"], BOT)
    assert message["blocks"][0]["text"] == {"type": "mrkdwn", "text": "*hi*", "verbatim": False}
    assert message["blocks"][0]["block_id"]
    assert answer.headers["x-oauth-scopes"].startswith("commands,chat:write")


def test_form_encoding_and_a_token_in_the_body_work_too(sandbox: Sandbox) -> None:
    body = urllib.parse.urlencode(
        {
            "token": sandbox.workspace.app.bot_token,
            "channel": ACCOUNTS,
            "text": "form",
            "blocks": '[{"type": "divider"}]',
        }
    ).encode()
    with urllib.request.urlopen(f"{sandbox.api_url}chat.postMessage", body) as answer:
        assert b'"ok":true' in answer.read()


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "C0NOWHERE00", "text": "x"}, "channel_not_found"),
        ({"channel": LEADERSHIP, "text": "x"}, "channel_not_found"),
        ({"channel": GENERAL, "text": "x"}, "not_in_channel"),
        ({"channel": "USLACKBOT", "text": "x"}, "cannot_dm_bot"),
        ({"channel": ACCOUNTS}, "no_text"),
        ({"channel": ACCOUNTS, "text": "x", "thread_ts": "0"}, "invalid_thread_ts"),
        ({"channel": ACCOUNTS, "text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        (
            {"channel": ACCOUNTS, "text": "x", "blocks": [section("x" * 3000, block_id=str(n)) for n in range(5)]},
            "msg_blocks_too_long",
        ),
        ({"channel": ACCOUNTS, "text": "x", "metadata": {"event_type": "t"}}, "invalid_metadata_schema"),
        (
            {"channel": ACCOUNTS, "text": "x", "metadata": {"event_type": "t", "event_payload": {"a": "x" * 20000}}},
            "metadata_too_large",
        ),
    ],
)
def test_a_post_is_refused(sandbox: Sandbox, client: WebClient, args: dict[str, Any], error: str) -> None:
    private = next(c for c in sandbox.workspace.channels.values() if c.name == "leadership")
    args = {k: private.id if v == LEADERSHIP else v for k, v in args.items()}
    assert refusal(client.chat_postMessage, **args) == error


def test_bad_blocks_name_their_place(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=ACCOUNTS, text="x", blocks=[actions(button("a", "ok"), button("b", "x" * 76))])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/1/text/text]"
    ]


def test_a_user_id_opens_the_direct_conversation(sandbox: Sandbox, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=MIA, text="psst")
    assert answer["channel"].startswith("D")
    assert sandbox.person("mia").dms("tiny")[-1].text == "psst"
    assert not any("psst" in s.text for s in sandbox.person("otto").dms("tiny"))


def test_threads_and_what_also_goes_to_the_channel(sandbox: Sandbox, client: WebClient) -> None:
    mia = sandbox.person("mia")
    root = client.chat_postMessage(channel=ACCOUNTS, text="root")["ts"]
    client.chat_postMessage(channel=ACCOUNTS, text="reply", thread_ts=root)
    client.chat_postMessage(channel=ACCOUNTS, text="loud reply", thread_ts=root, reply_broadcast=True)
    shown = mia.messages("#accounts")
    assert [s.text for s in shown[-2:]] == ["root", "loud reply"]
    assert [s.text for s in mia.thread(shown[-2])] == ["reply", "loud reply"]
    assert (shown[-2].raw["reply_count"], shown[-2].raw["thread_ts"]) == (2, root)


def test_a_reply_to_nothing_is_taken_and_seen_by_nobody(sandbox: Sandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=ACCOUNTS, text="lost words", thread_ts="1234567890.123456")
    assert not sandbox.person("mia").sees("lost words")


def test_update_without_blocks_removes_them(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(
        channel=ACCOUNTS, text="a", blocks=[section("block")], metadata={"event_type": "t", "event_payload": {}}
    )["ts"]
    message = client.chat_update(channel=ACCOUNTS, ts=ts, text="only text")["message"]
    assert "blocks" not in message
    assert message["edited"]
    assert message["metadata"]["event_type"] == "t"
    message = client.chat_update(channel=ACCOUNTS, ts=ts, blocks=[section("new")], metadata={})["message"]
    assert message["text"] == "only text"
    assert "metadata" not in message


def test_only_own_messages_can_be_changed(sandbox: Sandbox, client: WebClient, app: TinyApp) -> None:
    hers = sandbox.person("mia").says("mine", in_="#accounts").ts
    assert refusal(client.chat_update, channel=ACCOUNTS, ts=hers, text="x") == "cant_update_message"
    assert refusal(client.chat_delete, channel=ACCOUNTS, ts=hers) == "cant_delete_message"
    app.answers("command", text="for all", response_type="in_channel")
    sandbox.person("mia").types("/tiny", in_="#accounts")
    answered = sandbox.person("otto").messages("#accounts")[-1]
    assert answered.text == "for all"
    assert refusal(client.chat_update, channel=ACCOUNTS, ts=answered.ts, text="x") == "cant_update_message"
    assert refusal(client.chat_update, channel=ACCOUNTS, ts="1.000001", text="x") == "message_not_found"


def test_update_text_has_its_own_limit(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=ACCOUNTS, text="a")["ts"]
    assert refusal(client.chat_update, channel=ACCOUNTS, ts=ts, text="x" * 4001) == "msg_too_long"
    assert refusal(client.chat_update, channel=ACCOUNTS, ts=ts) == "no_text"


def test_a_deleted_root_leaves_a_tombstone(sandbox: Sandbox, client: WebClient) -> None:
    root = client.chat_postMessage(channel=ACCOUNTS, text="root")["ts"]
    client.chat_postMessage(channel=ACCOUNTS, text="reply", thread_ts=root)
    client.chat_delete(channel=ACCOUNTS, ts=root)
    assert sandbox.person("mia").messages("#accounts")[-1].text == "This message was deleted."
    assert refusal(client.chat_update, channel=ACCOUNTS, ts=root, text="x") == "message_not_found"


def test_ephemerals_reach_one_member_and_no_update_reaches_them(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postEphemeral(channel=ACCOUNTS, user=MIA, text="for your eyes")["message_ts"]
    assert sandbox.person("mia").ephemerals("#accounts")[-1].text == "for your eyes"
    assert not sandbox.person("olaf").sees("for your eyes")
    assert refusal(client.chat_update, channel=ACCOUNTS, ts=ts, text="x") == "message_not_found"
    assert refusal(client.chat_postEphemeral, channel=ACCOUNTS, user=OTTO, text="x") == "user_not_in_channel"
    assert refusal(client.chat_postEphemeral, channel=GENERAL, user=OTTO, text="x") == "not_in_channel"


def test_permalinks(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=ACCOUNTS, text="a")["ts"]
    link = client.chat_getPermalink(channel=ACCOUNTS, message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/{ACCOUNTS}/p{ts.replace('.', '')}")
    assert refusal(client.chat_getPermalink, channel=ACCOUNTS, message_ts="1.000001") == "message_not_found"


def test_a_file_is_uploaded_shared_and_read_with_the_token(sandbox: Sandbox, client: WebClient) -> None:
    file = client.files_upload_v2(channel=ACCOUNTS, filename="list.csv", content="a,b\n", initial_comment="the list")
    assert sandbox.person("mia").messages("#accounts")[-1].text == "the list\nlist.csv"
    info = client.files_info(file=file["files"][0]["id"])["file"]
    assert (info["size"], info["filetype"]) == (4, "csv")
    request = urllib.request.Request(info["url_private_download"], headers={"Authorization": f"Bearer {client.token}"})
    with urllib.request.urlopen(request) as answer:
        assert answer.read() == b"a,b\n"
    with urllib.request.urlopen(info["url_private"]) as answer:
        assert b"Sign in" in answer.read()
    assert refusal(client.files_info, file="F0") == "file_not_found"
    assert refusal(client.files_getUploadURLExternal, filename="x", length=0) == "missing_argument"


def test_archived_channels_and_a_closed_messages_tab() -> None:
    with start_sandbox(messages_tab=False, home_tab=False) as sandbox:
        client = WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url)
        ts = client.chat_postMessage(channel=ACCOUNTS, text="a")["ts"]
        assert refusal(client.chat_postMessage, channel=MIA, text="a") == "messages_tab_disabled"
        assert refusal(client.views_publish, user_id=MIA, view={"type": "home", "blocks": []}) == "not_enabled"
        sandbox.actions.archive(ACCOUNTS)
        assert refusal(client.chat_postMessage, channel=ACCOUNTS, text="a") == "is_archived"
        assert refusal(client.chat_update, channel=ACCOUNTS, ts=ts, text="a") == "is_inactive"
        assert refusal(client.chat_postEphemeral, channel=ACCOUNTS, user=MIA, text="a") == "is_archived"


def test_one_message_a_second_and_channel_after_a_small_burst(sandbox: Sandbox, client: WebClient) -> None:
    for _ in range(5):
        client.chat_postMessage(channel=ACCOUNTS, text="a")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=ACCOUNTS, text="a")
    response = caught.value.response
    assert (response.status_code, response["error"], response.headers["Retry-After"]) == (429, "ratelimited", "1")
    client.chat_postMessage(channel=MIA, text="another conversation")
    sandbox.workspace.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    client.chat_postMessage(channel=ACCOUNTS, text="a")
