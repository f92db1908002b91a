"""Accounts by who looks after them: what lists, alarms and suggestions ask of all lines at once."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, bindparam, exists, or_, select, text
from sqlalchemy.orm import Session

from bot.domain.accounts import Account, CoverageKind
from bot.domain.coverage import Stretch
from bot.domain.handoff import Acceptance, HandoffState
from bot.domain.people import Person
from bot.domain.suggesting import Held
from bot.domain.vocabulary import Tier
from bot.store import looking
from bot.store import schema as t
from bot.store.among import among
from bot.store.lines import known_lines
from bot.store.visibility import (
    READER,
    READER_AT,
    hidden_from_reader,
    known_to_reader,
    of_reader,
    visible,
    visible_to_reader,
)

_c, _a = t.coverage.c, t.accounts.c
NOT_OWNED = text("coverage.kind <> 'owner'")
"""In these words the index of what is covered or vacant has it."""


def unowned(session: Session, reader: Person, today: date, limit: int) -> list[Account]:
    """Accounts that are vacant or covered today or will be, or that are handed over to nobody so far; by tier and name.

    Of those the reader may know of; to look at.
    """
    found = _accounts(session, reader, _ids(session, reader, _unowned(), today), limit)
    return sorted(found, key=lambda one: one.tier.rank)


def mine(session: Session, reader: Person, today: date, limit: int) -> list[Account]:
    """The accounts that the reader owns, covers or offers to cover, from today on; to look at."""
    if not reader.id:
        return []
    ids = _ids(session, reader, _mine(), today) | _taken_quietly(session, reader, today)
    return _accounts(session, reader, ids, limit)


def _ids(session: Session, reader: Person, query: Select[Any] | CompoundSelect[Any], today: date) -> set[int]:
    return set(session.connection().execute(query, {**of_reader(reader), "today": today}).scalars())


def _accounts(session: Session, reader: Person, ids: set[int], limit: int) -> list[Account]:
    """The first of these by name, of those that the reader may know of.

    Not in one statement with what finds the ids: for more than a few PostgreSQL then reads all accounts.
    """
    values = {**of_reader(reader), "ids": sorted(ids), "limit": limit}
    return [looking.ACCOUNT(row) for row in session.connection().execute(_first(), values)] if ids else []


# Built once: building a statement costs more than running it.
@cache
def _unowned() -> CompoundSelect[Any]:
    h = t.handoffs.c
    some = select(_c.account_id).where(_c.workspace_id == READER_AT, NOT_OWNED, _ahead())
    real = (h.workspace_id == READER_AT, h.state == HandoffState.OPEN, h.test_run.is_(False))
    to_nobody = (*real, h.incoming_id.is_(None), h.acceptance != Acceptance.ACCEPTED)
    handed = select(h.account_id).where(*to_nobody, visible_to_reader())
    return some.where(visible_to_reader(_c.handoff_id)).union(handed)


@cache
def _mine() -> Select[Any]:
    return select(_c.account_id).where(_c.person_id == READER, visible_to_reader(_c.handoff_id), _ahead())


@cache
def _first() -> Select[Any]:
    query = select(t.accounts).where(among(_a.id, "ids"), known_to_reader())
    return query.order_by(_a.name_key).limit(bindparam("limit"))


def _ahead() -> ColumnElement[bool]:
    return or_(_c.until_on.is_(None), _c.until_on > bindparam("today"))


def without_anybody(session: Session, workspace_id: int, today: date) -> list[Account]:
    """Strategic and key accounts, and accounts with a deal in flight, that nobody owns or covers today."""
    return list(session.scalars(_without_anybody(), {"workspace": workspace_id, "today": today}))


def covered_without_a_handoff(session: Session, workspace_id: int, today: date, until: date) -> list[Account]:
    """Accounts that are in no open handoff, and whose cover of today ends by that day."""
    values = {"workspace": workspace_id, "today": today, "until": until}
    return list(session.scalars(_covered_without_a_handoff(), values))


def held(session: Session, reader: Person, today: date) -> list[Held]:
    """What everybody owns or covers today, or will, as far as the reader may know."""
    ahead = or_(_c.until_on.is_(None), _c.until_on > today)
    columns = (_c.person_id, _a.tier, _a.territory, _a.region)
    known = (_c.workspace_id == reader.workspace_id, visible(reader, _c.handoff_id))
    query = select(*columns).join(t.accounts, _a.id == _c.account_id).where(*known, ahead)
    return [Held(*row) for row in session.execute(query.where(_c.person_id.is_not(None)))]


def leaving(session: Session, reader: Person) -> set[int]:
    """Who hands accounts over and has a last day, as far as the reader may know."""
    h = t.handoffs.c
    real = (h.workspace_id == reader.workspace_id, h.state == HandoffState.OPEN, h.test_run.is_(False))
    where = (*real, h.last_day.is_not(None), visible(reader))
    return set(session.scalars(select(h.outgoing_id).where(*where, h.outgoing_id.is_not(None))))


def _taken_quietly(session: Session, reader: Person, today: date) -> set[int]:
    """Accounts that the reader has on, as far as they may know: somebody else is named quietly for later."""
    ids = session.scalars(_named_quietly(), {**of_reader(reader), "today": today}).all()
    known = known_lines(session, reader, ids)
    return {number for number, line in known.items() if any(_theirs(one, reader, today) for one in line)}


@cache
def _named_quietly() -> Select[Any]:
    """Begins with the handoffs that are hidden, which are few: PostgreSQL would read all coverage for the others."""
    hidden, which = hidden_from_reader()
    own = t.coverage.alias("own")
    put = and_(_c.account_id == hidden.c.account_id, _c.handoff_id == hidden.c.id, _ahead())
    has = own.c.account_id == hidden.c.account_id
    query = select(_c.account_id).select_from(hidden).join(t.coverage, put).join(own, has)
    return query.where(which, own.c.person_id == READER).distinct()


def _theirs(one: Stretch, reader: Person, today: date) -> bool:
    return one.person_id == reader.id and (one.until_on is None or one.until_on > today)


# The alarms ask these several times a day for each day on earth: building a statement costs more than running it.
@cache
def _without_anybody() -> Select[Account]:
    d = t.deals.c
    in_flight = exists().where(d.account_id == _a.id, d.state == "open")
    nobody = or_(_c.kind == CoverageKind.VACANT, _c.confirmed.is_(False))
    return (
        select(Account)
        .join(t.coverage, and_(_c.account_id == _a.id, NOT_OWNED))
        .where(_c.workspace_id == bindparam("workspace"), _today(), nobody)
        .where(or_(_a.tier.in_([Tier.STRATEGIC, Tier.KEY]), in_flight))
        .order_by(_c.from_on, _a.id)
    )


@cache
def _covered_without_a_handoff() -> Select[Account]:
    h = t.handoffs.c
    running = exists().where(h.account_id == _a.id, h.state == HandoffState.OPEN, h.test_run.is_(False))
    return (
        select(Account)
        .join(t.coverage, and_(_c.account_id == _a.id, NOT_OWNED))
        .where(_c.workspace_id == bindparam("workspace"), _today(), _c.kind == CoverageKind.COVER)
        .where(_c.until_on <= bindparam("until"), ~running)
        .order_by(_c.until_on, _a.id)
    )


def _today() -> ColumnElement[bool]:
    today: Any = bindparam("today")
    return and_(_c.from_on <= today, or_(_c.until_on.is_(None), _c.until_on > today))
