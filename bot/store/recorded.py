"""Reading and keeping what was written into the forms of steps."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.domain.records import Record
from bot.domain.vocabulary import StepForm
from bot.store import schema as t


def records_of(session: Session, handoff_id: int, kinds: Collection[StepForm] = ()) -> list[Record]:
    """The records of a handoff (of these kinds; all, if none are named), the oldest first, without withdrawn ones."""
    c = t.records.c
    query = select(Record).where(c.handoff_id == handoff_id, c.withdrawn_at.is_(None)).order_by(c.at, c.id)
    if kinds:
        query = query.where(c.kind.in_(list(kinds)))
    return list(session.scalars(query.options(joinedload(Record.by))))  # type: ignore[arg-type]


def record_of_item(session: Session, item_id: int) -> Record | None:
    """What was written last for that item."""
    c = t.records.c
    query = select(Record).where(c.item_id == item_id, c.withdrawn_at.is_(None)).order_by(c.at.desc(), c.id.desc())
    return session.scalars(query.limit(1).options(joinedload(Record.by))).first()  # type: ignore[arg-type]
