"""To whom a nudge goes, and how much it presses: pure, for the schedule (`bot/usecases/nudges/due.py`) and forecasts.

An owner who has left hands what they owe to the handoff's manager (U33). Somebody who is away has their delegate stand
in, else the manager, else it waits until they are back (U12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from bot.domain.cadence import Recipient
from bot.domain.people import Person
from bot.domain.worktime import zone_or_utc

SNOOZE, ASKED = "snooze", "asked"
_SLOTS = 4096
"""Slots of which is remembered what they say: at nine o'clock thousands of nudges have the same few."""


@dataclass(frozen=True)
class Debt:
    """An open obligation: who owes it, by when, whether the gate waits for it; who hears of a delay, and above them.

    `only`: the ids of those who may hear of it at all, where it is quiet (None: everybody).
    """

    owner: Person
    due_on: date
    necessary: bool = True
    manager: Person | None = None
    above: Person | None = None
    only: frozenset[int] | None = None


def slot_name(due_on: date, rung: str) -> str:
    """A slot belongs to a due date: a new date has a ladder of its own."""
    return f"{_written(due_on)}/{rung}"


def is_for(slot: str, due_on: date) -> bool:
    """Whether the slot is of the ladder of that date, not of an earlier or later one."""
    return slot.startswith(f"{_written(due_on)}/")


@lru_cache(maxsize=_SLOTS)
def rung_of(slot: str) -> str:
    """The ladder's name of a slot: "20261203/repeat:2" and "20261203/repeat:2/snooze:1" are both "repeat:2"."""
    return slot.split("/")[1]


@lru_cache(maxsize=_SLOTS)
def on_ladder(slot: str) -> bool:
    """Whether the slot is a rung of the ladder: neither a nudge put off nor one that somebody asked for."""
    return slot.count("/") == 1 and not rung_of(slot).startswith(f"{ASKED}:")


def put_off(slot: str) -> bool:
    """Whether the slot is a nudge that comes back after a snooze."""
    return slot.rpartition("/")[2].startswith(f"{SNOOZE}:")


@lru_cache(maxsize=_SLOTS)
def recipient_of(slot: str) -> Recipient:
    """Whom a rung is for."""
    rung = rung_of(slot)
    if rung.startswith("manager:"):
        return Recipient.MANAGER
    return Recipient.MANAGERS_MANAGER if rung.startswith("managers_manager:") else Recipient.OWNER


def addressee(debt: Debt, slot: str) -> Person | None:
    """Whom the slot is for, before absences; None when nobody is there for it, or it would tell them of themselves."""
    to = recipient_of(slot)
    if to is Recipient.OWNER:
        return debt.owner
    above = debt.manager if to is Recipient.MANAGER else debt.above
    return None if above is None or above.id == debt.owner.id else above


def present(debt: Debt, target: Person, people: Mapping[int, Person], now: datetime) -> Person | None:
    """Who is there to get it instead of `target` if they are away today; None: it waits until they are back."""
    absence = target.absence_on(local_date(target, now))
    if absence is None:
        return target
    chiefs = {debt.owner.id: debt.manager, debt.manager.id if debt.manager else 0: debt.above}
    delegate = people.get(absence.delegate_id) if absence.delegate_id is not None else None
    # nobody is told of their own delay because they stand in for the one above
    told_of_others = target.id != debt.owner.id
    for other in (delegate, chiefs.get(target.id)):
        if other is None or (debt.only is not None and other.id not in debt.only):
            continue
        if not other.reachable or (told_of_others and other.id == debt.owner.id):
            continue
        if other.id != target.id and other.absence_on(local_date(other, now)) is None:
            return other
    return None


def stands_in(owner: Person, person: Person, manager_id: int | None, now: datetime) -> bool:
    """Whether `person` acts for `owner`, who is away today or has left: as delegate, as the manager, or from above."""
    absence = owner.absence_on(local_date(owner, now))
    if person.id == owner.id or (absence is None and owner.reachable):
        return False
    delegate = absence.delegate_id if absence is not None else None
    return person.id in {number for number in (delegate, manager_id, owner.manager_id) if number is not None}


def pressing(debt: Debt, slot: str, now: datetime) -> bool:
    """Whether it may go as a message of its own after the day's digest."""
    asked_for = not on_ladder(slot) or recipient_of(slot) is not Recipient.OWNER
    return asked_for or debt.due_on <= local_date(debt.owner, now)


def urgent(debt: Debt, slot: str, now: datetime) -> bool:
    """Whether it is marked: it holds up the handoff, and is late or already the concern of those above."""
    late = debt.due_on < local_date(debt.owner, now)
    return debt.necessary and (late or recipient_of(slot) is not Recipient.OWNER)


def local_date(person: Person, now: datetime) -> date:
    """The date on that person's calendar."""
    return _date_in(person.tz, now)


@lru_cache(maxsize=512)
def _date_in(zone: str, now: datetime) -> date:
    return now.astimezone(zone_or_utc(zone)).date()


@lru_cache(maxsize=1024)
def _written(due_on: date) -> str:
    return f"{due_on:%Y%m%d}"
