"""Where an element stands: its blocks, what the person chose there, and how payloads speak of that place."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import shapes
from sandbox.choices import NotPossible, state_values
from sandbox.model import Choices, Ephemeral, EphemeralAt, Json, Message, MessageAt, View, ViewAt, Where
from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Surface:
    """`choices` is the live dict to write to; `view_id` is set for modals and Homes."""

    where: Where
    blocks: list[Json]
    choices: Choices
    payload: Json
    """The fields container, channel, message or view of an interaction there (without state and response_url)."""
    channel_id: str | None = None
    view_id: str | None = None

    @property
    def state(self) -> Json:
        return {"values": state_values(self.blocks, self.choices)}


def surface(workspace: Workspace, user_id: str, where: Where) -> Surface:
    """The place, as this person sees it now. Raises NotPossible when it is gone or not theirs to see."""
    if workspace.users[user_id].deleted:
        raise NotPossible(f"{workspace.users[user_id].name} has no account any more")
    if isinstance(where, MessageAt):
        return _message(workspace, user_id, where)
    if isinstance(where, EphemeralAt):
        return _ephemeral(workspace, user_id, where)
    return _view(workspace, user_id, where)


def _message(workspace: Workspace, user_id: str, where: MessageAt) -> Surface:
    message = visible_message(workspace, user_id, where.channel_id, where.ts)
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": where.channel_id,
        "is_ephemeral": False,
    }
    shape = shapes.message(workspace, message)
    if "thread_ts" in shape:
        container["thread_ts"] = shape["thread_ts"]
    payload = {"container": container, "channel": channel(workspace, where.channel_id), "message": shape}
    choices = message.choices.setdefault(user_id, {})
    return Surface(where, message.blocks, choices, payload, channel_id=where.channel_id)


def visible_message(workspace: Workspace, user_id: str, channel_id: str, ts: str) -> Message:
    """A message this person can see. Raises NotPossible."""
    place = workspace.channels.get(channel_id)
    found = place.message(ts) if place and workspace.visible(place, user_id) else None
    if found is None:
        raise NotPossible("this message is not there (any more)")
    return found


def _ephemeral(workspace: Workspace, user_id: str, where: EphemeralAt) -> Surface:
    found: Ephemeral | None = workspace.ephemeral(where.id)
    if found is None or found.user_id != user_id:
        raise NotPossible("this message is not there (any more)")
    container: Json = {"type": "message", "message_ts": found.id, "channel_id": found.channel_id, "is_ephemeral": True}
    if found.thread_ts:
        container["thread_ts"] = found.thread_ts
    payload = {"container": container, "channel": channel(workspace, found.channel_id)}
    return Surface(where, found.blocks, found.choices, payload, channel_id=found.channel_id)


def _view(workspace: Workspace, user_id: str, where: ViewAt) -> Surface:
    found: View | None = workspace.view(where.view_id)
    if found is None or found.user_id != user_id:
        raise NotPossible("this view is not open (any more)")
    payload = {"container": {"type": "view", "view_id": found.id}, "view": shapes.view(workspace, found)}
    return Surface(where, found.blocks, found.choices, payload, view_id=found.id)


def channel(workspace: Workspace, channel_id: str) -> Json:
    """The `channel` field of payloads."""
    return {"id": channel_id, "name": shapes.channel_name(workspace.channels[channel_id])}
