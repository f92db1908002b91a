"""Tokens, scopes, tiers, and the methods that read people and conversations."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tiny_bolt import ACCOUNTS, BOT, GENERAL, MIA, OTTO, refusal, start_sandbox

from sandbox.server import Sandbox
from sandbox.webapi import METHODS


def test_tokens(sandbox: Sandbox, client: WebClient) -> None:
    assert client.auth_test()["user_id"] == BOT
    assert refusal(WebClient(token="xoxb-other", base_url=sandbox.api_url).auth_test) == "invalid_auth"
    assert refusal(WebClient(base_url=sandbox.api_url).auth_test) == "not_authed"
    assert refusal(client.api_call, api_method="chat.postMesage") == "unknown_method"
    app_token = WebClient(token=sandbox.workspace.app.app_token, base_url=sandbox.api_url)
    assert refusal(app_token.auth_test) == "not_allowed_token_type"
    assert client.api_test(foo="bar")["args"] == {"foo": "bar"}


CALLS: dict[str, dict[str, Any]] = {
    "chat.postMessage": {"channel": ACCOUNTS, "text": "x"},
    "chat.update": {},
    "chat.delete": {},
    "chat.postEphemeral": {},
    "conversations.open": {"users": MIA},
    "conversations.info": {"channel": ACCOUNTS},
    "conversations.members": {"channel": ACCOUNTS},
    "conversations.join": {},
    "conversations.list": {},
    "conversations.invite": {"channel": ACCOUNTS, "users": MIA},
    "users.info": {},
    "users.list": {},
    "users.conversations": {},
    "users.lookupByEmail": {"email": "mia@example.com"},
    "dnd.info": {},
    "usergroups.list": {},
    "usergroups.users.list": {},
    "team.info": {},
    "files.getUploadURLExternal": {},
    "files.completeUploadExternal": {},
    "files.info": {},
    "files.delete": {},
}


def test_every_scope_is_asked_for() -> None:
    with start_sandbox(scopes=("commands",)) as sandbox:
        client = WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url)
        for method, args in CALLS.items():
            with pytest.raises(SlackApiError) as caught:
                client.api_call(method, json=args)
            answer = caught.value.response
            assert (answer["error"], answer["provided"]) == ("missing_scope", "commands"), method
            assert answer["needed"], method
    scopeless = {"auth.test", "api.test", "chat.getPermalink", "apps.connections.open"}
    assert set(METHODS) - set(CALLS) <= scopeless | {m for m in METHODS if m.startswith(("views.", "functions."))}


def test_tiers_are_token_buckets(sandbox: Sandbox, client: WebClient) -> None:
    for _ in range(20):
        client.usergroups_list()
    with pytest.raises(SlackApiError) as caught:
        client.usergroups_list()
    assert caught.value.response.headers["Retry-After"] == "3"
    client.users_info(user=MIA)


def test_an_address_is_seen_with_its_scope_only() -> None:
    with start_sandbox(scopes=("users:read", "users:read.email")) as place:
        client = WebClient(token=place.workspace.app.bot_token, base_url=place.api_url)
        assert client.users_lookupByEmail(email="MIA@example.com")["user"]["id"] == MIA
        assert client.users_info(user=MIA)["user"]["profile"]["email"] == "mia@example.com"
        place.actions.deactivate(MIA)
        with pytest.raises(SlackApiError, match="users_not_found"):
            client.users_lookupByEmail(email="mia@example.com")
    with start_sandbox(scopes=("users:read",)) as place:
        client = WebClient(token=place.workspace.app.bot_token, base_url=place.api_url)
        assert "email" not in client.users_info(user=MIA)["user"]["profile"]


def test_who_does_not_want_to_be_disturbed(sandbox: Sandbox) -> None:
    with start_sandbox(scopes=("dnd:read",)) as place:
        client = WebClient(token=place.workspace.app.bot_token, base_url=place.api_url)
        free = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
        assert free.items() <= client.dnd_info(user=MIA).data.items()
        place.actions.pause_notifications(MIA, 30)
        paused = client.dnd_info(user=MIA)
        assert paused["dnd_enabled"]
        assert paused["next_dnd_end_ts"] - paused["next_dnd_start_ts"] == 30 * 60
        assert "snooze_enabled" not in paused.data  # Slack shows a pause by that name to its owner only
        assert client.dnd_info()["snooze_enabled"] is False
        with pytest.raises(SlackApiError, match="user_not_found"):
            client.dnd_info(user="U404")
        place.actions.pause_notifications(MIA, 0)
        assert not client.dnd_info(user=MIA)["dnd_enabled"]


def test_people(sandbox: Sandbox, client: WebClient) -> None:
    mia = client.users_info(user=MIA, include_locale=True)["user"]
    assert (mia["name"], mia["real_name"], mia["tz"], mia["tz_offset"], mia["locale"], mia["is_admin"]) == (
        "mia",
        "Mia (sales manager)",
        "Europe/Berlin",
        3600,
        "en-GB",
        True,
    )
    assert mia["profile"]["display_name"] == "Mia"
    assert refusal(client.users_info, user="U0NOBODY000") == "user_not_found"
    first = client.users_list(limit=5)
    assert len(first["members"]) == 5
    rest = client.users_list(limit=100, cursor=first["response_metadata"]["next_cursor"])
    assert rest["response_metadata"]["next_cursor"] == ""
    assert BOT in {m["id"] for m in rest["members"]}


def test_usergroups_and_team(sandbox: Sandbox, client: WebClient) -> None:
    group = next(g for g in client.usergroups_list(include_users=True)["usergroups"] if g["handle"] == "sales-managers")
    assert client.usergroups_users_list(usergroup=group["id"])["users"] == group["users"] == [MIA]
    assert refusal(client.usergroups_users_list, usergroup="S0") == "no_such_subteam"
    assert client.team_info()["team"]["domain"] == "northfield"


def test_conversations(sandbox: Sandbox, client: WebClient) -> None:
    info = client.conversations_info(channel=ACCOUNTS, include_num_members=True)["channel"]
    assert (info["name"], info["is_member"], info["is_private"], info["num_members"]) == ("accounts", True, False, 9)
    assert client.conversations_info(channel=GENERAL)["channel"]["is_member"] is False
    private = sandbox.workspace.find_channel("leadership")
    assert private
    assert refusal(client.conversations_info, channel=private.id) == "channel_not_found"
    assert refusal(client.conversations_members, channel=private.id) == "channel_not_found"
    assert MIA in client.conversations_members(channel=ACCOUNTS, limit=100)["members"]
    listed = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert {c["name"] for c in listed} == {"general", "accounts"}
    assert refusal(client.conversations_list, types="rooms") == "invalid_types"
    assert [c["id"] for c in client.users_conversations()["channels"]] == [ACCOUNTS]


def test_opening_direct_conversations(sandbox: Sandbox, client: WebClient) -> None:
    opened = client.conversations_open(users=MIA, return_im=True)
    assert opened["channel"]["is_im"]
    assert client.conversations_open(users=MIA)["already_open"]
    assert client.conversations_open(users=[MIA, OTTO])["channel"]["id"].startswith("G")
    assert refusal(client.conversations_open, users="U0NOBODY000") == "user_not_found"
    assert refusal(client.conversations_open, users="USLACKBOT") == "cannot_dm_bot"
    assert refusal(client.conversations_open, users=",".join(f"U{n}" for n in range(9))) == "too_many_users"


def test_joining_and_inviting_with_people_gone() -> None:
    with start_sandbox() as sandbox:
        client = WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url)
        assert refusal(client.conversations_invite, channel=GENERAL, users=OTTO) == "not_in_channel"
        assert client.conversations_join(channel=GENERAL)["channel"]["is_member"]
        assert client.conversations_join(channel=GENERAL)["warning"] == "already_in_channel"
        assert refusal(client.conversations_invite, channel=GENERAL, users=OTTO) == "already_in_channel"
        assert client.conversations_invite(channel=ACCOUNTS, users=OTTO)["channel"]["id"] == ACCOUNTS
        sandbox.actions.deactivate(OTTO)
        assert client.users_info(user=OTTO)["user"]["deleted"]
        assert refusal(client.conversations_open, users=OTTO) == "user_disabled"
        assert client.chat_postMessage(channel=OTTO, text="nobody reads this")["ok"]
        sandbox.actions.uninstall()
        assert refusal(client.auth_test) == "account_inactive"
