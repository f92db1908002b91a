"""Key dates, expected orders and expiries that may be raised around a day, found without reading all there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Row, Select, bindparam, extract, or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.dossier import Agreement, KeyDate
from bot.domain.occasions import FAREST, REACH, upcoming
from bot.domain.refusals import NoSuchThing
from bot.store import schema as t
from bot.store.dossier import agreements, key_dates

Kind = TypeVar("Kind", KeyDate, Agreement)
SOON = timedelta(days=31)
"""So far ahead most key dates are announced at most."""
_k, _g, _a = key_dates.c, agreements.c, t.accounts.c


def key_dates_around(session: Session, workspace_id: int, today: date) -> list[KeyDate]:
    """Those of which somebody is to be reminded by now, and that nobody has seen (the domain looks again)."""
    # a yearly one may be of any year: its month says enough to leave most of them
    months = sorted({(today + timedelta(days=number)).month for number in (0, 15, SOON.days)})
    once, yearly = _once_and_yearly()
    mine = {"workspace": workspace_id, "today": today}
    found = [*session.execute(once, {**mine, "farest": today + FAREST})]
    found += session.execute(yearly, {**mine, "months": months})
    near = [row.id for row in found if upcoming(row, today) is not None]
    return list(session.scalars(_key_dates(), {"ids": near})) if near else []


def orders_around(session: Session, workspace_id: int, today: date) -> Sequence[Row[Any, Any]]:
    """Accounts whose next order is expected about now: number and day."""
    return session.execute(_orders(), _around(workspace_id, today)).all()


def agreements_around(session: Session, workspace_id: int, today: date) -> list[Agreement]:
    """Agreements that expire or expired about now, and whose expiry nobody has dealt with."""
    return list(session.scalars(_expiries(), _around(workspace_id, today)))


def accounts_by_id(session: Session, numbers: Collection[int]) -> dict[int, Account]:
    """The accounts with these numbers."""
    return {one.id: one for one in session.scalars(_accounts(), {"ids": list(numbers)})} if numbers else {}


def key_date(session: Session, workspace_id: int, number: int) -> KeyDate:
    """One for a change. Raises NoSuchThing."""
    where = (_k.id == number, _k.workspace_id == workspace_id, _k.removed_at.is_(None))
    return _found(session.scalars(select(KeyDate).where(*where).with_for_update()).one_or_none())


def agreement(session: Session, workspace_id: int, number: int) -> Agreement:
    """One for a change. Raises NoSuchThing."""
    where = (_g.id == number, _g.workspace_id == workspace_id, _g.removed_at.is_(None))
    return _found(session.scalars(select(Agreement).where(*where).with_for_update()).one_or_none())


def lock(session: Session, account: Account) -> None:
    """Two people's changes of an account come one after the other."""
    session.execute(select(_a.id).where(_a.id == account.id).with_for_update(key_share=True))
    session.refresh(account)


def expect(session: Session, account: Account, today: date, every: int | None) -> None:
    """The next order comes so many days after today; None: nobody knows."""
    account.next_order_on = today + timedelta(days=every) if every is not None else None
    account.order_every_days = every
    account.version += 1


def _around(workspace_id: int, today: date) -> dict[str, Any]:
    return {"workspace": workspace_id, "first": today - REACH, "last": today + REACH}


# Several of these are asked for each day on earth, several times a day: building one costs more than running it.
@cache
def _once_and_yearly() -> tuple[Select[Any], Select[Any]]:
    lasting = (_k.workspace_id == bindparam("workspace"), _k.removed_at.is_(None))
    today: Any = bindparam("today")
    numbers = (_k.id, _k.day, _k.yearly, _k.ahead_days, _k.seen_on)
    once = select(*numbers).where(*lasting, _k.day.between(today, bindparam("farest")))
    soon = or_(extract("month", _k.day).in_(bindparam("months", expanding=True)), _k.ahead_days > SOON.days)
    return once, select(*numbers).where(*lasting, _k.yearly, _k.day < today, soon)


@cache
def _key_dates() -> Select[KeyDate]:
    return select(KeyDate).where(_k.id.in_(bindparam("ids", expanding=True))).order_by(_k.id)


@cache
def _orders() -> Select[Any]:
    near = _a.next_order_on.between(bindparam("first"), bindparam("last"))
    return select(_a.id, _a.next_order_on).where(_a.workspace_id == bindparam("workspace"), near)


@cache
def _expiries() -> Select[Agreement]:
    lasting = (_g.workspace_id == bindparam("workspace"), _g.removed_at.is_(None))
    near = _g.expires_on.between(bindparam("first"), bindparam("last"))
    unseen = or_(_g.seen_on.is_(None), _g.seen_on != _g.expires_on)
    return select(Agreement).where(*lasting, near, unseen).order_by(_g.id)


@cache
def _accounts() -> Select[Account]:
    return select(Account).where(_a.id.in_(bindparam("ids", expanding=True)))


def _found(one: Kind | None) -> Kind:
    if one is None:
        raise NoSuchThing()
    return one
