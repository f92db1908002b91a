"""What has to be known to look ahead for one person: the rows of the schedule and the days that may concern them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.domain.reminding import DAILY_CAP, DaySoFar
from bot.domain.vocabulary import Role
from bot.store import schema as t
from bot.store.queues import NudgeState, digests, nudges

ROWS_AT_MOST = 5_000
"""So that somebody above a very large team gets an answer at once: the rows that are due first."""


def stood_in_for(session: Session, person: Person) -> set[int]:
    """The people who have named this person as their delegate."""
    p = t.people.c
    away = session.scalars(select(Person).where(p.workspace_id == person.workspace_id, p.away.is_not(None)))
    return {one.id for one in away if any(absence.delegate_id == person.id for absence in one.absences)}


def chief_id(session: Session, workspace_id: int) -> int | None:
    """Whom setup names as the one that managers report to."""
    w, p = t.workspaces.c, t.people.c
    query = select(p.id).join(t.workspaces, w.id == p.workspace_id).where(w.id == workspace_id)
    return session.scalar(query.where(p.slack_id == w.chief_slack_id))


def cap_of(session: Session, workspace_id: int) -> int:
    """Reminder messages per person and day at most."""
    cap = session.scalar(select(t.workspaces.c.daily_cap).where(t.workspaces.c.id == workspace_id))
    return DAILY_CAP if cap is None else cap


def planned_for(
    session: Session, workspace_id: int, circle: Collection[int], until: datetime, *, above_all: bool = False
) -> Sequence[Row[Any]]:
    """What is planned up to `until` in handoffs in which these people have a part, first due first.

    `above_all`: somebody in the circle is whom all managers report to, and hears of everything that is very late.
    """
    of = or_(nudges.c.handoff_id.in_(_handoffs_of(workspace_id, circle)), nudges.c.person_id.in_(circle))
    if above_all:
        of = or_(of, nudges.c.slot < f"{until:%Y%m%d}")  # slots begin with the date something is due
    where = (nudges.c.workspace_id == workspace_id, nudges.c.state == NudgeState.PLANNED, nudges.c.due_at <= until)
    query = select(nudges).where(*where, of).order_by(nudges.c.due_at, nudges.c.id)
    return session.execute(query.limit(ROWS_AT_MOST)).all()


def on_their_way(session: Session, person_id: int) -> Sequence[Row[Any]]:
    """What is queued for this person and has not left yet."""
    where = (nudges.c.person_id == person_id, nudges.c.state == NudgeState.QUEUED)
    return session.execute(select(nudges).where(*where).order_by(nudges.c.id)).all()


def days_since(session: Session, person_ids: Collection[int], first: date) -> Mapping[tuple[int, date], DaySoFar]:
    """What these people were reminded of on each of their days from `first` on."""
    d = digests.c
    rows = session.execute(select(digests).where(d.person_id.in_(person_ids), d.day >= first)).all()
    return {(row.person_id, row.day): DaySoFar(row.messages, row.opened_at is not None) for row in rows}


def _handoffs_of(workspace_id: int, circle: Collection[int]) -> Any:
    h, i, r, p = t.handoffs.c, t.checklist_items.c, t.feedback_requests.c, t.people.c
    reporting = select(p.id).where(p.manager_id.in_(circle))
    items = select(i.handoff_id).where(i.owner_id.in_(circle), i.state == ItemState.OPEN)
    requests = select(r.handoff_id).where(r.asked_id.in_(circle), r.state == RequestState.OPEN)
    roles: list[ColumnElement[bool]] = [t.handoffs.c[f"{role.value}_id"].in_(circle) for role in Role]
    part = or_(*roles, h.started_by_id.in_(circle), h.manager_id.in_(reporting), h.id.in_(items), h.id.in_(requests))
    return select(h.id).where(and_(h.workspace_id == workspace_id, h.state == HandoffState.OPEN, part))
