"""Accounts that somebody has to look after at once: whose managers hear of it each working day (D18, D19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account, Coverage, CoverageKind
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.vocabulary import Tier
from bot.store import schema as t
from bot.store.loading import people_by_id
from bot.usecases.alarms import Line


def source(session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
    """What there is to raise about coverage, by the number of the manager."""
    found: dict[int, list[Line]] = {}
    holes = vacant(session, workspace_id, today)
    responsible = managers_of(session, workspace_id, [account.id for account, _ in holes])
    for account, row in holes:
        about = {"account": account.name, "account_id": account.id, "tier": account.tier, "since": row.from_on}
        line = Line("vacant", {**about, "days": (today - row.from_on).days + 1})
        for number in responsible.get(account.id, ()):
            found.setdefault(number, []).append(line)
    return found


def vacant(session: Session, workspace_id: int, today: date) -> list[tuple[Account, Coverage]]:
    """Strategic and key accounts, and accounts with a deal in flight, without owner or cover today."""
    a, c, d = t.accounts.c, t.coverage.c, t.deals.c
    in_flight = exists().where(d.account_id == a.id, d.state == "open")
    now = (c.from_on <= today, or_(c.until_on.is_(None), c.until_on > today))
    nobody = or_(c.kind == CoverageKind.VACANT, c.confirmed.is_(False))
    query = (
        select(Account, Coverage)
        .join(t.coverage, c.account_id == a.id)
        .where(c.workspace_id == workspace_id, *now, nobody)
        .where(or_(a.tier.in_([Tier.STRATEGIC, Tier.KEY]), in_flight))
        .order_by(c.from_on, a.id)
    )
    return [(account, row) for account, row in session.execute(query)]


def managers_of(session: Session, workspace_id: int, account_ids: Iterable[int]) -> dict[int, list[int]]:
    """Who answers for each account: the manager of its latest handoff (the open one), else whom setup names."""
    h, m = t.handoffs.c, t.managers.c
    ids = list(account_ids)
    latest = select(Handoff).where(h.account_id.in_(ids)).order_by((h.state == HandoffState.OPEN), h.id)
    by_account = {one.account_id: one.manager_id for one in session.scalars(latest)}
    named = select(m.person_id).where(m.workspace_id == workspace_id, m.person_id.is_not(None))
    managers = [one for one in people_by_id(session, session.scalars(named)).values() if one.reachable]
    here = people_by_id(session, by_account.values())
    found: dict[int, list[int]] = {}
    for number in ids:
        manager = here.get(by_account.get(number) or 0)
        own = manager is not None and manager.reachable
        found[number] = [manager.id] if own and manager is not None else [one.id for one in managers]
    return found
