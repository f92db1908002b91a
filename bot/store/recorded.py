"""Reading and keeping what was written into the forms of steps."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from bot.domain.records import Record
from bot.domain.vocabulary import StepForm
from bot.store import schema as t


def records_of(session: Session, handoff_id: int, kinds: Collection[StepForm] = ()) -> list[Record]:
    """The records of a handoff (of these kinds; all, if none are named), the oldest first, without withdrawn ones."""
    return list(session.scalars(_records(tuple(sorted(kinds))), {"handoff": handoff_id}))


@cache
def _records(kinds: tuple[StepForm, ...]) -> Select[Record]:
    c = t.records.c
    query = select(Record).where(c.handoff_id == bindparam("handoff"), c.withdrawn_at.is_(None)).order_by(c.at, c.id)
    query = query.where(c.kind.in_(kinds)) if kinds else query
    return query.options(joinedload(Record.by))  # type: ignore[arg-type]


def record_of_item(session: Session, item_id: int) -> Record | None:
    """What was written last for that item."""
    c = t.records.c
    query = select(Record).where(c.item_id == item_id, c.withdrawn_at.is_(None)).order_by(c.at.desc(), c.id.desc())
    return session.scalars(query.limit(1).options(joinedload(Record.by))).first()  # type: ignore[arg-type]
