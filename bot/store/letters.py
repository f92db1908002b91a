"""Writing to the outbox: what must reach Slack is put down in the transaction of the change that causes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.queues import LetterState, outbox


class Priority(IntEnum):
    """Smaller goes first: somebody waits for it on the screen … it can wait a moment."""

    CARD = 1
    ANSWER = 2
    MESSAGE = 4
    NUDGE = 6
    HOME = 7
    LOOKUP = 8


@dataclass(frozen=True)
class Letter:
    """One message slot in Slack. `key` is unique in the workspace ("card:12"); `detail` is what the row alone knows."""

    key: str
    kind: str
    subject_id: int
    handoff_id: int | None = None
    priority: Priority = Priority.MESSAGE
    detail: Mapping[str, Any] | None = None


def freshen(session: Session, workspace_id: int, now: datetime, letters: Iterable[Letter]) -> None:
    """These slots are stale: create them, or mark them for another delivery. What is being sent now is sent again."""
    rows = [_row(workspace_id, now, letter) for letter in letters]
    if not rows:
        return
    insert = _insert(session)(outbox).values(rows)
    kept = outbox.c.state == LetterState.SENDING
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["workspace_id", "key"],
            set_={
                "wanted": outbox.c.wanted + 1,
                "state": case((kept, LetterState.SENDING), else_=LetterState.QUEUED),
                "not_before": case((kept, outbox.c.not_before), else_=insert.excluded.not_before),
                "detail": insert.excluded.detail,
                "attempts": 0,
            },
        )
    )
    session.info["spoke"] = True


def post_once(session: Session, workspace_id: int, now: datetime, letters: Iterable[Letter]) -> None:
    """Messages that are sent once and for all; a key that is there already is left alone."""
    rows = [_row(workspace_id, now, letter) for letter in letters]
    if not rows:
        return
    session.execute(_insert(session)(outbox).values(rows).on_conflict_do_nothing())
    session.info["spoke"] = True


def freshen_existing(session: Session, workspace_id: int, now: datetime, keys: Iterable[str]) -> None:
    """Mark slots stale only where they exist: nobody's Home is drawn before they have opened it once."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return
    _stale(session, now, outbox.c.workspace_id == workspace_id, outbox.c.key.in_(wanted))


def freshen_kind(session: Session, workspace_id: int, now: datetime, kind: str, subject_id: int) -> None:
    """Mark every slot of that kind about that subject stale, where it exists."""
    where = (outbox.c.workspace_id == workspace_id, outbox.c.kind == kind, outbox.c.subject_id == subject_id)
    _stale(session, now, *where)


def freshen_of_handoff(session: Session, now: datetime, handoff_id: int, kinds: Iterable[str]) -> None:
    """Mark every slot of these kinds in one handoff stale, where it exists."""
    _stale(session, now, outbox.c.handoff_id == handoff_id, outbox.c.kind.in_(list(kinds)))


def _stale(session: Session, now: datetime, *where: ColumnElement[bool]) -> None:
    in_flight = outbox.c.state == LetterState.SENDING
    session.execute(
        update(outbox)
        .where(*where, outbox.c.state != LetterState.MOOT)
        .values(
            wanted=outbox.c.wanted + 1,
            state=case((in_flight, LetterState.SENDING), else_=LetterState.QUEUED),
            not_before=case((in_flight, outbox.c.not_before), else_=now),
            attempts=0,
        )
        .execution_options(synchronize_session=False)
    )
    session.info["spoke"] = True


def _row(workspace_id: int, now: datetime, letter: Letter) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "key": letter.key,
        "kind": letter.kind,
        "subject_id": letter.subject_id,
        "handoff_id": letter.handoff_id,
        "detail": dict(letter.detail) if letter.detail else None,
        "priority": int(letter.priority),
        "state": LetterState.QUEUED,
        "not_before": now,
        "created_at": now,
    }


def _insert(session: Session) -> Any:
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
