"""Accounts: found by a few letters, added by name, owned by somebody from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.domain.accounts import Account, CoverageKind
from bot.domain.coverage import Stretch, at, offer_from, owner_of_record, taken_over, vacant_since
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.refusals import NoAccount
from bot.domain.typed import trimmed
from bot.store import known, lines, loading
from bot.usecases.desk import Actor, Desk

NAME_LIMIT = 120


@dataclass(frozen=True)
class Completion:
    """Accounts that fit what was typed; `new` is the name to offer as a new account, empty when it exists already."""

    found: tuple[Account, ...]
    new: str


@dataclass(frozen=True)
class OwnerAnswer:
    """Who looks after an account today: the owner of record and since when, who covers until when (the last day).

    `vacant_since`: the first day on which nobody had it; `offers`: who would cover it.
    """

    account: Account
    owner: Person | None
    since: date | None
    cover: Person | None
    until: date | None
    handoff: Handoff | None
    others: tuple[Account, ...] = ()
    vacant_since: date | None = None
    offers: Person | None = None


@dataclass(frozen=True)
class Accounts:
    desk: Desk

    def complete(self, actor: Actor, typed: str, limit: int = 20) -> Completion:
        """For the account field: what fits, and the new name on offer."""
        name = " ".join(trimmed(typed).split())[:NAME_LIMIT]
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            found = known.accounts_like(session, reader, name, limit)
            there = not name or known.account_by_name(session, reader, name) is not None
        return Completion(tuple(found), "" if there else name)

    def owner(self, actor: Actor, query: str) -> OwnerAnswer:
        """`/handoff owner ACME`. Raises NoAccount."""
        with self.desk.db.read() as session:
            viewer = self.desk.viewer(session, actor)
            account, others = one_account(session, viewer, query)
            today = self.desk.today(viewer)
            running = known.open_handoff_of(session, viewer, account.id)
            whole = loading.whole_handoff(session, account.workspace_id, running.id) if running else None
            return _answer(session, viewer, account, today, whole, others)


def _answer(
    session: Session,
    reader: Person,
    account: Account,
    today: date,
    handoff: Handoff | None,
    others: tuple[Account, ...],
) -> OwnerAnswer:
    line = lines.known_line(session, reader, account.id)
    owner, now, offer = owner_of_record(line, today), at(line, today), offer_from(line, today)
    cover = now if now is not None and now.kind is CoverageKind.COVER and now.confirmed else None
    people = loading.people_by_id(session, [one.person_id for one in (owner, cover, offer) if one is not None])

    def who(one: Stretch | None) -> Person | None:
        return people.get(one.person_id or 0) if one is not None else None

    until = cover.until_on - timedelta(days=1) if cover is not None and cover.until_on is not None else None
    return OwnerAnswer(
        account=account,
        owner=who(owner),
        since=owner.from_on if owner is not None else None,
        cover=who(cover),
        until=until,
        handoff=handoff,
        others=others,
        vacant_since=vacant_since(line, today),
        offers=who(offer),
    )


def one_account(session: Session, reader: Person, query: str) -> tuple[Account, tuple[Account, ...]]:
    """The account meant: the exact name, else the first that fits, with the others that would. Raises NoAccount.

    Of those that `reader` may know of.
    """
    exact = known.account_by_name(session, reader, query)
    if exact is not None:
        return exact, ()
    found = known.accounts_like(session, reader, query, 6) if query.strip() else []
    if not found:
        raise NoAccount(query=query.strip()[:NAME_LIMIT])
    return found[0], tuple(found[1:])


def give_account(session: Session, account: Account, person: Person, on: date, handoff_id: int | None) -> None:
    """From `on` the account is that person's; whoever had it, had it until then, and every cover is over."""
    before = lines.line_of(session, account.id, lock=True)
    after = taken_over(before, person.id, on, handoff_id, person.id)
    lines.write(session, account.workspace_id, account.id, before, after)
