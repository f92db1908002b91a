"""Who looks after an account on a day, and whether somebody may know of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.coverage import Line, at, owner_of_record
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.store import known, loading


def in_charge(line: Line, day: date) -> tuple[int, ...]:
    """The numbers of whoever looks after it that day, the cover before the owner; of nobody while it is vacant."""
    now, owner = at(line, day), owner_of_record(line, day)
    if now is None or not now.looked_after:
        return ()
    ids = (now.person_id, owner.person_id if owner is not None else None)
    return tuple(dict.fromkeys(number for number in ids if number is not None))


def known_account(session: Session, reader: Person, account_id: int) -> Account:
    """The account. Raises NoSuchThing where the reader may not know of it."""
    account = loading.account(session, reader.workspace_id, account_id)
    if not known.is_known(session, reader, account):
        raise NoSuchThing()
    return account
