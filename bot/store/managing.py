"""Whom setup names as managers, one by one or through a user group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.store import schema as t
from bot.store.loading import people_by_id


def in_one_of(session: Session, person: Person, groups: Iterable[str]) -> bool:
    """Whether they are in one of these user groups."""
    g = t.group_members.c
    mine = (g.workspace_id == person.workspace_id, g.person_slack_id == person.slack_id)
    return session.scalar(select(g.id).where(*mine, g.group_slack_id.in_(groups)).limit(1)) is not None


def managers_by_setup(session: Session, workspace_id: int) -> list[Person]:
    """Those named themselves, then the members of the groups that are named; also who cannot be reached."""
    rows = named(session, workspace_id)
    direct = people_by_id(session, [row.person_id for row in rows])
    groups = [row.group_slack_id for row in rows if row.group_slack_id]
    values = {"workspace": workspace_id, "groups": groups}
    found = [*(direct[number] for number in sorted(direct)), *(session.scalars(_members(), values) if groups else ())]
    return list({one.id: one for one in found}.values())


def named(session: Session, workspace_id: int) -> Sequence[Row[Any]]:
    """Whom setup names: `person_id` and their `slack_id`, or `group_slack_id`; people by number."""
    known: dict[int, Sequence[Row[Any]]] = session.info.get("named", {})  # a look asks once
    if workspace_id not in known:
        known[workspace_id] = session.execute(_named(), {"workspace": workspace_id}).all()
    return known[workspace_id]


@cache
def _named() -> Select[Any]:
    m, p = t.managers.c, t.people.c
    query = select(m.person_id, m.group_slack_id, p.slack_id).outerjoin(t.people, p.id == m.person_id)
    return query.where(m.workspace_id == bindparam("workspace")).order_by(m.person_id, m.id)


@cache
def _members() -> Select[Person]:
    g, p = t.group_members.c, t.people.c
    workspace: Any = bindparam("workspace")
    named = g.group_slack_id.in_(bindparam("groups", expanding=True))
    members = select(g.person_slack_id).where(g.workspace_id == workspace, named)
    return select(Person).where(p.workspace_id == workspace, p.slack_id.in_(members)).order_by(p.id)
