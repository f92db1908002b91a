"""What each person was reminded of on each of their days: one digest at most, and a count for the cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, Update, bindparam, select, update
from sqlalchemy.orm import Session

from bot.domain.reminding import DaySoFar
from bot.store import many
from bot.store.among import among
from bot.store.queues import LetterState, NudgeState, digests, nudges, outbox

COUNTED = (many.NUMBER, "messages", "opened_at")


class PersonDay(NamedTuple):
    """One person's day on their own calendar."""

    workspace_id: int
    person_id: int
    day: date


@dataclass
class Reminded:
    """The row of one person's day: what they got so far."""

    id: int
    messages: int
    opened_at: datetime | None
    waits: bool = field(default=False)

    def so_far(self) -> DaySoFar:
        return DaySoFar(self.messages, self.opened_at is not None, self.waits)


def days(session: Session, wanted: Iterable[PersonDay]) -> Mapping[PersonDay, Reminded]:
    """These days, made where they are new, and locked: two workers never share out one person's day at once."""
    # in one order, so that two workers with people in common never wait for each other in a circle
    keys = sorted(set(wanted), key=lambda one: (one.person_id, one.day))
    if not keys:
        return {}
    many.write(session, _new(session.get_bind().dialect.name), PersonDay._fields, keys)
    values = {"people": list({k.person_id for k in keys}), "days": list({k.day for k in keys})}
    found = session.connection().execute(_days(), values).all()
    waiting = _not_left(session, [row.id for row in found if row.opened_at is not None])
    known = {
        PersonDay(row.workspace_id, row.person_id, row.day): Reminded(
            row.id, row.messages, row.opened_at, row.id in waiting
        )
        for row in found
    }
    return {key: known[key] for key in keys}


def counted(session: Session, changed: Iterable[Reminded]) -> None:
    """Write down what these days have become."""
    rows = [(one.id, one.messages, one.opened_at) for one in changed]
    many.write(session, _counted(session.get_bind().dialect.name), COUNTED, rows)


def entries(session: Session, digest_id: int) -> Sequence[Row[Any]]:
    """The nudges that a digest shows: what was queued for it or has been sent in it."""
    return session.connection().execute(_entries(), {"number": digest_id}).all()


def digest(session: Session, workspace_id: int, digest_id: int) -> Row[Any] | None:
    """One person's day."""
    values = {"number": digest_id, "workspace": workspace_id}
    return session.connection().execute(_digest(), values).one_or_none()


def called_off(session: Session, digest_id: int) -> None:
    """The digest did not leave: that day had none."""
    session.execute(update(digests).where(digests.c.id == digest_id).values(opened_at=None))


def _not_left(session: Session, digest_ids: list[int]) -> set[int]:
    if not digest_ids:
        return set()
    return {row[0] for row in session.connection().execute(_waiting(), {"ids": digest_ids})}


@cache
def _entries() -> Select[Any]:
    shown = nudges.c.state.in_((NudgeState.QUEUED, NudgeState.SENT))
    return select(nudges).where(nudges.c.digest_id == bindparam("number"), shown).order_by(nudges.c.id)


@cache
def _digest() -> Select[Any]:
    mine = (digests.c.id == bindparam("number"), digests.c.workspace_id == bindparam("workspace"))
    return select(digests).where(*mine)


@cache
def _days() -> Select[Any]:
    c = digests.c
    # two lists, not a list of pairs: SQLite finds pairs only by reading every day of everybody
    theirs = (among(c.person_id, "people"), among(c.day, "days"))
    return select(digests).where(*theirs).order_by(c.id).with_for_update()


@cache
def _waiting() -> Select[Any]:
    c = outbox.c
    mine = (c.kind == "digest", among(c.subject_id, "ids"))
    return select(c.subject_id).where(*mine, c.state == LetterState.QUEUED, c.ts.is_(None))


@cache
def _counted(dialect: str) -> Update:
    return many.update_of(digests, COUNTED, dialect)


@cache
def _new(dialect: str) -> Any:
    insert = many.insert_into(digests, PersonDay._fields, dialect)
    return insert.on_conflict_do_nothing(index_elements=["person_id", "day"])
