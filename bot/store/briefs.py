"""What a brief is made of besides its handoff, the versions that are kept of it, and who read which section."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm import Session, joinedload

from bot.domain.accounts import Account
from bot.domain.customer import Contact
from bot.domain.deals import Deal
from bot.domain.dossier import Agreement, Entry, KeyDate, RegularOrder
from bot.domain.people import Person
from bot.domain.special import Special
from bot.store import dealing, specials
from bot.store import dossier as d
from bot.store import schema as t
from bot.store.loading import people_by_id
from bot.store.visibility import hidden_among

ENTRIES = 1000
"""As many lines of its history as the brief of an account holds, the latest ones."""


@dataclass(frozen=True)
class Dossier:
    """What is known about an account. `older`: entries of its history that there are beyond these."""

    account: Account
    contacts: tuple[Contact, ...]
    orders: tuple[RegularOrder, ...]
    agreements: tuple[Agreement, ...]
    specials: tuple[Special, ...]
    deals: tuple[Deal, ...]
    entries: tuple[Entry, ...]
    older: bool
    dates: tuple[KeyDate, ...]
    attested_by: Person | None


def dossier_of(session: Session, account: Account, handoff_id: int | None) -> Dossier:
    """Everything of the account but what came up in quiet handoffs other than this one: that is nobody's to read."""
    entries, older = _entries(session, account.id, handoff_id)
    return Dossier(
        account=account,
        contacts=_standing(session, Contact, t.contacts, account.id, t.contacts.c.id),
        orders=_standing(session, RegularOrder, d.regular_orders, account.id, d.regular_orders.c.id),
        agreements=_standing(session, Agreement, d.agreements, account.id, d.agreements.c.id),
        specials=_specials(session, account, handoff_id),
        deals=tuple(dealing.deals_of(session, account.id)),
        entries=entries,
        older=older,
        dates=_standing(session, KeyDate, d.key_dates, account.id, d.key_dates.c.day),
        attested_by=people_by_id(session, [account.attested_by_id]).get(account.attested_by_id or 0),
    )


def _standing(session: Session, kind: Any, table: Any, account_id: int, by: Any) -> tuple[Any, ...]:
    """Those of the account that were not removed."""
    return tuple(session.scalars(_of_account(kind, table, by), {"account": account_id}))


@cache
def _of_account(kind: Any, table: Any, by: Any) -> Select[Any]:
    c = table.c
    return select(kind).where(c.account_id == bindparam("account"), c.removed_at.is_(None)).order_by(by, c.id)


def _entries(session: Session, account_id: int, handoff_id: int | None) -> tuple[tuple[Entry, ...], bool]:
    found = list(session.scalars(_latest(), {"account": account_id}))
    of = {one.handoff_id for one in found if one.handoff_id is not None and one.handoff_id != handoff_id}
    hidden = hidden_among(session, of)
    kept = tuple(one for one in found[:ENTRIES] if one.handoff_id not in hidden)
    return kept, len(found) > ENTRIES


@cache
def _latest() -> Select[Any]:
    c = d.entries.c
    query = select(Entry).where(c.account_id == bindparam("account"), c.removed_at.is_(None))
    latest = query.order_by(c.happened_on.desc(), c.id.desc()).options(joinedload(Entry.by))  # type: ignore[arg-type]
    return latest.limit(ENTRIES + 1)


def _specials(session: Session, account: Account, handoff_id: int | None) -> tuple[Special, ...]:
    found = specials.of_account(session, account.id)
    nobody = Person(account.workspace_id, "")
    known = {one.id: one for one in specials.as_known(session, nobody, found)}
    known |= {one.id: one for one in found if handoff_id is not None and one.handoff_id == handoff_id}
    return tuple(known[one.id] for one in found if one.id in known)


def names_of(session: Session, workspace_id: int, slack_ids: Collection[str]) -> dict[str, str]:
    """What people are called, by their Slack ids; those who are not known are left out."""
    p = t.people.c
    query = select(p.slack_id, p.name).where(p.workspace_id == workspace_id, p.slack_id.in_(slack_ids))
    return {row.slack_id: row.name for row in session.execute(query)} if slack_ids else {}


# -- versions ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """A brief as it was kept. `why`: "accepted" or "kept"; `body`: as `Brief.to_dict` made it."""

    number: int
    at: datetime
    why: str
    body: dict[str, Any]


def versions_of(session: Session, handoff_id: int) -> list[Version]:
    """All versions, the first one first, without what is in them."""
    rows = session.execute(_versions(), {"handoff": handoff_id})
    return [Version(row.version, row.kept_at, row.why, {}) for row in rows]


def version(session: Session, handoff_id: int, number: int | None = None) -> Version | None:
    """That version; the last one when none is named; None where there is none."""
    c = d.briefs.c
    query = select(c.version, c.kept_at, c.why, c.body).where(c.handoff_id == handoff_id)
    if number is not None:
        query = query.where(c.version == number)
    row = session.execute(query.order_by(c.version.desc()).limit(1)).one_or_none()
    return Version(row.version, row.kept_at, row.why, row.body) if row is not None else None


def keep(session: Session, workspace_id: int, handoff_id: int, now: datetime, why: str, body: dict[str, Any]) -> int:
    """Keep another version, under a lock on the handoff; returns its number."""
    last = versions_of(session, handoff_id)
    number = last[-1].number + 1 if last else 1
    values = {"workspace_id": workspace_id, "handoff_id": handoff_id, "version": number}
    session.execute(insert(d.briefs).values(**values, kept_at=now, why=why, body=body))
    return number


# -- who read what -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """Somebody says that they read a section; `digest`: of what it said to them then."""

    section: str
    person: Person
    at: datetime
    digest: str


def readings_of(session: Session, handoff_id: int) -> list[Reading]:
    """All of a handoff, the oldest first."""
    rows = session.execute(_readings(), {"handoff": handoff_id}).all()
    people = people_by_id(session, [row.person_id for row in rows])
    return [Reading(row.section, people[row.person_id], row.at, row.digest) for row in rows]


def note_reading(session: Session, person: Person, handoff_id: int, section: str, now: datetime, digest: str) -> bool:
    """Somebody read that section as it stands now, under a lock on the handoff. False: it was noted before."""
    c = d.brief_reads.c
    mine = (c.handoff_id == handoff_id, c.section == section, c.person_id == person.id)
    before = session.execute(select(c.id, c.digest).where(*mine)).one_or_none()
    if before is None:
        values = {"workspace_id": person.workspace_id, "handoff_id": handoff_id, "person_id": person.id}
        session.execute(insert(d.brief_reads).values(**values, section=section, at=now, digest=digest))
    elif before.digest != digest:
        session.execute(update(d.brief_reads).where(c.id == before.id).values(at=now, digest=digest))
    return before is None or before.digest != digest


@cache
def _versions() -> Select[Any]:
    c = d.briefs.c
    return select(c.version, c.kept_at, c.why).where(c.handoff_id == bindparam("handoff")).order_by(c.version)


@cache
def _readings() -> Select[Any]:
    c = d.brief_reads.c
    return select(d.brief_reads).where(c.handoff_id == bindparam("handoff")).order_by(c.at, c.id)
