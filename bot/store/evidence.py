"""Which facts are known about the accounts of handoffs, read with one statement, however many there are.

The rule is the domain's (`bot/domain/facts.py`); a test holds this reading and the whole dossier's together.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Exists, Row, Select, Table, and_, exists, or_, select
from sqlalchemy.orm import Session

from bot.domain.customer import ContactRole
from bot.domain.deals import DealState
from bot.domain.facts import Evidence
from bot.store import dossier
from bot.store import schema as t
from bot.store.among import among


def evidence_in(session: Session, handoff_ids: Collection[int]) -> dict[int, Evidence]:
    """By handoff, what is known about its account; of the account's history what everybody in that handoff may know."""
    if not handoff_ids:
        return {}
    rows = session.connection().execute(_evidence(), {"ids": list(handoff_ids)})
    return {row.handoff_id: _read(row) for row in rows}


def _read(row: Row[Any]) -> Evidence:
    said: dict[str, Any] = {name: bool(value) for name, value in row._mapping.items() if name not in _NO_FLAGS}
    return Evidence(**said, none_of=frozenset(row.none_of or ()), entry_on=row.entry_on)


_NO_FLAGS = ("handoff_id", "none_of", "entry_on")


# Built once: building a statement costs more than running it.
@cache
def _evidence() -> Select[Any]:
    h, a, c, d = t.handoffs.c, t.accounts.c, t.contacts.c, t.deals.c
    undated = or_(d.stage == "", d.amount_minor.is_(None), d.expected_close.is_(None))
    wanted = among(h.id, "ids")
    return (
        select(
            h.id.label("handoff_id"),
            _any(t.contacts).label("contact"),
            _any(t.contacts, c.role == ContactRole.DECISION_MAKER).label("decision_maker"),
            _any(t.contacts, or_(c.mail != "", c.phone != "")).label("reachable"),
            (a.needs != "").label("needs"),
            _any_deal().label("deals"),
            _any_deal(undated).label("undated"),
            _any_deal(d.source == "").label("unsourced"),
            _any(dossier.agreements).label("agreements"),
            _any(dossier.key_dates).label("key_dates"),
            _any(dossier.regular_orders).label("orders"),
            a.next_order_on.is_not(None).label("next_order"),
            (a.crm_link != "").label("crm_link"),
            a.access.is_not(None).label("access"),
            (a.org_chart != "").label("org_chart"),
            a.none_of.label("none_of"),
            _latest_entry().label("entry_on"),
        )
        .join(t.accounts, a.id == h.account_id)
        .where(wanted)
    )


def _any(table: Table, *where: ColumnElement[bool]) -> Exists:
    there = table.c.account_id == t.handoffs.c.account_id
    return exists().where(there, table.c.removed_at.is_(None), *where).correlate(t.handoffs)


def _any_deal(*where: ColumnElement[bool]) -> Exists:
    d = t.deals.c
    mine = (d.account_id == t.handoffs.c.account_id, d.state == DealState.OPEN)
    return exists().where(*mine, *where).correlate(t.handoffs)


def _latest_entry() -> Any:
    """The day of the latest line; what was said in another handoff that is quiet is left out."""
    e, other = dossier.entries.c, t.handoffs.alias("other")
    told = or_(e.handoff_id.is_(None), e.handoff_id == t.handoffs.c.id, other.c.quiet.is_(False))
    mine = and_(e.account_id == t.handoffs.c.account_id, e.removed_at.is_(None), told)
    query = select(e.happened_on).join(other, other.c.id == e.handoff_id, isouter=True).where(mine)
    return query.order_by(e.happened_on.desc()).limit(1).correlate(t.handoffs).scalar_subquery()
