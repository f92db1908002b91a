"""What the app says through a response URL or in its answer to a slash command.

Source: docs.slack.dev/interactivity/handling-user-interaction (5 uses in 30 minutes; ephemeral by default;
replace_original, delete_original; an ephemeral message stays ephemeral and a public one public).
"""

from __future__ import annotations

from typing import Any

from sandbox.blocks import check_message_blocks
from sandbox.choices import kept
from sandbox.model import EphemeralAt, Json, MessageAt
from sandbox.tickets import ResponseTicket, TicketError
from sandbox.webapi.chat import remove
from sandbox.webapi.registry import Call
from sandbox.workspace import Workspace


class ResponseError(Exception):
    """The URL or the body cannot be used; `code` is what Slack answers, `status` the HTTP status."""

    def __init__(self, code: str, status: int, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.status, self.detail = code, status, detail


def respond(workspace: Workspace, token: str, body: Any) -> None:
    """Serve one POST to a response URL. Raises ResponseError."""
    with workspace.holding():
        try:
            ticket = workspace.tickets.respond(token)
        except TicketError as problem:
            raise ResponseError(problem.code, 404) from problem
        if not isinstance(body, dict):
            raise ResponseError("invalid_payload", 400)
        if body.get("delete_original"):
            _delete(workspace, ticket, body)
        elif body.get("replace_original") and ticket.origin is not None:
            _replace(workspace, ticket, body)
        else:
            say(workspace, ticket.channel_id, ticket.user_id, body)


def say(workspace: Workspace, channel_id: str, user_id: str, body: Json) -> None:
    """A new message in answer to a person: ephemeral unless `response_type` says in_channel. Raises ResponseError."""
    text, blocks = _content(workspace, body)
    kind = body.get("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        raise ResponseError("invalid_response_type", 400)
    app, thread_ts = workspace.app, body.get("thread_ts")
    if kind == "ephemeral":
        workspace.whisper(channel_id, user_id, app.bot_user_id, text, blocks=blocks, thread_ts=thread_ts)
    else:
        # Not owned: chat.update answers cant_update_message for such a message.
        workspace.post(
            workspace.channels[channel_id],
            app.bot_user_id,
            text,
            blocks=blocks,
            thread_ts=thread_ts,
            via_app=True,
            owned=False,
        )


def _content(workspace: Workspace, body: Json) -> tuple[str, list[Json]]:
    blocks = body.get("blocks") or []
    problems = check_message_blocks(blocks)
    if problems:
        raise ResponseError("invalid_blocks", 400, "; ".join(problems))
    text = body.get("text") or ""
    if not text and not blocks:
        raise ResponseError("no_text", 400)
    return str(text), Call(workspace, {}).fresh(blocks)


def _delete(workspace: Workspace, ticket: ResponseTicket, body: Json) -> None:
    if set(body) != {"delete_original"}:
        raise ResponseError("invalid_payload", 400, "delete_original must be the only field")
    origin = ticket.origin
    with workspace.changing():
        if isinstance(origin, EphemeralAt):
            workspace.ephemerals = [e for e in workspace.ephemerals if e.id != origin.id]
        elif isinstance(origin, MessageAt):
            channel = workspace.channels[origin.channel_id]
            message = channel.message(origin.ts)
            if message is None or not message.via_app:
                raise ResponseError("message_not_found", 404)
            remove(channel, message)


def _replace(workspace: Workspace, ticket: ResponseTicket, body: Json) -> None:
    text, blocks = _content(workspace, body)
    origin = ticket.origin
    with workspace.changing():
        if isinstance(origin, EphemeralAt):
            shown = workspace.ephemeral(origin.id)
            if shown is None:
                raise ResponseError("message_not_found", 404)
            shown.text, shown.blocks, shown.choices = text, blocks, kept(shown.choices, blocks)
        elif isinstance(origin, MessageAt):
            message = workspace.channels[origin.channel_id].message(origin.ts)
            if message is None or not message.via_app:
                raise ResponseError("message_not_found", 404)
            message.text, message.blocks = text, blocks
            message.choices = {u: kept(c, blocks) for u, c in message.choices.items()}
