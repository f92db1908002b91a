"""What a workspace is made of. Plain data: no I/O, no clock, no rules beyond the shape of things."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
Choices = dict[str, dict[str, Json]]
"""block_id -> action_id -> the element's value as Slack writes it in `state.values`."""

ActionValue = str | int | list[str] | list[Json] | Json | None
"""What a person put into an element: nothing for a button; an option's value (text) for overflow, static select and
radio buttons; a list of them for checkboxes and multi selects; an id for users/channels/conversations selects; ISO text
for date and time pickers; unix seconds for a datetimepicker; typed text for inputs; an option offered before (its
value, or the whole option) for external selects; a list of file ids for a file input. None empties the element."""


class ChannelKind(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    IM = "im"
    MPIM = "mpim"


class ViewKind(StrEnum):
    MODAL = "modal"
    HOME = "home"


@dataclass
class User:
    """A person, a bot, or Slackbot. `name` is the handle (`@mia`), `real_name` what lists show, `display_name` what
    mentions show (the real name while it is empty)."""

    id: str
    name: str
    real_name: str
    title: str = ""
    tz: str = "Europe/Berlin"
    locale: str = "en-US"
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False
    updated: int = 0
    display_name: str = ""
    dnd: tuple[int, int] | None = None  # do not disturb from, until (unix seconds)
    home_team: str = ""  # of somebody from another company in a shared channel; "" for our own people

    @property
    def mail(self) -> str:
        """Everybody's address; an app sees it with the scope users:read.email."""
        return "" if self.is_bot else f"{self.name}@example.com"


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)


@dataclass
class File:
    """An uploaded file; `done` once the upload was completed, `channels` where it was shared, `in_form` once a form
    with it was submitted to the app."""

    id: str
    name: str
    title: str
    owner_id: str
    content: bytes = b""
    length: int = 0
    done: bool = False
    created: int = 0
    channels: list[str] = field(default_factory=list)
    in_form: bool = False
    deleted: bool = False


@dataclass
class Message:
    """One message. `via_app` when the app posted it; `owned` when chat.update and chat.delete may touch it."""

    ts: str
    channel_id: str
    user_id: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    reply_broadcast: bool = False
    metadata: Json | None = None
    edited_ts: str | None = None
    via_app: bool = False
    owned: bool = False
    files: list[str] = field(default_factory=list)
    system: bool = False
    choices: dict[str, Choices] = field(default_factory=dict)
    """user_id -> what that person chose in the message's elements (their client keeps it over chat.update)."""

    @property
    def is_reply(self) -> bool:
        """True for a message inside a thread, False for a root (or a plain message)."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Ephemeral:
    """A message only `user_id` sees; `id` is its ts. `author_id` is the bot or Slackbot."""

    id: str
    channel_id: str
    user_id: str
    author_id: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    choices: Choices = field(default_factory=dict)


@dataclass
class Channel:
    """A conversation. `members` holds user ids (the bot's too); `messages` is in order of ts, replies included."""

    id: str
    name: str
    kind: ChannelKind
    members: list[str] = field(default_factory=list)
    topic: str = ""
    archived: bool = False
    creator_id: str = ""
    created: int = 0
    messages: list[Message] = field(default_factory=list)

    def message(self, ts: str) -> Message | None:
        """The message with this ts, if it is there."""
        return next((m for m in self.messages if m.ts == ts), None)

    def roots(self) -> list[Message]:
        """What the channel itself shows: everything but replies, and the replies also sent to the channel."""
        return [m for m in self.messages if not m.is_reply or m.reply_broadcast]

    def replies(self, thread_ts: str) -> list[Message]:
        """The replies under a root, oldest first (without the root)."""
        return [m for m in self.messages if m.is_reply and m.thread_ts == thread_ts]


@dataclass
class View:
    """A modal (one of a person's stack) or a person's Home. `body` is the view as the app sent it, ids filled in."""

    id: str
    kind: ViewKind
    user_id: str
    body: Json
    hash: str
    external_id: str = ""
    root_view_id: str = ""
    previous_view_id: str | None = None
    channel_id: str | None = None
    """The conversation a modal was opened from, for `default_to_current_conversation`."""
    choices: Choices = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """block_id -> sentence shown under the field, from the last refused submission."""

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.body.get("blocks", [])
        return blocks

    def plain(self, part: str) -> str:
        """The words of `title`, `submit` or `close`; "" where the app gave none."""
        return str((self.body.get(part) or {}).get("text", ""))


@dataclass(frozen=True)
class SlashCommand:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    name: str
    callback_id: str
    kind: str  # "global" or "message"
    description: str = ""


@dataclass(frozen=True)
class Parameter:
    """An input or output of a function; `choices` are the only values, where there are any."""

    name: str
    type: str
    title: str = ""
    description: str = ""
    required: bool = False
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Function:
    """A step that the app offers to Workflow Builder."""

    callback_id: str
    title: str
    description: str = ""
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class AppConfig:
    """The installed app, as its manifest describes it."""

    name: str = "app"
    bot_name: str = "app"
    scopes: tuple[str, ...] = ()
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    functions: tuple[Function, ...] = ()
    events: frozenset[str] = frozenset()
    home_tab: bool = True
    messages_tab: bool = True
    interactivity: bool = True
    options_load: bool = True
    socket_mode: bool = False
    app_id: str = "A0SANDBOX01"
    bot_id: str = "B0SANDBOX01"
    bot_user_id: str = "U0APPBOT001"
    bot_token: str = "xoxb-sandbox-bot-token"
    app_token: str = "xapp-sandbox-app-token"
    signing_secret: str = "sandbox-signing-secret"
    verification_token: str = "sandbox-verification"


@dataclass
class Town:
    """Where a sandbox starts from: the company, and the app installed in it."""

    team_id: str = "T0SANDBOX01"
    team_name: str = "Sandbox"
    domain: str = "sandbox"
    users: list[User] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    usergroups: list[UserGroup] = field(default_factory=list)
    app: AppConfig = field(default_factory=AppConfig)
    small_talk: list[tuple[str, str, str]] = field(default_factory=list)
    """(channel id, user id, text) said before anybody acts."""


@dataclass(frozen=True)
class MessageAt:
    channel_id: str
    ts: str


@dataclass(frozen=True)
class EphemeralAt:
    id: str


@dataclass(frozen=True)
class ViewAt:
    view_id: str


Where = MessageAt | EphemeralAt | ViewAt


@dataclass(frozen=True)
class Outcome:
    """What a person's act came to. `error` is the sentence Slack would show, `errors` block_id -> sentence in the open
    modal, `detail` says more for developers (status, body, what was wrong with the app's answer)."""

    ok: bool = True
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    detail: str = ""
