"""What the schedule knows about one obligation or one person: what was put off, what was sent, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from bot.domain.routing import SNOOZE
from bot.store.among import among
from bot.store.queues import NudgeState, nudges
from bot.store.schedule import Obligation, become

Rung = tuple[str, int, str]
"""What identifies a rung, also when it comes back: kind and number of the obligation, and its slot without snoozes."""


def rung_in(row: Row[Any]) -> Rung:
    """The rung that a row of the schedule is, or comes back as."""
    return (row.obligation, row.subject_id, "/".join(row.slot.split("/")[:2]))


def put_off_until(session: Session, rows: Iterable[Row[Any]], now: datetime) -> Mapping[Rung, datetime]:
    """When the rungs in `rows` (all of one recipient) come back, of those that were put off beyond `now`."""
    known = list(rows)
    if not known:
        return {}
    of = {"handoffs": list({row.handoff_id for row in known}), "people": list({row.person_id for row in known})}
    return {rung_in(row): row.due_at for row in session.connection().execute(_put_off(), {**of, "now": now})}


@cache
def _put_off() -> Select[Any]:
    c = nudges.c
    of = (among(c.handoff_id, "handoffs"), among(c.person_id, "people"))
    waits = (c.state == NudgeState.PLANNED, c.due_at > bindparam("now", type_=c.due_at.type))
    query = select(c.obligation, c.subject_id, c.slot, c.due_at).where(*of, *waits, c.slot.like(f"%/{SNOOZE}:%"))
    return query.order_by(c.id)


def about(session: Session, obligation: Obligation) -> Sequence[Row[Any]]:
    """Every row of the schedule about one obligation, in the order in which they were planned for."""
    where = (nudges.c.obligation == obligation.kind, nudges.c.subject_id == obligation.subject_id)
    return session.execute(select(nudges).where(*where).order_by(nudges.c.due_at, nudges.c.id)).all()


def about_all(session: Session, obligations: Iterable[Obligation]) -> Sequence[Row[Any]]:
    """Every row about these, as `about`."""
    of: dict[str, set[int]] = {}
    for one in obligations:
        of.setdefault(one.kind, set()).add(one.subject_id)
    where = [and_(nudges.c.obligation == kind, nudges.c.subject_id.in_(ids)) for kind, ids in of.items()]
    if not where:
        return []
    return session.execute(select(nudges).where(or_(*where)).order_by(nudges.c.due_at, nudges.c.id)).all()


def told(session: Session, nudge_ids: Sequence[int], now: datetime, *, posted: bool) -> None:
    """Slack shows these. `posted`: it did before, and what was queued a second time needs no second message.

    What was met while Slack took the first message has been said all the same: that rung never comes again.
    """
    for so_far in (NudgeState.QUEUED,) if posted else (NudgeState.QUEUED, NudgeState.MET):
        become(session, nudge_ids, so_far, {"state": NudgeState.SENT, "sent_at": now})
