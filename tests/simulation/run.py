"""The run itself: what happens when, from one seed; and the loop that lets virtual time jump from moment to moment."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from bot.playbooks.files import load_library
from bot.usecases.nudges.due import BATCH
from tests.simulation import fate
from tests.simulation.acts import Acts
from tests.simulation.books import Books, moment
from tests.simulation.cast import Citizen, cast
from tests.simulation.composition import PLAYBOOKS, Bot, Recipe, build
from tests.simulation.far_end import FarEnd, Killed
from tests.simulation.moving import Moving
from tests.simulation.rules import Rules
from tests.simulation.violation import Violation
from tests.simulation.virtual import VirtualClock

BEGIN = datetime(2027, 1, 11, 6, 0, tzinfo=UTC)
"""Both clock changes of the north, one of the south, Easter and Ramadan lie in the half-year from here."""
MONTH = timedelta(days=365.25 / 12)
INSTANT = timedelta(milliseconds=1)
LAST = 60
"""How many of the last events a failure tells."""

Progress = Callable[[datetime, int], None]


@dataclass(frozen=True)
class Scale:
    """How much there is to do: handoffs begun, in so many months from `begin`.

    `storms`, `stalls`: how often a month Slack has bad times, and the courier hangs for some hours. `diligence`: how
    likely people are to do what is to be done when they come by. `deals`: so many handoffs have one in flight.
    `in_runs`: so many accounts change hands in territory runs.
    """

    handoffs: int = 1000
    months: float = 6.0
    begin: datetime = BEGIN
    storms: float = 1.0
    stalls: float = 2.0
    diligence: tuple[float, ...] = fate.DILIGENCE
    deals: float = 0.4
    in_runs: float = 0.2


@dataclass(frozen=True)
class Outcome:
    """What came of a run: `digest` stands for the whole log, so that two runs can be compared."""

    seed: int
    digest: str
    until: datetime
    counts: Mapping[str, int]


class Failed(Violation):
    """A promise was broken; says with which seed, when, and after which events."""


@dataclass
class Simulation:
    """One run. `play` it once."""

    path: Path
    seed: int
    scale: Scale = Scale()
    recipe: Recipe = field(default_factory=Recipe)
    bot: Bot | None = None
    events: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST))
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng, self.clock, self.people = Random(self.seed), VirtualClock(self.scale.begin), cast()
        self.accounts_rng = Random(f"{self.seed} accounts")
        self.end = self.scale.begin + self.scale.months * MONTH
        self._wake: datetime | None = None
        self._spoken = False
        self._hangs_until = self.clock.now()
        self._order, self._log = count(), hashlib.blake2b(digest_size=16)
        self.far_end = FarEnd(self.clock, self.people, Random(f"{self.seed} far end"), self._said)
        self.bot = self._process()
        self.books = Books(self.path)
        ladder = load_library([PLAYBOOKS]).playbooks[0].ladder
        self.rules = Rules(self.clock, self.people, self.books, self.far_end, ladder)
        self.moving = Moving(self.rules)
        who, deals = self.people, self.scale.deals
        self.acts = Acts(self.bot, self.clock, who, self.books, self.rules, self.rng, self.note, deals)

    def play(self, progress: Progress = lambda at, begun: None) -> Outcome:
        """From the first day to the last. Raises Failed."""
        try:
            fate.write(self)
            self._play(progress)
        except Violation as broken:
            raise Failed(self._told(f"{broken}")) from broken
        except Exception as fault:
            raise Failed(self._told(f"{type(fault).__name__}: {fault}")) from fault
        finally:
            self.books.close()
            if self.bot is not None:
                self.bot.db.close()
        counts = {**self.counts, **self.rules.looked, **self.acts.done, "calls": self.far_end.calls}
        return Outcome(self.seed, self._log.hexdigest(), self.clock.now(), counts)

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Let something happen then (or now, if that is past)."""
        heappush(self.events, (when, next(self._order), what))

    def hang(self, time: timedelta) -> None:
        """The courier does nothing for a while; the rest of the process goes on."""
        self.note("the courier hangs for", time)
        self._hangs_until = self.clock.now() + time
        self.rules.trouble.append((self.clock.now(), self._hangs_until))
        self.counts["stalls"] += 1

    def when_up(self, what: Callable[[], None]) -> None:
        """Let something happen once the bot is there again."""
        self.waiting.append(what)

    def note(self, *what: object) -> None:
        """A line of the log."""
        line = f"{self.clock.now():%Y-%m-%d %H:%M:%S} {' '.join(str(one) for one in what)}"
        self.last.append(line)
        self._log.update(line.encode())

    def stop(self, downtime: timedelta) -> None:
        """The process ends, and another begins after a while; nothing but the database is left."""
        if self.bot is None:
            return
        self.note("the bot stops for", downtime)
        self.bot.db.close()
        self.bot = self._wake = None
        now = self.clock.now()
        self.rules.trouble.append((now, now + downtime))
        self.counts["restarts"] += 1
        self.at(now + downtime, self._restart)

    def die(self) -> None:
        """The process has been killed."""
        self.note("killed")
        self.counts["kills"] += 1
        self.stop(timedelta(seconds=self.rng.randint(5, 600)))

    def begun(self, handoff: int, outgoing: Citizen) -> None:
        """A handoff was started by the workers: people come by from now on."""
        fate.visit_later(self, handoff, outgoing, self.accounts_rng.choice(self.scale.diligence))

    def _restart(self) -> None:
        self.note("the bot starts")
        self.bot = self.acts.bot = self._process()
        self.bot.courier.begin(alone=True)
        for number, what in enumerate(self.waiting):
            self.at(self.clock.now() + timedelta(minutes=5 + number), what)
        self.waiting.clear()

    def _process(self) -> Bot:
        chance = Random(f"{self.seed} {self.counts['restarts']}")
        bot = build(self.path, self.clock, self.far_end, self.recipe, chance)
        bot.db.on_spoken(lambda *_: setattr(self, "_spoken", True))
        return bot

    # -- the loop --------------------------------------------------------------------------------------------------

    def _play(self, progress: Progress) -> None:
        shown = self.clock.now()
        while (coming := self._next()) <= self.end:
            self.clock.reach(coming)
            while self.events and self.events[0][0] <= self.clock.now():
                heappop(self.events)[2]()
            self._turn()
            if self.clock.now() - shown > timedelta(days=1):
                shown = self.clock.now()
                progress(shown, self.counts["begun"])

    def _next(self) -> datetime:
        """When something happens next."""
        coming = [self.events[0][0]] if self.events else [self.end + MONTH]
        if self.bot is not None:
            due = self.books.rows("SELECT min(due_at) at FROM nudges WHERE state = 'planned'")[0]["at"]
            coming += [moment(due)] if due else []
            coming += [self._wake] if self._wake is not None else []
        # whatever could not go although it was its time is tried again a moment later
        return max(min(coming), self.clock.now() + INSTANT)

    def _due(self) -> bool:
        return self.books.any("nudges WHERE state = 'planned' AND due_at <= ?", self.clock.now())

    def _turn(self) -> None:
        """The process does what is to be done now; it may die of it."""
        if self.bot is None:
            return
        try:
            while self._due() and self.bot.due.queue_due() == BATCH:
                pass
            if self.clock.now() >= self._hangs_until:
                self._deliver(self.bot)
            else:
                self._spoken, self._wake = True, self._hangs_until
        except Killed:
            self.die()
            return
        if self._wake is None:
            self.rules.at_rest()

    def _deliver(self, bot: Bot) -> None:
        """Until nothing may go now; asked when no letter is due, because a claim in vain costs as much as any other."""
        if self._spoken:
            self._spoken, self._wake = False, self.clock.now()
        while self._wake is not None and self._wake <= self.clock.now():
            went = bot.courier.deliver_next()
            if went and self.books.any("outbox WHERE state = 'queued' AND not_before <= ?", self.clock.now()):
                continue
            waiting = self.books.any("outbox WHERE state = 'queued' AND not_before <= ?", datetime.max)
            self._wake = bot.courier.next_wake() if waiting else None
            if not went:
                break

    # -- what Slack took -------------------------------------------------------------------------------------------

    def _said(self, method: str, where: str, ts: str, content: Mapping[str, Any]) -> None:
        assert self.bot is not None, "nobody else calls"
        letter = self.bot.composer.in_hand
        self.note(method, where, letter.key if letter else "", content.get("text", "")[:200])
        self.counts[method] += 1
        self.rules.read_by(where, content)
        if method == "chat.postMessage" and letter is not None:
            self.rules.first_post(letter, where, ts, content)
            if letter.kind in ("nudge", "digest"):
                fate.reminded(self, f"U{where[1:]}", letter, content)
            elif letter.kind == "alarms":
                fate.alarmed(self, f"U{where[1:]}", content)

    def _told(self, what: str) -> str:
        lines = "\n".join(self.last)
        return f"seed {self.seed}, {self.clock.now():%A %Y-%m-%d %H:%M:%S} UTC: {what}\nThe last events:\n{lines}"


def quick_folder() -> str | None:
    """Where a database that lives for a minute needs no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
