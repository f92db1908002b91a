"""Whose an account is to tend: who owns or covers it today, whoever has a part in its open handoff, the managers."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.coverage import Line, at, owner_of_record
from bot.domain.people import Person
from bot.domain.permissions import refuse
from bot.domain.refusals import NoSuchThing
from bot.domain.vocabulary import Role
from bot.store import known, lines, loading
from bot.usecases.desk import Desk


def in_charge(line: Line, day: date) -> tuple[int, ...]:
    """The numbers of whoever looks after it that day, the cover before the owner; of nobody while it is vacant."""
    now, owner = at(line, day), owner_of_record(line, day)
    here = now.person_id if now is not None and now.looked_after else None
    return tuple(dict.fromkeys(n for n in (here, owner.person_id if owner is not None else None) if n is not None))


def known_account(session: Session, reader: Person, account_id: int) -> Account:
    """The account. Raises NoSuchThing where the reader may not know of it."""
    account = loading.account(session, reader.workspace_id, account_id)
    if not known.is_known(session, reader, account):
        raise NoSuchThing()
    return account


def tends(desk: Desk, session: Session, person: Person, account: Account) -> bool:
    """Whether to offer what only those may do."""
    running = known.open_handoff_of(session, person, account.id)
    if running is not None and any(running.holder_id(role) == person.id for role in Role):
        return True
    line = lines.known_line(session, person, account.id)
    return person.id in in_charge(line, desk.today(person)) or desk.standing(session, person).starts


def require_tends(desk: Desk, session: Session, person: Person, account: Account, *more: int | None) -> None:
    """Raise NotAllowed, naming who can, for everybody else but `more` (numbers of people)."""
    if (person.id and person.id in more) or tends(desk, session, person, account):
        return
    ids = in_charge(lines.known_line(session, person, account.id), desk.today(person))
    named = [one.slack_id for one in loading.people_by_id(session, [*more, *ids]).values()]
    raise refuse(named + list(desk.standing(session, person).managers))
