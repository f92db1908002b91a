"""Accounts that somebody has to look after at once: whose managers hear of it each working day (D18, D19)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from bot.domain import coverage as lines
from bot.domain.accounts import Account
from bot.domain.coverage import Line as LineOfTime
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.quiet import confidants, knows
from bot.domain.rules import CoverRule
from bot.store import covers
from bot.store import lines as store
from bot.store import schema as t
from bot.store.loading import people_by_id
from bot.store.managing import managers_by_setup
from bot.usecases.desk import worktime
from bot.usecases.nudges.alarms import Line

FAR = timedelta(days=30)
"""No working days before an end reach further back."""


def source(session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
    """What there is to raise about coverage, by the number of the manager."""
    alone = covers.without_anybody(session, workspace_id, today)
    ending = covers.covered_without_a_handoff(session, workspace_id, today, today + FAR)
    accounts = {one.id: one for one in (*alone, *ending)}
    found = store.lines_of(session, accounts)
    people = people_by_id(session, (one.person_id for line in found.values() for one in line))
    told: dict[int, list[Line]] = {}
    hidden = confided(session, accounts)
    for number, managers in managers_of(session, workspace_id, accounts).items():
        line, only = found.get(number, ()), hidden.get(number)
        for manager in managers:
            for raised in _raised(accounts[number], line, people, manager, today):
                told.setdefault(manager.id, []).append(replace(raised, confided=only))
    return told


def managers_of(session: Session, workspace_id: int, account_ids: Iterable[int]) -> dict[int, list[Person]]:
    """Who answers for each account: the manager of its latest handoff (the open one), else whom setup names.

    Nobody hears of a quiet handoff in which they have no part.
    """
    ids = list(account_ids)
    if not ids:
        return {}
    handoffs = {one.account_id: one for one in session.scalars(_latest(), {"ids": ids})}
    managers = [one for one in managers_by_setup(session, workspace_id) if one.reachable]
    own = people_by_id(session, (one.manager_id for one in handoffs.values()))
    found: dict[int, list[Person]] = {}
    for number in ids:
        handoff = handoffs.get(number)
        manager = own.get(handoff.manager_id or 0) if handoff is not None else None
        others = [one for one in managers if handoff is None or knows(handoff, one.id)]
        found[number] = [manager] if manager is not None and manager.reachable else others
    return found


def confided(session: Session, account_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Who may know that there is anything to raise about an account; accounts of which everybody may are left out.

    That is a quiet handoff under way; and an account that came up in quiet ones only, also when they are over.
    """
    ids = list(account_ids)
    found: dict[int, frozenset[int]] = {}
    for one in session.scalars(_quiet(), {"ids": ids}) if ids else ():
        found[one.account_id] = found.get(one.account_id, frozenset()) | confidants(one)
    return found


def through_quiet(session: Session, handoff_ids: Collection[int | None]) -> dict[int | None, frozenset[int]]:
    """Who may know of those of these handoffs that are quiet, by their number."""
    h = t.handoffs.c
    ids = [one for one in handoff_ids if one is not None]
    quiet = session.scalars(select(Handoff).where(h.id.in_(ids), h.quiet)) if ids else ()
    return {one.id: confidants(one) for one in quiet}


@cache
def _latest() -> Select[Handoff]:
    h = t.handoffs.c
    real = (h.account_id.in_(bindparam("ids", expanding=True)), h.test_run.is_(False))
    return select(Handoff).where(*real).order_by(h.state == HandoffState.OPEN, h.id)


@cache
def _quiet() -> Select[Handoff]:
    h, a = t.handoffs.c, t.accounts.c
    mine = h.account_id.in_(bindparam("ids", expanding=True))
    lasting = or_(h.state == HandoffState.OPEN, a.quiet)
    return select(Handoff).join(t.accounts, a.id == h.account_id).where(mine, h.quiet, lasting)


def _raised(
    account: Account, line: LineOfTime, people: Mapping[int, Person], manager: Person, today: date
) -> Iterable[Line]:
    about: dict[str, Any] = {"account": account.name, "account_id": account.id, "tier": account.tier}
    since, offer = lines.vacant_since(line, today), lines.offer_from(line, today)
    if since is not None:
        who = people.get(offer.person_id or 0) if offer is not None else None
        days = (today - since).days + 1
        yield Line("vacant", {**about, "since": since, "days": days, "offers": who})
        return
    cover = lines.cover_from(line, today)
    if cover is None or cover.until_on is None:
        return
    following = lines.at(line, cover.until_on)
    if following is not None and following.looked_after:
        return  # somebody comes after, as planned
    asked_from = worktime(manager).add_working_days(cover.until_on, -CoverRule().ask_working_days)
    if asked_from <= today:
        last = cover.until_on - timedelta(days=1)
        yield Line("cover_ends", {**about, "who": people.get(cover.person_id or 0), "last": last})
