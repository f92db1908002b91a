"""Being away: from a day to a day, with somebody who stands in (U12). Pure, on the person's calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.domain.people import Absence, Person
from bot.domain.refusals import (
    AwayTooLong,
    DelegateAway,
    EndsTooSoon,
    NoDay,
    OwnDelegate,
    Refusal,
    RefuseDate,
    TooManyAbsences,
    Unreachable,
)
from bot.errors import BotError, FieldErrors

LONGEST = timedelta(days=366)
MOST = 20
"""Absences that one person may plan; whoever has more has a calendar for that."""
DAY = timedelta(days=1)


def declared(person: Person, first: date | None, last: date | None, delegate: Person | None, today: date) -> Absence:
    """The absence that somebody says. Raises FieldErrors by "from", "until", "delegate"."""
    if first is None or last is None:
        raise FieldErrors({name: NoDay() for name, day in (("from", first), ("until", last)) if day is None})
    wrong: dict[str, BotError] = {}
    if last < first:
        wrong["until"] = EndsTooSoon()
    elif last < today:
        wrong["until"] = RefuseDate()
    elif first < today:
        wrong["from"] = RefuseDate()
    elif last - first > LONGEST or first - today > LONGEST:
        wrong["until"] = AwayTooLong()
    refused = _wrong_with(delegate, person, first, last) if delegate is not None else None
    if refused is not None:
        wrong["delegate"] = refused
    if wrong:
        raise FieldErrors(wrong)
    return Absence(first, last, delegate.id if delegate is not None else None)


def with_absence(kept: Iterable[Absence], new: Absence, today: date) -> tuple[Absence, ...]:
    """The absences with `new`, which counts on its days; what is over is left out. Raises TooManyAbsences."""
    rest = [piece for one in kept for piece in _outside(one, new.first, new.last)]
    planned = _joined(one for one in (*rest, new) if one.last >= today)
    if len(planned) > MOST:
        raise TooManyAbsences(limit=MOST)
    return planned


def without(kept: Iterable[Absence], first: date, last: date) -> tuple[Absence, ...]:
    """The absences without these days; once more changes nothing."""
    return _joined(piece for one in kept for piece in _outside(one, first, last))


def back(kept: Sequence[Absence], today: date) -> tuple[Absence, ...]:
    """The absences once somebody is back: the one that `today` lies in ended yesterday, with all that follows on it."""
    last = end_of(kept, today)
    return tuple(kept) if last is None else without(kept, today, last)


def end_of(kept: Iterable[Absence], today: date) -> date | None:
    """The last day away, `today` being one: absences that follow on each other are one leave. None: not away."""
    last = None
    for one in sorted(kept, key=lambda one: one.first):
        if one.first <= (last or today - DAY) + DAY and one.last >= today:
            last = max(last or one.last, one.last)
    return last


@dataclass(frozen=True)
class StandIn:
    """What changes for one delegate: days that are new for them, and days on which they are not needed any more."""

    begins: tuple[Absence, ...]
    ends: tuple[Absence, ...]


def stand_ins(before: Sequence[Absence], after: Sequence[Absence], today: date) -> dict[int, StandIn]:
    """By the delegate's number, what they have to be told when the absences change; what is over is left out.

    Days that were moved or divided are told as the new ones they are now.
    """
    changed = {}
    for number in {one.delegate_id for one in (*before, *after)} - {None}:
        old, new = ([o for o in of if o.delegate_id == number and o.last >= today] for of in (before, after))
        begins = tuple(one for one in new if one not in old)
        ends = tuple(one for one in old if all(_outside(one, other.first, other.last) == [one] for other in new))
        if number is not None and (begins or ends):
            changed[number] = StandIn(begins, ends)
    return changed


def _wrong_with(delegate: Person, person: Person, first: date, last: date) -> Refusal | None:
    if delegate.id == person.id:
        return OwnDelegate()
    if not delegate.reachable:
        return Unreachable(person=delegate.slack_id)
    there = [Absence(first, last)]
    for other in delegate.absences:
        there = [piece for one in there for piece in _outside(one, other.first, other.last)]
    return None if there else DelegateAway(person=delegate.slack_id)


def _outside(one: Absence, first: date, last: date) -> list[Absence]:
    """What is left of an absence outside these days: nothing, or one or two pieces."""
    if last < one.first or one.last < first:
        return [one]
    before = [replace(one, last=first - DAY)] if one.first < first else []
    after = [replace(one, first=last + DAY)] if last < one.last else []
    return before + after


def _joined(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    """In order; those that touch and have the same delegate are one."""
    joined: list[Absence] = []
    for one in sorted(absences, key=lambda one: one.first):
        before = joined[-1] if joined else None
        if before is not None and one.first <= before.last + DAY and one.delegate_id == before.delegate_id:
            joined[-1] = replace(before, last=max(before.last, one.last))
        else:
            joined.append(one)
    return tuple(joined)
