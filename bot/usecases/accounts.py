"""Accounts: found by a few letters, added by name, owned by somebody from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account, Coverage, CoverageKind
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.refusals import NoAccount
from bot.domain.typed import trimmed
from bot.store import known, loading
from bot.usecases.desk import Actor, Desk

NAME_LIMIT = 120


@dataclass(frozen=True)
class Completion:
    """Accounts that fit what was typed; `new` is the name to offer as a new account, empty when it exists already."""

    found: tuple[Account, ...]
    new: str


@dataclass(frozen=True)
class OwnerAnswer:
    """Who looks after an account today, since when; empty while nobody is on record."""

    account: Account
    owner: Coverage | None
    cover: Coverage | None
    handoff: Handoff | None
    others: tuple[Account, ...] = ()


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
            owner = loading.coverage_of(session, account.id, CoverageKind.OWNER, today)
            cover = loading.coverage_of(session, account.id, CoverageKind.COVER, today)
            running = known.open_handoff_of(session, viewer, account.id)
            whole = loading.whole_handoff(session, account.workspace_id, running.id) if running else None
            return OwnerAnswer(account, owner, cover, whole, others)


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


def record_owner(session: Session, account: Account, person: Person, on: date, handoff_id: int | None) -> None:
    """From `on` the account is that person's; whoever had it had it until then. No gap, no overlap."""
    current = loading.current_coverage(session, account.id, CoverageKind.OWNER)
    if current is not None and current.person_id == person.id:
        return
    if current is not None:
        current.until_on = max(on, current.from_on)
    session.flush()
    session.add(
        Coverage(
            workspace_id=account.workspace_id,
            account_id=account.id,
            person_id=person.id,
            kind=CoverageKind.OWNER,
            from_on=on,
            handoff_id=handoff_id,
        )
    )
    session.flush()
