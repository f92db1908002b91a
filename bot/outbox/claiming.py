"""Which letter goes next: one that Slack's pace allows, whose conversation is free, and whose thread has come to it.

People's letters go before reminders, and those before digests. A letter that may not go yet is put off to the moment
when it may, so that whoever looks next does not meet it again: the first in front of a conversation until that is
free, the others behind it, each in a place of its own in the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, and_, bindparam, select, update
from sqlalchemy.orm import Session

from bot.outbox import pace, waiting
from bot.outbox.pace import POST, Turn
from bot.outbox.queue import LEASE, Claimed
from bot.outbox.waiting import QUEUES
from bot.store import queues
from bot.store.among import among
from bot.store.queues import IN_A_CHANNEL, IN_A_THREAD, LetterState, outbox

FIRST_POSTS, THE_REST = (POST,), tuple(method for method in QUEUES if method != POST)
LOOKS = (20, 100)
"""How many letters to look at, per priority; after so many that cannot go, others get a turn at the database."""
IN_FLIGHT = timedelta(milliseconds=500)
"""How long to wait for a letter that another process is sending right now."""
QUICKER = timedelta(milliseconds=50)
"""How long to wait when another process has just taken the turn."""


@dataclass(frozen=True)
class Search:
    """What came of a look: a letter, or none; `put_off` letters wait for their moment; `again`: there are more."""

    letter: Claimed | None = None
    put_off: int = 0
    again: bool = False


@dataclass
class Obstacles:
    """What keeps these letters from going, as one look at the database shows it; and when each may go instead."""

    now: datetime
    lanes: dict[tuple[int, str], Row[Any]]
    heads: dict[int, Row[Any]]
    line: dict[tuple[int, str], datetime]
    moved: dict[int, datetime]

    def until(self, letter: Row[Any]) -> datetime | None:
        """When this letter may go; None: now."""
        key, lane = (letter.workspace_id, lane_of(letter) or ""), None
        if key in self.lanes and self.now < self.lanes[key].next_at <= self.now + pace.LONGEST:
            lane = self.lanes[key]
        head = self._head(letter)
        if head is not None and (head > self.now or lane is None):
            return max(head, self.now + IN_FLIGHT)
        return None if lane is None else self._place(key, lane)

    def lane(self, letter: Row[Any]) -> tuple[str, Row[Any] | None] | None:
        """The conversation of a first post, and what is known of it."""
        key = lane_of(letter) if letter.method == POST else None
        return None if key is None else (key, self.lanes.get((letter.workspace_id, key)))

    def _head(self, letter: Row[Any]) -> datetime | None:
        """When the letter goes that is to be read before this one in its thread; None when there is none."""
        head = self.heads.get(letter.handoff_id) if letter.kind in IN_A_THREAD else None
        if head is None or head.id >= letter.id:
            return None
        if head.id in self.moved:
            return self.now  # it has its place in the same line, before this one
        return head.not_before if head.state == LetterState.QUEUED else self.now + IN_FLIGHT

    def _place(self, key: tuple[int, str], lane: Row[Any]) -> datetime:
        """The first waits for the conversation itself, the others behind the end of the line."""
        if key not in self.line:
            ends = lane.line_ends if lane.line_ends and lane.line_ends > lane.next_at else lane.next_at
            self.line[key] = ends
            return lane.next_at  # type: ignore[no-any-return]
        self.line[key] += pace.IN_A_CONVERSATION
        return self.line[key]


def lane_of(letter: Row[Any]) -> str | None:
    """The conversation a first post goes to, as the table of paces calls it."""
    if letter.kind in IN_A_CHANNEL:
        return f"to:{letter.channel_id}" if letter.channel_id else None
    return f"to:p{letter.person_id}" if letter.person_id else None


def claim(session: Session, now: datetime, posting: bool | None = None) -> Search:
    """Take the next letter that may go: a first post, something that may be repeated (`posting` False), or either."""
    methods = _methods(posting)
    closed = pace.closed(session, methods, now)
    put_off, line = 0, dict[tuple[int, str], datetime]()
    for size in LOOKS:
        more, moved = False, dict[int, datetime]()
        for priority, needed in waiting.due(waiting.firsts(session, methods, closed), now):
            ready = waiting.ready(session, priority, needed, now, closed, size)
            obstacles = _obstacles(session, ready, now, line, moved)
            letter = _first(session, ready, obstacles)
            put_off += _put_off(session, ready, obstacles)
            if letter is not None:
                return Search(letter, put_off)
            more = more or len(ready) >= size
        if not more:
            return Search(None, put_off)
    return Search(None, put_off, again=put_off > 0)


def next_waiting(session: Session, now: datetime, posting: bool | None = None) -> datetime | None:
    """When the next letter may go; None when none waits (those of a paused workspace do not count)."""
    methods = _methods(posting)
    closed = pace.closed(session, methods, now)
    found = [one.at for one in waiting.firsts(session, methods, closed)]
    for method, workspaces in closed.items():
        for number, until in workspaces.items():
            if until is not None:
                found += [max(one.at, until) for one in waiting.firsts_in(session, method, number)]
    return min(found, default=None)


def _methods(posting: bool | None) -> tuple[str, ...]:
    return tuple(QUEUES) if posting is None else FIRST_POSTS if posting else THE_REST


def _obstacles(
    session: Session,
    ready: Sequence[Row[Any]],
    now: datetime,
    line: dict[tuple[int, str], datetime],
    moved: dict[int, datetime],
) -> Obstacles:
    posts = [row for row in ready if row.method == POST]
    lanes = pace.lanes(session, [(row.workspace_id, key) for row in posts if (key := lane_of(row))])
    threads = {row.handoff_id for row in posts if row.kind in IN_A_THREAD and row.handoff_id is not None}
    return Obstacles(now, lanes, _heads(session, threads), line, moved)


def _heads(session: Session, handoffs: Iterable[int]) -> dict[int, Row[Any]]:
    """Of each handoff, the earliest message of its thread that was not posted yet."""
    wanted = list(handoffs)
    if not wanted:
        return {}
    heads: dict[int, Any] = {}
    for row in session.connection().execute(_unsent(), {"handoffs": wanted}):
        heads.setdefault(row.handoff_id, row)
    return heads


def _first(session: Session, ready: Sequence[Row[Any]], obstacles: Obstacles) -> Claimed | None:
    """The first of these that may go, with its turn; the others before it are noted as put off."""
    now = obstacles.now
    for row in ready:
        until = obstacles.until(row) if row.method == POST else None
        if until is not None:
            obstacles.moved[row.id] = until
            continue
        held = _hold(session, row)
        if held is None:
            continue
        turn = pace.take(session, row.workspace_id, _known(row.method, held), obstacles.lane(row), now)
        if turn is None:
            obstacles.moved[row.id] = now + QUICKER
            continue
        return _taken(session, held, turn, now)
    return None


def _known(method: str, held: Row[Any]) -> pace.Known:
    return pace.Known(method, held.pace_next_at, held.failures or 0, bool(held.doubtful))


def _hold(session: Session, row: Row[Any]) -> Row[Any] | None:
    """The letter, locked, and what is known of its method; None when another process has it."""
    return session.connection().execute(_letter(), {"number": row.id, "method": row.method}).one_or_none()


def _taken(session: Session, row: Row[Any], turn: Turn, now: datetime) -> Claimed:
    until = now + LEASE
    session.connection().execute(_take(), {"number": row.id, "until": until})
    return Claimed(
        id=row.id,
        workspace_id=row.workspace_id,
        key=row.key,
        kind=row.kind,
        subject_id=row.subject_id,
        handoff_id=row.handoff_id,
        detail=dict(row.detail or {}),
        wanted=row.wanted,
        attempts=row.attempts + 1,
        channel=row.channel,
        ts=row.ts,
        maybe_repeat=row.maybe_repeat,
        doubts=row.doubts,
        link=row.link or "",
        lease_until=until,
        turn=turn,
        fingerprint=row.fingerprint,
    )


def _put_off(session: Session, ready: Sequence[Row[Any]], obstacles: Obstacles) -> int:
    """Move what cannot go now to when it may; letters in the hands of somebody else are left alone."""
    for key, ends in obstacles.line.items():
        if key in obstacles.lanes and ends > (obstacles.lanes[key].line_ends or obstacles.lanes[key].next_at):
            pace.stand_in_line(session, obstacles.lanes[key], ends)
    moved = {row.id: obstacles.moved[row.id] for row in ready if row.id in obstacles.moved}
    if not moved:
        return 0
    free = select(outbox.c.id).where(outbox.c.id.in_(list(moved)), outbox.c.state == LetterState.QUEUED)
    ids = session.scalars(free.order_by(outbox.c.id).with_for_update(skip_locked=True)).all()
    if ids:
        session.connection().execute(_move(), [{"number": number, "at": moved[number]} for number in ids])
    return len(ids)


@cache
def _unsent() -> Any:
    c = outbox.c
    unsent = (c.ts.is_(None), c.state.in_((LetterState.QUEUED, LetterState.SENDING)), c.kind.in_(IN_A_THREAD))
    query = select(c.id, c.handoff_id, c.state, c.not_before)
    return query.where(among(c.handoff_id, "handoffs"), *unsent).order_by(c.id)


@cache
def _letter() -> Any:
    p = queues.pace.c
    query = select(outbox, p.next_at.label("pace_next_at"), p.failures, p.doubtful).outerjoin(
        queues.pace, and_(p.workspace_id == outbox.c.workspace_id, p.key == bindparam("method"))
    )
    mine = (outbox.c.id == bindparam("number"), outbox.c.state == LetterState.QUEUED)
    return query.where(*mine).with_for_update(of=outbox, skip_locked=True)


@cache
def _take() -> Any:
    c = outbox.c
    values: dict[str, Any] = {
        "state": LetterState.SENDING,
        "lease_until": bindparam("until", type_=c.lease_until.type),
        "attempts": c.attempts + 1,
        "fingerprint": None,  # until the end is written down, it is not certain what Slack shows
    }
    return update(outbox).where(c.id == bindparam("number")).values(values)


@cache
def _move() -> Any:
    c = outbox.c
    return update(outbox).where(c.id == bindparam("number")).values(not_before=bindparam("at", type_=c.not_before.type))
