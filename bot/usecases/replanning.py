"""When somebody's calendar changes: another zone, another week, back from leave, gone for good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.cadence import rung_named
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.routing import addressee, on_ladder, rung_of
from bot.store import loading, schedule
from bot.usecases.debts import debt_of, facts_for, plan_of
from bot.usecases.nudges import owed_by, plan_first
from bot.usecases.overview import involving
from bot.usecases.playbooks import playbook_of

ALL = 10_000
"""More handoffs than anybody is in at a time."""


def decide_anew(session: Session, person: Person, now: datetime) -> list[Handoff]:
    """Plan the next nudges in this person's open handoffs again, and decide again what was put off on their account.

    Returns those handoffs, whole. Nothing is sent here: whatever is due now finds its recipient as always.
    """
    handoffs = loading.whole_handoffs(session, involving(session, person, ALL))
    for handoff in handoffs:
        plan_first(session, handoff, playbook_of(session, handoff), owed_by(handoff), now)
    _bring_forward(session, person, [handoff.id for handoff in handoffs], now)
    return handoffs


def _bring_forward(session: Session, person: Person, handoff_ids: Iterable[int], now: datetime) -> None:
    """Nudges whose time has come, but which waited for this person to be there."""
    rows = [row for row in schedule.planned_in(session, handoff_ids, now) if on_ladder(row.slot)]
    if not rows:
        return
    facts, waited = facts_for(session, rows), []
    for row in rows:
        debt = debt_of(row, facts)
        to = addressee(debt, row.slot) if debt is not None else None
        if debt is None or to is None or to.id != person.id:
            continue
        rung = rung_named(plan_of(facts.ladder(row.handoff_id), debt), rung_of(row.slot))
        if rung is not None and rung.at <= now:
            waited.append(row.id)
    schedule.bring_forward(session, waited, now)
