"""What a person sees of messages, as plain values for the templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from sandbox.model import Channel, Ephemeral, Message
from sandbox.page import dates, mrkdwn
from sandbox.page.blocks import render_blocks
from sandbox.page.unread import ReadMarks
from sandbox.page.visit import Visit
from sandbox.workspace import Workspace

TONES = 8
SHOWN = 100  # messages of a channel that are drawn; of older ones the page says how many there are


@dataclass(frozen=True)
class Author:
    """Who wrote a message, and how their mark looks."""

    name: str
    initials: str
    tone: int
    is_app: bool = False
    left: bool = False


@dataclass(frozen=True)
class Shown:
    """A message or an ephemeral, ready to be drawn. ``where`` are the data attributes the script sends back."""

    key: str
    ts: str
    author: Author
    body: Markup
    time: str
    moment: str
    where: dict[str, str]
    day: str | None = None
    private: bool = False
    system: bool = False
    edited: bool = False
    files: Sequence[tuple[str, str]] = ()
    replies: int = 0
    unread_replies: int = 0
    last_reply: str = ""
    in_thread: bool = False
    broadcast: bool = False


@dataclass
class Timeline:
    """The messages of a channel or thread, with the day between them where it changes."""

    visit: Visit
    marks: ReadMarks
    pane: str
    shown: list[Shown] = field(default_factory=list)
    _day: str = ""

    def add(self, message: Message | Ephemeral, channel: Channel) -> None:
        """Draw one more."""
        self.shown.append(self._draw(message, channel))

    def _draw(self, message: Message | Ephemeral, channel: Channel) -> Shown:
        visit, reader = self.visit, self.visit.reader
        private = isinstance(message, Ephemeral)
        ts = message.id if isinstance(message, Ephemeral) else message.ts
        moment = dates.local(dates.from_ts(ts), reader.zone)
        author_id = message.author_id if isinstance(message, Ephemeral) else message.user_id
        where = (
            {"where": "ephemeral", "ephemeral": ts}
            if private
            else {"where": "message", "channel": message.channel_id, "ts": ts}
        )
        more = {} if isinstance(message, Ephemeral) else self._only_messages(message, channel)
        return Shown(
            key=f"{self.pane}-{'e' if private else 'm'}-{ts}",
            ts=ts,
            author=author_of(visit.workspace, author_id),
            body=self._body(message),
            time=dates.clock_time(moment),
            moment=moment.isoformat(),
            where=where,
            day=self._new_day(dates.relative_day(moment, reader.here) or dates.long_day(moment)),
            private=private,
            in_thread=self.pane == "thread",
            **more,  # type: ignore[arg-type]
        )

    def _only_messages(self, message: Message, channel: Channel) -> dict[str, object]:
        replies = [] if message.is_reply else channel.replies(message.ts)
        last = dates.from_ts(replies[-1].ts) if replies else None
        files = [self.visit.workspace.files[one] for one in message.files if one in self.visit.workspace.files]
        return {
            "system": message.system,
            "edited": message.edited_ts is not None,
            "files": [(file.id, file.title or file.name) for file in files],
            "replies": len(replies),
            "unread_replies": self.marks.count(self.visit.user.id, replies, message.ts),
            "last_reply": _last(last, self.visit.workspace.now()) if last else "",
            "broadcast": message.is_reply and message.reply_broadcast and self.pane != "thread",
        }

    def _body(self, message: Message | Ephemeral) -> Markup:
        if not message.blocks:
            return mrkdwn.render(message.text, self.visit.reader)
        mine = message.choices if isinstance(message, Ephemeral) else message.choices.get(self.visit.user.id, {})
        ts = message.id if isinstance(message, Ephemeral) else message.ts
        return render_blocks(message.blocks, self.visit.surface(f"{self.pane}:{message.channel_id}:{ts}", mine))

    def _new_day(self, day: str) -> str | None:
        if day == self._day:
            return None
        self._day = day
        return day


def _last(moment: datetime, now: datetime) -> str:
    words = dates.ago(moment, now)
    return words if words == "just now" else f"last {words}"


def author_of(workspace: Workspace, user_id: str) -> Author:
    """The author's name and mark; somebody unknown is shown by id."""
    user = workspace.users.get(user_id)
    name = (user.real_name or user.name) if user else user_id
    initials = "".join(re.findall(r"\b\w", name.split("(")[0])[:2]).upper()
    tone = list(workspace.users).index(user_id) % TONES if user else 0
    return Author(name, initials or "?", tone, bool(user and user.is_bot), bool(user and user.deleted))


def conversation(visit: Visit, marks: ReadMarks, channel: Channel) -> tuple[list[Shown], int]:
    """What the channel itself shows this person: its latest root messages, and what only they see, by time.

    The number says how many earlier messages are left out.
    """
    roots = channel.roots()
    mine = [one for one in visit.workspace.ephemerals_for(visit.user.id, channel.id) if not one.thread_ts]
    shown = _timeline(visit, marks, channel, [*roots[-SHOWN:], *mine[-SHOWN:]], "main")
    return shown, max(0, len(roots) - SHOWN)


def thread(visit: Visit, marks: ReadMarks, channel: Channel, root: Message) -> list[Shown]:
    """A thread: its root, the replies, and what only this person sees in it."""
    mine = [one for one in visit.workspace.ephemerals_for(visit.user.id, channel.id) if one.thread_ts == root.ts]
    return _timeline(visit, marks, channel, [root, *channel.replies(root.ts), *mine], "thread")


def _timeline(
    visit: Visit, marks: ReadMarks, channel: Channel, messages: list[Message | Ephemeral], pane: str
) -> list[Shown]:
    timeline = Timeline(visit, marks, pane)
    in_order = sorted(messages, key=lambda one: float(one.id if isinstance(one, Ephemeral) else one.ts))
    for message in in_order:
        timeline.add(message, channel)
    return timeline.shown
