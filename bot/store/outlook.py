"""What has to be known to look ahead for one person: the rows of the schedule and the days that may concern them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, union
from sqlalchemy.orm import Session

from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.domain.reminding import DAILY_CAP, DaySoFar
from bot.domain.vocabulary import Role
from bot.store import schema as t
from bot.store.queues import LetterState, NudgeState, digests, nudges, outbox

OWN_AT_MOST, OTHERS_AT_MOST = 2_000, 500
"""Rows that are due first: somebody above a very large team gets an answer at once, too."""


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
    session: Session,
    workspace_id: int,
    circle: Collection[int],
    until: datetime,
    limit: int = OWN_AT_MOST,
    *,
    above_all: bool = False,
) -> Sequence[Row[Any]]:
    """What is planned up to `until` in handoffs in which these people have a part, first due first.

    `above_all`: somebody in the circle is whom all managers report to, and hears of everything that is very late.
    """
    where = (nudges.c.workspace_id == workspace_id, nudges.c.state == NudgeState.PLANNED, nudges.c.due_at <= until)
    soonest = select(nudges).where(*where).order_by(nudges.c.due_at, nudges.c.id).limit(limit)
    rows = session.execute(soonest.where(nudges.c.handoff_id.in_(_handoffs_of(workspace_id, circle)))).all()
    if above_all:  # slots begin with the date something is due
        late = session.execute(soonest.where(nudges.c.slot < f"{until:%Y%m%d}")).all()
        rows = list({row.id: row for row in (*rows, *late)}.values())
    return rows


def on_their_way(session: Session, person_id: int) -> Sequence[Row[Any]]:
    """What is queued for this person and has not left yet."""
    o = outbox.c
    where = (o.state == LetterState.QUEUED, o.person_id == person_id, o.ts.is_(None))
    waiting = select(o.subject_id).where(*where)
    rows: list[Row[Any]] = []
    for kind, column in (("nudge", nudges.c.id), ("digest", nudges.c.digest_id)):
        mine = (column.in_(waiting.where(o.kind == kind)), nudges.c.state == NudgeState.QUEUED)
        rows += session.execute(select(nudges).where(*mine).order_by(nudges.c.id)).all()
    return rows


def days_since(session: Session, person_ids: Collection[int], first: date) -> Mapping[tuple[int, date], DaySoFar]:
    """What these people were reminded of on each of their days from `first` on."""
    d = digests.c
    rows = session.execute(select(digests).where(d.person_id.in_(person_ids), d.day >= first)).all()
    return {(row.person_id, row.day): DaySoFar(row.messages, row.opened_at is not None) for row in rows}


def _handoffs_of(workspace_id: int, circle: Collection[int]) -> Any:
    """Each part that somebody can have is looked up by an index of its own."""
    h, p = t.handoffs.c, t.people.c
    mine = select(h.id).where(h.workspace_id == workspace_id, h.state == HandoffState.OPEN)
    reporting = select(p.id).where(p.manager_id.in_(circle))
    gone = select(p.id).where(p.workspace_id == workspace_id, p.deactivated)
    i, r = t.checklist_items.c, t.feedback_requests.c
    return union(
        *(mine.where(t.handoffs.c[f"{role.value}_id"].in_(circle)) for role in Role),
        mine.where(h.manager_id.in_(reporting)),
        mine.where(h.manager_id.in_(gone), h.started_by_id.in_(circle)),
        select(i.handoff_id).where(i.owner_id.in_(circle), i.state == ItemState.OPEN),
        select(r.handoff_id).where(r.asked_id.in_(circle), r.state == RequestState.OPEN),
    )
