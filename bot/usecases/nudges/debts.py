"""What is still owed, by whom and by when: the facts that due nudges are decided from, loaded in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from bot.domain.cadence import Plan
from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import Acceptance, HandoffState
from bot.domain.people import Person
from bot.domain.playbook import Ladder, Playbook
from bot.domain.quiet import confidants
from bot.domain.reminding import DAILY_CAP, Said, said
from bot.domain.routing import Debt
from bot.domain.vocabulary import Role
from bot.domain.worktime import WorkTime
from bot.store import loading
from bot.store import schema as t
from bot.store.among import among
from bot.store.digests import PersonDay
from bot.store.looking import people_by_id
from bot.store.queues import NudgeState
from bot.usecases.desk import worktime
from bot.usecases.workspace.playbooks import playbooks_by_id

ITEM, ANSWER, ACCEPTANCE = "item", "answer", "acceptance"
HOLDERS = (*(f"{role.value}_id" for role in Role), "started_by_id")
"""Where a handoff's row names people."""


@dataclass(frozen=True)
class Workspace:
    """What a workspace says about reminders: messages per person and day at most, and whom its managers report to."""

    cap: int = DAILY_CAP
    chief: Person | None = None


class Above(NamedTuple):
    """Who hears of delays in one handoff, whom they report to, and (where it is quiet) who may hear of it at all."""

    manager: Person | None
    chief: Person | None
    only: frozenset[int] | None


@dataclass(frozen=True)
class Facts:
    """Everything the decisions of one batch need, loaded with a handful of queries.

    Handoffs, items and requests are bare rows: thousands are looked at in a minute, and none is changed.
    """

    handoffs: dict[int, Row[Any]]
    items: dict[int, Row[Any]]
    requests: dict[int, Row[Any]]
    people: dict[int, Person]
    playbooks: dict[int, Playbook]
    workspaces: dict[int, Workspace] = field(default_factory=dict)
    _above: dict[int, Above] = field(default_factory=dict)

    def person(self, number: int | None) -> Person | None:
        return self.people.get(number) if number is not None else None

    def reachable(self, *numbers: int | None, only: frozenset[int] | None = None) -> Person | None:
        """The first of them who still works here, and is one of `only`, if that is given."""
        for number in numbers:
            person = self.people.get(number) if number is not None else None
            if person is not None and person.reachable and (only is None or number in only):
                return person
        return None

    def cap(self, day: PersonDay) -> int:
        return self.workspaces.get(day.workspace_id, Workspace()).cap

    def ladder(self, handoff_id: int) -> Ladder:
        return self.playbooks[self.handoffs[handoff_id].playbook_id].ladder

    def over(self, handoff: Row[Any]) -> Above:
        """Those above in this handoff, worked out once for all that is owed in it."""
        found = self._above.get(handoff.id)
        if found is None:
            only = confidants(handoff) if handoff.quiet else None  # nobody else may hear of it
            manager = self.reachable(handoff.manager_id, handoff.started_by_id, only=only)
            found = self._above[handoff.id] = Above(manager, self.above(manager, only), only)
        return found

    def above(self, manager: Person | None, only: frozenset[int] | None = None) -> Person | None:
        """Whom a manager reports to: whom they named themselves, else whom setup names; one of `only`, if given."""
        if manager is None:
            return None
        chief = self.reachable(manager.manager_id) or self.workspaces.get(manager.workspace_id, Workspace()).chief
        if chief is None or chief.id == manager.id or not chief.reachable:
            return None
        return chief if only is None or chief.id in only else None


def debt_of(row: Row[Any], facts: Facts) -> Debt | None:
    """What is still owed about a nudge's obligation; None once it is met, or its stage is not the current one."""
    handoff = facts.handoffs[row.handoff_id]
    if handoff.state is not HandoffState.OPEN:
        return None
    manager, chief, only = facts.over(handoff)
    necessary = True
    if row.obligation == ITEM:
        item = facts.items.get(row.subject_id)
        if item is None or item.state is not ItemState.OPEN or item.stage_position != handoff.stage_position:
            return None
        holder_id = getattr(handoff, f"{item.owner_role.value}_id") if item.owner_role is not None else None
        owner = facts.reachable(holder_id if item.owner_id is None else item.owner_id, only=only) or manager
        due_on = item.due_on
        necessary = item.necessary
    elif row.obligation == ACCEPTANCE:
        asked = handoff.acceptance is Acceptance.ASKED and handoff.incoming_id is not None
        owner = (facts.reachable(handoff.incoming_id, only=only) or manager) if asked else None
        due_on = handoff.acceptance_due_on
    else:
        request = facts.requests.get(row.subject_id)
        if request is None or request.state is not RequestState.OPEN:
            return None
        owner = facts.reachable(request.asked_id, only=only) or manager
        due_on, necessary = request.due_on, request.necessary
    if owner is None or due_on is None:
        return None
    return Debt(owner, due_on, necessary, manager, chief, only)


