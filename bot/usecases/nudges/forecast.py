"""`/handoff nudges`: exactly what will be sent to a person and when, if nothing is done until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.forecast import Because, Coming, Entry, Foreseen, Owes, Setting, foresee, leaving
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.reminding import LONGEST_DAY
from bot.domain.routing import is_for, local_date
from bot.store import loading, outlook, schedule
from bot.store.schedule import Obligation
from bot.usecases.desk import Actor, Desk, presence
from bot.usecases.handoffs.links import card_links
from bot.usecases.nudges.debts import Facts, debt_of, facts_for, plan_of, said_in
from bot.usecases.nudges.reminders import subject_of
from bot.usecases.views.reading import working_days_late

WORKING_DAYS = 10
"""How far the view looks ahead, in working days of the reader."""


@dataclass(frozen=True)
class ForecastLine:
    """One reminder in a coming message.

    `kind` is item, answer or acceptance; `title` the step's title, the pack's title, or the account's name for an
    acceptance; `item` or `request` is what it is about, with that kind. `late_days` counts working days of the owner:
    0 on the day, negative before it is due. `to_manager`: it tells of somebody else's (`owner`'s) delay.
    `standing_in`: it comes to the reader because the one it is for is away. `link` leads to the handoff's card.
    """

    handoff: Handoff
    kind: str
    title: str
    owner: Person
    due_on: date
    late_days: int
    because: Because
    urgent: bool
    to_manager: bool
    standing_in: bool
    link: str
    item: ChecklistItem | None = None
    request: FeedbackRequest | None = None


@dataclass(frozen=True)
class ForecastMessage:
    """One coming direct message: `at` is UTC (show it in the reader's zone), `day` its date on their calendar."""

    at: datetime
    day: date
    digest: bool
    lines: tuple[ForecastLine, ...]


@dataclass(frozen=True)
class ForecastView:
    """All that will be sent to `person` up to and including `until` (10 working days of theirs), in order of time.

    `cap`: reminder messages per day at most. `away_until`: the last day of an absence that is on now, else None.
    """

    person: Person
    today: date
    until: date
    messages: tuple[ForecastMessage, ...]
    cap: int
    away_until: date | None = None


@dataclass(frozen=True)
class Forecasts:
    desk: Desk

    def __call__(self, actor: Actor) -> ForecastView:
        """What will be sent to the one who asks."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            now, hours = self.desk.now(), presence(person)
            today = local_date(person, now)
            until = hours.add_working_days(today, WORKING_DAYS)
            known = person.id is not None
            seen = _foreseen(session, person, now, hours.closing(until)) if known else []
            absence = person.absence_on(today)
            return ForecastView(
                person=person,
                today=today,
                until=until,
                messages=_messages(session, person, seen),
                cap=outlook.cap_of(session, person.workspace_id),
                away_until=absence.last if absence is not None else None,
            )


def _foreseen(session: Session, person: Person, now: datetime, until: datetime) -> list[Foreseen]:
    rows, going = _rows(session, person, until), outlook.on_their_way(session, person.id)
    facts = facts_for(session, [*rows, *going])
    days = outlook.days_since(session, list(facts.people), now.date() - timedelta(days=1))  # whatever their zone
    about = {Obligation(row.obligation, row.subject_id) for row in rows}
    said = frozenset(said_in(schedule.gone_lately(session, about, now - LONGEST_DAY), facts))
    setting = Setting(presence, facts.people, outlook.cap_of(session, person.workspace_id), days, said)
    coming = [one for one in (_coming(row, facts) for row in rows) if one is not None]
    ahead = [one for one in foresee(coming, setting, now, until) if one.to.id == person.id]
    return [*_on_their_way(going, facts, person, now), *ahead]


def _rows(session: Session, person: Person, until: datetime) -> Sequence[Row[Any]]:
    """Everything that may decide what this person gets: what concerns them, and what concerns those it is shared with.

    When a manager's day is full, what they should have heard waits, and with it the next rung of the one who owes it.
    """
    number, circle = person.workspace_id, {person.id, *outlook.stood_in_for(session, person)}
    above_all = outlook.chief_id(session, number) in circle
    near = outlook.planned_for(session, number, circle, until, above_all=above_all)
    facts = facts_for(session, near)
    heard = {row.id: _who_hears(row, facts) for row in near}
    mine = [row for row in near if heard[row.id] & circle]
    shared = {person_id for row in mine for person_id in heard[row.id]} - circle
    others = outlook.planned_for(session, number, shared, until, outlook.OTHERS_AT_MOST) if shared else []
    return sorted({row.id: row for row in (*mine, *others)}.values(), key=lambda row: row.id)


def _who_hears(row: Row[Any], facts: Facts) -> set[int]:
    """Everybody on its ladder; whoever stands in for one of them has that one in their circle."""
    debt = debt_of(row, facts)
    people = (debt.owner, debt.manager, debt.above) if debt is not None else ()
    return {one.id for one in people if one is not None}


def _on_their_way(rows: Sequence[Row[Any]], facts: Facts, person: Person, now: datetime) -> list[Foreseen]:
    """What was decided and has not left yet goes first."""
    together: dict[tuple[int | None, int], list[Coming]] = {}
    for row in rows:
        one = _coming(row, facts)
        if one is not None:
            place = (row.digest_id, 0 if row.digest_id is not None else row.id)
            together.setdefault(place, []).append(one)
    return [leaving(some, person, now, digest=number is not None) for (number, _), some in together.items()]


def _coming(row: Row[Any], facts: Facts) -> Coming | None:
    """A row of the schedule, if it is still owed by the same date."""
    debt = debt_of(row, facts)
    if debt is None or not is_for(row.slot, debt.due_on):
        return None
    owes = Owes(row.handoff_id, row.obligation, row.subject_id, debt, plan_of(facts.ladder(row.handoff_id), debt))
    return Coming(owes, row.slot, row.due_at, facts.person(row.person_id))


def _messages(session: Session, person: Person, seen: Sequence[Foreseen]) -> tuple[ForecastMessage, ...]:
    numbers = dict.fromkeys(entry.owes.handoff_id for one in seen for entry in one.entries)
    handoffs = {one.id: one for one in loading.whole_handoffs(session, numbers)}
    links = card_links(session, handoffs.values())
    messages = []
    for one in seen:
        day = local_date(person, one.at)
        lines = [_line(entry, handoffs[entry.owes.handoff_id], day, links) for entry in one.entries]
        messages.append(ForecastMessage(one.at, day, one.digest, tuple(lines)))
    return tuple(messages)


def _line(entry: Entry, handoff: Handoff, day: date, links: Mapping[int, str]) -> ForecastLine:
    owes = entry.owes
    about = subject_of(handoff, owes.kind, owes.subject_id)
    return ForecastLine(
        handoff=handoff,
        kind=owes.kind,
        title=about.title if about is not None else handoff.account.name,
        owner=owes.debt.owner,
        due_on=owes.debt.due_on,
        late_days=working_days_late(owes.debt.owner, owes.debt.due_on, day),
        because=entry.because,
        urgent=entry.urgent,
        to_manager=entry.to_manager,
        standing_in=entry.standing_in,
        link=links[handoff.id],
        item=about.item if about is not None else None,
        request=about.request if about is not None else None,
    )
