"""Many accounts at once (B23): in which order, on which day, and to whom each of them goes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain.suggesting import WEIGHT, Held
from bot.domain.vocabulary import Tier
from bot.domain.worktime import WorkTime

MOST = 5_000
"""Accounts in one run."""


class Assign(StrEnum):
    """Who gets an account: whom the list names; who knows its region; whoever has the least to look after."""

    LIST = "list"
    REGION = "region"
    LOAD = "load"


class RunState(StrEnum):
    PREVIEW = "preview"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def live(self) -> bool:
        """Whether it was confirmed and is not over."""
        return self in (RunState.RUNNING, RunState.PAUSED)


class LineState(StrEnum):
    WAITING = "waiting"
    STARTED = "started"
    LEFT_OUT = "left_out"
    """It could not be started; the line says why."""
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Candidate:
    """An account that is to move. `incoming_id` is whom the list names; `problem` why it cannot be in the run."""

    account_id: int
    name: str
    tier: Tier
    region: str = ""
    territory: str = ""
    outgoing_id: int | None = None
    incoming_id: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Rules:
    """`reps` are those who may get an account; waves of `per_wave` accounts begin `every` working days apart."""

    assign: Assign
    reps: tuple[int, ...]
    first_on: date
    per_wave: int
    every: int
    brief_tiers: frozenset[Tier] = field(default=frozenset())
    """Tiers whose handoffs leave out what is nice to have."""


@dataclass(frozen=True)
class Planned:
    """One account's place in the run; `problem` says why it is left out."""

    account_id: int
    wave: int
    start_on: date
    outgoing_id: int | None
    incoming_id: int | None
    problem: str = ""


def plan(
    candidates: Iterable[Candidate], rules: Rules, held: Collection[Held], calendar: WorkTime
) -> tuple[Planned, ...]:
    """Every candidate in its order: tiers first, then by name. Those with a problem come last, in no wave.

    `held` is what everybody looks after now. A wave never begins on a day off of `calendar`.
    """
    ordered = sorted(candidates, key=lambda one: (one.tier.rank, one.name.casefold(), one.account_id))
    shared, begins = _Sharing(rules, held), [_first_day(rules, calendar)]
    going: list[Planned] = []
    left_out: list[Planned] = []
    for one in ordered:
        incoming = None if one.problem else shared.rep_for(one)
        problem = one.problem or ("" if incoming is not None else "no_rep")
        wave = len(going) // rules.per_wave
        if wave == len(begins):  # counted on from the wave before: from the first one, thousands would take seconds
            begins.append(calendar.add_working_days(begins[-1], rules.every))
        planned = Planned(one.account_id, wave, begins[wave], one.outgoing_id, incoming, problem)
        (left_out if problem else going).append(planned)
    return (*going, *left_out)


def _first_day(rules: Rules, calendar: WorkTime) -> date:
    return rules.first_on if calendar.working_day(rules.first_on) else calendar.add_working_days(rules.first_on, 1)


class _Sharing:
    """Hands accounts out one by one, and counts what each rep has by then."""

    def __init__(self, rules: Rules, held: Collection[Held]) -> None:
        self._rules = rules
        self._load: Counter[int] = Counter(dict.fromkeys(rules.reps, 0))
        self._known: Counter[tuple[int, str]] = Counter()
        for one in held:
            if one.person_id in self._load:
                self._load[one.person_id] += WEIGHT[one.tier]
                self._known[one.person_id, _plain(one.region)] += 1

    def rep_for(self, one: Candidate) -> int | None:
        """Who gets it; nobody where the list names nobody, or it would go back to whoever gives it away."""
        if self._rules.assign is Assign.LIST:
            return one.incoming_id if one.incoming_id != one.outgoing_id else None
        reps = [number for number in self._rules.reps if number != one.outgoing_id]
        if not reps:
            return None
        region = _plain(one.region)
        near = region if self._rules.assign is Assign.REGION and region else None

        def order(number: int) -> tuple[int, int, int]:
            knows = self._known[number, near] if near is not None else 0
            return -min(knows, 1), self._load[number], reps.index(number)

        found = min(reps, key=order)
        self._load[found] += WEIGHT[one.tier]
        return found


def _plain(region: str) -> str:
    return region.casefold().strip()


LEFT = "left"
"""The rule of a run that keeps the channels that it has left."""


@dataclass(eq=False)
class Run:
    """One decision about many accounts. `rules` is what its form said, as JSON has it."""

    workspace_id: int
    title: str
    state: RunState
    rules: dict[str, Any]
    channel_id: str
    by_id: int
    created_at: datetime
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    @property
    def left(self) -> tuple[str, ...]:
        """The channels that it has left: handoffs that began there may stand there still."""
        return tuple(self.rules.get(LEFT, ()))

    def go_on_in(self, channel: str) -> None:
        """What has not begun yet is to begin in another channel."""
        left = [one for one in dict.fromkeys((*self.left, self.channel_id)) if one != channel]
        self.channel_id, self.rules = channel, {**self.rules, LEFT: left}


@dataclass(eq=False)
class RunLine:
    """One account of a run. `wish`: what is still to be done to the handoff that it started."""

    workspace_id: int
    run_id: int
    account_id: int
    position: int
    wave: int
    start_on: date
    outgoing_id: int | None
    incoming_id: int | None
    state: LineState
    outgoing_name: str = ""
    wish: dict[str, Any] | None = None
    handoff_id: int | None = None
    error: str = ""
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
