"""The outbox as a queue: claiming a letter, and writing down what became of it.

QUEUED -> SENDING (with a lease) -> SENT; MOOT when overtaken; FAILED when given up. A letter whose lease ran out was in
the hands of a courier that died: it is taken up again, and if it was a first post, marked as a possible repeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, select, update
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.store import schema as t
from bot.store.queues import LetterState, outbox

LEASE = timedelta(seconds=20)
"""Twice the longest that a call to Slack may take, so that a lease runs out only when its courier is dead."""


@dataclass(frozen=True)
class Claimed:
    """A letter in the courier's hands; `wanted` is the state of things it was claimed for."""

    id: int
    workspace_id: int
    key: str
    kind: str
    subject_id: int
    handoff_id: int | None
    detail: dict[str, Any]
    wanted: int
    attempts: int
    channel: str | None
    ts: str | None
    maybe_repeat: bool

    @property
    def posted(self) -> bool:
        return self.ts is not None


def claim(session: Session, now: datetime) -> Claimed | None:
    """Take the next letter that may go now, people's first; None when there is none."""
    c = outbox.c
    waiting = (
        select(outbox)
        .join(t.workspaces, t.workspaces.c.id == c.workspace_id)
        .where(c.state == LetterState.QUEUED, c.not_before <= now, t.workspaces.c.active.is_(True))
        .order_by(c.priority, c.id)
        .limit(1)
    )
    row = session.execute(waiting.with_for_update(of=outbox, skip_locked=True)).one_or_none()
    if row is None:
        return None
    session.execute(
        update(outbox)
        .where(c.id == row.id)
        .values(state=LetterState.SENDING, lease_until=now + LEASE, attempts=c.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return Claimed(
        row.id,
        row.workspace_id,
        row.key,
        row.kind,
        row.subject_id,
        row.handoff_id,
        dict(row.detail or {}),
        row.wanted,
        row.attempts + 1,
        row.channel,
        row.ts,
        row.maybe_repeat,
    )


def sent(session: Session, letter: Claimed, now: datetime, channel: str | None, ts: str | None, link: str = "") -> None:
    """Slack shows it. If it went stale meanwhile, it is queued again."""
    c = outbox.c
    session.execute(
        update(outbox)
        .where(c.id == letter.id)
        .values(
            state=case((c.wanted > letter.wanted, LetterState.QUEUED), else_=LetterState.SENT),
            shown=letter.wanted,
            channel=channel,
            ts=ts,
            link=func.coalesce(c.link, link or None),
            sent_at=func.coalesce(c.sent_at, now),
            lease_until=None,
            attempts=0,
            error="",
        )
        .execution_options(synchronize_session=False)
    )


def moot(session: Session, letter: Claimed) -> None:
    """Nothing needs to be said any more; unless it went stale meanwhile."""
    state = LetterState.SENT if letter.posted else LetterState.MOOT
    _end(session, letter, state=case((outbox.c.wanted > letter.wanted, LetterState.QUEUED), else_=state))


def again(
    session: Session, letter: Claimed, at: datetime, error: str, *, unsure: bool = False, counts: bool = True
) -> None:
    """Try again at `at`. `unsure`: Slack may have it already, so the next delivery may be a repeat."""
    attempts = letter.attempts if counts else letter.attempts - 1
    repeat = letter.maybe_repeat or (unsure and not letter.posted)
    _end(session, letter, state=LetterState.QUEUED, not_before=at, error=error, attempts=attempts, maybe_repeat=repeat)


def failed(session: Session, letter: Claimed, error: str) -> None:
    """Given up; stays visible with its error."""
    _end(session, letter, state=LetterState.FAILED, error=error)


def forget_place(session: Session, letter: Claimed, now: datetime) -> None:
    """The message is gone from Slack: the next delivery posts it anew."""
    _end(session, letter, state=LetterState.QUEUED, not_before=now, channel=None, ts=None, link=None)


def take_up_orphans(session: Session, now: datetime, *, all_of_them: bool = False) -> int:
    """Letters of a courier that died are queued again. `all_of_them`: at the start of a process that is alone."""
    c = outbox.c
    orphaned = c.state == LetterState.SENDING
    if not all_of_them:
        orphaned = and_(orphaned, c.lease_until < now)
    result = session.execute(
        update(outbox)
        .where(orphaned)
        .values(
            state=LetterState.QUEUED,
            lease_until=None,
            not_before=now,
            maybe_repeat=case((c.ts.is_(None), True), else_=c.maybe_repeat),
        )
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def revive(session: Session, now: datetime) -> int:
    """Letters of open handoffs that were given up go out again: what stood in their way may be mended."""
    open_ones = select(t.handoffs.c.id).where(t.handoffs.c.state == HandoffState.OPEN)
    result = session.execute(
        update(outbox)
        .where(outbox.c.state == LetterState.FAILED, outbox.c.handoff_id.in_(open_ones))
        .values(state=LetterState.QUEUED, not_before=now, attempts=0)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def next_waiting(session: Session) -> datetime | None:
    """When the next letter may go; None when none waits (those of a paused workspace do not count)."""
    c, w = outbox.c, t.workspaces
    waiting = (
        select(func.min(c.not_before))
        .join(w, w.c.id == c.workspace_id)
        .where(c.state == LetterState.QUEUED, w.c.active.is_(True))
    )
    found: datetime | None = session.scalar(waiting)
    return found


def _end(session: Session, letter: Claimed, **values: Any) -> None:
    session.execute(
        update(outbox)
        .where(outbox.c.id == letter.id)
        .values(lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
