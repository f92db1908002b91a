"""What hangs on one rep: their accounts, how many contacts are known of each, deals that nobody else knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account, CoverageKind
from bot.domain.deals import Deal, DealState
from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.store import schema as t
from bot.store.visibility import known_to, visible


def accounts_of(session: Session, reader: Person, person_id: int, today: date) -> list[Account]:
    """What a rep owns, or hands over, as far as the reader may know; by tier and name."""
    c, h, a = t.coverage.c, t.handoffs.c, t.accounts.c
    lasts = or_(c.until_on.is_(None), c.until_on > today)
    owned = select(c.account_id).where(
        c.person_id == person_id, c.kind == CoverageKind.OWNER, c.from_on <= today, lasts
    )
    handed = select(h.account_id).where(h.outgoing_id == person_id, h.state == HandoffState.OPEN, visible(reader))
    mine = (a.workspace_id == reader.workspace_id, or_(a.id.in_(owned), a.id.in_(handed)), known_to(reader))
    found = session.scalars(select(Account).where(*mine).order_by(a.name_key)).all()
    return sorted(found, key=lambda one: one.tier.rank)


def contacts_of(session: Session, account_ids: Collection[int]) -> dict[int, int]:
    """How many contacts are known, by account; those without any are not in it."""
    c = t.contacts.c
    query = select(c.account_id, func.count()).where(c.account_id.in_(account_ids), c.removed_at.is_(None))
    return {row[0]: row[1] for row in session.execute(query.group_by(c.account_id))}


def deals_alone(session: Session, account_ids: Collection[int]) -> list[Deal]:
    """Open deals of these accounts for which no second person is named."""
    c = t.deals.c
    where = (c.account_id.in_(account_ids), c.state == DealState.OPEN, c.second_id.is_(None))
    return list(session.scalars(select(Deal).where(*where).order_by(c.expected_close, c.id)))


def under_way(session: Session, reader: Person, account_ids: Collection[int]) -> set[int]:
    """Those of these accounts with an open handoff that the reader may know of."""
    h = t.handoffs.c
    where = (h.account_id.in_(account_ids), h.state == HandoffState.OPEN, visible(reader))
    return set(session.scalars(select(h.account_id).where(*where)))


def watched_ids(session: Session, workspace_id: int) -> set[int]:
    """Everybody who is watched now."""
    w = t.watched.c
    return set(session.scalars(select(w.person_id).where(w.workspace_id == workspace_id, w.state == "open")))
