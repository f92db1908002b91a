"""The one state of the sandbox: people, channels, messages, views; one lock, and a version that every change raises."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.functions import Executions
from sandbox.limits import RateLimits
from sandbox.model import AppConfig, Channel, ChannelKind, Ephemeral, File, Json, Message, Town, User, UserGroup, View
from sandbox.tickets import Tickets
from sandbox.weather import Weather

SLACKBOT = "USLACKBOT"
_TYPED = re.compile(r"(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?)])|(?<![\w@#&])(?P<sign>[@#])(?P<word>[\w.\-]+)")


class Workspace:
    """Everything there is. Read and write only inside `changing()` or while holding `lock`.

    Listeners given to `subscribe` are called with the new version after the lock is free again.
    """

    def __init__(self, town: Town, clock: Clock) -> None:
        self.clock = clock
        self.team_id, self.team_name, self.domain = town.team_id, town.team_name, town.domain
        self.app: AppConfig = town.app
        self.installed = True
        self.lock = threading.RLock()
        self.version = 0
        self.base_url = ""
        self.users: dict[str, User] = {u.id: u for u in town.users}
        self.channels: dict[str, Channel] = {c.id: c for c in town.channels}
        self.usergroups: dict[str, UserGroup] = {g.id: g for g in town.usergroups}
        self.ephemerals: list[Ephemeral] = []
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.weather = Weather(clock)
        self.limits = RateLimits(clock)
        self.tickets = Tickets(clock)
        self.executions = Executions(clock)
        self.events_due: list[Json] = []
        self._condition = threading.Condition(self.lock)
        self._listeners: list[Callable[[int], None]] = []
        self._depth = 0
        self._dirty = False
        self._counter = 0
        self._last_micros = 0
        self._add_bots()
        for channel_id, user_id, text in town.small_talk:
            self.post(self.channels[channel_id], user_id, self.typed(text))

    def _add_bots(self) -> None:
        bot = User(self.app.bot_user_id, self.app.bot_name, self.app.name, is_bot=True)
        self.users.setdefault(bot.id, bot)
        self.users.setdefault(SLACKBOT, User(SLACKBOT, "slackbot", "Slackbot"))

    # -- change and notice -------------------------------------------------------------------------------------------

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the lock. If something changed meanwhile: at the outermost end raise the version, wake, tell."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                tell = self._depth == 0 and self._dirty
                if tell:
                    self._dirty = False
                    self.version += 1
                    self._condition.notify_all()
                version = self.version
        if tell:
            for listener in list(self._listeners):
                listener(version)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock in order to change something."""
        with self.holding():
            self._dirty = True
            yield

    def subscribe(self, callback: Callable[[int], None]) -> None:
        """Call `callback(version)` after every change."""
        self._listeners.append(callback)

    def wait_for_change(self, after: int, timeout: float) -> int:
        """Wait until the version is above `after` or `timeout` (real seconds) is over; the version either way."""
        with self._condition:
            self._condition.wait_for(lambda: self.version > after, timeout)
            return self.version

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait (real seconds) until `condition()` holds, looking again after each change. Says whether it did."""
        with self._condition:
            return self._condition.wait_for(condition, timeout)

    # -- time and ids ------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.clock.now()

    def seconds(self) -> int:
        """Sandbox time in whole unix seconds."""
        return int(self.clock.now().timestamp())

    def next_ts(self) -> str:
        """A message ts: sandbox time, unique and rising even while the clock stands still or goes back."""
        micros = int(self.clock.now().timestamp() * 1_000_000)
        self._last_micros = micros if micros > self._last_micros else self._last_micros + 100
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def next_id(self, prefix: str) -> str:
        """A fresh id such as V0000000012."""
        self._counter += 1
        return f"{prefix}{self._counter:010d}"

    def next_hash(self) -> str:
        self._counter += 1
        return f"{self.seconds()}.{self._counter:08x}"

    # -- look-ups ----------------------------------------------------------------------------------------------------

    def find_user(self, name: str) -> User | None:
        """By id, `@name`, name, or the whole real name; case-insensitive."""
        wanted = name.lstrip("@").casefold()
        by_name = [u for u in self.users.values() if wanted in (u.id.casefold(), u.name.casefold())]
        by_real = [u for u in self.users.values() if u.real_name.casefold() == wanted]
        return next(iter(by_name or by_real), None)

    def find_channel(self, name: str) -> Channel | None:
        """By id, `#name` or name."""
        wanted = name.lstrip("#")
        return self.channels.get(name) or next((c for c in self.channels.values() if c.name and c.name == wanted), None)

    def find_usergroup(self, handle: str) -> UserGroup | None:
        wanted = handle.lstrip("@")
        return next((g for g in self.usergroups.values() if g.handle == wanted), None)

    def visible(self, channel: Channel, user_id: str) -> bool:
        """Whether this person can see that the channel exists (public ones: everybody)."""
        return channel.kind is ChannelKind.PUBLIC or user_id in channel.members

    def view(self, view_id: str) -> View | None:
        """An open modal or a published Home, by id."""
        for view in [*self.homes.values(), *(v for stack in self.modals.values() for v in stack)]:
            if view.id == view_id:
                return view
        return None

    def top_modal(self, user_id: str) -> View | None:
        stack = self.modals.get(user_id)
        return stack[-1] if stack else None

    def ephemeral(self, ephemeral_id: str) -> Ephemeral | None:
        return next((e for e in self.ephemerals if e.id == ephemeral_id), None)

    def ephemerals_for(self, user_id: str, channel_id: str | None = None) -> list[Ephemeral]:
        """What only this person sees, oldest first."""
        return [e for e in self.ephemerals if e.user_id == user_id and channel_id in (None, e.channel_id)]

    def dm_between(self, *user_ids: str) -> Channel | None:
        """The open direct conversation of exactly these people."""
        wanted = set(user_ids)
        kind = ChannelKind.IM if len(wanted) <= 2 else ChannelKind.MPIM
        return next((c for c in self.channels.values() if c.kind is kind and set(c.members) == wanted), None)

    # -- changes -----------------------------------------------------------------------------------------------------

    def open_dm(self, *user_ids: str) -> Channel:
        """The direct conversation of these people, opened if need be."""
        with self.changing():
            found = self.dm_between(*user_ids)
            if found:
                return found
            members = list(dict.fromkeys(user_ids))
            group = len(members) > 2
            name = "mpdm-" + "--".join(self.users[m].name for m in members) + "-1" if group else ""
            kind = ChannelKind.MPIM if group else ChannelKind.IM
            channel = Channel(self.next_id("G" if group else "D"), name, kind, members, created=self.seconds())
            self.channels[channel.id] = channel
            return channel

    def post(self, channel: Channel, user_id: str, text: str, **more: Any) -> Message:
        """Append a message; `more` are fields of Message. No rule is checked here."""
        with self.changing():
            message = Message(self.next_ts(), channel.id, user_id, text, **more)
            channel.messages.append(message)
            return message

    def whisper(self, channel_id: str, user_id: str, author_id: str, text: str, **more: Any) -> Ephemeral:
        """Show something to one person only; `more` are fields of Ephemeral."""
        with self.changing():
            ephemeral = Ephemeral(self.next_ts(), channel_id, user_id, author_id, text, **more)
            self.ephemerals.append(ephemeral)
            return ephemeral

    def join(self, channel: Channel, user_id: str, inviter: str = "") -> None:
        """Make somebody a member; nothing happens for one who is."""
        with self.changing():
            if user_id not in channel.members:
                channel.members.append(user_id)
                self._tell_membership("member_joined_channel", channel, user_id, inviter)

    def part(self, channel: Channel, user_id: str) -> None:
        """Take somebody out of a channel; nothing happens for one who is not in it."""
        with self.changing():
            if user_id in channel.members:
                channel.members.remove(user_id)
                self._tell_membership("member_left_channel", channel, user_id)

    def _tell_membership(self, kind: str, channel: Channel, user_id: str, inviter: str = "") -> None:
        # The app hears of channels it is in, and of its own coming and going.
        if {user_id, *channel.members} & {self.app.bot_user_id}:
            more = {"inviter": inviter} if inviter else {}
            letter = "C" if channel.kind is ChannelKind.PUBLIC else "G"
            self.emit(kind, user=user_id, channel=channel.id, team=self.team_id, channel_type=letter, **more)

    def emit(self, kind: str, subscription: str = "", **fields: Any) -> None:
        """Queue an event for the app, if it subscribed to that kind (or to `subscription`, which messages have by the
        kind of their conversation); delivery fetches it after the lock is free."""
        if (subscription or kind) in self.app.events:
            self.events_due.append({"type": kind, **fields, "event_ts": self.next_ts()})

    def take_events(self) -> list[Json]:
        """Hand over the queued events, once."""
        with self.lock:
            events, self.events_due = self.events_due, []
            return events

    # -- the words people type ---------------------------------------------------------------------------------------

    def typed(self, text: str, mentions: bool = True, names: bool = False) -> str:
        """What Slack makes of typed words: `&<>` escaped; with `mentions`, names, groups, channels and URLs become
        control sequences (`<@U1>`, with `names` `<@U1|mia>`)."""
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

        def replace(match: re.Match[str]) -> str:
            if match["url"]:
                return f"<{match['url']}>"
            word = match["word"].rstrip(".")
            control = self._mention(match["sign"], word, names)
            return control + match["word"][len(word) :] if control else match[0]

        return _TYPED.sub(replace, escaped) if mentions else escaped

    def _mention(self, sign: str, word: str, names: bool) -> str | None:
        suffix = f"|{word}" if names else ""
        if sign == "#":
            channel = next((c for c in self.channels.values() if c.name == word), None)
            return f"<#{channel.id}{suffix}>" if channel else None
        user = next((u for u in self.users.values() if u.name == word.casefold()), None)
        if user:
            return f"<@{user.id}{suffix}>"
        group = self.find_usergroup(word)
        return f"<!subteam^{group.id}{'|@' + word if names else ''}>" if group else None
