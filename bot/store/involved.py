"""In which open handoffs somebody has a part: by a role, an open step or an open question."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, true
from sqlalchemy.orm import Session

from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.domain.vocabulary import Role
from bot.store import schema as t
from bot.store.visibility import READER, READER_AT, involves_reader, of_reader, visible_to_reader


def involving(session: Session, person: Person, limit: int = 50, *, seen: bool = False) -> list[int]:
    """The soonest last day first of those with a role, then the others; `limit` of either.

    `seen`: only those that they may know of and were brought into, to be shown to them.
    """
    if not person.id:
        return []  # somebody new; an empty role is not theirs
    values = {**of_reader(person), "limit": limit}
    rows = [row for query in (_held(seen), _asked_of(seen)) for row in session.execute(query, values)]
    return list(dict.fromkeys(number for number, known in rows if known))


@cache
def _held(seen: bool) -> Select[Any]:
    h = t.handoffs.c
    mine = involves_reader() if seen else or_(*(t.handoffs.c[f"{role.value}_id"] == READER for role in Role))
    where = (mine, h.state == HandoffState.OPEN, h.workspace_id == READER_AT)
    return _some(seen).where(*where).order_by(h.last_day, h.id)


@cache
def _asked_of(seen: bool) -> Select[Any]:
    i, r, h = t.checklist_items.c, t.feedback_requests.c, t.handoffs.c
    assigned = select(i.handoff_id).where(i.owner_id == READER, i.state == ItemState.OPEN)
    asked = select(r.handoff_id).where(r.asked_id == READER, r.state == RequestState.OPEN)
    return _some(seen).where(h.state == HandoffState.OPEN, or_(h.id.in_(assigned), h.id.in_(asked)))


def _some(seen: bool) -> Select[Any]:
    return select(t.handoffs.c.id, visible_to_reader() if seen else true()).limit(bindparam("limit"))
