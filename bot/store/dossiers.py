"""Reading what is known about an account; what was removed is left out unless it is asked for by number."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.customer import Contact
from bot.domain.dossier import TOUCHES, Agreement, KeyDate, RegularOrder
from bot.domain.facts import Dossier
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.store import dealing, dossier
from bot.store import schema as t
from bot.store.visibility import hidden_among, visible

Thing = TypeVar("Thing", Contact, Agreement, KeyDate, RegularOrder)


def contacts_of(session: Session, account_id: int) -> list[Contact]:
    """In the order in which they were entered."""
    return things_of(session, Contact, account_id)


def things_of(session: Session, kind: type[Thing], account_id: int) -> list[Thing]:
    """An account's contacts, agreements, key dates or regular orders, in the order in which they were entered."""
    c = _columns(kind)
    return list(session.scalars(select(kind).where(c.account_id == account_id, c.removed_at.is_(None)).order_by(c.id)))


def thing(
    session: Session, kind: type[Thing], account: Account, number: int, *, removed: bool = False, lock: bool = False
) -> Thing:
    """One of them, which still stands, or with `removed` one that was taken away. Raises NoSuchThing."""
    c = _columns(kind)
    gone = c.removed_at.is_not(None) if removed else c.removed_at.is_(None)
    query = select(kind).where(c.id == number, c.workspace_id == account.workspace_id, c.account_id == account.id, gone)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


def dossier_of(session: Session, account: Account, reader: Person | None = None) -> Dossier:
    """All of it that facts are read from; of its history what `reader` may know, without one what everybody may."""
    return Dossier(
        account=account,
        contacts=contacts_of(session, account.id),
        deals=dealing.deals_of(session, account.id),
        agreements=things_of(session, Agreement, account.id),
        key_dates=things_of(session, KeyDate, account.id),
        orders=things_of(session, RegularOrder, account.id),
        entry_on=_latest(session, account, reader),
        touch_on=_latest(session, account, reader, dossier.entries.c.kind.in_(TOUCHES)),
    )


def _latest(session: Session, account: Account, reader: Person | None, *where: Any) -> date | None:
    e = dossier.entries.c
    mine = (e.account_id == account.id, e.removed_at.is_(None), *where)
    if reader is not None:
        found: date | None = session.scalar(select(func.max(e.happened_on)).where(*mine, visible(reader, e.handoff_id)))
        return found
    days = session.execute(select(e.handoff_id, func.max(e.happened_on)).where(*mine).group_by(e.handoff_id)).all()
    hidden = hidden_among(session, [row[0] for row in days if row[0] is not None])
    return max((row[1] for row in days if row[0] not in hidden), default=None)


def _columns(kind: type[Any]) -> Any:
    tables = {
        Contact: t.contacts,
        Agreement: dossier.agreements,
        KeyDate: dossier.key_dates,
        RegularOrder: dossier.regular_orders,
    }
    return tables[kind].c
