"""How one person's due nudges become messages: a digest a day, a cap, what is pressing by itself (U17).

Pure: what has gone out that day goes in, what becomes of each nudge comes out. The schedule's rows are decided with it
(`bot/usecases/nudges/due.py`), and a preview looks ahead with it (`bot/usecases/nudges/forecast.py`): both agree.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.people import Person
from bot.domain.routing import (
    Debt,
    addressee,
    local_date,
    on_ladder,
    present,
    pressing,
    put_off,
    recipient_of,
    urgent,
)
from bot.domain.worktime import WorkTime

Hours = Callable[[Person], WorkTime]
"""The hours in which somebody is at work, absences left out."""
UNKNOWN_WAIT = timedelta(seconds=15)
"""How long a nudge to somebody new waits for Slack to say in which zone they live."""
LOOK_AGAIN = timedelta(hours=1)
"""At least this long a nudge waits for somebody to come back, so that nothing goes round in circles."""

DAILY_CAP = 5
"""Reminder messages per person and day, where setup says nothing else."""


class Way(StrEnum):
    """What becomes of a nudge that is ready."""

    DIGEST = "digest"
    """Part of the day's digest."""
    SINGLE = "single"
    """A message of its own."""
    HOLD = "hold"
    """Not today: it is part of what comes on the next working morning."""


@dataclass(frozen=True)
class Ready:
    """A nudge that may go to its recipient now.

    `pressing`: due today or late, about somebody else's delay, asked for, or put off until now. `urgent`: it holds up
    the handoff and is late, or tells a manager so; such ones are marked and go first.
    """

    nudge_id: int
    pressing: bool = True
    urgent: bool = False


@dataclass(frozen=True)
class DaySoFar:
    """What a person got on their calendar's day: `messages` of reminders, the digest included.

    `digest`: there is one already; `digest_waits`: it has not left yet, so that more may join it.
    """

    messages: int = 0
    digest: bool = False
    digest_waits: bool = False


def share_out(ready: Sequence[Ready], day: DaySoFar, cap: int = DAILY_CAP) -> Mapping[int, Way]:
    """What becomes of each, by nudge id: never more messages than `cap` (at least 1) a day, never a second digest."""
    if not ready:
        return {}
    if day.digest_waits:
        return {one.nudge_id: Way.DIGEST for one in ready}
    room = max(cap, 1) - day.messages
    if len(ready) > 1 and not day.digest and room > 0:
        return {one.nudge_id: Way.DIGEST for one in ready}
    chosen: dict[int, Way] = {}
    for one in sorted(ready, key=lambda one: (not one.urgent, not one.pressing, one.nudge_id)):
        goes = room > 0 and (one.pressing or not day.digest)
        chosen[one.nudge_id] = Way.SINGLE if goes else Way.HOLD
        room -= goes
    return chosen


@dataclass(frozen=True)
class Go:
    """It may be sent to `to` now."""

    to: Person
    pressing: bool
    urgent: bool


@dataclass(frozen=True)
class Wait:
    """It is decided again at that moment. `unknown`: it waits for Slack to say where its recipient is."""

    until: datetime
    unknown: bool = False


def judge(
    debt: Debt, slot: str, put_off_by: Person | None, people: Mapping[int, Person], now: datetime, hours: Hours
) -> Go | Wait | None:
    """What becomes of a nudge that is due, by itself: None when nobody is to get it any more.

    `put_off_by`: whose snooze has ended; it comes back to them or to nobody. `people` holds whoever may stand in.
    """
    target = addressee(debt, slot)
    if target is None:
        return None
    to = present(debt, target, people, now)
    if put_off(slot) and put_off_by is not None and put_off_by.id not in (target.id, to.id if to else 0):
        return None
    if to is None:
        return Wait(max(hours(target).next_moment(now), now + LOOK_AGAIN))
    if to.refreshed_at is None:  # their zone is not known yet: the look-up is on its way
        return Wait(now + UNKNOWN_WAIT, unknown=True)
    at = hours(to).next_moment(now)
    if at > now:
        return Wait(at)
    return Go(to, pressing(debt, slot, now), urgent(debt, slot, now))


@dataclass(frozen=True)
class Candidate:
    """A nudge on its way to somebody: about what (`obligation`, any key), since when it is due."""

    nudge_id: int
    obligation: Hashable
    person_id: int
    slot: str
    due_at: datetime


def superseded(candidates: Iterable[Candidate]) -> set[int]:
    """Those whose place another one takes: one nudge per obligation and person, the ladder's latest (U2)."""
    best: dict[tuple[Hashable, int], Candidate] = {}
    gone: set[int] = set()
    for one in candidates:
        place = (one.obligation, one.person_id)
        other = best.get(place)
        if other is None or _rank(other) < _rank(one):
            best[place] = one
            gone.update({other.nudge_id} if other else ())
        else:
            gone.add(one.nudge_id)
    return gone


Said = tuple[Hashable, int, date, str]
"""Of what the ladder has spoken, to whom (a person's id), on which day of theirs, of which due date and as what."""
LONGEST_DAY = timedelta(hours=25)


def said(obligation: Hashable, slot: str, to: Person, at: datetime) -> Said | None:
    """What a nudge of that slot says if it goes to `to` at that moment; None: it was asked for, and may be said again.

    Held back until the morning, or kept for working hours in another zone, a rung can meet the next one on one day:
    whoever has been told today is not told once more.
    """
    if not on_ladder(slot):
        return None
    return (obligation, to.id, local_date(to, at), f"{slot.split('/')[0]} {recipient_of(slot)}")


def next_working_morning(hours: WorkTime, now: datetime) -> datetime:
    """When what is held back today is decided again (UTC)."""
    return hours.opening(hours.add_working_days(hours.local_date(now), 1))


def _rank(one: Candidate) -> tuple[bool, datetime, int]:
    return (on_ladder(one.slot), one.due_at, one.nudge_id)
