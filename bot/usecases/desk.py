"""What every use case has at hand: the database, the clock, the playbooks; who is acting and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.domain.calendars import holidays_of, week_of
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import (
    OF_THE_STAGE,
    TABLE,
    Action,
    Relation,
    Standing,
    allowed,
    own_step,
    refuse,
    relations,
    sees,
)
from bot.domain.refusals import NoSuchThing, Refusal
from bot.domain.routing import local_date, stands_in
from bot.domain.worktime import CLOSES, OPENS, WorkTime, merged_away, minutes_after_midnight
from bot.store import loading, managing
from bot.store import schema as t
from bot.store.database import Database
from bot.store.letters import Letter, Priority, freshen
from bot.store.loading import people_by_id
from bot.usecases.workspace.departed import Departed

if TYPE_CHECKING:
    from bot.playbooks.files import Library


class NotInstalled(Refusal):
    sentence = "I am still starting in this workspace. Try again in a moment."


class Elsewhere(Refusal):
    sentence = "I belong to another Slack workspace and can do nothing here."


@dataclass(frozen=True)
class Actor:
    """Who acts: Slack's ids of the workspace in which Baton is installed and of the person."""

    team_id: str
    user_id: str


class Desk:
    """Shared by all use cases of one process. Holds no state but the numbers of known workspaces, and who just left."""

    def __init__(self, db: Database, clock: Clock, library: Library) -> None:
        self.db, self.clock, self.library = db, clock, library
        self.departed = Departed()
        self._workspaces: dict[str, int] = {}
        self._lock = Lock()

    def workspace_id(self, session: Session, team_id: str) -> int:
        """The number of the workspace, which Slack has named as the token's. Raises NotInstalled, Elsewhere."""
        known = self._workspaces.get(team_id)
        if known is not None:
            return known
        rows = {row.team_id: row.id for row in session.execute(select(t.workspaces.c.team_id, t.workspaces.c.id))}
        found: int | None = rows.get(team_id)
        if found is None:
            raise Elsewhere() if rows else NotInstalled()
        with self._lock:
            self._workspaces[team_id] = found
        return found

    def require_workspace(self, team_id: str) -> None:
        """Raise Elsewhere for a workspace that this installation does not serve, NotInstalled before there is any."""
        if team_id not in self._workspaces:
            with self.db.read() as session:
                self.workspace_id(session, team_id)

    def actor(self, session: Session, actor: Actor) -> Person:
        """The acting person; somebody new is entered and looked up in Slack later."""
        return self.person(session, self.workspace_id(session, actor.team_id), actor.user_id)

    def person(self, session: Session, workspace_id: int, slack_id: str) -> Person:
        """The person with that Slack id; somebody new is entered, and the courier fetches name and zone."""
        new = loading.person_by_slack_id(session, workspace_id, slack_id)
        if new is not None and not (new.deactivated and new.refreshed_at is None):
            return new  # of a stranger who left, nothing else is known (older versions entered them)
        if new is None:
            gone = self.departed.has(workspace_id, slack_id, self.clock.now())
            new = Person(workspace_id=workspace_id, slack_id=slack_id, deactivated=gone)
            session.add(new)
            session.flush()
        errand = Letter(f"person:{slack_id}", "person", new.id, priority=Priority.LOOKUP, detail={"slack_id": slack_id})
        freshen(session, workspace_id, self.clock.now(), [errand])
        return new

    def viewer(self, session: Session, actor: Actor) -> Person:
        """The acting person for a look that changes nothing; somebody new is not entered."""
        return self.known(session, self.workspace_id(session, actor.team_id), actor.user_id)

    def known(self, session: Session, workspace_id: int, slack_id: str) -> Person:
        """The person with that Slack id, to look at; somebody new has no number."""
        found = loading.person_by_slack_id(session, workspace_id, slack_id)
        return found or Person(workspace_id=workspace_id, slack_id=slack_id)

    def still_here(self, session: Session, workspace_id: int, person_id: int) -> Person | None:
        """The person of that number, for what they asked for before; None once they have left, or elsewhere."""
        found = people_by_id(session, [person_id]).get(person_id)
        return found if found is not None and found.workspace_id == workspace_id and found.reachable else None

    def standing(self, session: Session, person: Person) -> Standing:
        """Whether the person is a manager by setup, directly or through a user group."""
        rows = managing.named(session, person.workspace_id)
        direct = {row.person_id: row.slack_id for row in rows if row.person_id is not None}
        groups = {row.group_slack_id for row in rows if row.group_slack_id}
        manager = person.id in direct or (bool(groups) and managing.in_one_of(session, person, groups))
        return Standing(manager, not rows, (*direct.values(), *(f"!{group}" for group in groups)))

    def require(
        self,
        session: Session,
        action: Action,
        person: Person,
        handoff: Handoff | None = None,
        item: ChecklistItem | None = None,
        request: FeedbackRequest | None = None,
    ) -> None:
        """Raise NotAllowed, naming who can, unless the person may do this (PRODUCT section 8).

        Raises NoSuchThing where they may not even know of the handoff.
        """
        self.sight(person, handoff)
        if item is None and handoff is not None and action in OF_THE_STAGE:
            item = own_step(person, handoff)
        needs = TABLE[action]
        no_standing = Standing(manager=False, open_house=False)
        asks = needs & {Relation.STARTER, Relation.WORKSPACE_MANAGER}
        standing = self.standing(session, person) if asks else no_standing
        in_group = request is not None and self._in_group(session, person, request.group_slack_id)
        held = relations(person, standing, handoff, item, request, in_group)
        if allowed(action, held):
            return
        if Relation.STAND_IN in needs and self._stands_in(session, person, handoff, item, request):
            return
        raise refuse(self._who_can(session, needs, standing, handoff, item, request))

    def may(self, session: Session, action: Action, person: Person, handoff: Handoff) -> bool:
        """Whether to offer the action at all; `require` decides when it is taken."""
        return sees(person, handoff) and allowed(action, relations(person, self.standing(session, person), handoff))

    def sight(self, person: Person, handoff: Handoff | None) -> None:
        """Raise NoSuchThing where the person may not know of the handoff: for them there is none."""
        if handoff is not None and not sees(person, handoff):
            raise NoSuchThing()

    def _stands_in(
        self,
        session: Session,
        person: Person,
        handoff: Handoff | None,
        item: ChecklistItem | None,
        request: FeedbackRequest | None,
    ) -> bool:
        """Whether they stand in for whoever owes it, who is away today. Asked last: it costs a query."""
        if handoff is None or not person.id:
            return False
        number = request.asked_id if request is not None else None
        if item is not None:
            number = handoff.named_for(item)
        owner = people_by_id(session, [number]).get(number) if number is not None else None
        return owner is not None and stands_in(owner, person, handoff.manager_id, self.now())

    def _in_group(self, session: Session, person: Person, group: str | None) -> bool:
        return bool(group and managing.in_one_of(session, person, [group]))

    def _who_can(
        self,
        session: Session,
        needs: Iterable[Relation],
        standing: Standing,
        handoff: Handoff | None,
        item: ChecklistItem | None,
        request: FeedbackRequest | None,
    ) -> list[str]:
        ids: list[int | None] = []
        if handoff is not None:
            by_relation = {
                Relation.ITEM_OWNER: handoff.named_for(item) if item else None,
                Relation.HANDOFF_MANAGER: handoff.manager_id,
                Relation.COVER: handoff.cover_id,
                Relation.OUTGOING: handoff.outgoing_id,
                Relation.INCOMING: handoff.incoming_id,
                Relation.ASKED: request.asked_id if request else None,
            }
            ids = [number for relation, number in by_relation.items() if relation in needs]
        people = people_by_id(session, ids)
        groups = [f"!{request.group_slack_id}"] if request is not None and request.group_slack_id else []
        named = [people[number].slack_id for number in ids if number in people] + groups
        return named or list(standing.managers)

    def today(self, person: Person) -> date:
        """The date on that person's calendar now."""
        return local_date(person, self.now())

    def now(self) -> datetime:
        return self.clock.now()


def worktime(person: Person) -> WorkTime:
    """The hours in which this person is written to, whether or not they are away: dates are counted through absences.

    Their own week and hours, else those of their country. Cheap: thousands are asked for in one minute.
    """
    return _hours(person.tz, person.country, person.work_week, person.opens, person.closes)


def presence(person: Person) -> WorkTime:
    """The hours in which this person is at work: as `worktime`, without the days on which they are away."""
    hours = worktime(person)
    if not person.away:
        return hours
    return replace(hours, away=merged_away((one.first, one.last) for one in person.absences))


@lru_cache(maxsize=4096)
def _hours(tz: str, country: str, work_week: str, opens: int | None, closes: int | None) -> WorkTime:
    week = frozenset(int(digit) for digit in work_week if digit in "0123456") or week_of(country)
    start = OPENS if opens is None else minutes_after_midnight(opens)
    end = CLOSES if closes is None else minutes_after_midnight(closes)
    return WorkTime(tz, week, start, end, holidays_of(country))
