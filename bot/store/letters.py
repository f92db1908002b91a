"""Writing to the outbox: what must reach Slack is put down in the transaction of the change that causes it.

The statements are built once per process and dialect, because every click runs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from bot.store import many
from bot.store.among import named
from bot.store.plain import run
from bot.store.queues import LetterState, outbox

REST = timedelta(seconds=2)
"""A message that was posted or edited is not edited again before, so that ten quick clicks are two edits."""

WRITTEN = (
    *("workspace_id", "key", "kind", "subject_id", "handoff_id", "person_id", "channel", "detail", "priority"),
    *("state", "not_before", "created_at"),
)


class Priority(IntEnum):
    """Smaller goes first: what others depend on, what somebody waits for on the screen … what can wait a moment."""

    LOOKUP = 0
    CARD = 1
    ANSWER = 2
    MESSAGE = 4
    NUDGE = 6
    HOME = 7
    DIGEST = 8
    BACKGROUND = 9


@dataclass(frozen=True)
class Letter:
    """One message slot in Slack. `key` is unique in the workspace ("card:12"); `detail` is what the row alone knows.

    `person_id`: whom a direct message is for.
    """

    key: str
    kind: str
    subject_id: int
    handoff_id: int | None = None
    priority: Priority = Priority.MESSAGE
    detail: Mapping[str, Any] | None = None
    person_id: int | None = None
    channel: str | None = None
    """Where it is to stand, of a message in a channel that belongs to no handoff."""


def freshen(session: Session, workspace_id: int, now: datetime, letters: Iterable[Letter]) -> None:
    """These slots are stale: create them, or mark them for another delivery. What is being sent now is sent again."""
    # of two for one slot the later counts
    rows = {letter.key: _row(workspace_id, now, letter) for letter in letters}
    if rows:
        many.write(session, _upsert(session.get_bind().dialect.name), WRITTEN, list(rows.values()))
        session.info["spoke"] = True


def post_once(session: Session, workspace_id: int, now: datetime, letters: Iterable[Letter]) -> None:
    """Messages that are sent once and for all; a key that is there already is left alone."""
    rows = [_row(workspace_id, now, letter) for letter in letters]
    if rows:
        many.write(session, _insert_new(session.get_bind().dialect.name), WRITTEN, rows)
        session.info["spoke"] = True


def freshen_existing(session: Session, workspace_id: int, now: datetime, keys: Iterable[str]) -> None:
    """Mark slots stale only where they exist: nobody's Home is drawn before they have opened it once."""
    wanted = list(dict.fromkeys(keys))
    if wanted:
        run(session, _stale_by_key(), {"workspace": workspace_id, "moment": now, "keys": wanted})
        session.info["spoke"] = True


def freshen_kind(session: Session, workspace_id: int, now: datetime, kind: str, subject_id: int) -> None:
    """Mark every slot of that kind about that subject stale, where it exists."""
    values = {"workspace": workspace_id, "moment": now, "kind_is": kind, "subject": subject_id}
    run(session, _stale_by_kind(), values)
    session.info["spoke"] = True


def freshen_of_handoff(session: Session, now: datetime, handoff_id: int, kinds: Iterable[str]) -> None:
    """Mark every slot of these kinds in one handoff stale, where it exists."""
    values = {"moment": now, "handoff": handoff_id, "kinds": list(kinds)}
    run(session, _stale_of_handoff(), values)
    session.info["spoke"] = True


def freshen_thread(session: Session, now: datetime, handoff_id: int, slots: str) -> None:
    """Mark what stands in a handoff's thread under slots that begin so stale: no button outlives its question."""
    begins = f"thread:{handoff_id}:{slots}".replace("_", "/_")
    values = {"moment": now, "handoff": handoff_id, "begins": f"{begins}%"}
    run(session, _stale_in_thread(), values)
    session.info["spoke"] = True


def stale(*where: ColumnElement[bool]) -> Update:
    """The update (to run with `moment`) that marks slots for another delivery; what is in flight goes again after."""
    in_flight = outbox.c.state == LetterState.SENDING
    # in the order of their ids, so that two clicks with people in common never wait for each other in a circle
    rows = select(outbox.c.id).where(*where, outbox.c.state != LetterState.MOOT).order_by(outbox.c.id).with_for_update()
    return (
        update(outbox)
        .where(outbox.c.id.in_(rows))
        .values(
            wanted=outbox.c.wanted + 1,
            state=case((in_flight, LetterState.SENDING), else_=LetterState.QUEUED),
            not_before=_when(bindparam("moment", type_=outbox.c.not_before.type)),
            attempts=0,
        )
    )


def _when(moment: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """When a slot that went stale goes: at once, or when it has rested; what waits its turn in line keeps its place."""
    c = outbox.c
    in_line = and_(c.state == LetterState.QUEUED, c.ts.is_(None), c.error == "")
    kept = or_(c.state == LetterState.SENDING, in_line)
    return case((kept, c.not_before), (c.rests_until > moment, c.rests_until), else_=moment)


@cache
def _stale_by_key() -> Update:
    return stale(outbox.c.workspace_id == bindparam("workspace"), named(outbox.c.key, "keys"))


@cache
def _stale_by_kind() -> Update:
    about = (outbox.c.kind == bindparam("kind_is"), outbox.c.subject_id == bindparam("subject"))
    return stale(outbox.c.workspace_id == bindparam("workspace"), *about)


@cache
def _stale_of_handoff() -> Update:
    return stale(outbox.c.handoff_id == bindparam("handoff"), named(outbox.c.kind, "kinds"))


@cache
def _stale_in_thread() -> Update:
    c = outbox.c
    ours = c.key.like(bindparam("begins"), escape="/")
    return stale(c.handoff_id == bindparam("handoff"), ours, c.ts.is_not(None))


@cache
def _upsert(dialect: str) -> Any:
    insert = _insert(dialect)
    kept = outbox.c.state == LetterState.SENDING
    sooner = and_(outbox.c.state == LetterState.QUEUED, outbox.c.priority < insert.excluded.priority)
    return insert.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        set_={
            "wanted": outbox.c.wanted + 1,
            "state": case((kept, LetterState.SENDING), else_=LetterState.QUEUED),
            "not_before": _when(insert.excluded.not_before),
            # a letter that waits already keeps its place before others; one that was sent takes the new one
            "priority": case((sooner, outbox.c.priority), else_=insert.excluded.priority),
            "detail": insert.excluded.detail,
            "person_id": insert.excluded.person_id,
            "attempts": 0,
        },
    )


@cache
def _insert_new(dialect: str) -> Any:
    return _insert(dialect).on_conflict_do_nothing()


def _insert(dialect: str) -> Any:
    return many.insert_into(outbox, WRITTEN, dialect)


def _row(workspace_id: int, now: datetime, letter: Letter) -> tuple[Any, ...]:
    detail = dict(letter.detail) if letter.detail else None
    what = (workspace_id, letter.key, letter.kind, letter.subject_id, letter.handoff_id, letter.person_id)
    return (*what, letter.channel, detail, int(letter.priority), LetterState.QUEUED, now, now)
