"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from bot.store import schema as t
from bot.store.queues import audit

OF_ACCOUNTS = ("account", "coverage", "rep")
"""Nouns of verbs whose subject is an account, when they stand in no handoff."""

CLOSED, CORRECTED, REOPENED = "deal.closed", "deal.corrected", "deal.reopened"
"""What becomes of a deal in the end."""


def entries(
    session: Session,
    handoff_ids: Sequence[int],
    limit: int | None = None,
    before: int | None = None,
    account_id: int | None = None,
) -> list[Row[Any]]:
    """Changes of these handoffs, the newest first; `before` (the number of one) goes on from there.

    With `account_id`, also what was changed of that account while it had no handoff that everybody may know of.
    """
    c = audit.c
    where: ColumnElement[bool] = c.handoff_id.in_(handoff_ids)
    if account_id is not None:
        where = or_(where, and_(c.handoff_id.is_(None), _of_account(account_id)))
    query = select(audit).where(where).order_by(c.id.desc())
    if before is not None:
        query = query.where(c.id < before)
    return list(session.execute(query.limit(limit) if limit is not None else query).all())


def _of_account(account_id: int) -> ColumnElement[bool]:
    """Changes whose subject is the account itself, a deal or a special relationship of it."""
    c, d, s = audit.c, t.deals.c, t.special_relationships.c
    itself = or_(*(c.verb.startswith(f"{noun}.") for noun in OF_ACCOUNTS))
    specials = select(s.id).where(s.account_id == account_id)
    deals = select(d.id).where(d.account_id == account_id)
    return or_(
        and_(itself, c.subject_id == account_id),
        and_(c.verb.startswith("special."), c.subject_id.in_(specials)),
        and_(c.verb.startswith("deal."), c.subject_id.in_(deals)),
    )


def closings_of(session: Session, account_id: int, deal_id: int) -> list[Row[Any]]:
    """When a deal of the account was closed, corrected or reopened, the latest first; nothing for one that came so."""
    c, h = audit.c, t.handoffs.c
    told = or_(c.handoff_id.is_(None), c.handoff_id.in_(select(h.id).where(h.account_id == account_id)))
    query = select(audit).where(told, c.subject_id == deal_id, c.verb.in_((CLOSED, CORRECTED, REOPENED)))
    return list(session.execute(query.order_by(c.id.desc())).all())


def titles(session: Session, rows: Iterable[Row[Any]]) -> dict[tuple[str, int], str]:
    """What the changes are about, by noun and number: the step's title, the function asked, the deal's name …"""
    wanted: dict[str, set[int]] = {}
    handoff_ids = set[int]()
    for row in rows:
        handoff_ids |= {row.handoff_id} if row.handoff_id is not None else set()
        wanted.setdefault(row.verb.partition(".")[0], set()).add(row.subject_id)
    named = {
        "item": t.checklist_items.c.title,
        "answer": t.feedback_requests.c.function,
        "gate": t.stages.c.title,
        "deal": t.deals.c.name,
    }
    found: dict[tuple[str, int], str] = {}
    for noun, column in named.items():
        numbers = wanted.get(noun)
        if numbers:
            ids = column.table.c.id
            found.update(
                ((noun, row[0]), row[1]) for row in session.execute(select(ids, column).where(ids.in_(numbers)))
            )
    missing = wanted.get("item", set()) - {number for noun, number in found if noun == "item"}
    return found | {("item", number): title for number, title in removed(session, handoff_ids, missing).items()}


def removed(session: Session, handoff_ids: Collection[int], item_ids: Collection[int]) -> dict[int, str]:
    """What the steps with these numbers were called that are not there any more, by number."""
    c = audit.c
    if not item_ids:
        return {}
    gone = (c.handoff_id.in_(handoff_ids), c.verb == "item.removed", c.subject_id.in_(item_ids))
    return {row.subject_id: row.before["title"] for row in session.execute(select(c.subject_id, c.before).where(*gone))}


def handoffs_of(session: Session, account_id: int, where: Any) -> list[int]:
    """The numbers of an account's handoffs for which `where` holds, the newest first."""
    h = t.handoffs.c
    return list(session.scalars(select(h.id).where(h.account_id == account_id, where).order_by(h.id.desc())))


def public_of(session: Session, account_id: int) -> int | None:
    """The number of an account's latest handoff of which everybody may know.

    What is changed outside a handoff stands in the history of that one; None: nothing has a history yet.
    """
    h = t.handoffs.c
    public = select(h.id).where(h.account_id == account_id, h.quiet.is_(False), h.test_run.is_(False))
    return session.scalar(public.order_by(h.id.desc()).limit(1))
