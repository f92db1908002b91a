"""What is due now: each claimed nudge is decided again from the state of this moment, in one transaction.

Work is done in bulk, because at nine o'clock thousands fall due in the same minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from bot.domain.cadence import next_rung
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Acceptance, Handoff, HandoffState, StageRun
from bot.domain.people import Person
from bot.domain.playbook import Playbook
from bot.domain.vocabulary import Role
from bot.store import schedule
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.store.loading import people_by_id
from bot.store.queues import NudgeState
from bot.store.schedule import Obligation, PlannedNudge
from bot.usecases.desk import Desk, worktime
from bot.usecases.nudges import ACCEPTANCE, ITEM, plan_for, rung_of, slot_name
from bot.usecases.playbooks import playbooks_by_id

BATCH = 500
UNKNOWN_WAIT = timedelta(seconds=15)
"""How long a nudge to somebody new waits for Slack to say in which zone they live."""


@dataclass(frozen=True)
class Facts:
    """Everything the decisions of one batch need, loaded with a handful of queries."""

    handoffs: dict[int, Handoff]
    items: dict[int, ChecklistItem]
    requests: dict[int, FeedbackRequest]
    stages: dict[int, StageRun]
    people: dict[int, Person]
    playbooks: dict[int, Playbook]

    def person(self, number: int | None) -> Person | None:
        return self.people.get(number) if number is not None else None


@dataclass(frozen=True)
class Debt:
    """An obligation that is still open: who owes it, by when, and whether the gate waits for it."""

    owner: Person
    due_on: date
    necessary: bool


class DueNudges:
    """Moves due nudges from the schedule into the outbox."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def queue_due(self, limit: int = BATCH) -> int:
        """Decide up to `limit` due nudges. Returns how many there were; as many as `limit` means: call again."""
        now = self._desk.now()
        with self._desk.db.write() as session:
            rows = schedule.claim_due(session, now, limit)
            if not rows:
                return 0
            facts = _facts(session, rows)
            changes, letters, planned = [], [], []
            for row in rows:
                change, following = _decide(row, facts, now)
                changes.append(change)
                if change["state"] is NudgeState.QUEUED:
                    letters.append((row.workspace_id, _letter(row)))
                planned += following
            schedule.decided(session, changes)
            schedule.plan(session, planned)
            for workspace_id in {number for number, _ in letters}:
                freshen(session, workspace_id, now, [letter for number, letter in letters if number == workspace_id])
            return len(rows)

    def next_due(self) -> datetime | None:
        """When the next nudge falls due; None when none is planned."""
        with self._desk.db.read() as session:
            return schedule.next_due(session)


def _decide(row: Row[Any], facts: Facts, now: datetime) -> tuple[dict[str, Any], list[PlannedNudge]]:
    """What becomes of one due nudge: settled, moved into working hours, or queued with the next rung planned."""
    handoff = facts.handoffs[row.handoff_id]
    debt = _debt(row, handoff, facts)
    to = _recipient(row, handoff, debt, facts)
    if debt is None or to is None or not row.slot.startswith(f"{debt.due_on:%Y%m%d}/"):
        return _change(row, NudgeState.MET), []
    if to.refreshed_at is None:  # their zone is not known yet: the look-up is on its way
        return _change(row, NudgeState.PLANNED, due_at=now + UNKNOWN_WAIT), []
    at = worktime(to).next_moment(now)
    if at > now:
        return _change(row, NudgeState.PLANNED, due_at=at), []
    return _change(row, NudgeState.QUEUED, person_id=to.id, queued_at=now), _following(row, handoff, debt, facts, now)


