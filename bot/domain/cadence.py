"""When to nudge whom about one obligation: the ladder of a playbook laid over people's working time.

The rungs, in working days of the owner counted from the day the obligation is due: heads-up before, on the day, then
every `repeat_every` days; besides, once the manager and once the manager's manager. They are planned one at a time:
call `next_rung(plan, None, now)` when the obligation begins (or its date or people change), store the rung, and call
`next_rung(plan, slot, now)` when it has been sent.

- The cadence hangs on the due date alone: a rung that went out late or was snoozed moves nothing (U7).
- What is past when the plan is made yields one late rung, at once; after that only the future is planned (U2). Missed
  heads-ups are dropped while the day itself is still to come.
- An escalation is never lost: one that was overtaken (the process was down, the nudge before it was snoozed) comes one
  repeat interval later, so that the owner, and then the manager, still has time to act.
- Repeats end after MAX_REPEATS; an obligation nobody has met by then is a matter for people, not for a bot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.domain.playbook import Ladder
from bot.domain.worktime import WorkTime

MAX_REPEATS = 60
_STILL_TODAY = timedelta(hours=24)


class Recipient(StrEnum):
    """To whom a rung goes; who that is at the moment of sending (delegate, cover) is decided then."""

    OWNER = "owner"
    MANAGER = "manager"
    MANAGERS_MANAGER = "managers_manager"


@dataclass(frozen=True)
class Rung:
    """`slot` is unique within one obligation ("heads_up:3", "due", "repeat:2", "manager:1", "managers_manager:1").

    `at` is UTC, within the recipient's working hours; `late` marks the one that makes up for what is past.
    """

    slot: str
    at: datetime
    to: Recipient
    late: bool = False


@dataclass(frozen=True)
class Plan:
    """What the rungs are computed from; without a manager (None) the escalations to them are left out."""

    ladder: Ladder
    due: date
    owner: WorkTime
    manager: WorkTime | None = None
    managers_manager: WorkTime | None = None


@dataclass(frozen=True)
class _Place:
    slot: str
    offset: int
    to: Recipient


def next_rung(plan: Plan, after: str | None, now: datetime) -> Rung | None:
    """The rung to store next: `after` is the slot that has just been sent (None: nothing planned yet), `now` is aware.

    A slot that the ladder does not know counts as sent with everything before `now`. None: nothing is left to say.
    """
    places, order = _told(plan.ladder, plan.manager is not None, plan.managers_manager is not None)
    if after is None:
        return _first(plan, places, now)
    if after not in order:
        return next((rung for rung in (_rung(plan, place) for place in places) if rung.at > now), None)
    in_time = now - _rung(plan, places[order[after]]).at < _STILL_TODAY
    for place in places[order[after] + 1 :]:
        rung = _rung(plan, place)
        if rung.at > now:
            return rung
        if place.to is not Recipient.OWNER:
            return _overtaken(plan, rung, now, in_time)
    return None


def rungs(plan: Plan, now: datetime, after: str | None = None) -> Iterator[Rung]:
    """All that will be sent if the obligation is never met and each rung goes out in time, in order of sending."""
    rung = next_rung(plan, after, now)
    while rung is not None:
        yield rung
        rung = next_rung(plan, rung.slot, max(now, rung.at))


def rung_named(plan: Plan, slot: str) -> Rung | None:
    """The rung of that name, at the moment for which the ladder has it; None for what the ladder does not know."""
    places, order = _told(plan.ladder, plan.manager is not None, plan.managers_manager is not None)
    return _rung(plan, places[order[slot]]) if slot in order else None


def _first(plan: Plan, places: Sequence[_Place], now: datetime) -> Rung | None:
    for place in places:
        rung = _rung(plan, place)
        if rung.at >= now:
            return rung
        if place.offset >= 0:
            return _made_up(plan, rung, now)
    return None


def _made_up(plan: Plan, rung: Rung, now: datetime) -> Rung:
    """A past rung, sent at once; on the very day it was for, it is not late."""
    worktime = _worktime(plan, rung.to) or plan.owner
    late = worktime.local_date(now) > worktime.local_date(rung.at)
    return Rung(rung.slot, worktime.next_moment(now), rung.to, late)


def _overtaken(plan: Plan, rung: Rung, now: datetime, in_time: bool) -> Rung:
    """An escalation whose time passed before its turn came; the owner's rung of the same day does not delay it.

    Unless that one was late itself (`in_time` False): a step that was late when it began is not told to those above in
    the same minute as to its owner.
    """
    if in_time and now - rung.at < _STILL_TODAY:
        return _made_up(plan, rung, now)
    day = plan.owner.add_working_days(plan.owner.local_date(now), max(plan.ladder.repeat_every, 1))
    worktime = _worktime(plan, rung.to) or plan.owner
    return Rung(rung.slot, worktime.next_moment(plan.owner.opening(day)), rung.to, late=True)


@lru_cache(maxsize=1024)
def _told(ladder: Ladder, manager: bool, above: bool) -> tuple[tuple[_Place, ...], dict[str, int]]:
    """Every rung's place on the ladder, lowest first, and the order of the slots; without those nobody is there for.

    On the same day the owner comes before those above. A playbook's ladder is asked for thousands of times in a minute.
    """
    every = max(ladder.repeat_every, 1)
    owner = [_Place(f"heads_up:{days}", -days, Recipient.OWNER) for days in sorted(set(ladder.heads_up), reverse=True)]
    owner += [_Place("due", 0, Recipient.OWNER)] if ladder.on_day else []
    owner += [_Place(f"repeat:{n}", n * every, Recipient.OWNER) for n in range(1, MAX_REPEATS + 1)]
    chiefs = [_Place("manager:1", ladder.manager_after, Recipient.MANAGER)] if manager else []
    if above:
        chiefs.append(_Place("managers_manager:1", ladder.managers_manager_after, Recipient.MANAGERS_MANAGER))
    places = tuple(sorted(owner + chiefs, key=lambda place: place.offset))  # stable: owner, manager, above
    return places, {place.slot: number for number, place in enumerate(places)}


def _worktime(plan: Plan, to: Recipient) -> WorkTime | None:
    if to is Recipient.OWNER:
        return plan.owner
    return plan.manager if to is Recipient.MANAGER else plan.managers_manager


def _rung(plan: Plan, place: _Place) -> Rung:
    """Where the ladder puts it; never before the owner's day opens, so that nobody above hears of it first."""
    worktime = _worktime(plan, place.to) or plan.owner
    return Rung(place.slot, _moment(plan.owner, worktime, plan.due, place.offset), place.to)


@lru_cache(maxsize=8192)  # many things are due on one day, and whoever looks ahead asks for whole ladders
def _moment(owner: WorkTime, recipient: WorkTime, due: date, offset: int) -> datetime:
    return recipient.next_moment(owner.opening(_day(owner, due, offset)))


def _day(owner: WorkTime, due: date, offset: int) -> date:
    if offset < 0:
        return owner.add_working_days(due, offset)
    first = owner.add_working_days(due, 0)
    return owner.add_working_days(first, offset) if offset else first
