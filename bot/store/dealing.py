"""Finding deals, what was agreed about them, and what was done for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bot.domain.accounts import fold
from bot.domain.commission import Commission, Why
from bot.domain.deals import Deal, DealState, WorkEntry
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.store import schema as t
from bot.store.loading import people_by_id


def deals_of(session: Session, account_id: int, closed_since: date | None = None) -> list[Deal]:
    """The account's deals: open ones by their expected close, then those closed since that day, the latest first.

    Among those are all of which something is held back, however long ago: somebody has to decide about it.
    """
    c = t.deals.c
    mine = select(Deal).where(c.account_id == account_id)
    open_ones = mine.where(c.state == DealState.OPEN).order_by(c.expected_close.is_(None), c.expected_close, c.id)
    found = list(session.scalars(open_ones))
    if closed_since is not None:
        held = select(t.commissions.c.deal_id).where(t.commissions.c.held_minor > 0, t.commissions.c.why == Why.AGREED)
        closed = mine.where(c.state != DealState.OPEN, or_(c.closed_on >= closed_since, c.id.in_(held)))
        found += session.scalars(closed.order_by(c.closed_on.desc(), c.id.desc()))
    return found


def closed_of(session: Session, account_id: int, limit: int) -> list[Deal]:
    """The account's deals that were won or lost, the latest first."""
    c = t.deals.c
    query = select(Deal).where(c.account_id == account_id, c.state != DealState.OPEN)
    return list(session.scalars(query.order_by(c.closed_on.desc(), c.id.desc()).limit(limit)))


def deal(session: Session, workspace_id: int, account_id: int, deal_id: int) -> Deal:
    """One deal of that account. Raises NoSuchThing."""
    c = t.deals.c
    query = select(Deal).where(c.id == deal_id, c.workspace_id == workspace_id, c.account_id == account_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


def commissions_of(session: Session, deal_ids: Collection[int]) -> dict[int, Commission]:
    """What was agreed last about each of these deals, in whichever handoff."""
    c = t.commissions.c
    query = select(Commission).where(c.deal_id.in_(deal_ids)).order_by(c.id)
    return {one.deal_id: one for one in session.scalars(query)} if deal_ids else {}


def commission(session: Session, workspace_id: int, commission_id: int) -> Commission:
    """One agreement. Raises NoSuchThing."""
    c = t.commissions.c
    found = session.scalars(
        select(Commission).where(c.id == commission_id, c.workspace_id == workspace_id)
    ).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


def agreed_in(session: Session, handoff_id: int) -> list[tuple[Commission, Deal]]:
    """Everything that was agreed in a handoff, the oldest first."""
    return [(row[0], row[1]) for row in session.execute(_agreed(), {"handoff": handoff_id})]


@cache
def _agreed() -> Select[Commission, Deal]:
    c = t.commissions.c
    query = select(Commission, Deal).join(t.deals, t.deals.c.id == c.deal_id)
    return query.where(c.handoff_id == bindparam("handoff")).order_by(c.id)


def log_of(session: Session, deal_ids: Collection[int]) -> list[WorkEntry]:
    """The work log of these deals, the latest day first."""
    return list(session.scalars(_log(), {"ids": list(deal_ids)})) if deal_ids else []


@cache
def _log() -> Select[WorkEntry]:
    c = t.work_log.c
    mine = c.deal_id.in_(bindparam("ids", expanding=True))
    query = select(WorkEntry).where(mine).order_by(c.done_on.desc(), c.id.desc())
    return query.options(joinedload(WorkEntry.by))  # type: ignore[arg-type]


@dataclass(frozen=True)
class ExportRow:
    """One agreement with everything that finance needs."""

    account: str
    deal: Deal
    commission: Commission
    outgoing: Person
    incoming: Person
    entries: dict[int, int]
    """How many entries of the work log each person has, by their number."""


def for_finance(session: Session, workspace_id: int) -> list[ExportRow]:
    """Every agreement, by account, deal and number. Rehearsals are left out, and handoffs nobody is to know of."""
    c, d, a, h = t.commissions.c, t.deals.c, t.accounts.c, t.handoffs.c
    query = (
        select(a.name, Deal, Commission)
        .select_from(t.commissions)
        .join(t.deals, d.id == c.deal_id)
        .join(t.accounts, a.id == d.account_id)
        .join(t.handoffs, and_(h.id == c.handoff_id, h.quiet.is_(False), h.test_run.is_(False)))
        .where(c.workspace_id == workspace_id)
    )
    rows = [(row[0], row[1], row[2]) for row in session.execute(query)]
    people = people_by_id(session, [n for _, _, agreed in rows for n in (agreed.outgoing_id, agreed.incoming_id)])
    counted = _entries(session, workspace_id)
    found = [
        ExportRow(
            account, deal, agreed, people[agreed.outgoing_id], people[agreed.incoming_id],
            counted.get(deal.id, {}),
        )
        for account, deal, agreed in rows
    ]  # fmt: skip
    # sorted here, because databases sort letters in different ways
    return sorted(found, key=lambda row: (fold(row.account), row.deal.id, row.commission.id))


def _entries(session: Session, workspace_id: int) -> dict[int, dict[int, int]]:
    """How many entries of the work log each person has, by deal."""
    c = t.work_log.c
    query = select(c.deal_id, c.by_id, func.count()).where(c.workspace_id == workspace_id)
    found: dict[int, dict[int, int]] = {}
    for deal_id, by_id, number in session.execute(query.group_by(c.deal_id, c.by_id)):
        found.setdefault(deal_id, {})[by_id] = number
    return found
