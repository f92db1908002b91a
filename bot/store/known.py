"""Accounts and handoffs as one reader may find them: what is quiet is found only by those who may know of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account, fold
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.store import looking
from bot.store import schema as t
from bot.store.among import among
from bot.store.visibility import READER_AT, known_to, of_reader, visible, visible_to_reader


def is_known(session: Session, reader: Person, account: Account) -> bool:
    """Whether this person may know of the account."""
    if not account.quiet:
        return True
    return session.scalar(select(t.accounts.c.id).where(t.accounts.c.id == account.id, known_to(reader))) is not None


def account_by_name(session: Session, reader: Person, name: str) -> Account | None:
    """The account with exactly that name, however it is written."""
    where = (t.accounts.c.workspace_id == reader.workspace_id, t.accounts.c.name_key == fold(name))
    return session.scalars(select(Account).where(*where, known_to(reader))).one_or_none()


def accounts_like(session: Session, reader: Person, typed: str, limit: int = 20) -> list[Account]:
    """Accounts whose name begins with what was typed, then those that contain it; all when nothing was typed."""
    key, name = fold(typed), t.accounts.c.name_key
    query = select(Account).where(t.accounts.c.workspace_id == reader.workspace_id, known_to(reader)).order_by(name)
    if not key:
        return list(session.scalars(query.limit(limit)))
    upper = key[:-1] + chr(min(ord(key[-1]) + 1, 0x10FFFF))
    found = list(session.scalars(query.where(name >= key, name < upper).limit(limit)))
    if len(found) < limit:
        inside = query.where(_holds(session, name, key), or_(name < key, name >= upper))
        found += session.scalars(inside.limit(limit - len(found)))
    return found


def _holds(session: Session, column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Whether a text holds another. Byte by byte on PostgreSQL, whose LIKE takes half as long again."""
    if session.get_bind().dialect.name == "postgresql":
        return func.strpos(column.collate("C"), part) > 0
    return column.contains(part, autoescape=True)


def open_handoff_of(session: Session, reader: Person, account_id: int) -> Handoff | None:
    """The handoff of the account that is under way, if there is one to know of."""
    h = t.handoffs.c
    where = (h.workspace_id == reader.workspace_id, h.account_id == account_id, h.state == HandoffState.OPEN)
    return session.scalars(select(Handoff).where(*where, visible(reader))).one_or_none()


def open_handoffs_of(session: Session, reader: Person, account_ids: Iterable[int]) -> list[Handoff]:
    """The handoffs of these accounts that are under way, as far as there is one to know of; bare, to look at."""
    values = {**of_reader(reader), "ids": list(account_ids)}
    return [looking.HANDOFF(row) for row in session.connection().execute(_under_way(), values)]


@cache
def _under_way() -> Select[Any]:
    h = t.handoffs.c
    where = (among(h.account_id, "ids"), h.workspace_id == READER_AT, h.state == HandoffState.OPEN)
    return select(t.handoffs).where(*where, visible_to_reader())


def latest_handoff_of(session: Session, reader: Person, account_id: int) -> Handoff | None:
    """The last handoff of the account that there is to know of."""
    h = t.handoffs.c
    where = (h.workspace_id == reader.workspace_id, h.account_id == account_id, visible(reader))
    return session.scalars(select(Handoff).where(*where).order_by(h.id.desc()).limit(1)).one_or_none()
