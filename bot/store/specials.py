"""Special relationships of an account, and what of them somebody may know while a handoff is quiet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from bot.domain.people import Person
from bot.domain.special import Special, SpecialKind
from bot.store import schema as t
from bot.store.loading import people_by_id
from bot.store.queues import audit
from bot.store.visibility import hidden_among, visible

KEPT, HANDED_OVER = "special.kept", "special.handed_over"
"""Verbs of the audit trail; what the first says of `after` is all there is to say of a relationship."""


def of_account(session: Session, account_id: int) -> tuple[Special, ...]:
    """Those that last, in the order in which they were entered."""
    return tuple(session.scalars(_lasting(), {"account": account_id}))


@cache
def _lasting() -> Select[Special]:
    c = t.special_relationships.c
    query = select(Special).where(c.account_id == bindparam("account"), c.state == "open").order_by(c.id)
    return query.options(joinedload(Special.owner))  # type: ignore[arg-type]


def known_of_account(session: Session, reader: Person, account_id: int) -> tuple[Special, ...]:
    """The same as this person may know them."""
    return as_known(session, reader, of_account(session, account_id))


def as_known(session: Session, reader: Person, specials: Sequence[Special]) -> tuple[Special, ...]:
    """As they stood before a quiet handoff of others changed them; those that came up in one are left out.

    What is not as it stands now is a copy: nothing that is done to it is kept.
    """
    hidden = hidden_among(session, {one.handoff_id for one in specials if one.handoff_id is not None}, reader)
    before = _before(session, reader, [one.id for one in specials if one.handoff_id in hidden])
    people = people_by_id(session, (facts["owner_id"] for facts in before.values()))
    known = []
    for one in specials:
        if one.handoff_id not in hidden:
            known.append(one)
        elif one.id in before:
            known.append(_copy(one, before[one.id], people))
    return tuple(known)


def _before(session: Session, reader: Person, numbers: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """What was last said of each by a change that this person may know of."""
    if not numbers:
        return {}
    c = audit.c
    theirs = (c.workspace_id == reader.workspace_id, c.verb.in_([KEPT, HANDED_OVER]), c.subject_id.in_(numbers))
    query = select(c.subject_id, c.verb, c.at, c.after).where(*theirs, visible(reader, c.handoff_id)).order_by(c.id)
    found: dict[int, Mapping[str, Any]] = {}
    for row in session.execute(query):
        so_far = found.get(row.subject_id, {})
        if row.verb == HANDED_OVER:
            so_far = {**so_far, "at": row.at, "transfer_on": row.at.date().isoformat()}
        found[row.subject_id] = {**so_far, **(row.after or {})}
    return {number: facts for number, facts in found.items() if "kind" in facts}


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _copy(one: Special, facts: Mapping[str, Any], people: Mapping[int, Person]) -> Special:
    copy = Special(one.workspace_id, one.account_id, SpecialKind(facts["kind"]), facts["title"], facts["terms"])
    copy.expires_on, copy.transfer_on = _day(facts["expires_on"]), _day(facts["transfer_on"])
    copy.owner_id, copy.owner = facts["owner_id"], people.get(facts["owner_id"] or 0)
    copy.id, copy.version, copy.transferred_at = one.id, one.version, facts.get("at")
    return copy
