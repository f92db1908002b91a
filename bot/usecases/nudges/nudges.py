"""Follow-ups: planned when an obligation begins, decided again when they fall due, gone when it is met.

The nudge row is the schedule (DESIGN section 2). The rhythm is the playbook's ladder (`bot/domain/cadence.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.cadence import next_rung
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.playbook import Playbook
from bot.domain.quiet import confidants
from bot.domain.refusals import NoSuchThing, NotAllowed, NudgeGone, RefuseDate, TooFarOff
from bot.domain.routing import SNOOZE, Debt, is_for, on_ladder, rung_of, slot_name
from bot.store import loading, redrawing, schedule
from bot.store.queues import NudgeState
from bot.store.reminded import about
from bot.store.schedule import Obligation, PlannedNudge
from bot.usecases.desk import Actor, Desk, presence
from bot.usecases.nudges.debts import ACCEPTANCE, ANSWER, ITEM, Facts, people_around, plan_of, workspaces_of


def about_item(item: ChecklistItem) -> Obligation:
    return Obligation(ITEM, item.id)


def about_answer(request: FeedbackRequest) -> Obligation:
    return Obligation(ANSWER, request.id)


def about_acceptance(handoff: Handoff) -> Obligation:
    return Obligation(ACCEPTANCE, handoff.id)


@dataclass(frozen=True)
class Owed:
    """An obligation with its date and the person who owes it now."""

    obligation: Obligation
    due_on: date
    owner: Person
    necessary: bool = True


def plan_first(session: Session, handoff: Handoff, playbook: Playbook, owed: Iterable[Owed], now: datetime) -> None:
    """Put the next rung of each on the schedule: the first, or after a change the one after what has gone out."""
    planned = []
    gone = schedule.gone_out(session, handoff.id)
    manager, above = chiefs_of(session, handoff)
    for one in owed:
        plan = plan_of(playbook.ladder, Debt(one.owner, one.due_on, one.necessary, manager, above))
        rung = next_rung(plan, last_rung(gone.get(one.obligation, []), one.due_on), now)
        if rung is not None:
            slot = slot_name(one.due_on, rung.slot)
            planned.append(PlannedNudge(handoff.workspace_id, handoff.id, one.obligation, slot, rung.at))
    schedule.plan(session, planned)


def chiefs_of(session: Session, handoff: Handoff) -> tuple[Person | None, Person | None]:
    """Who hears of delays in this handoff, and whom they report to."""
    ids = {handoff.manager_id, handoff.started_by_id}
    people = people_around(session, ids)
    workspaces = workspaces_of(session, {handoff.workspace_id}, people)
    facts = Facts({}, {}, {}, people, {}, workspaces)
    only = confidants(handoff) if handoff.quiet else None
    manager = facts.reachable(handoff.manager_id, handoff.started_by_id, only=only)
    return manager, facts.above(manager, only)


def owed_by(handoff: Handoff) -> list[Owed]:
    """Everything that somebody owes in this handoff now: what the schedule has to know."""
    if handoff.state is not HandoffState.OPEN:
        return []
    found = [*_owed_items(handoff), *_owed_answers(handoff)]
    if handoff.acceptance is Acceptance.ASKED and handoff.accepter and handoff.acceptance_due_on:
        found.append(Owed(about_acceptance(handoff), handoff.acceptance_due_on, handoff.accepter))
    return found


def _owed_items(handoff: Handoff) -> Iterable[Owed]:
    for item in handoff.items_of(handoff.stage):
        owner = handoff.owner_of(item)
        if item.open and item.due_on is not None and owner is not None:
            yield Owed(about_item(item), item.due_on, owner, item.necessary)


def _owed_answers(handoff: Handoff) -> Iterable[Owed]:
    for request in handoff.requests:
        owner = handoff.asked_of(request)
        if request.open and request.due_on is not None and owner is not None:
            yield Owed(about_answer(request), request.due_on, owner, request.necessary)


def replan(session: Session, handoff: Handoff, playbook: Playbook, now: datetime) -> None:
    """After dates or people changed: forget what was planned and plan again. What was sent stays sent."""
    if handoff.state is not HandoffState.OPEN:
        schedule.settle_handoff(session, handoff.id)
        return
    schedule.unplan(session, handoff.id)
    plan_first(session, handoff, playbook, owed_by(handoff), now)


def last_rung(gone: list[str], due_on: date) -> str | None:
    """The last rung of the ladder that went out for this due date; another date has a ladder of its own."""
    mine = [slot for slot in gone if is_for(slot, due_on) and on_ladder(slot)]
    return rung_of(mine[-1]) if mine else None


FURTHEST_SNOOZE = timedelta(days=366)


class Until(StrEnum):
    HOUR = "hour"
    TOMORROW = "tomorrow"
    NEXT_WEEK = "next_week"
    DAY = "day"


@dataclass(frozen=True)
class Snooze:
    """Putting one nudge off. The cadence goes on as planned (U7)."""

    desk: Desk

    def __call__(self, actor: Actor, nudge_id: int, until: Until, day: date | None = None) -> datetime:
        """Returns when it comes back (UTC, in the person's working hours). Raises NudgeGone, NotAllowed, RefuseDate."""
        with self.desk.db.write() as session:
            person = self.desk.actor(session, actor)
            row = reminded(session, person, nudge_id)
            if row.state != NudgeState.SENT:
                raise NudgeGone()
            obligation = Obligation(row.obligation, row.subject_id)
            handoff = loading.whole_handoff(session, person.workspace_id, row.handoff_id)
            self.desk.sight(person, handoff)
            if obligation not in [one.obligation for one in owed_by(handoff)]:
                raise NudgeGone()
            at = snoozed_until(person, until, self.desk.now(), day)
            slot = _snooze_slot(session, obligation, row.slot)
            back = PlannedNudge(row.workspace_id, row.handoff_id, obligation, slot, at, person.id)
            schedule.plan(session, [back])
            redrawing.redraw_message(session, row.workspace_id, self.desk.now(), row)
            return at


def reminded(session: Session, person: Person, nudge_id: int) -> Row[Any]:
    """The nudge of that number, for the one who got it. Raises NoSuchThing, NotAllowed."""
    row = schedule.nudge(session, person.workspace_id, nudge_id)
    if row is None:
        raise NoSuchThing()
    if row.person_id is None or row.person_id != person.id:
        raise NotAllowed(people=["the one who was reminded"])
    return row


def _snooze_slot(session: Session, obligation: Obligation, slot: str) -> str:
    """A slot beside the rung. Put off anew before it came back, it is the same one that moves."""
    prefix = "/".join(slot.split("/")[:2]) + f"/{SNOOZE}:"
    mine = [one for one in about(session, obligation) if one.slot.startswith(prefix)]
    last = max(mine, key=lambda one: one.id, default=None)
    if last is not None and last.state == NudgeState.PLANNED:
        return str(last.slot)
    return f"{prefix}{len(mine) + 1}"


def snoozed_until(person: Person, until: Until, now: datetime, day: date | None = None) -> datetime:
    """The moment a snooze ends: in the person's working hours. Raises RefuseDate for a day gone by, TooFarOff."""
    hours = presence(person)
    today = hours.local_date(now)
    if until is Until.HOUR:
        return hours.next_moment(now + timedelta(hours=1))
    if until is Until.TOMORROW:
        return hours.opening(hours.add_working_days(today, 1))
    if until is Until.NEXT_WEEK:
        return hours.opening(hours.next_week(today))
    if day is None or day < today:
        raise RefuseDate()
    if day > today + FURTHEST_SNOOZE:
        raise TooFarOff()
    return max(hours.opening(hours.add_working_days(day, 0)), hours.next_moment(now)).astimezone(UTC)