def _debt(row: Row[Any], handoff: Handoff, facts: Facts) -> Debt | None:
    """What is still owed, by whom; None once it is met, or its stage is not the current one."""
    necessary = True
    if handoff.state is not HandoffState.OPEN:
        return None
    if row.obligation == ITEM:
        item = facts.items.get(row.subject_id)
        if item is None or not item.open or facts.stages[item.stage_id].position != handoff.stage_position:
            return None
        owner, due_on = _owner(item.owner_id or handoff.holder_id(item.owner_role), handoff, facts), item.due_on
        necessary = item.necessary
    elif row.obligation == ACCEPTANCE:
        asked = handoff.acceptance is Acceptance.ASKED
        owner, due_on = facts.person(handoff.incoming_id) if asked else None, handoff.acceptance_due_on
    else:
        request = facts.requests.get(row.subject_id)
        if request is None or not request.open:
            return None
        owner, due_on = _owner(request.asked_id, handoff, facts), request.due_on
        necessary = request.necessary
    return Debt(owner, due_on, necessary) if owner is not None and due_on is not None else None


def _owner(number: int | None, handoff: Handoff, facts: Facts) -> Person | None:
    """Who owes it now: somebody who has left hands it to the manager (U33)."""
    person = facts.person(number)
    return person if person is not None and person.reachable else facts.person(handoff.manager_id)


def _recipient(row: Row[Any], handoff: Handoff, debt: Debt | None, facts: Facts) -> Person | None:
    if debt is None:
        return None
    rung = rung_of(row.slot)
    if "/snooze:" in row.slot:  # it comes back to the one who put it off
        return facts.person(row.person_id) or debt.owner
    if rung.startswith("manager:"):
        return facts.person(handoff.manager_id)
    return None if rung.startswith("managers_manager:") else debt.owner


def _following(row: Row[Any], handoff: Handoff, debt: Debt, facts: Facts, now: datetime) -> list[PlannedNudge]:
    """The next rung of the ladder; a snoozed nudge has none, because the cadence went on without it (U7)."""
    if "/snooze:" in row.slot:
        return []
    ladder = facts.playbooks[handoff.playbook_id].ladder
    manager = facts.person(handoff.manager_id) if debt.necessary else None
    plan = plan_for(ladder, debt.due_on, debt.owner, manager)
    rung = next_rung(plan, rung_of(row.slot), now)
    if rung is None:
        return []
    obligation = Obligation(row.obligation, row.subject_id)
    slot = slot_name(debt.due_on, rung.slot)
    return [PlannedNudge(row.workspace_id, handoff.id, obligation, slot, rung.at)]


def _change(row: Row[Any], state: NudgeState, **values: Any) -> dict[str, Any]:
    kept = {"due_at": row.due_at, "person_id": row.person_id, "queued_at": row.queued_at}
    return {"nudge_id": row.id, "state": state, **kept, **values}


def _letter(row: Row[Any]) -> Letter:
    return Letter(f"nudge:{row.id}", "nudge", row.id, row.handoff_id, Priority.NUDGE)


def _facts(session: Session, rows: Sequence[Row[Any]]) -> Facts:
    of = {kind: {row.subject_id for row in rows if row.obligation == kind} for kind in {r.obligation for r in rows}}
    handoffs = _by_id(session, Handoff, t.handoffs.c.id, {row.handoff_id for row in rows})
    items = _by_id(session, ChecklistItem, t.checklist_items.c.id, of.get(ITEM, set()))
    requests = _by_id(session, FeedbackRequest, t.feedback_requests.c.id, of.get("answer", set()))
    stages = _by_id(session, StageRun, t.stages.c.id, {item.stage_id for item in items.values()})
    ids: set[int | None] = {row.person_id for row in rows}
    ids.update(handoff.holder_id(role) for handoff in handoffs.values() for role in Role)
    ids.update(item.owner_id for item in items.values())
    ids.update(request.asked_id for request in requests.values())
    playbooks = playbooks_by_id(session, [handoff.playbook_id for handoff in handoffs.values()])
    return Facts(handoffs, items, requests, stages, people_by_id(session, ids), playbooks)


def _by_id(session: Session, kind: type[Any], column: Any, ids: set[int]) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(select(kind).where(column.in_(ids)))} if ids else {}
