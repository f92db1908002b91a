"""The JSON forms in which Slack writes users, channels, messages and views (files: sandbox/files.py)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sandbox import files
from sandbox.choices import state_values
from sandbox.model import Channel, ChannelKind, Json, Message, User, UserGroup, View, ViewKind
from sandbox.workspace import Workspace

_SECTIONS = {
    ChannelKind.PUBLIC: "is_channel",
    ChannelKind.PRIVATE: "is_group",
    ChannelKind.IM: "is_im",
    ChannelKind.MPIM: "is_mpim",
}


def team(workspace: Workspace) -> Json:
    return {"id": workspace.team_id, "domain": workspace.domain}


def user(workspace: Workspace, person: User, locale: bool = False) -> Json:
    """A user as users.info gives it; `locale` only when asked for."""
    zone = workspace.now().astimezone(ZoneInfo(person.tz))
    offset = zone.utcoffset()
    shown = person.display_name or person.name
    shape: Json = {
        "id": person.id,
        "team_id": person.home_team or workspace.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": zone.tzname(),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {
            "real_name": person.real_name,
            "real_name_normalized": person.real_name,
            "display_name": shown,
            "display_name_normalized": shown,
            "title": person.title,
            "team": person.home_team or workspace.team_id,
            **_app_profile(workspace, person),
        },
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        **({"is_stranger": True} if person.home_team else {}),
        "updated": person.updated,
    }
    if person.deleted:
        for gone in ("tz", "tz_label", "tz_offset", "is_admin", "is_owner"):
            shape.pop(gone)
    return {**shape, "locale": person.locale} if locale else shape


def _app_profile(workspace: Workspace, person: User) -> Json:
    app = workspace.app
    return {"bot_id": app.bot_id, "api_app_id": app.app_id} if person.id == app.bot_user_id else {}


def usergroup(group: UserGroup, users: bool = False) -> Json:
    shape: Json = {
        "id": group.id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": 0,
        "description": "",
        "user_count": len(group.members),
    }
    return {**shape, "users": list(group.members)} if users else shape


def channel(workspace: Workspace, it: Channel) -> Json:
    """A conversation as conversations.info gives it to the bot."""
    me = workspace.app.bot_user_id
    shape: Json = {
        "id": it.id,
        "created": it.created,
        "is_archived": it.archived,
        "context_team_id": workspace.team_id,
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
    }
    shape |= {name: kind is it.kind for kind, name in _SECTIONS.items()}
    shape["is_private"] = it.kind is not ChannelKind.PUBLIC
    if it.kind is ChannelKind.IM:
        others = [m for m in it.members if m != me]
        return {**shape, "user": others[0] if others else me, "is_open": True}
    return {
        **shape,
        "name": it.name,
        "name_normalized": it.name,
        "creator": it.creator_id,
        "is_general": it.name == "general",
        "is_member": me in it.members,
        "topic": {"value": it.topic, "creator": it.creator_id, "last_set": it.created},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def channel_name(it: Channel) -> str:
    """The name that payloads give a conversation: direct ones have fixed words."""
    fixed = {ChannelKind.IM: "directmessage", ChannelKind.PRIVATE: "privategroup"}
    return fixed.get(it.kind, it.name)


def message(workspace: Workspace, it: Message) -> Json:
    """A message as the API and payloads show it."""
    app = workspace.app
    writer = workspace.users.get(it.user_id)
    team_id = (writer.home_team if writer else "") or workspace.team_id
    shape: Json = {"type": "message", "user": it.user_id, "text": it.text, "ts": it.ts, "team": team_id}
    if team_id != workspace.team_id:  # Slack Connect
        shape |= {"user_team": team_id, "source_team": team_id}
    if it.via_app:
        shape |= {
            "bot_id": app.bot_id,
            "app_id": app.app_id,
            "bot_profile": {
                "id": app.bot_id,
                "app_id": app.app_id,
                "name": app.name,
                "team_id": workspace.team_id,
                "deleted": False,
            },
        }
    if it.blocks:
        shape["blocks"] = it.blocks
    shape |= _thread(workspace.channels[it.channel_id], it)
    if it.metadata:
        shape["metadata"] = it.metadata
    if it.edited_ts:
        shape["edited"] = {"user": it.user_id, "ts": it.edited_ts}
    if it.files:
        shape["files"] = [files.in_message(workspace, one) for one in it.files]
    return shape


def _thread(place: Channel, it: Message) -> Json:
    if it.is_reply:
        root = place.message(it.thread_ts or "")
        return {"thread_ts": it.thread_ts, "parent_user_id": root.user_id if root else ""}
    replies = place.replies(it.ts)
    if not replies:
        return {}
    people = list(dict.fromkeys(r.user_id for r in replies))
    return {
        "thread_ts": it.ts,
        "reply_count": len(replies),
        "reply_users": people,
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
        "is_locked": False,
    }


def view(workspace: Workspace, it: View) -> Json:
    """A view as views.* and payloads show it, with `state.values`."""
    body = it.body
    shape: Json = {
        "id": it.id,
        "team_id": workspace.team_id,
        "type": it.kind.value,
        "blocks": it.blocks,
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "state": {"values": files.with_files(workspace, state_values(it.blocks, it.choices))},
        "hash": it.hash,
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": it.previous_view_id,
        "root_view_id": it.root_view_id,
        "app_id": workspace.app.app_id,
        "external_id": it.external_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.app.bot_id,
    }
    if it.kind is ViewKind.MODAL:
        shape["submit_disabled"] = body.get("submit_disabled", False)
    return shape
