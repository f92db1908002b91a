"""The outbox as a queue: what became of a letter that a courier had in hand (which comes next: claiming.py).

QUEUED -> SENDING (with a lease) -> SENT; MOOT when overtaken; FAILED when given up. A letter whose lease ran out was in
the hands of a courier that died: it is taken up again, and if it was a first post, marked as a possible repeat.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.outbox.pace import Turn
from bot.store import schema as t
from bot.store.letters import REST, freshen_of_handoff
from bot.store.queues import ERRANDS, MOVED, LetterState, outbox

LEASE = timedelta(seconds=30)
"""Longer than a call to Slack takes, so that a lease runs out only when its courier is dead."""

NO_THREAD = "no_thread"
"""Why a message for a thread was given up: the card on which the thread hangs is not there."""


@dataclass(frozen=True)
class Claimed:
    """A letter in the courier's hands; `wanted` is the state of things it was claimed for.

    `fingerprint`: of the content that Slack shows, if that is certain.
    """

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
    doubts: int
    link: str
    lease_until: datetime
    turn: Turn
    fingerprint: str | None = None

    @property
    def posted(self) -> bool:
        return self.ts is not None


def sent(
    session: Session, letter: Claimed, now: datetime, channel: str | None, ts: str | None, fingerprint: str | None
) -> None:
    """Slack shows it. If it went stale meanwhile, it is queued again, for when it has rested."""
    values = {"number": letter.id, "for": letter.wanted, "now": now, "rest": now + REST, "in": channel, "at": ts}
    _written(session, {**values, "print": fingerprint})


def unchanged(session: Session, letter: Claimed, now: datetime) -> None:
    """Slack shows just that already, and was not called: there is nothing to rest from."""
    values = {"number": letter.id, "for": letter.wanted, "now": now, "rest": now, "in": letter.channel, "at": letter.ts}
    _written(session, {**values, "print": letter.fingerprint})


def _written(session: Session, values: dict[str, Any]) -> None:
    if session.connection().execute(_sent(), values).scalar() == LetterState.QUEUED:
        session.info["spoke"] = True


@cache
def _sent() -> Any:
    c = outbox.c
    stale = c.wanted > bindparam("for")
    rested = bindparam("rest", type_=c.not_before.type)
    values = {
        "state": case((stale, LetterState.QUEUED), else_=LetterState.SENT),
        "not_before": case((stale, rested), else_=c.not_before),
        "rests_until": rested,
        "shown": bindparam("for"),
        "channel": bindparam("in"),
        "ts": bindparam("at"),
        "fingerprint": bindparam("print"),
        "sent_at": func.coalesce(c.sent_at, bindparam("now", type_=c.not_before.type)),
        "lease_until": None,
        "attempts": 0,
        "doubts": 0,
        "error": "",
    }
    return update(outbox).where(c.id == bindparam("number")).values(values).returning(c.state)


def linked(session: Session, letter: Claimed, now: datetime, link: str) -> None:
    """Where people find the card, and what it left behind in other channels says so."""
    session.execute(_plain(update(outbox).where(outbox.c.id == letter.id).values(link=link)))
    if letter.handoff_id is not None:
        freshen_of_handoff(session, now, letter.handoff_id, [MOVED])


def thread_begun(session: Session, card: Claimed, now: datetime) -> None:
    """The card is there: what was given up for want of a thread goes out."""
    c = outbox.c
    waiting = (c.handoff_id == card.handoff_id, c.state == LetterState.FAILED, c.error == NO_THREAD)
    values = {"state": LetterState.QUEUED, "not_before": now, "attempts": 0, "error": ""}
    session.execute(_plain(update(outbox).where(*waiting).values(values)))


def stale(session: Session, letter: Claimed) -> bool:
    """Whether something that it shows has changed since it was claimed."""
    wanted = session.scalar(select(outbox.c.wanted).where(outbox.c.id == letter.id))
    return wanted is not None and wanted > letter.wanted


def moot(session: Session, letter: Claimed) -> None:
    """Nothing needs to be said any more; unless it went stale meanwhile."""
    state = LetterState.SENT if letter.posted else LetterState.MOOT
    _end(session, letter, state=case((outbox.c.wanted > letter.wanted, LetterState.QUEUED), else_=state))


def again(session: Session, letter: Claimed, at: datetime, error: str) -> None:
    """It did not work: try again at `at`."""
    _end(session, letter, state=LetterState.QUEUED, not_before=at, error=error)


def unsure(session: Session, letter: Claimed, at: datetime, error: str) -> None:
    """Slack may have taken it: the next delivery is perhaps a repeat."""
    values = {"maybe_repeat": True, "doubts": letter.doubts + 1}
    _end(session, letter, state=LetterState.QUEUED, not_before=at, error=error, **values)


def untried(session: Session, letter: Claimed, error: str = "") -> None:
    """Nothing was tried: it keeps its place, and no attempt is counted."""
    error = error or outbox.c.error  # type: ignore[assignment]
    _end(session, letter, state=LetterState.QUEUED, attempts=letter.attempts - 1, error=error)


def held(session: Session, letter: Claimed, until: datetime) -> None:
    """It waits until its recipient wants to be disturbed again; nothing was tried."""
    _end(session, letter, state=LetterState.QUEUED, not_before=until, attempts=letter.attempts - 1)


def failed(session: Session, letter: Claimed, error: str) -> None:
    """Given up; stays visible with its error."""
    _end(session, letter, state=LetterState.FAILED, error=error)


def forget_place(session: Session, letter: Claimed, at: datetime) -> None:
    """The message is gone from Slack: the next delivery posts it anew."""
    nowhere = {"channel": None, "ts": None, "link": None, "maybe_repeat": False}
    _end(session, letter, state=LetterState.QUEUED, not_before=at, **nowhere)


def extend(session: Session, letter: Claimed, now: datetime) -> Claimed | None:
    """Keep the letter for another lease; None when somebody else took it for that of a dead courier."""
    until = now + LEASE
    result = session.execute(_plain(update(outbox).where(*_in_hand(letter)).values(lease_until=until)))
    return replace(letter, lease_until=until) if result.rowcount else None  # type: ignore[attr-defined]


def take_up_orphans(
    session: Session, now: datetime, *, all_of_them: bool = False, but: Collection[int] = (), only: Collection[int] = ()
) -> int:
    """Letters of a courier that died are queued again.

    `all_of_them`: at the start of a process that is alone. `but`: what this process has in hand. `only`: exactly
    these, whatever their lease.
    """
    c = outbox.c
    orphaned = c.state == LetterState.SENDING
    if only:
        orphaned = and_(orphaned, c.id.in_(only))
    elif not all_of_them:
        orphaned = and_(orphaned, c.lease_until < now, c.id.not_in(but))
    first_post = and_(c.ts.is_(None), c.kind.not_in(ERRANDS))
    values = {"state": LetterState.QUEUED, "lease_until": None, "not_before": now}
    repeat = case((first_post, True), else_=c.maybe_repeat)
    result = session.execute(_plain(update(outbox).where(orphaned).values(**values, maybe_repeat=repeat)))
    return int(result.rowcount)  # type: ignore[attr-defined]


def revive(session: Session, now: datetime) -> int:
    """Letters of open handoffs that were given up go out again: what stood in their way may be mended.

    But for those that Slack may have shown several times already: for them somebody has to ask.
    """
    open_ones = select(t.handoffs.c.id).where(t.handoffs.c.state == HandoffState.OPEN)
    given_up = (outbox.c.state == LetterState.FAILED, outbox.c.doubts == 0, outbox.c.handoff_id.in_(open_ones))
    values = {"state": LetterState.QUEUED, "not_before": now, "attempts": 0}
    result = session.execute(_plain(update(outbox).where(*given_up).values(values)))
    return int(result.rowcount)  # type: ignore[attr-defined]


def clock_set_back(session: Session, now: datetime) -> None:
    """What waits for a moment that a clock ahead of time has set need not wait."""
    waiting = (outbox.c.state == LetterState.QUEUED, outbox.c.not_before > now)
    session.execute(_plain(update(outbox).where(*waiting).values(not_before=now)))


def _in_hand(letter: Claimed) -> tuple[ColumnElement[bool], ...]:
    """This letter, unless its lease ran out and somebody else has it by now."""
    c = outbox.c
    return c.id == letter.id, c.state == LetterState.SENDING, c.lease_until == letter.lease_until


def _end(session: Session, letter: Claimed, **values: Any) -> None:
    session.execute(_plain(update(outbox).where(*_in_hand(letter)).values(lease_until=None, **values)))


def _plain(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
