"""Which handoffs and accounts a person may know of: a condition for every query whose answer somebody reads.

The rule is the domain's (`bot/domain/quiet.py`); a test holds the two together. So is which of them are theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, not_, or_, select, text, true
from sqlalchemy.orm import Session

from bot.domain.handoff import Acceptance
from bot.domain.people import Person
from bot.domain.quiet import CONFIDED
from bot.domain.vocabulary import Reason, Role
from bot.store import schema as t

AT_ONCE = 32
"""People who look at once, more or less."""

_THEIRS, _HIDDEN = t.handoffs.alias("theirs"), t.handoffs.alias("hidden")
"""Once for all statements: each alias is as large as its table, and statements are kept."""


def visible(person: Person, handoff_id: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Handoffs that this person may know of; `handoff_id` is the column with their ids, if not that of `handoffs`.

    Most are not quiet: those that are hidden are few, found by an index of their own, and left out.
    """
    if handoff_id is None:
        return t.handoffs.c.id.not_in(_hidden_from(person.workspace_id, person.id))
    return or_(handoff_id.is_(None), handoff_id.not_in(_hidden_from(person.workspace_id, person.id)))


def involves(person: Person) -> ColumnElement[bool]:
    """Handoffs in which this person holds a role; an executive only those in which they were brought in."""
    if not person.id:
        return false()  # somebody new; an empty role is not theirs
    h = t.handoffs.c
    brought_in = or_(h.reason != Reason.STAGE_MOVE, h.acceptance != Acceptance.NOT_ASKED)
    others = (t.handoffs.c[f"{role.value}_id"] == person.id for role in Role if role is not Role.INCOMING)
    return or_(*others, and_(h.incoming_id == person.id, brought_in))


def hidden_among(session: Session, handoff_ids: Collection[int], person: Person | None = None) -> frozenset[int]:
    """Those of these handoffs that this person may not know of; without one, those that not everybody may."""
    if not handoff_ids:
        return frozenset()
    h = t.handoffs.c
    query = select(h.id).where(h.id.in_(handoff_ids), h.quiet if person is None else not_(visible(person)))
    return frozenset(session.scalars(query))


def known_to(person: Person) -> ColumnElement[bool]:
    """Accounts that this person may know of: an account is quiet as long as it came up in quiet handoffs only."""
    a = t.accounts.c
    return or_(a.quiet.is_(False), a.id.in_(_theirs(person.workspace_id, person.id)))


# One look at App Home asks this ten times of one person, and building it costs more than asking.
@lru_cache(maxsize=AT_ONCE)
def _theirs(workspace_id: int, person_id: int | None) -> Select[Any]:
    h = _THEIRS.c
    mine = select(h.account_id).where(h.workspace_id == workspace_id, text("theirs.quiet"))
    return mine.where(_named(_THEIRS, person_id))


@lru_cache(maxsize=AT_ONCE)
def _hidden_from(workspace_id: int, person_id: int | None) -> Select[Any]:
    h = _HIDDEN.c
    return select(h.id).where(h.workspace_id == workspace_id, text("hidden.quiet"), not_(_named(_HIDDEN, person_id)))


def _named(handoffs: FromClause, person_id: int | None) -> ColumnElement[bool]:
    """Whether somebody is named in it. An empty role is nobody's."""
    if not person_id:
        return not_(true())
    c = handoffs.c
    return or_(*(and_(c[f"{role.value}_id"].is_not(None), c[f"{role.value}_id"] == person_id) for role in CONFIDED))