def plan_of(ladder: Ladder, debt: Debt, hours: Callable[[Person], WorkTime] = worktime) -> Plan:
    """What the rungs are computed from. Nobody is told of their own delay, nor of what is merely nice to have.

    `hours` are those in which somebody works, days away included.
    """
    ids = {debt.owner.id}
    chiefs = []
    for chief in (debt.manager, debt.above):
        heard = debt.necessary and chief is not None and chief.reachable and chief.id not in ids
        chiefs.append(hours(chief) if heard and chief is not None else None)
        ids |= {chief.id} if chief is not None else set()
    return Plan(ladder, debt.due_on, hours(debt.owner), *chiefs)


def facts_for(session: Session, rows: Sequence[Row[Any]]) -> Facts:
    """The facts about these rows of the schedule."""
    of = {kind: {row.subject_id for row in rows if row.obligation == kind} for kind in {r.obligation for r in rows}}
    handoffs = _rows(session, _handoffs(), {row.handoff_id for row in rows})
    items = _rows(session, _items(), of.get(ITEM, set()))
    requests = _rows(session, _requests(), of.get(ANSWER, set()))
    ids: set[int | None] = {row.person_id for row in rows}
    for handoff in handoffs.values():
        ids.update(getattr(handoff, name) for name in HOLDERS)
    ids.update(item.owner_id for item in items.values())
    ids.update(request.asked_id for request in requests.values())
    playbooks = playbooks_by_id(session, [handoff.playbook_id for handoff in handoffs.values()])
    people = people_around(session, ids)
    workspaces = workspaces_of(session, {row.workspace_id for row in rows}, people)
    return Facts(handoffs, items, requests, people, playbooks, workspaces)


def said_in(rows: Iterable[Row[Any]], facts: Facts) -> set[Said]:
    """What the nudges among these rows that have left spoke of; `facts` knows everybody who may be told again."""
    sent = [(row, facts.person(row.person_id)) for row in rows if row.state == NudgeState.SENT]
    found = (said((row.obligation, row.subject_id), row.slot, to, row.queued_at) for row, to in sent if to is not None)
    return {one for one in found if one is not None}


def people_around(session: Session, ids: set[int | None]) -> dict[int, Person]:
    """These people, and whoever stands in for them or stands above them."""
    if session.autoflush:
        session.flush()  # what this transaction has made of them counts, too
    people = people_by_id(session, ids)
    more: set[int | None] = {person.manager_id for person in people.values()}
    more.update(absence.delegate_id for person in people.values() for absence in person.absences)
    return people | people_by_id(session, more - people.keys())


def workspaces_of(session: Session, ids: set[int], people: dict[int, Person]) -> dict[int, Workspace]:
    """What these workspaces say about reminders; whoever is named there joins `people`."""
    rows = session.connection().execute(_workspaces(), {"ids": list(ids)}).all()
    chiefs = loading.people_by_id(session, [row.chief_id for row in rows])
    people |= chiefs
    return {row.id: Workspace(row.daily_cap, chiefs.get(row.chief_id)) for row in rows}


def _rows(session: Session, query: Select[Any], ids: set[int]) -> dict[int, Row[Any]]:
    return {row[0]: row for row in session.connection().execute(query, {"ids": list(ids)})} if ids else {}


@cache
def _workspaces() -> Select[Any]:
    w, p = t.workspaces.c, t.people.c
    chief = and_(p.workspace_id == w.id, p.slack_id == w.chief_slack_id)
    query = select(w.id, w.daily_cap, p.id.label("chief_id")).join(t.people, chief, isouter=True)
    return query.where(among(w.id, "ids"))


@cache
def _handoffs() -> Select[Any]:
    c = t.handoffs.c
    state = (c.id, c.playbook_id, c.state, c.quiet, c.stage_position, c.acceptance, c.acceptance_due_on)
    return select(*state, *(c[name] for name in HOLDERS)).where(among(c.id, "ids"))


@cache
def _items() -> Select[Any]:
    i, s = t.checklist_items.c, t.stages.c
    columns = (i.id, i.state, i.owner_id, i.owner_role, i.due_on, i.necessary, s.position.label("stage_position"))
    return select(*columns).join(t.stages, s.id == i.stage_id).where(among(i.id, "ids"))


@cache
def _requests() -> Select[Any]:
    c = t.feedback_requests.c
    columns = (c.id, c.state, c.asked_id, c.group_slack_id, c.due_on, c.necessary)
    return select(*columns).where(among(c.id, "ids"))
