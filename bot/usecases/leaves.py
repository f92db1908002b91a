"""Who is away, until when, and who stands in: as Home and the form show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import absences
from bot.domain.people import Absence, Person
from bot.store import schema as t
from bot.store.loading import people_by_id
from bot.usecases.desk import Desk


@dataclass(frozen=True)
class Leave:
    """An absence of `person` as people read it; `running`: today lies in it."""

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
    p = t.people.c
    found = session.scalars(select(Person).where(p.workspace_id == person.workspace_id, p.away.is_not(None)))
    running = ((one, one.absence_on(desk.today(one))) for one in found if one.id != person.id and one.reachable)
    mine = [Leave(one, leave, person, True) for one, leave in running if leave and leave.delegate_id == person.id]
    return tuple(sorted(mine, key=lambda one: (one.absence.last, one.person.name)))


def _leave(person: Person, absence: Absence, people: dict[int, Person], today: date) -> Leave:
    delegate = people.get(absence.delegate_id) if absence.delegate_id is not None else None
    return Leave(person, absence, delegate, absence.first <= today <= absence.last)
