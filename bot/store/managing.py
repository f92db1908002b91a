"""Whom setup names as managers, one by one or through a user group."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.store import schema as t
from bot.store.loading import people_by_id


def managers_by_setup(session: Session, workspace_id: int) -> list[Person]:
    """Those named themselves, then the members of the groups that are named; also who cannot be reached."""
    rows = named(session, workspace_id)
    direct = people_by_id(session, [row.person_id for row in rows])
    groups = [row.group_slack_id for row in rows if row.group_slack_id]
    values = {"workspace": workspace_id, "groups": groups}
    found = [*direct.values(), *(session.scalars(_members(), values) if groups else ())]
    return list({one.id: one for one in found}.values())


def named(session: Session, workspace_id: int) -> Sequence[Row[Any]]:
    """Whom setup names: each row a person (`person_id`) or a user group (`group_slack_id`)."""
    known: dict[int, Sequence[Row[Any]]] = session.info.get("named", {})  # a look asks once
    if workspace_id not in known:
        known[workspace_id] = session.execute(_named(), {"workspace": workspace_id}).all()
    return known[workspace_id]


@cache
def _named() -> Select[Any]:
    m = t.managers.c
    return select(m.person_id, m.group_slack_id).where(m.workspace_id == bindparam("workspace"))


@cache
def _members() -> Select[Person]:
    g, p = t.group_members.c, t.people.c
    workspace: Any = bindparam("workspace")
    named = g.group_slack_id.in_(bindparam("groups", expanding=True))
    members = select(g.person_slack_id).where(g.workspace_id == workspace, named)
    return select(Person).where(p.workspace_id == workspace, p.slack_id.in_(members)).order_by(p.id)
