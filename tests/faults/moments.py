"""When to strike: at the n-th message that Slack takes, at the n-th click, or after a moment of the harness's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Event, Lock

from sandbox.workspace import Workspace

POST, CLICK, DELAY = "post", "click", "delay"
LONGEST_DELAY = 0.4


@dataclass(frozen=True)
class Moment:
    """`count`: after so many posts or clicks; `delay`: seconds after the people were let go."""

    kind: str
    count: int = 1
    delay: float = 0.0

    @classmethod
    def at_random(cls, random: Random) -> Moment:
        """Most strikes fall while something is on its way to Slack or comes from it: there the danger is."""
        kind = random.choices((POST, CLICK, DELAY), (5, 3, 2))[0]
        return cls(kind, random.randint(1, 3), random.uniform(0, LONGEST_DELAY))


class Watch:
    """Sees every message that Slack takes, before the bot hears that it did, and strikes once per `arm`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._strike: Callable[[], None] | None = None
        self._left, self._kind = 0, ""
        self._posts = self._counted()
        self.struck = Event()
        workspace.subscribe(lambda _: self._changed())

    def arm(self, moment: Moment, strike: Callable[[], None]) -> None:
        with self._lock:
            self._posts = self._counted()
            self._strike, self._kind, self._left = strike, moment.kind, moment.count
            self.struck.clear()

    def clicked(self) -> None:
        """Somebody is about to click."""
        self._happened(CLICK, 1)

    def now(self) -> None:
        """Strike, if that has not been done."""
        with self._lock:
            self._hit()

    def _changed(self) -> None:
        with self._lock:
            posts, before = self._counted(), self._posts
            self._posts = posts
        self._happened(POST, posts - before)

    def _happened(self, kind: str, times: int) -> None:
        with self._lock:
            if kind != self._kind or times <= 0:
                return
            self._left -= times
            if self._left <= 0:
                self._hit()

    def _hit(self) -> None:
        if self._strike is not None:
            strike, self._strike = self._strike, None
            strike()
            self.struck.set()

    def _counted(self) -> int:
        return sum(len(channel.messages) for channel in list(self._workspace.channels.values()))
