"""Reading the message on which somebody ran a shortcut: what can be saved of it, and where it stands.

Shape: docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
"""

from __future__ import annotations

from typing import Any

from bot.errors import BotError
from bot.usecases.accounts.capture import Said
from handlers.payloads import Body, team_of

_GONE = frozenset({"tombstone", "message_deleted"})


class OurOwnMessage(BotError):
    """It was written by Baton itself."""

    def __init__(self) -> None:
        super().__init__("That is a message of my own: I know it already. Save what people write.")


class DeletedMessage(BotError):
    def __init__(self) -> None:
        super().__init__("That message was deleted, so there is nothing to save.")


class OutsidersMessage(BotError):
    """Somebody of another company wrote it, in a channel that both share."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody from another company wrote that, and I keep only what people of this workspace say. "
            "Write it down in your own words: `/handoff note`."
        )


class NoWords(BotError):
    def __init__(self) -> None:
        super().__init__("There are no words in that message. Say in your own what it is: `/handoff note`.")


class NothingButFiles(BotError):
    def __init__(self) -> None:
        super().__init__(
            "That message is nothing but a file, and I keep words only. Say in your own what it is: `/handoff note`."
        )


def words_of(body: Body, own_id: str) -> str:
    """The text of the message, as Slack marks it up. `own_id`: Baton's own Slack id.

    Raises OurOwnMessage, DeletedMessage, OutsidersMessage, NothingButFiles, NoWords.
    """
    message: dict[str, Any] = body.get("message") or {}
    if message.get("subtype") in _GONE or not message.get("ts"):
        raise DeletedMessage()
    app_id = message.get("app_id")
    if own_id and (message.get("user") == own_id or (app_id is not None and app_id == body.get("api_app_id"))):
        raise OurOwnMessage()
    home = team_of(body)
    written_in = {str(message[name]) for name in ("user_team", "source_team", "team") if message.get(name)}
    if home and written_in and home not in written_in:
        raise OutsidersMessage()
    text = str(message.get("text") or "")
    if not text.strip():
        raise NothingButFiles() if message.get("files") else NoWords()
    return text


def said_in(body: Body, text: str) -> Said:
    """The message, with `text` as its plain words."""
    message, channel = body["message"], str((body.get("channel") or {}).get("id") or "")
    ts, root = str(message["ts"]), str(message.get("thread_ts") or message["ts"])
    return Said(text, f"message:{channel}:{ts}", _link(body, channel, ts, root), (channel, root))


def _link(body: Body, channel: str, ts: str, root: str) -> str:
    """The permalink, made as Slack makes it; empty where Slack does not say under which name people find it."""
    domain = str((body.get("team") or {}).get("domain") or "")
    if not domain:
        return ""
    inside = f"?thread_ts={root}&cid={channel}" if root != ts else ""
    return f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}{inside}"
