"""Which handoffs and accounts a person may know of: a condition for every query whose answer somebody reads.

The rule is the domain's (`bot/domain/quiet.py`); a test holds the two together. So is which of them are theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, not_, or_, select, text, true
from sqlalchemy.orm import Session

from bot.domain.handoff import Acceptance
from bot.domain.people import Person
from bot.domain.quiet import CONFIDED
from bot.domain.vocabulary import Reason, Role
from bot.store import schema as t
from bot.store.among import among
from bot.store.types import Id

AT_ONCE = 32
"""People who look at once, more or less."""
READER, READER_AT = bindparam("reader", type_=Id), bindparam("reader_at", type_=Id)
"""In statements that are built once: who reads, and where; `of_reader` gives both."""

_THEIRS, _HIDDEN = t.handoffs.alias("theirs"), t.handoffs.alias("hidden")
"""Once for all statements: each alias is as large as its table, and statements are kept."""


def visible(person: Person, handoff_id: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Handoffs that this person may know of; `handoff_id` is the column with their ids, if not that of `handoffs`.

    Most are not quiet: those that are hidden are few, found by an index of their own, and left out.
    """
    return _outside(_hidden_from(person.workspace_id, person.id), handoff_id)


def visible_to_reader(handoff_id: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """The same in a statement that is built once, and run with `of_reader(person)`."""
    return _outside(_hidden(READER_AT, READER), handoff_id)


def of_reader(person: Person) -> dict[str, int]:
    """The parameters of statements about one reader: their number (no row's, for somebody new) and workspace."""
    return {"reader": person.id or 0, "reader_at": person.workspace_id}


def _outside(hidden: Select[Any], handoff_id: ColumnElement[Any] | None) -> ColumnElement[bool]:
    if handoff_id is None:
        return t.handoffs.c.id.not_in(hidden)
    return or_(handoff_id.is_(None), handoff_id.not_in(hidden))


def involves_reader() -> ColumnElement[bool]:
    """Handoffs in which the reader holds a role; an executive only those in which they were brought in.

    Nobody new holds any: an empty role is not theirs.
    """
    h = t.handoffs.c
    asked = or_(h.acceptance != Acceptance.NOT_ASKED, h.acceptance_asked_at.is_not(None))
    brought_in = or_(h.reason != Reason.STAGE_MOVE, asked)
    others = (t.handoffs.c[f"{role.value}_id"] == READER for role in Role if role is not Role.INCOMING)
    return or_(*others, and_(h.incoming_id == READER, brought_in))


def hidden_among(session: Session, handoff_ids: Collection[int], person: Person | None = None) -> frozenset[int]:
    """Those of these handoffs that this person may not know of; without one, those that not everybody may."""
    if not handoff_ids:
        return frozenset()
    about = of_reader(person) if person is not None else {}
    return frozenset(session.scalars(_hidden_among(person is not None), {"ids": list(handoff_ids), **about}))


@cache
def _hidden_among(for_reader: bool) -> Select[Any]:
    h = t.handoffs.c
    return select(h.id).where(among(h.id, "ids"), not_(visible_to_reader()) if for_reader else h.quiet)


def known_to(person: Person) -> ColumnElement[bool]:
    """Accounts that this person may know of: an account is quiet as long as it came up in quiet handoffs only."""
    a = t.accounts.c
    return or_(a.quiet.is_(False), a.id.in_(_theirs(person.workspace_id, person.id)))


def known_to_reader() -> ColumnElement[bool]:
    """The same in a statement that is built once, and run with `of_reader(person)`."""
    a = t.accounts.c
    return or_(a.quiet.is_(False), a.id.in_(_accounts_of(READER_AT, READER)))


def hidden_from_reader() -> tuple[Any, ColumnElement[bool]]:
    """Handoffs that the reader may not know of: their rows, and what picks them. For `of_reader(person)`."""
    return _HIDDEN, _is_hidden(READER_AT, READER)


# One look at App Home asks this ten times of one person, and building it costs more than asking.
@lru_cache(maxsize=AT_ONCE)
def _theirs(workspace_id: int, person_id: int | None) -> Select[Any]:
    return _accounts_of(workspace_id, person_id)


def _accounts_of(workspace_id: Any, person_id: Any) -> Select[Any]:
    h = _THEIRS.c
    mine = select(h.account_id).where(h.workspace_id == workspace_id, text("theirs.quiet"))
    return mine.where(_named(_THEIRS, person_id))


@lru_cache(maxsize=AT_ONCE)
def _hidden_from(workspace_id: int, person_id: int | None) -> Select[Any]:
    return _hidden(workspace_id, person_id)


def _hidden(workspace_id: Any, person_id: Any) -> Select[Any]:
    return select(_HIDDEN.c.id).where(_is_hidden(workspace_id, person_id))


def _is_hidden(workspace_id: Any, person_id: Any) -> ColumnElement[bool]:
    return and_(_HIDDEN.c.workspace_id == workspace_id, text("hidden.quiet"), not_(_named(_HIDDEN, person_id)))


def _named(handoffs: FromClause, person_id: Any) -> ColumnElement[bool]:
    """Whether somebody is named in it. An empty role is nobody's."""
    if person_id is None:
        return not_(true())
    c = handoffs.c
    return or_(*(and_(c[f"{role.value}_id"].is_not(None), c[f"{role.value}_id"] == person_id) for role in CONFIDED))
