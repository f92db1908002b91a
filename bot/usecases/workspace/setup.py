"""Who answers for which function, who the managers are; and the workspace itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.calendars import is_country
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchCountry, NotOffered, Unreachable
from bot.domain.reminding import DAILY_CAP
from bot.domain.vocabulary import SHIPPED_FUNCTIONS
from bot.errors import BotError, FieldErrors
from bot.store import journal
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.store.loading import people_by_id
from bot.usecases.desk import Actor, Desk
from bot.usecases.feedback.asking import Answerer, ask_now, remind_of
from bot.usecases.workspace.people import find_countries, follow_country

CAPS = range(1, 11)
"""Reminder messages per person and day that setup offers."""
ANSWER_DAYS = range(1, 11)
"""Working days for an answer that setup offers."""


@dataclass(frozen=True)
class Stakeholder:
    """Slack ids of who answers for a function: a person, or a user group, or nobody yet.

    `days`: working days they have for an answer; None: as many as the playbook or the pack says.
    """

    person: str | None = None
    group: str | None = None
    days: int | None = None


@dataclass(frozen=True)
class SetupView:
    """What the setup form shows: by function, and the managers' Slack ids.

    `country` (ISO 3166) is that of whoever's zone and locale do not tell theirs; `daily_cap`: reminder messages per
    person and day; `chief`: the Slack id of whom managers report to who have not said it themselves.
    """

    stakeholders: Mapping[str, Stakeholder]
    managers: tuple[str, ...]
    manager_group: str | None
    country: str = ""
    daily_cap: int = DAILY_CAP
    chief: str | None = None


@dataclass(frozen=True)
class Setup:
    desk: Desk

    def functions(self) -> tuple[str, ...]:
        """Every function that a playbook in force asks: the shipped ones first."""
        asks = (ask.function for playbook in self.desk.library.playbooks for ask in playbook.feedback)
        found = dict.fromkeys(asks)
        return tuple(name for name in SHIPPED_FUNCTIONS if name in found) + tuple(
            sorted(found.keys() - set(SHIPPED_FUNCTIONS))
        )

    def view(self, actor: Actor) -> SetupView:
        """What is set now. Raises NotAllowed."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            self.desk.require(session, Action.SETUP, person)
            return self._view(session, person.workspace_id)

    def save(self, actor: Actor, form: SetupView) -> None:
        """Set who answers and who manages. Questions that wait for somebody go out. Raises FieldErrors, NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.SETUP, by)
            before = self._view(session, by.workspace_id)
            self._save_stakeholders(session, by, form.stakeholders)
            self._save_managers(session, by, form)
            self._save_reminders(session, by, form, before.country)
            journal.record(
                session, by, self.desk.now(), "setup.saved", by.workspace_id, before=_facts(before), after=_facts(form)
            )

    def install(self, team_id: str, name: str, bot_user_id: str) -> None:
        """The workspace this installation belongs to; called at each start, with what Slack says of the token."""
        with self.desk.db.write() as session:
            c = t.workspaces.c
            values = {"name": name, "bot_user_id": bot_user_id, "active": True, "inactive_reason": ""}
            known = session.execute(update(t.workspaces).where(c.team_id == team_id).values(values))
            if known.rowcount == 0:  # type: ignore[attr-defined]
                session.execute(insert(t.workspaces).values(team_id=team_id, **values))
                return
            row = session.execute(select(c.id, c.country).where(c.team_id == team_id)).one()
            find_countries(session, row.id, row.country)

    def installed(self) -> bool:
        with self.desk.db.read() as session:
            return session.scalar(select(t.workspaces.c.id).limit(1)) is not None

    def _view(self, session: Session, workspace_id: int) -> SetupView:
        s, m = t.stakeholders.c, t.managers.c
        rows = session.execute(
            select(s.function, s.person_id, s.group_slack_id, s.response_days).where(s.workspace_id == workspace_id)
        ).all()
        bosses = session.execute(select(m.person_id, m.group_slack_id).where(m.workspace_id == workspace_id)).all()
        people = people_by_id(session, [row.person_id for row in (*rows, *bosses)])
        named = {row.function: _named(row, people) for row in rows}
        managers = tuple(people[row.person_id].slack_id for row in bosses if row.person_id in people)
        group = next((row.group_slack_id for row in bosses if row.group_slack_id), None)
        stakeholders = {name: named.get(name, Stakeholder()) for name in self.functions()}
        w = t.workspaces.c
        said = session.execute(select(w.country, w.daily_cap, w.chief_slack_id).where(w.id == workspace_id)).one()
        chief = said.chief_slack_id or None
        return SetupView(stakeholders, managers, group, said.country, said.daily_cap, chief)

    def _save_stakeholders(self, session: Session, by: Person, wanted: Mapping[str, Stakeholder]) -> None:
        s = t.stakeholders.c
        errors: dict[str, BotError] = {}
        asked: list[tuple[int, int]] = []
        for function, one in wanted.items():
            session.execute(delete(t.stakeholders).where(s.workspace_id == by.workspace_id, s.function == function))
            person = self.desk.person(session, by.workspace_id, one.person) if one.person else None
            if person is not None and not person.reachable:
                errors[function] = Unreachable(person=person.slack_id)
            days = one.days if one.days in ANSWER_DAYS else None
            if person is None and one.group is None and days is None:
                continue
            values = {"person_id": person.id if person else None, "group_slack_id": None if person else one.group}
            session.execute(
                insert(t.stakeholders).values(
                    workspace_id=by.workspace_id, function=function, region="", response_days=days, **values
                )
            )
            if person is not None or one.group is not None:
                who = Answerer(person, None if person else one.group, days)
                asked += ask_now(self.desk, session, by.workspace_id, function, who)
        if errors:
            raise FieldErrors(errors)
        if asked:
            remind_of(self.desk, session, by.workspace_id, asked)

    def _save_managers(self, session: Session, by: Person, form: SetupView) -> None:
        session.execute(delete(t.managers).where(t.managers.c.workspace_id == by.workspace_id))
        for slack_id in dict.fromkeys(form.managers):
            person = self.desk.person(session, by.workspace_id, slack_id)
            session.execute(insert(t.managers).values(workspace_id=by.workspace_id, person_id=person.id))
        if form.manager_group:
            group = form.manager_group
            session.execute(insert(t.managers).values(workspace_id=by.workspace_id, group_slack_id=group))
            errand = Letter(f"group:{group}", "group", 0, priority=Priority.LOOKUP, detail={"group": group})
            freshen(session, by.workspace_id, self.desk.now(), [errand])

    def _save_reminders(self, session: Session, by: Person, form: SetupView, country_before: str) -> None:
        """How often, and by which calendar, people are reminded. Raises FieldErrors by its field."""
        errors: dict[str, BotError] = {}
        if form.country and not is_country(form.country):
            errors["country"] = NoSuchCountry()
        if form.daily_cap not in CAPS:
            errors["daily_cap"] = NotOffered()
        chief = self.desk.person(session, by.workspace_id, form.chief) if form.chief else None
        if chief is not None and not chief.reachable:
            errors["chief"] = Unreachable(person=chief.slack_id)
        if errors:
            raise FieldErrors(errors)
        values = {
            "country": form.country,
            "daily_cap": form.daily_cap,
            "chief_slack_id": form.chief or "",
        }
        session.execute(update(t.workspaces).where(t.workspaces.c.id == by.workspace_id).values(values))
        if form.country != country_before:
            follow_country(self.desk, session, by.workspace_id, form.country)


def _named(row: Any, people: Mapping[int, Person]) -> Stakeholder:
    return Stakeholder(_slack_id(people, row.person_id), row.group_slack_id, row.response_days)


def _slack_id(people: Mapping[int, Person], number: int | None) -> str | None:
    found = people.get(number) if number is not None else None
    return found.slack_id if found else None


def _facts(view: SetupView) -> dict[str, object]:
    named: Iterable[tuple[str, Stakeholder]] = view.stakeholders.items()
    people = {function: one.person or one.group for function, one in named}
    days = {function: one.days for function, one in view.stakeholders.items() if one.days}
    return {
        "stakeholders": people,
        "managers": list(view.managers),
        "manager_group": view.manager_group,
        "days": days,
        "country": view.country,
        "daily_cap": view.daily_cap,
        "chief": view.chief,
    }
