"""Accounts' lines of time in the database: read under a lock, and written so that they are whole at every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.coverage import Line, Stretch, as_known, is_whole
from bot.domain.people import Person
from bot.store import schema as t
from bot.store.among import by_ids
from bot.store.visibility import hidden_among

_c = t.coverage.c
KEPT = ("person_id", "kind", "from_on", "until_on", "handoff_id", "by_id", "confirmed")
READ = (*KEPT, "id")


def line_of(session: Session, account_id: int, *, lock: bool = False) -> Line:
    """The whole line of an account, from its beginning; empty while nothing is known.

    `lock`: two changes of one line wait for each other (lock the account's handoff first, if there is one).
    """
    if lock:
        session.execute(_lock(), {"account": account_id})
    return lines_of(session, [account_id]).get(account_id, ())


def lines_of(session: Session, account_ids: Iterable[int]) -> dict[int, Line]:
    """The same of several accounts; those without any are left out."""
    ids = list(account_ids)
    several = len(ids) > 1
    rows = session.execute(_lines(several), {"ids": ids if several else ids[0]}) if ids else ()
    found: dict[int, list[Stretch]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Stretch(**dict(zip(READ, row[1:], strict=True))))
    return {account_id: tuple(stretches) for account_id, stretches in found.items()}


def known_line(session: Session, reader: Person, account_id: int) -> Line:
    """An account's line as this person may know it: as if a quiet handoff of others had put nothing there."""
    return known_lines(session, reader, [account_id]).get(account_id, ())


def known_lines(session: Session, reader: Person, account_ids: Iterable[int]) -> dict[int, Line]:
    """The same of several accounts."""
    found = lines_of(session, account_ids)
    hidden = hidden_among(session, _handoffs(found), reader)
    known = {number: as_known(line, hidden) for number, line in found.items()} if hidden else found
    return {number: line for number, line in known.items() if line}


def public_line(session: Session, account_id: int) -> Line:
    """An account's line as everybody knows it."""
    found = lines_of(session, [account_id])
    return as_known(found.get(account_id, ()), hidden_among(session, _handoffs(found)))


def _handoffs(found: Mapping[int, Line]) -> set[int]:
    return {one.handoff_id for line in found.values() for one in line if one.handoff_id is not None}


def write(session: Session, workspace_id: int, account_id: int, before: Line, after: Line) -> None:
    """Turn the one line into the other, from the end: SQLite looks after each statement whether it is a line."""
    assert is_whole(after), after
    common = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
    same = min(len(before), len(after)) if common is None else common
    old, new = before[same:], after[same:]
    stays = bool(old and new and old[0].id == new[0].id)
    for one in reversed(old[1:] if stays else old):
        session.execute(delete(t.coverage).where(_c.id == one.id))
    if stays:
        session.execute(update(t.coverage).where(_c.id == old[0].id).values(_values(new[0])))
    for one in new[1:] if stays else new:
        of = {"workspace_id": workspace_id, "account_id": account_id}
        session.execute(insert(t.coverage).values(**of, **_values(one)))


def accounts_of(session: Session, person_id: int, today: date) -> list[int]:
    """The accounts that a person owns or covers today or will, by their plan."""
    mine = (_c.person_id == person_id, or_(_c.until_on.is_(None), _c.until_on > today))
    return list(session.scalars(select(_c.account_id).where(*mine).distinct()))


@cache
def _lock() -> Select[Any]:
    mine = t.accounts.c.id == bindparam("account")
    return select(t.accounts.c.id).where(mine).with_for_update(key_share=True)


@cache
def _lines(several: bool) -> Select[Any]:
    mine = by_ids(_c.account_id, several)
    return select(_c.account_id, *(_c[name] for name in READ)).where(mine).order_by(_c.account_id, _c.from_on)


def _values(one: Stretch) -> dict[str, Any]:
    return {name: getattr(one, name) for name in KEPT}
