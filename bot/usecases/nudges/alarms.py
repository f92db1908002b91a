"""What cannot wait: at most one message per person and working day, about all of it at once (D18, D19).

An alarm is not a row: each source says, from the state of the moment, who has to hear of what. The message is composed
when it is delivered; it goes within its reader's working hours. It counts towards their daily cap of reminders as long
as that leaves room for one more: neither is an alarm held back by reminders, nor are they by an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.routing import local_date
from bot.domain.worktime import WorkTime, zone_or_utc
from bot.store import digests
from bot.store import schema as t
from bot.store.among import among
from bot.store.digests import PersonDay
from bot.store.letters import Letter, Priority, freshen_existing, post_once, stale
from bot.store.loading import people_by_id
from bot.store.managing import managers_by_setup
from bot.store.queues import outbox
from bot.usecases.desk import Desk, presence
from bot.usecases.nudges.debts import workspaces_of


@dataclass(frozen=True)
class Line:
    """One thing that cannot wait. `kind` picks its words in templates/alarms.j2; `about` is what they need.

    `confided`: the numbers of those who may know of it; whoever stands in for somebody else may not. None: anybody may.
    """

    kind: str
    about: Mapping[str, Any]
    confided: frozenset[int] | None = None


Source = Callable[[Session, int, date], Mapping[int, Sequence[Line]]]
"""What there is to raise on a day in a workspace (its number), by the number of the person who has to hear of it."""


@dataclass(frozen=True)
class AlarmsView:
    """What one person reads; no lines: all is settled by now."""

    person: Person
    lines: tuple[Line, ...]
    day: date


@dataclass(frozen=True)
class Alarms:
    """`hours` says when somebody is at work."""

    desk: Desk
    sources: Sequence[Source] = ()
    hours: Callable[[Person], WorkTime] = field(default=presence)

    def raise_due(self) -> int:
        """Write to whoever is at work now and has not been told today. Asked often. Returns how many messages."""
        now = self.desk.now()
        with self.desk.db.read() as session:
            workspaces = session.scalars(_workspaces()).all()
            waiting = [(number, key) for number in workspaces for key in self._to_tell(session, number, now)]
        if not waiting:
            return 0
        with self.desk.db.write() as session:
            return sum(self._tell(session, number, key, now) for number, key in waiting)

    def timely(self, person: Person, day: str) -> bool:
        """Whether a message for that day (in ISO form) may still leave: it is today's, and they are at work."""
        now = self.desk.now()
        return local_date(person, now).isoformat() == day and self.hours(person).is_working(now)

    def view(self, session: Session, person: Person, day: date) -> AlarmsView:
        """What this person has to hear of now, on their `day`."""
        found = self._on(session, person.workspace_id, day).get(person.id, ())
        return AlarmsView(person, tuple(found), day)

    def _to_tell(self, session: Session, workspace_id: int, now: datetime) -> Iterable[PersonDay]:
        """Who is at work, has something to hear of, and no message of today."""
        for day in _days_here(session, workspace_id, now):
            found = self._on(session, workspace_id, day)
            people = people_by_id(session, found)
            here = [one for one in people.values() if self._may_hear(one, day, now)]
            told = _told(session, workspace_id, [(one.id, day) for one in here])
            yield from (PersonDay(workspace_id, one.id, day) for one in here if _key(one.id, day) not in told)

    def _may_hear(self, person: Person, day: date, now: datetime) -> bool:
        known = person.reachable and person.refreshed_at is not None  # else nobody knows when they work
        return known and local_date(person, now) == day and self.hours(person).is_working(now)

    def _tell(self, session: Session, workspace_id: int, one: PersonDay, now: datetime) -> bool:
        """One message a day. The day is locked before anybody looks whether there is one."""
        so_far = digests.days(session, [one])[one]
        cap = workspaces_of(session, {workspace_id}, {})[workspace_id].cap
        if _told(session, workspace_id, [(one.person_id, one.day)]):
            return False
        if so_far.messages + 1 < cap:
            so_far.messages += 1
            digests.counted(session, [so_far])
        detail = {"person_id": one.person_id, "day": one.day.isoformat()}
        key = _key(one.person_id, one.day)
        letter = Letter(key, "alarms", one.person_id, None, Priority.NUDGE, detail, one.person_id)
        post_once(session, workspace_id, now, [letter])
        return True

    def _on(self, session: Session, workspace_id: int, day: date) -> dict[int, list[Line]]:
        """All sources together; what is for somebody away today is for whoever stands in."""
        found: dict[int, list[Line]] = {}
        for source in self.sources:
            for number, lines in source(session, workspace_id, day).items():
                found.setdefault(number, []).extend(lines)
        return _routed(session, found, day)


def redraw(session: Session, workspace_id: int, now: datetime) -> None:
    """Today's messages and the managers' Homes show how things stand: no button outlives its question."""
    values = {"workspace": workspace_id, "since": now - timedelta(days=1), "moment": now}
    session.connection().execute(_stale(), values)
    freshen_existing(session, workspace_id, now, (f"home:{one.id}" for one in managers_by_setup(session, workspace_id)))
    session.info["spoke"] = True


def _routed(session: Session, found: Mapping[int, Sequence[Line]], day: date) -> dict[int, list[Line]]:
    people = people_by_id(session, found)
    people |= people_by_id(session, (number for one in people.values() for number in _stand_ins(one, day)))
    routed: dict[int, list[Line]] = {}
    for number, lines in found.items():
        here = [one for one in (number, *_stand_ins(people[number], day)) if _there(people.get(one), day)]
        for line in lines:
            may = [one for one in here if line.confided is None or one in line.confided]
            # with nobody there, it stays with them until they are back
            routed.setdefault(may[0] if may else number, []).append(line)
    return routed


def _stand_ins(person: Person, day: date) -> tuple[int, ...]:
    absence = person.absence_on(day)
    ids = (absence.delegate_id if absence is not None else None, person.manager_id)
    return tuple(number for number in ids if number is not None)


def _there(person: Person | None, day: date) -> bool:
    return person is not None and person.reachable and person.absence_on(day) is None


def _days_here(session: Session, workspace_id: int, now: datetime) -> list[date]:
    """Every date that is today's for somebody here: mostly one, on earth up to three, each with much to look for."""
    zones = session.scalars(_zones(), {"workspace": workspace_id})
    return sorted({now.astimezone(zone_or_utc(zone)).date() for zone in zones})


def _key(person_id: int, day: date) -> str:
    return f"alarms:{person_id}:{day.isoformat()}"


def _told(session: Session, workspace_id: int, whom: Iterable[tuple[int, date]]) -> set[str]:
    keys = [_key(*one) for one in whom]
    return set(session.scalars(_written(), {"workspace": workspace_id, "keys": keys})) if keys else set()


@cache
def _workspaces() -> Select[Any]:
    return select(t.workspaces.c.id)


@cache
def _zones() -> Select[Any]:
    p = t.people.c
    return select(p.tz).where(p.workspace_id == bindparam("workspace")).distinct()


@cache
def _written() -> Select[Any]:
    return select(outbox.c.key).where(outbox.c.workspace_id == bindparam("workspace"), among(outbox.c.key, "keys"))


@cache
def _stale() -> Update:
    c = outbox.c
    lately = c.created_at > bindparam("since", type_=c.created_at.type)
    return stale(c.workspace_id == bindparam("workspace"), c.kind == "alarms", lately, c.ts.is_not(None))
