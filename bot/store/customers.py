"""Reading the customer's side: how often the account moved, what the workspace is called."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Coverage
from bot.domain.people import Person
from bot.domain.records import Record
from bot.domain.vocabulary import StepForm
from bot.store import schema as t
from bot.store.recorded import records_of
from bot.store.visibility import visible


def line_of(session: Session, account_id: int) -> list[Coverage]:
    """Who looked after the account, one after the other; what test runs brought is left out."""
    return list(session.scalars(_line(), {"account": account_id}))


def handed_over_by(session: Session, account_id: int) -> dict[int, int | None]:
    """Whose account it was to be, by handoff: the outgoing rep, or None for one who had left before."""
    return {row.id: row.outgoing_id for row in session.execute(_handed_over(), {"account": account_id})}


@cache
def _line() -> Select[Coverage]:
    c, h = t.coverage.c, t.handoffs.c
    return (
        select(Coverage)
        .join(t.handoffs, h.id == c.handoff_id, isouter=True)
        .where(c.account_id == bindparam("account"), or_(h.id.is_(None), h.test_run.is_(False)))
        .order_by(c.from_on, c.id)
    )


@cache
def _handed_over() -> Select[Any]:
    h = t.handoffs.c
    return select(h.id, h.outgoing_id).where(h.account_id == bindparam("account"))


def company_of(session: Session, workspace_id: int) -> str:
    """What the workspace is called in Slack: in a mail, the name of the company."""
    return session.scalar(select(t.workspaces.c.name).where(t.workspaces.c.id == workspace_id)) or ""


def declined_at(session: Session, reader: Person, account_id: int) -> set[int]:
    """The numbers of those whom the customer has declined in any handoff of the account that the reader may know of."""
    h, r = t.handoffs.c, t.records.c
    query = (
        select(Record)
        .join(t.handoffs, h.id == r.handoff_id)
        .where(h.account_id == account_id, h.test_run.is_(False), visible(reader))
        .where(r.kind == StepForm.DECLINED, r.withdrawn_at.is_(None))
    )
    return {one.body["person_id"] for one in session.scalars(query) if "person_id" in one.body}


def declined_of(session: Session, handoff_id: int) -> list[Record]:
    """What was written down each time the customer asked for another rep."""
    return [one for one in records_of(session, handoff_id, (StepForm.DECLINED,)) if "person_id" in one.body]
