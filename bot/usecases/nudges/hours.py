"""When somebody is reminded: their own week, hours, country, and whom they report to (U10, U11)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.domain.calendars import country_of, is_country, week_of
from bot.domain.people import Person
from bot.domain.refusals import NoSuchCountry, NotOffered, NoWorkingDay, NoWorkingHours, OwnChief, Unreachable
from bot.domain.worktime import CLOSES, OPENS
from bot.errors import BotError, FieldErrors
from bot.store import journal
from bot.store.letters import freshen_existing
from bot.store.loading import people_by_id
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.nudges.replanning import decide_anew
from bot.usecases.workspace.people import country_by_setup

OPEN_AT, CLOSE_AT = OPENS.hour * 60 + OPENS.minute, CLOSES.hour * 60 + CLOSES.minute
LEAST = 60
"""Minutes that a working day has at least."""
OFFERED_OPENS, OFFERED_CLOSES = range(0, 24 * 60, 30), range(30, 24 * 60 + 1, 30)
"""Minutes after midnight that the form lets choose."""
WEEKDAYS = frozenset(range(7))


@dataclass(frozen=True)
class HoursForm:
    """`week`: weekdays, Monday = 0; `opens`, `closes`: minutes after midnight; `country`: ISO 3166; `chief`: Slack id.

    Without a country of one's own, what Slack tells counts.
    """

    week: frozenset[int]
    opens: int | None
    closes: int | None
    country: str
    chief: str | None


@dataclass(frozen=True)
class HoursView:
    """What holds now: `country` is empty while nobody knows it."""

    person: Person
    week: tuple[int, ...]
    opens: int
    closes: int
    country: str
    chief: str | None


@dataclass(frozen=True)
class WorkingHours:
    desk: Desk

    def view(self, actor: Actor) -> HoursView:
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            chief = people_by_id(session, [person.manager_id]).get(person.manager_id or 0)
            opens = OPEN_AT if person.opens is None else person.opens
            closes = CLOSE_AT if person.closes is None else person.closes
            week = tuple(sorted(worktime(person).week))
            return HoursView(person, week, opens, closes, person.country, chief.slack_id if chief else None)

    def save(self, actor: Actor, form: HoursForm) -> None:
        """What is as in one's country, or as everybody's, goes on following it.

        Raises FieldErrors by "week", "opens", "closes", "country", "chief".
        """
        with self.desk.db.write() as session:
            person = self.desk.actor(session, actor)
            chief = self.desk.person(session, person.workspace_id, form.chief) if form.chief else None
            wrong = _wrong_with(form, person, chief)
            if wrong:
                raise FieldErrors(wrong)
            before = _facts(person)
            self._keep(session, person, form)
            person.manager_id = chief.id if chief else None
            session.flush()
            after, now = _facts(person), self.desk.now()
            if after != before:
                journal.record(session, person, now, "person.hours", person.id, before=before, after=after)
                decide_anew(session, person, now)
                freshen_existing(session, person.workspace_id, now, [changes.home(person.id)])

    def _keep(self, session: Session, person: Person, form: HoursForm) -> None:
        shown = worktime(person).week
        told = country_of(person.tz, person.locale, country_by_setup(session, person.workspace_id))
        person.country_own = form.country not in ("", told)
        person.country = form.country or told
        if form.week == week_of(person.country) or (not person.work_week and form.week == shown):
            person.work_week = ""
        else:
            person.work_week = "".join(str(day) for day in sorted(form.week))
        person.opens = None if form.opens == OPEN_AT else form.opens
        person.closes = None if form.closes == CLOSE_AT else form.closes


def _wrong_with(form: HoursForm, person: Person, chief: Person | None) -> dict[str, BotError]:
    wrong: dict[str, BotError] = {}
    if not form.week:
        wrong["week"] = NoWorkingDay()
    elif not form.week <= WEEKDAYS:
        wrong["week"] = NotOffered()
    if form.opens is None or form.closes is None or form.closes - form.opens < LEAST:
        wrong["closes"] = NoWorkingHours()
    wrong |= {
        name: NotOffered()
        for name, chosen, offered in (("opens", form.opens, OFFERED_OPENS), ("closes", form.closes, OFFERED_CLOSES))
        if chosen is not None and chosen not in offered
    }
    if form.country and not is_country(form.country):
        wrong["country"] = NoSuchCountry()
    if chief is not None and chief.id == person.id:
        wrong["chief"] = OwnChief()
    elif chief is not None and not chief.reachable:
        wrong["chief"] = Unreachable(person=chief.slack_id)
    return wrong


def _facts(person: Person) -> dict[str, object]:
    names = ("country", "country_own", "work_week", "opens", "closes", "manager_id")
    return {name: getattr(person, name) for name in names}
