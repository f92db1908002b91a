"""Lines of an account's history: pages of them as one reader may know them, and single ones."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bot.domain.accounts import Account
from bot.domain.dossier import Entry, EntryKind
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.store import schema as t
from bot.store.dossier import entries
from bot.store.queues import outbox
from bot.store.visibility import known_to, visible

_e, _a = entries.c, t.accounts.c
At = tuple[date, int]
"""Where a page ends: day and number of its last line."""


def entries_of(
    session: Session,
    reader: Person,
    account_id: int,
    limit: int = 20,
    before: At | None = None,
    kinds: Collection[EntryKind] = (),
) -> list[Entry]:
    """Of an account that the reader knows, the newest first; `before` goes on from there, `kinds` leaves others out."""
    query = _readable(reader).where(_e.account_id == account_id)
    if kinds:
        query = query.where(_e.kind.in_(list(kinds)))
    if before is not None:
        day, number = before
        query = query.where(or_(_e.happened_on < day, and_(_e.happened_on == day, _e.id < number)))
    return list(session.scalars(query.order_by(_e.happened_on.desc(), _e.id.desc()).limit(limit)))


def open_complaints(session: Session, reader: Person, account_id: int) -> int:
    """How many complaints nobody has settled."""
    mine = (_e.account_id == account_id, _e.kind == EntryKind.COMPLAINT, _e.settled_on.is_(None))
    where = (*mine, _e.removed_at.is_(None), visible(reader, _e.handoff_id))
    return session.scalar(select(func.count()).select_from(entries).where(*where)) or 0


def entry_of(session: Session, reader: Person, number: int, *, lock: bool = False) -> tuple[Entry, Account]:
    """One line and its account. Raises NoSuchThing for one that was removed, or of which the reader may not know."""
    query = _readable(reader).where(_e.id == number)
    found = session.scalars(query.with_for_update(of=entries) if lock else query).one_or_none()
    account = (
        found and session.scalars(select(Account).where(_a.id == found.account_id, known_to(reader))).one_or_none()
    )
    if found is None or account is None:
        raise NoSuchThing()
    return found, account


def told_of(session: Session, number: int) -> Entry | None:
    """One line for the thread that was told of it, also when it was removed since."""
    return session.scalars(_with_writer().where(_e.id == number)).one_or_none()


def by_source(session: Session, reader: Person, key: str) -> Entry | None:
    """What was made from this source already, of what the reader may know."""
    source = _e.source_key
    same = or_(source == key, and_(source > f"{key}:", source < f"{key};"))
    return session.scalars(
        _readable(reader).where(same).join(t.accounts, _a.id == _e.account_id).where(known_to(reader)).limit(1)
    ).one_or_none()


def is_told(session: Session, workspace_id: int, slot: str) -> bool:
    """Whether a message about it was put down."""
    c = outbox.c
    return session.scalar(select(c.id).where(c.workspace_id == workspace_id, c.key == slot)) is not None


def handoff_in_thread(session: Session, workspace_id: int, channel: str, ts: str) -> int | None:
    """The number of the handoff whose card stands there."""
    c = outbox.c
    card = (c.workspace_id == workspace_id, c.kind == "card", c.channel == channel, c.ts == ts)
    return session.scalar(select(c.handoff_id).where(*card).limit(1))


def _with_writer() -> Select[Any]:
    return select(Entry).options(joinedload(Entry.by))  # type: ignore[arg-type]


def _readable(reader: Person) -> Select[Any]:
    where = (_e.workspace_id == reader.workspace_id, _e.removed_at.is_(None), visible(reader, _e.handoff_id))
    return _with_writer().where(*where)
