"""Who is away, until when, and who stands in: as Home and the form show it, and as delegates are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zlib import crc32

from sqlalchemy import Select, Text, bindparam, cast, select
from sqlalchemy.orm import Session

from bot.domain import absences
from bot.domain.people import Absence, Person
from bot.store import looking
from bot.store import schema as t
from bot.store.letters import freshen_existing, post_once
from bot.store.loading import people_by_id
from bot.store.visibility import READER_AT, of_reader
from bot.usecases import changes
from bot.usecases.desk import Desk


@dataclass(frozen=True)
class Leave:
    """An absence of `person` as people read it; `running`: today lies in it. A delegate who has left is none."""

    person: Person
    absence: Absence
    delegate: Person | None
    running: bool


@dataclass(frozen=True)
class AwayView:
    """Whose absences they are (`own`: the reader's), and for whom that person stands in today.

    `until`: the last day of the leave that runs today, with what follows on it.
    """

    person: Person
    own: bool
    leaves: tuple[Leave, ...]
    standing_in: tuple[Leave, ...]
    today: date
    until: date | None = None

    @property
    def running(self) -> Leave | None:
        """The leave in which today lies."""
        return next((one for one in self.leaves if one.running), None)


def away_view(desk: Desk, session: Session, person: Person, reader: Person) -> AwayView:
    """The absences of `person` that are not over, and for whom they stand in."""
    today = desk.today(person)
    people = people_by_id(session, [one.delegate_id for one in person.absences])
    leaves = tuple(_leave(person, one, people, today) for one in person.absences if one.last >= today)
    own = person.slack_id == reader.slack_id
    until = absences.end_of(person.absences, today)
    return AwayView(person, own, leaves, standing_in(desk, session, person), today, until)


def standing_in(desk: Desk, session: Session, person: Person) -> tuple[Leave, ...]:
    """Who is away today and has named this person."""
    if not person.id:
        return ()
    rows = session.connection().execute(_who_named(), {**of_reader(person), "named": f'"delegate": {person.id}'})
    found = map(looking.PERSON, rows)
    running = ((one, one.absence_on(desk.today(one))) for one in found if one.id != person.id and one.reachable)
    mine = [Leave(one, leave, person, True) for one, leave in running if leave and leave.delegate_id == person.id]
    return tuple(sorted(mine, key=lambda one: (one.absence.last, one.person.name)))


@cache
def _who_named() -> Select[Any]:
    """Whose absences, as they are written down, have this number in them: few, of all who ever were away."""
    p = t.people.c
    named = cast(p.away, Text).contains(bindparam("named"))
    return select(t.people).where(p.workspace_id == READER_AT, p.away.is_not(None), named)


def tell_delegates(desk: Desk, session: Session, person: Person, before: Sequence[Absence], by: Person) -> None:
    """The absences of `person` were changed by `by`: whoever stands in on other days now is told once, not `by`."""
    now, today = desk.now(), desk.today(person)
    changed = absences.stand_ins(before, person.absences, today)
    people = people_by_id(session, changed)
    letters = []
    for number, one in changed.items():
        if number != by.id and number in people and people[number].reachable:
            values: dict[str, Any] = {
                "begins": _days(one.begins),
                "ends": _days(each for each in one.ends if each.first > today),
                "over": any(each.first <= today for each in one.ends),
            }
            slot = f"stand-in:{now.isoformat()}:{crc32(repr(values).encode()):08x}"
            letters.append(changes.leave_message(person, people[number], slot, "stand_in", **values))
    post_once(session, person.workspace_id, now, letters)


def delegate_lost(desk: Desk, session: Session, delegate: Person) -> None:
    """A delegate cannot be reached, an app or gone: whoever named them is told once; their Homes show that nobody is.

    Named they were by the one who is away, or by a manager who said it for them.
    """
    now, p = desk.now(), t.people.c
    away = select(Person).where(p.workspace_id == delegate.workspace_id, p.away.is_not(None), p.id != delegate.id)
    for person in session.scalars(away).all():
        today = desk.today(person)
        lost = [one for one in person.absences if one.delegate_id == delegate.id and one.last >= today]
        said_by = people_by_id(session, [one.said_by_id for one in lost])
        told: dict[int, list[Absence]] = {}
        for one in lost:
            to = said_by.get(one.said_by_id or 0, person)
            told.setdefault((to if to.reachable else person).id, []).append(one)
        for number, theirs in told.items():
            letter = changes.leave_message(
                person,
                said_by.get(number, person),
                f"lost:{delegate.id}:{theirs[0].first}:{theirs[-1].last}",
                "lost",
                who=delegate.slack_id,
                left=delegate.deactivated,
                lost=_days(theirs),
            )
            post_once(session, person.workspace_id, now, [letter])
        freshen_existing(session, person.workspace_id, now, [changes.home(person.id)] if lost else [])


def days_of(row: Sequence[str]) -> tuple[date, date]:
    """First and last day, from what a letter holds."""
    return date.fromisoformat(row[0]), date.fromisoformat(row[1])


def _days(of: Iterable[Absence]) -> list[tuple[str, str]]:
    return [(one.first.isoformat(), one.last.isoformat()) for one in of]


def _leave(person: Person, absence: Absence, people: dict[int, Person], today: date) -> Leave:
    delegate = people.get(absence.delegate_id) if absence.delegate_id is not None else None
    here = delegate if delegate is not None and delegate.reachable else None
    return Leave(person, absence, here, absence.first <= today <= absence.last)
