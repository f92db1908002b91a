"""Being away, and who stands in: said by oneself, or by a manager for somebody who cannot (U12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from bot.domain import absences
from bot.domain.people import Absence, Person
from bot.domain.permissions import Action
from bot.store import journal
from bot.store.letters import freshen_existing
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk
from bot.usecases.nudges.leaves import AwayView, Leave, away_view, tell_delegates
from bot.usecases.nudges.replanning import decide_anew


@dataclass(frozen=True)
class Away:
    """`of` is the Slack id of whose absences they are; the acting person's own when it is left out."""

    desk: Desk

    def view(self, actor: Actor, of: str | None = None) -> AwayView:
        """What is known today. Raises NotAllowed for somebody else's, unless a manager looks."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            return away_view(self.desk, session, self._whose(session, by, of, enter=False), by)

    def add(self, actor: Actor, first: date | None, last: date | None, delegate: str | None, of: str | None) -> Leave:
        """Away from `first` to `last`, both included. Raises FieldErrors by "from", "until", "delegate"; NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            person = self._whose(session, by, of)
            stand_in = self.desk.person(session, by.workspace_id, delegate) if delegate else None
            today = self.desk.today(person)
            new = absences.declared(person, first, last, stand_in, today)
            new = replace(new, said_by_id=by.id if by.id != person.id else None)
            self._keep(session, by, person, absences.with_absence(person.absences, new, today))
            return Leave(person, new, stand_in, new.first <= today)

    def remove(self, actor: Actor, first: date, last: date, of: str | None) -> AwayView:
        """There after all on these days; once more changes nothing. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            person = self._whose(session, by, of)
            self._keep(session, by, person, absences.without(person.absences, first, last))
            return away_view(self.desk, session, person, by)

    def back(self, actor: Actor, of: str | None) -> AwayView:
        """Back from the leave that runs today. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            person = self._whose(session, by, of)
            self._keep(session, by, person, absences.back(person.absences, self.desk.today(person)))
            return away_view(self.desk, session, person, by)

    def _whose(self, session: Session, by: Person, of: str | None, *, enter: bool = True) -> Person:
        if of is None or of == by.slack_id:
            return by
        self.desk.require(session, Action.SET_AWAY, by)
        find = self.desk.person if enter else self.desk.known
        return find(session, by.workspace_id, of)

    def _keep(self, session: Session, by: Person, person: Person, planned: tuple[Absence, ...]) -> None:
        """Write down, tell the Homes, and decide anew what had waited for them."""
        before = person.absences
        if planned == before:
            return
        now = self.desk.now()
        person.away = [one.to_dict() for one in planned] or None
        session.flush()
        journal.record(session, by, now, "person.away", person.id, before=_facts(before), after=_facts(planned))
        decide_anew(session, person, now)
        delegates = {one.delegate_id for one in (*before, *planned)} - {None}
        concerned = [changes.home(number) for number in (person.id, *delegates) if number is not None]
        freshen_existing(session, person.workspace_id, now, concerned)
        tell_delegates(self.desk, session, person, before, by)


def _facts(planned: Iterable[Absence]) -> dict[str, object]:
    return {"away": [one.to_dict() for one in planned]}
