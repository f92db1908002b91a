"""Whom setup names as managers, one by one or through a user group."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.store import schema as t
from bot.store.loading import people_by_id


def managers_by_setup(session: Session, workspace_id: int) -> list[Person]:
    """Those named themselves, then the members of the groups that are named; also who cannot be reached."""
    m, g, p = t.managers.c, t.group_members.c, t.people.c
    rows = session.execute(select(m.person_id, m.group_slack_id).where(m.workspace_id == workspace_id)).all()
    direct = people_by_id(session, [row.person_id for row in rows])
    groups = [row.group_slack_id for row in rows if row.group_slack_id]
    members = select(g.person_slack_id).where(g.workspace_id == workspace_id, g.group_slack_id.in_(groups))
    of_groups = select(Person).where(p.workspace_id == workspace_id, p.slack_id.in_(members)).order_by(p.id)
    found = [*(direct[number] for number in sorted(direct)), *(session.scalars(of_groups) if groups else ())]
    return list({one.id: one for one in found}.values())
