"""conversations.*: opening, reading, joining and inviting (docs.slack.dev/reference/methods/conversations.open …)."""

from __future__ import annotations

from sandbox import shapes
from sandbox.model import Channel, ChannelKind, Json
from sandbox.webapi.basics import wanted_kinds
from sandbox.webapi.registry import READ_SCOPES, ApiError, Call, method
from sandbox.workspace import SLACKBOT

USERS_AT_MOST = 8


@method("conversations.open", tier="3")
def open_(call: Call) -> Json:
    if call.optional("channel"):
        channel = call.channel()
        return {"channel": _opened(call, channel), "already_open": True, "no_op": True}
    users = list(dict.fromkeys(u for u in call.words("users") if u != call.app.bot_user_id))
    _refuse(call, users)
    known = call.workspace.dm_between(call.app.bot_user_id, *users)
    if known is None and call.flag("prevent_creation"):
        raise ApiError("channel_not_found")
    channel = call.workspace.open_dm(call.app.bot_user_id, *users)
    return {"channel": _opened(call, channel), "already_open": known is not None, "no_op": known is not None}


def _refuse(call: Call, users: list[str]) -> None:
    call.need_any("im:write" if len(users) <= 1 else "mpim:write")
    if not users:
        raise ApiError("not_enough_users" if not call.words("users") else "cannot_dm_bot")
    if len(users) > USERS_AT_MOST:
        raise ApiError("too_many_users")
    for user_id in users:
        person = call.workspace.users.get(user_id)
        if person is None:
            raise ApiError("user_not_found")
        if person.deleted:
            raise ApiError("user_disabled")
        if person.is_bot or user_id == SLACKBOT:
            raise ApiError("cannot_dm_bot")


def _opened(call: Call, channel: Channel) -> Json:
    return shapes.channel(call.workspace, channel) if call.flag("return_im") else {"id": channel.id}


@method("conversations.info", tier="3")
def info(call: Call) -> Json:
    channel = _readable(call)
    shape = shapes.channel(call.workspace, channel)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return {"channel": shape}


@method("conversations.members", tier="4")
def members(call: Call) -> Json:
    page, cursor = call.page(_readable(call).members)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def _readable(call: Call) -> Channel:
    call.need_any(*READ_SCOPES.values())
    channel = call.channel()
    call.need_any(READ_SCOPES[channel.kind])
    return channel


@method("conversations.list", tier="2")
def list_(call: Call) -> Json:
    kinds, me = wanted_kinds(call), call.app.bot_user_id
    live_only = call.flag("exclude_archived")
    found = [
        c
        for c in call.workspace.channels.values()
        if c.kind in kinds and call.workspace.visible(c, me) and not (c.archived and live_only)
    ]
    page, cursor = call.page(found)
    return {"channels": [shapes.channel(call.workspace, c) for c in page], "response_metadata": {"next_cursor": cursor}}


@method("conversations.join", "channels:join", tier="3")
def join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind is not ChannelKind.PUBLIC:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    already = call.app.bot_user_id in channel.members
    call.workspace.join(channel, call.app.bot_user_id)
    answer: Json = {"channel": shapes.channel(call.workspace, channel)}
    return {**answer, "warning": "already_in_channel"} if already else answer


@method("conversations.invite", tier="3")
def invite(call: Call) -> Json:
    channel = call.channel()
    area, manage = ("channels", "manage") if channel.kind is ChannelKind.PUBLIC else ("groups", "write")
    call.need_any(f"{area}:{manage}", f"{area}:write.invites")
    if channel.kind in (ChannelKind.IM, ChannelKind.MPIM):
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    if call.app.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    users = call.words("users")
    if not users:
        raise ApiError("no_user")
    for user_id in users:
        _refuse_guest(call, channel, user_id)
    for user_id in users:
        call.workspace.join(channel, user_id, inviter=call.app.bot_user_id)
    return {"channel": shapes.channel(call.workspace, channel)}


def _refuse_guest(call: Call, channel: Channel, user_id: str) -> None:
    person = call.workspace.users.get(user_id)
    if person is None or person.deleted:
        raise ApiError("user_not_found" if person is None else "user_disabled")
    if user_id == call.app.bot_user_id:
        raise ApiError("cant_invite_self")
    if user_id in channel.members:
        raise ApiError("already_in_channel")
