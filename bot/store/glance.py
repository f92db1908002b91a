"""Many handoffs at a glance: what lists and App Home show of each, without loading every step and question of all.

A list counts in the database; only what is still open is brought along, and only by those who show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload, raiseload

from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.handoff import Handoff, HandoffState, StageRun
from bot.domain.people import Person
from bot.domain.vocabulary import Role
from bot.store import schema as t
from bot.store.loading import people_by_id


@dataclass(frozen=True)
class Glance:
    """A handoff with its account, its people and the stage it is in; of that stage, how many steps there are and done.

    `late` counts what is open past its day: steps of the stage, and questions.
    """

    handoff: Handoff
    stage: StageRun
    done: int
    total: int
    late: int


@dataclass(frozen=True)
class Open:
    """What is open in some handoffs, by handoff: steps of the current stage, and questions (without their packs)."""

    items: Mapping[int, Sequence[ChecklistItem]]
    requests: Mapping[int, Sequence[FeedbackRequest]]


def page(
    session: Session, workspace_id: int, limit: int, who: Person | None = None, late_on: date | None = None
) -> tuple[list[int], int]:
    """The ids of the first `limit` open handoffs, the soonest last day first, and how many there are in all.

    `who`: only those in which the person holds a role; `late_on`: only those with something late on that day.
    """
    h = t.handoffs.c
    where = [h.workspace_id == workspace_id, h.state == HandoffState.OPEN]
    if who is not None:
        where.append(_holds_a_role(who))
    if late_on is not None:
        where.append(_has_late(late_on))
    query = select(h.id, func.count().over()).where(*where).order_by(h.last_day, h.id).limit(limit)
    rows = session.execute(query).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def glances(session: Session, ids: Iterable[int], today: date) -> list[Glance]:
    """These handoffs in the order of the ids. The people of their roles may be read after the session."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = session.execute(_with_stage().where(t.handoffs.c.id.in_(wanted))).all()
    found = {handoff.id: (handoff, stage) for handoff, stage in rows}
    counted = _counted(session, [stage.id for _, stage in found.values()], wanted, today)
    late = _late_questions(session, wanted, today)
    _look_at_roles(session, [handoff for handoff, _ in found.values()])
    return [_glance(*found[number], counted, late.get(number, 0)) for number in wanted]


def open_things(session: Session, shown: Sequence[Glance]) -> Open:
    """What is open in these. Each step's owner and who is asked may be read after the session."""
    ids, stages = [one.handoff.id for one in shown], [one.stage.id for one in shown]
    i, r = t.checklist_items.c, t.feedback_requests.c
    steps = select(ChecklistItem).where(i.handoff_id.in_(ids), i.stage_id.in_(stages), i.state == ItemState.OPEN)
    asked = select(FeedbackRequest).where(r.handoff_id.in_(ids), r.state == RequestState.OPEN)
    bare = (_no_pack(), raiseload(FeedbackRequest.answers))  # type: ignore[arg-type]
    items = session.scalars(steps.order_by(i.position, i.id)).all()
    requests = session.scalars(asked.order_by(r.id).options(*bare)).all()
    people = people_by_id(session, [*(one.owner_id for one in items), *(one.asked_id for one in requests)])
    session.info.setdefault("cast", []).append(people)
    for item in items:
        _ = (item.owner, item.closed_by)
    for request in requests:
        _ = (request.asked, request.closed_by)
    return Open(_by_handoff(items), _by_handoff(requests))


def titles(session: Session, request_ids: Iterable[int]) -> dict[int, str]:
    """The titles of the packs that were asked, by request; "" where a pack has none."""
    r = t.feedback_requests.c
    query = select(r.id, r.pack["title"].as_string()).where(r.id.in_(list(request_ids)))
    return {number: title or "" for number, title in session.execute(query)}


def _with_stage() -> Select[Handoff, StageRun]:
    here = and_(t.stages.c.handoff_id == t.handoffs.c.id, t.stages.c.position == t.handoffs.c.stage_position)
    account = joinedload(Handoff.account, innerjoin=True)  # type: ignore[arg-type]
    return select(Handoff, StageRun).join(t.stages, here).options(account)


def _no_pack() -> Any:
    return defer(FeedbackRequest.pack, raiseload=True)  # type: ignore[arg-type, misc]


def _counted(session: Session, stages: list[int], ids: list[int], today: date) -> dict[int, tuple[int, int, int]]:
    """Steps by stage: how many, how many of them open, how many late."""
    i = t.checklist_items.c
    is_open = i.state == ItemState.OPEN
    query = (
        select(i.stage_id, func.count(), _number_of(is_open), _number_of(and_(is_open, i.due_on < today)))
        .where(i.handoff_id.in_(ids), i.stage_id.in_(stages))
        .group_by(i.stage_id)
    )
    return {stage: (total, still_open, late) for stage, total, still_open, late in session.execute(query)}


def _late_questions(session: Session, ids: list[int], today: date) -> dict[int, int]:
    r = t.feedback_requests.c
    where = (r.handoff_id.in_(ids), r.state == RequestState.OPEN, r.due_on < today)
    query = select(r.handoff_id, func.count()).where(*where).group_by(r.handoff_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _glance(handoff: Handoff, stage: StageRun, counted: Mapping[int, tuple[int, int, int]], questions: int) -> Glance:
    total, still_open, late = counted.get(stage.id, (0, 0, 0))
    return Glance(handoff, stage, total - still_open, total, late + questions)


def _look_at_roles(session: Session, handoffs: Sequence[Handoff]) -> None:
    people = people_by_id(session, (one.holder_id(role) for one in handoffs for role in Role))
    session.info.setdefault("cast", []).append(people)
    for one in handoffs:
        for role in Role:
            one.holder(role)


def _holds_a_role(person: Person) -> ColumnElement[bool]:
    if not person.id:
        return false()  # somebody new; an empty role is not theirs
    return or_(*(t.handoffs.c[f"{role.value}_id"] == person.id for role in Role))


def _has_late(today: date) -> ColumnElement[bool]:
    """For each open handoff two look-ups in indexes that hold only what is open, however long the past is."""
    h, s, i, r = t.handoffs.c, t.stages.c, t.checklist_items.c, t.feedback_requests.c
    # the stage as a value, not as a join: PostgreSQL would otherwise read all stages of all time to join them
    here = select(s.id).where(s.handoff_id == h.id, s.position == h.stage_position).correlate(t.handoffs)
    item = exists().where(i.handoff_id == h.id, i.stage_id == here.scalar_subquery(), i.state == ItemState.OPEN)
    question = exists().where(r.handoff_id == h.id, r.state == RequestState.OPEN)
    late = (item.where(i.due_on < today), question.where(r.due_on < today))
    return or_(*(one.correlate(t.handoffs) for one in late))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _by_handoff(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.handoff_id, []).append(row)
    return found
