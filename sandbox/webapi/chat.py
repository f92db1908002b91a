"""chat.*: posting, editing, deleting, whispering (docs.slack.dev/reference/methods/chat.postMessage …)."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox import shapes
from sandbox.blocks import BLOCKS_CHARACTERS, characters, check_message_blocks
from sandbox.choices import kept
from sandbox.model import Channel, ChannelKind, Json, Message
from sandbox.webapi.registry import ApiError, Call, method, rate_limited
from sandbox.workspace import SLACKBOT

UPDATE_TEXT = 4_000
POST_TEXT = 40_000
METADATA_BYTES = 16_000
TOMBSTONE = "This message was deleted."


def checked_blocks(call: Call) -> list[Json] | None:
    """The `blocks` argument as Slack keeps it; None when not given. Raises what Slack would."""
    if call.args.get("attachments") not in (None, "", [], "[]"):
        raise ApiError("invalid_attachments", ["[ERROR] attachments are not modelled here: use blocks"])
    blocks = call.parsed("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    refuse_bad_blocks(blocks)
    return call.fresh(blocks)


def refuse_bad_blocks(blocks: Any) -> None:
    """Raises invalid_blocks (with JSON paths) or msg_blocks_too_long."""
    problems = check_message_blocks(blocks)
    if problems:
        raise ApiError("invalid_blocks", problems, errors=[p.removeprefix("[ERROR] ") for p in problems])
    if characters(blocks) > BLOCKS_CHARACTERS:
        raise ApiError("msg_blocks_too_long")


@method("chat.postMessage", "chat:write", tier="posting")
def post_message(call: Call) -> Json:
    channel = _target(call)
    text, blocks, thread_ts = call.optional("text") or "", checked_blocks(call), _thread(call)
    if not text and not blocks:
        raise ApiError("no_text")
    metadata = _metadata(call)
    wait = call.workspace.limits.spend_post(channel.id)
    if wait:
        raise rate_limited(wait)
    message = call.workspace.post(
        channel,
        call.app.bot_user_id,
        text[:POST_TEXT],
        blocks=blocks or [],
        thread_ts=thread_ts,
        metadata=metadata,
        reply_broadcast=bool(thread_ts) and call.flag("reply_broadcast"),
        via_app=True,
        owned=True,
    )
    return {"channel": channel.id, "ts": message.ts, "message": shapes.message(call.workspace, message)}


def _target(call: Call) -> Channel:
    """Where to post: a channel id or name, or a user id (opens the DM). Raises what forbids it."""
    wanted = call.text("channel")
    if wanted in call.workspace.users:
        channel = _dm(call, wanted)
    else:
        found = call.workspace.find_channel(wanted)
        if found is None or not call.workspace.visible(found, call.app.bot_user_id):
            raise ApiError("channel_not_found")
        channel = found
    if channel.archived:
        raise ApiError("is_archived")
    member = call.app.bot_user_id in channel.members
    if not member and "chat:write.public" not in call.app.scopes:
        raise ApiError("not_in_channel")
    if channel.kind is ChannelKind.IM and not call.app.messages_tab:
        raise ApiError("messages_tab_disabled")
    return channel


def _dm(call: Call, user_id: str) -> Channel:
    # A deactivated person's DM takes messages without an error: slackapi/python-slack-sdk#1156.
    person = call.workspace.users[user_id]
    if person.is_bot or user_id == SLACKBOT:
        raise ApiError("cannot_dm_bot")
    return call.workspace.open_dm(call.app.bot_user_id, user_id)


def _thread(call: Call) -> str | None:
    """`thread_ts`; an unknown one is taken, and nobody will see the message (slackapi/python-slack-sdk#840)."""
    ts = call.args.get("thread_ts")
    if ts in (None, ""):
        return None
    if not isinstance(ts, str) or not re.fullmatch(r"\d{10}\.\d{6}", ts):
        raise ApiError("invalid_thread_ts", [f"[ERROR] {ts} is not a valid thread_ts"])
    return ts


def _metadata(call: Call) -> Json | None:
    metadata = call.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    formed = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not formed or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.channel()
    message = channel.message(call.text("ts"))
    if message is None or message.system:
        raise ApiError("message_not_found")
    if not message.owned:
        raise ApiError(refusal)
    return channel, message


@method("chat.update", "chat:write", tier="3")
def update(call: Call) -> Json:
    channel, message = _own_message(call, "cant_update_message")
    if channel.archived:
        raise ApiError("is_inactive")
    text, blocks = call.optional("text"), checked_blocks(call)
    if text is None and blocks is None:
        raise ApiError("no_text")
    if text and len(text) > UPDATE_TEXT:
        raise ApiError("msg_too_long")
    metadata = _metadata(call)
    with call.workspace.changing():
        _edit(call, message, text, blocks)
        if metadata is not None:
            message.metadata = metadata or None
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": shapes.message(call.workspace, message),
    }


def _edit(call: Call, message: Message, text: str | None, blocks: list[Json] | None) -> None:
    if text is not None:
        message.text = text
        message.edited_ts = call.workspace.next_ts()
    # Text without blocks takes the blocks away; an empty list does too.
    message.blocks = blocks or []
    message.choices = {user: kept(choices, message.blocks) for user, choices in message.choices.items()}


@method("chat.delete", "chat:write", tier="3")
def delete(call: Call) -> Json:
    channel, message = _own_message(call, "cant_delete_message")
    with call.workspace.changing():
        remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def remove(channel: Channel, message: Message) -> None:
    """Take a message away; a root with replies leaves a tombstone."""
    if channel.replies(message.ts):
        message.text, message.blocks, message.owned, message.system = TOMBSTONE, [], False, True
    else:
        channel.messages.remove(message)


@method("chat.postEphemeral", "chat:write", tier="4")
def post_ephemeral(call: Call) -> Json:
    channel, person = call.channel(), call.user()
    if channel.archived:
        raise ApiError("is_archived")
    if call.app.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    if person.id not in channel.members or person.deleted:
        raise ApiError("user_not_in_channel")
    text, blocks, thread_ts = call.optional("text") or "", checked_blocks(call), _thread(call)
    if not text and not blocks:
        raise ApiError("no_text")
    if len(text) > POST_TEXT:
        raise ApiError("msg_too_long")
    shown = call.workspace.whisper(
        channel.id, person.id, call.app.bot_user_id, text, blocks=blocks or [], thread_ts=thread_ts
    )
    return {"message_ts": shown.id}


@method("chat.getPermalink", tier="special")
def permalink(call: Call) -> Json:
    channel = call.channel()
    message = channel.message(call.text("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    link = f"{call.workspace.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
