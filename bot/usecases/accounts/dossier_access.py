"""Who may do what with an account outside a single handoff: its owner, who covers it, and the roles of its handoff."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account, CoverageKind
from bot.domain.coverage import at, owner_of_record
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action, Relation, allowed, refuse, relations
from bot.domain.refusals import NoSuchThing
from bot.domain.vocabulary import Role
from bot.store import known, lines, loading, trail
from bot.store import schema as t
from bot.usecases.desk import Desk


@dataclass(frozen=True)
class Access:
    """How somebody stands to an account; `handoff`: its open one, of those they may know of."""

    account: Account
    handoff: Handoff | None
    held: frozenset[Relation]

    def may(self, action: Action) -> bool:
        return allowed(action, self.held)


def access(desk: Desk, session: Session, reader: Person, account: Account) -> Access:
    """Raises NoSuchThing where the reader may not know of the account."""
    if not known.is_known(session, reader, account):
        raise NoSuchThing()
    handoff = known.open_handoff_of(session, reader, account.id)
    handoff = None if handoff is not None and handoff.test_run else handoff  # it changes nothing of the account
    held = relations(reader, desk.standing(session, reader), handoff)
    line, today = lines.known_line(session, reader, account.id), desk.today(reader)
    owner, now = owner_of_record(line, today), at(line, today)
    if reader.id is None or now is None or now.kind is CoverageKind.VACANT:
        return Access(account, handoff, held)
    if owner is not None and owner.person_id == reader.id:
        held |= {Relation.ACCOUNT_OWNER}
    if now.kind is CoverageKind.COVER and now.confirmed and now.person_id == reader.id:
        held |= {Relation.ACCOUNT_COVER}
    return Access(account, handoff, held)


def require(desk: Desk, session: Session, action: Action, by: Person, account: Account) -> Access:
    """Raise NotAllowed, naming who can: the owner, who covers, who has a part in the handoff; else the managers."""
    found = access(desk, session, by, account)
    if found.may(action):
        return found
    line, today = lines.known_line(session, by, account.id), desk.today(by)
    numbers = [one.person_id for one in (owner_of_record(line, today), at(line, today)) if one is not None]
    if found.handoff is not None:
        numbers += [found.handoff.holder_id(role) for role in (Role.MANAGER, Role.OUTGOING, Role.INCOMING)]
    people = loading.people_by_id(session, numbers)
    named = [people[one].slack_id for one in numbers if one is not None and one in people]
    raise refuse([*named, *desk.standing(session, by).managers])


def changed_by(
    desk: Desk, session: Session, action: Action, by: Person, account_id: int, *, lock: bool = True
) -> tuple[Account, Access]:
    """The account for a change, locked so that two people come one after the other. Raises as `require` does."""
    account = loading.account(session, by.workspace_id, account_id)
    if lock:
        a = t.accounts.c
        session.execute(select(a.id).where(a.id == account_id).with_for_update(key_share=True))
        session.refresh(account)
    return account, require(desk, session, action, by, account)


def told_in(session: Session, access: Access) -> int | None:
    """The handoff in whose history a change of the account stands: a quiet one's, while it is being prepared."""
    if access.handoff is not None:
        return access.handoff.id
    return trail.public_of(session, access.account.id)
