"""Who answers for which function, who the managers are; and the workspace itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import Unreachable
from bot.domain.vocabulary import SHIPPED_FUNCTIONS
from bot.errors import BotError, FieldErrors
from bot.store import journal
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.store.loading import people_by_id
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk


@dataclass(frozen=True)
class Stakeholder:
    """Slack ids of who answers for a function: a person, or a user group, or nobody yet."""

    person: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class SetupView:
    """What the setup form shows: by function, and the managers' Slack ids."""

    stakeholders: Mapping[str, Stakeholder]
    managers: tuple[str, ...]
    manager_group: str | None


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

    def installed(self) -> bool:
        with self.desk.db.read() as session:
            return session.scalar(select(t.workspaces.c.id).limit(1)) is not None

    def _view(self, session: Session, workspace_id: int) -> SetupView:
        s, m = t.stakeholders.c, t.managers.c
        rows = session.execute(
            select(s.function, s.person_id, s.group_slack_id).where(s.workspace_id == workspace_id)
        ).all()
        bosses = session.execute(select(m.person_id, m.group_slack_id).where(m.workspace_id == workspace_id)).all()
        people = people_by_id(session, [row.person_id for row in (*rows, *bosses)])
        named = {row.function: Stakeholder(_slack_id(people, row.person_id), row.group_slack_id) for row in rows}
        managers = tuple(people[row.person_id].slack_id for row in bosses if row.person_id in people)
        group = next((row.group_slack_id for row in bosses if row.group_slack_id), None)
        return SetupView({name: named.get(name, Stakeholder()) for name in self.functions()}, managers, group)

    def _save_stakeholders(self, session: Session, by: Person, wanted: Mapping[str, Stakeholder]) -> None:
        s = t.stakeholders.c
        errors: dict[str, BotError] = {}
        for function, one in wanted.items():
            session.execute(delete(t.stakeholders).where(s.workspace_id == by.workspace_id, s.function == function))
            person = self.desk.person(session, by.workspace_id, one.person) if one.person else None
            if person is not None and not person.reachable:
                errors[function] = Unreachable(person=person.slack_id)
            if person is None and one.group is None:
                continue
            values = {"person_id": person.id if person else None, "group_slack_id": None if person else one.group}
            session.execute(
                insert(t.stakeholders).values(workspace_id=by.workspace_id, function=function, region="", **values)
            )
            self._ask_now(session, by.workspace_id, function, person, one.group)
        if errors:
            raise FieldErrors(errors)

    def _ask_now(
        self, session: Session, workspace_id: int, function: str, person: Person | None, group: str | None
    ) -> None:
        """Questions of this function that nobody had to answer go to whoever answers for it now."""
        r, h = t.feedback_requests, t.handoffs
        waiting = session.execute(
            select(r.c.id, r.c.handoff_id)
            .join(h, h.c.id == r.c.handoff_id)
            .where(r.c.workspace_id == workspace_id, r.c.function == function, r.c.state == "open")
            .where(r.c.asked_id.is_(None), r.c.group_slack_id.is_(None), h.c.state == "open")
        ).all()
        now = self.desk.now()
        for row in waiting:
            asked = {"asked_id": person.id} if person else {"group_slack_id": group}
            session.execute(update(r).where(r.c.id == row.id).values(asked_at=now, **asked))
            letters = [changes.card(row.handoff_id)]
            if person is not None:
                letters.append(changes.request_message(row.handoff_id, row.id, person.id))
            elif group is not None:
                letters.append(changes.group_errand(row.handoff_id, row.id, group))
            freshen(session, workspace_id, now, letters)

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


def _slack_id(people: Mapping[int, Person], number: int | None) -> str | None:
    found = people.get(number) if number is not None else None
    return found.slack_id if found else None


def _facts(view: SetupView) -> dict[str, object]:
    named: Iterable[tuple[str, Stakeholder]] = view.stakeholders.items()
    people = {function: one.person or one.group for function, one in named}
    return {"stakeholders": people, "managers": list(view.managers), "manager_group": view.manager_group}
