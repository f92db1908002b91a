"""The courier with a Slack at the far end that remembers every call, and fails as a story wants; no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.outbox.compose import Composer
from bot.outbox.courier import Courier
from bot.playbooks.files import SHIPPED
from bot.running.metrics import Tally
from bot.slack.answers import Posted, Shown, UserInfo
from bot.slack.failures import Kind, SlackFailure
from bot.slack.render import Renderer
from bot.usecases.workspace.people import People
from bot.usecases.workspace.trouble import Trouble
from tests.store.conftest import Office

Weather = Callable[["Call"], SlackFailure | None]


@dataclass(frozen=True)
class Call:
    """One call, as Slack hears it. `words`: all that the message says."""

    at: datetime
    method: str
    to: str = ""
    thread: str | None = None
    words: str = ""
    ts: str = ""


@dataclass
class Slack:
    """`weather` decides about each call; `late`: the failure comes after Slack did what it was asked."""

    now: Callable[[], datetime]
    weather: Weather = lambda _call: None
    late: bool = False
    asked: list[Call] = field(default_factory=list)
    posts: list[Call] = field(default_factory=list)
    edits: list[Call] = field(default_factory=list)
    homes: list[Call] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def post_message(self, channel: str, message: Mapping[str, Any], thread_ts: str | None = None) -> Posted:
        ts = f"{next(self._numbers)}.000100"
        call = Call(self.now(), "chat.postMessage", channel, thread_ts, str(message), ts)
        self._do(call, self.posts)
        return Posted(channel if channel.startswith("C") else f"D{channel}", ts)

    def update_message(self, channel: str, ts: str, message: Mapping[str, Any]) -> Posted:
        self._do(Call(self.now(), "chat.update", channel, None, str(message), ts), self.edits)
        return Posted(channel, ts)

    def publish_home(self, user: str, view: Mapping[str, Any], hash: str | None = None) -> Shown:
        self._do(Call(self.now(), "views.publish", user, words=str(view)), self.homes)
        return Shown("V1", "1")

    def probe_post(self, channel: str) -> None:
        self._do(Call(self.now(), "probe", channel), [])

    def permalink(self, channel: str, ts: str) -> str:
        return f"https://town/{channel}/{ts}"

    def user_info(self, user: str) -> UserInfo:
        self._do(Call(self.now(), "users.info", user), [])
        return UserInfo.read({"id": user, "name": user[1:].lower(), "tz": "UTC", "locale": "en-US"})

    def usergroup_members(self, group: str) -> tuple[str, ...]:
        self._do(Call(self.now(), "usergroups.users.list", group), [])
        return ()

    def _do(self, call: Call, done: list[Call]) -> None:
        self.asked.append(call)
        failure = self.weather(call)
        if failure is None or self.late:
            done.append(call)
        if failure is not None:
            raise failure


class PostOffice:
    """An office whose letters go out. `settle` lets them, moving the clock from one moment to the next."""

    def __init__(self, office: Office, slack: Slack | None = None) -> None:
        """Without a `slack` that knows the office already, it is a new one and is set up."""
        self.office, self.clock, self.db = office, office.clock, office.db
        self.slack, self.tally = slack or Slack(office.clock.now), Tally()
        if slack is None:
            office.set_up()
        self.courier = self.another()

    def goes_on(self, office: Office) -> PostOffice:
        """Another one, with a copy of what this one has written to Slack; `office` has a copy of its database."""
        s = self.slack
        past = {"asked": [*s.asked], "posts": [*s.posts], "edits": [*s.edits], "homes": [*s.homes]}
        return PostOffice(office, Slack(office.clock.now, **past, _numbers=count(len(s.asked) + 1)))

    def another(self) -> Courier:
        """A courier as another process has one."""
        desk = self.office.desk
        people, trouble = People(desk, tuple, UserInfo.read), Trouble(desk)
        composer = Composer(desk, Renderer([SHIPPED]))
        return Courier(desk, composer, self.slack, people, trouble, self.tally, lambda: 0.5)  # type: ignore[arg-type]

    def settle(self, **at_most: float) -> None:
        """Everything that goes within that time is delivered."""
        last = self.clock.now() + timedelta(**(at_most or {"minutes": 10}))
        for _ in range(20_000):
            while self.courier.deliver_next():
                pass
            wake = self.courier.next_wake()
            if wake is None or wake > last:
                self.clock.moment = max(self.clock.moment, last if at_most else self.clock.moment)
                return
            self.clock.moment = max(wake, self.clock.moment + timedelta(milliseconds=1))
        raise AssertionError("the courier never comes to rest")

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.office.rows("SELECT state FROM outbox"))

    def letters(self, state: str) -> list[str]:
        return [row.key for row in self.office.rows("SELECT key FROM outbox WHERE state = :s ORDER BY id", s=state)]


def refuses(error: str, kind: Kind = Kind.RETRY, *methods: str, **more: Any) -> Weather:
    """Every call of these methods (of any, if none is named) fails like this."""
    return lambda call: (
        SlackFailure(kind, error, method=call.method, **more) if not methods or call.method in methods else None
    )
