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
from bot.store.involved import involving
from bot.store.schedule import Obligation
from bot.usecases.nudges.debts import debt_of, facts_for, plan_of
from bot.usecases.nudges.nudges import owed_by, plan_first
from bot.usecases.workspace.playbooks import playbook_of

ALL = 10_000
"""More handoffs than anybody is in at a time."""


def open_handoffs(session: Session, person: Person) -> list[Handoff]:
    """The open handoffs that this person is in, whole."""
    return loading.whole_handoffs(session, involving(session, person, ALL))


def decide_anew(session: Session, person: Person, now: datetime, known: list[Handoff] | None = None) -> None:
    """Plan what comes next in this person's open handoffs again, and decide again what waited for them to be there.

    `known`: those handoffs, where they are loaded already. Nothing is sent here: whatever is due now finds its
    recipient as always.
    """
    handoffs = open_handoffs(session, person) if known is None else known
    waiting = _sorted_out(session, person, [handoff.id for handoff in handoffs], now)
    for handoff in handoffs:
        owed = [one for one in owed_by(handoff) if one.obligation not in waiting]
        plan_first(session, handoff, playbook_of(session, handoff), owed, now)


def _sorted_out(session: Session, person: Person, handoff_ids: Iterable[int], now: datetime) -> set[Obligation]:
    """Of what is on the schedule, keep the rungs whose time has come but which were put off; forget the others.

    Returns what the kept ones are about: there the ladder goes on when they have gone out. Those that had waited for
    this person are due now.
    """
    rows = [row for row in schedule.planned_in(session, handoff_ids, now) if on_ladder(row.slot)]
    facts = facts_for(session, rows)
    kept, due, forgotten = set[Obligation](), list[int](), list[int]()
    for row in rows:
        debt = debt_of(row, facts)
        rung = rung_named(plan_of(facts.ladder(row.handoff_id), debt), rung_of(row.slot)) if debt is not None else None
        if debt is None or rung is None or rung.at > now:
            forgotten.append(row.id)
            continue
        kept.add(Obligation(row.obligation, row.subject_id))
        to = addressee(debt, row.slot)
        due += [row.id] if to is not None and to.id == person.id else []
    schedule.forget(session, forgotten)
    schedule.bring_forward(session, due, now)
    return kept
