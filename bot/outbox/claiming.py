"""Which letter goes next: one that Slack's pace allows, whose conversation is free, and whose thread has come to it.

People's letters go before reminders, and those before digests. A letter that may not go yet is put off to the moment
when it may, so that whoever looks next does not meet it again: the first in front of a conversation until that is
free, the others behind it, each in a place of its own in the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, literal, select, text, union_all, update
from sqlalchemy.orm import Session

from bot.outbox import pace
from bot.outbox.pace import POST, PUBLISH, UPDATE, Turn
from bot.outbox.queue import LEASE, Claimed
from bot.store import schema as t
from bot.store.queues import EDIT, ERRAND, FIRST_POST, LetterState, outbox

QUEUES = {
    POST: FIRST_POST,
    UPDATE: EDIT,
    PUBLISH: f"{ERRAND} AND kind = 'home'",
    "users.info": f"{ERRAND} AND kind = 'person'",
    "usergroups.users.list": f"{ERRAND} AND kind = 'group'",
}
"""By method, the letters that need it next; one index serves each."""
FIRST_POSTS, THE_REST = (POST,), tuple(method for method in QUEUES if method != POST)
PRIORITIES = range(10)
THREAD = ("card", "stage", "thread", "answered")
"""Kinds that are read in a handoff's channel, one after the other."""
LOOKS = (20, 200)
"""How many letters to look at, per priority; after so many that cannot go, others get a turn at the database."""
IN_FLIGHT = timedelta(milliseconds=500)
"""How long to wait for a letter that another process is sending right now."""


@dataclass(frozen=True)
class Search:
    """What came of a look: a letter, or none; `put_off` letters wait for their moment; `again`: look once more."""

    letter: Claimed | None = None
    put_off: int = 0
    again: bool = False


@dataclass
class Obstacles:
    """What keeps these letters from going, as one look at the database shows it; and when each may go instead."""

    now: datetime
    lanes: dict[tuple[int, str], Row[Any]]
    heads: dict[int, Row[Any]]
    moved: dict[int, datetime] = field(default_factory=dict)
    line: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def until(self, letter: Row[Any]) -> datetime | None:
        """When this letter may go; None: now."""
        key, lane = (letter.workspace_id, lane_of(letter) or ""), None
        if key in self.lanes and self.now < self.lanes[key].next_at <= self.now + pace.LONGEST:
            lane = self.lanes[key]
        head = self._head(letter)
        if head is not None and (head > self.now or lane is None):
            return max(head, self.now + IN_FLIGHT)
        return None if lane is None else self._place(key, lane)

    def _head(self, letter: Row[Any]) -> datetime | None:
        """When the letter goes that is to be read before this one in its thread; None when there is none."""
        head = self.heads.get(letter.handoff_id) if letter.kind in THREAD else None
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
    if letter.kind in THREAD:
        return f"to:{letter.channel_id}" if letter.channel_id else None
    return f"to:p{letter.person_id}" if letter.person_id else None


def claim(session: Session, now: datetime, posting: bool | None = None) -> Search:
    """Take the next letter that may go: a first post, something that may be repeated (`posting` False), or either."""
    methods = _methods(posting)
    closed = pace.closed(session, methods, now)
    put_off = 0
    for size in LOOKS:
        ready = _look(session, methods, now, closed, size)
        obstacles = _obstacles(session, ready, now)
        letter = _first(session, ready, obstacles, closed)
        put_off += _put_off(session, obstacles)
        if letter is not None or len(ready) < size:
            return Search(letter, put_off)
    return Search(None, put_off, again=True)


def next_waiting(session: Session, now: datetime, posting: bool | None = None) -> datetime | None:
    """When the next letter may go; None when none waits (those of a paused workspace do not count)."""
    methods = _methods(posting)
    closed = pace.closed(session, methods, now)
    found = list(session.scalars(_earliest(methods), _parameters(closed)))
    for method, workspaces in closed.items():
        for number, until in workspaces.items():
            if until is not None:
                mine = session.scalars(_earliest((method,), of_one=True), {"workspace": number})
                found += [max(at, until) for at in mine]
    return min(found, default=None)


def _methods(posting: bool | None) -> tuple[str, ...]:
    return tuple(QUEUES) if posting is None else FIRST_POSTS if posting else THE_REST


def _look(
    session: Session, methods: tuple[str, ...], now: datetime, closed: dict[str, dict[int, datetime | None]], size: int
) -> Sequence[Row[Any]]:
    return session.execute(_ready(methods), {**_parameters(closed), "now": now, "size": size}).all()


def _obstacles(session: Session, ready: Sequence[Row[Any]], now: datetime) -> Obstacles:
    posts = [row for row in ready if row.method == POST]
    lanes = pace.lanes(session, [(row.workspace_id, key) for row in posts if (key := lane_of(row))])
    threads = {row.handoff_id for row in posts if row.kind in THREAD and row.handoff_id is not None}
    return Obstacles(now, lanes, _heads(session, threads))


def _heads(session: Session, handoffs: Iterable[int]) -> dict[int, Row[Any]]:
    """Of each handoff, the earliest message of its thread that was not posted yet."""
    wanted = list(handoffs)
    if not wanted:
        return {}
    c = outbox.c
    waiting = (c.ts.is_(None), c.state.in_((LetterState.QUEUED, LetterState.SENDING)))
    query = select(c.id, c.handoff_id, c.state, c.not_before).where(
        c.handoff_id.in_(wanted), c.kind.in_(THREAD), *waiting
    )
    heads: dict[int, Any] = {}
    for row in session.execute(query.order_by(c.id)):
        heads.setdefault(row.handoff_id, row)
    return heads


def _first(
    session: Session,
    ready: Sequence[Row[Any]],
    obstacles: Obstacles,
    closed: dict[str, dict[int, datetime | None]],
) -> Claimed | None:
    """The first of these that may go, with its turn; the others before it are noted as put off."""
    now = obstacles.now
    for row in ready:
        if row.workspace_id in closed[row.method]:
            continue
        until = obstacles.until(row) if row.method == POST else None
        if until is not None:
            obstacles.moved[row.id] = until
            continue
        held = _hold(session, row.id)
        if held is None:
            continue
        turn = pace.take(session, row.workspace_id, row.method, lane_of(row) if row.method == POST else None, now)
        if isinstance(turn, Turn):
            return _taken(session, held, turn, now)
        if turn.key == row.method:
            closed[row.method][row.workspace_id] = turn.until
        else:
            obstacles.moved[row.id] = turn.until
    return None


def _hold(session: Session, number: int) -> Row[Any] | None:
    """The letter, locked; None when another process has it."""
    query = select(outbox).where(outbox.c.id == number, outbox.c.state == LetterState.QUEUED)
    return session.execute(query.with_for_update(skip_locked=True)).one_or_none()


def _taken(session: Session, row: Row[Any], turn: Turn, now: datetime) -> Claimed:
    until = now + LEASE
    session.execute(
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(state=LetterState.SENDING, lease_until=until, attempts=outbox.c.attempts + 1)
        .execution_options(synchronize_session=False)
    )
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
    )


def _put_off(session: Session, obstacles: Obstacles) -> int:
    """Move what cannot go now to when it may; letters in the hands of somebody else are left alone."""
    for key, ends in obstacles.line.items():
        if ends > (obstacles.lanes[key].line_ends or obstacles.lanes[key].next_at):
            pace.stand_in_line(session, obstacles.lanes[key], ends)
    moved = obstacles.moved
    if not moved:
        return 0
    free = select(outbox.c.id).where(outbox.c.id.in_(list(moved)), outbox.c.state == LetterState.QUEUED)
    ids = session.scalars(free.order_by(outbox.c.id).with_for_update(skip_locked=True)).all()
    if ids:
        session.connection().execute(_move(), [{"number": number, "at": moved[number]} for number in ids])
    return len(ids)


@cache
def _move() -> Any:
    c = outbox.c
    return update(outbox).where(c.id == bindparam("number")).values(not_before=bindparam("at", type_=c.not_before.type))


def _parameters(closed: dict[str, dict[int, datetime | None]]) -> dict[str, Any]:
    """Numbers from 1 up are workspaces; 0 keeps the list from being empty."""
    return {f"closed_{_word(method)}": [0, *workspaces] for method, workspaces in closed.items()}


def _word(method: str) -> str:
    return method.replace(".", "_").lower()


@cache
def _ready(methods: tuple[str, ...]) -> Select[Any]:
    """Of each method and priority the letters that have waited longest: one step into an index each."""
    c, branches = outbox.c, []
    columns = (c.id, c.workspace_id, c.priority, c.not_before, c.kind, c.handoff_id, c.person_id)
    for method in methods:
        for priority in PRIORITIES:
            query = _waiting(method, priority, *columns, literal(method).label("method"))
            query = query.where(c.not_before <= bindparam("now", type_=c.not_before.type))
            branches.append(select(query.order_by(c.not_before, c.id).limit(bindparam("size")).subquery()))
    found, h = union_all(*branches).subquery("ready"), t.handoffs
    with_channel = select(found, h.c.channel_id).outerjoin(h, h.c.id == found.c.handoff_id)
    return with_channel.order_by(found.c.priority, found.c.not_before, found.c.id)


@cache
def _earliest(methods: tuple[str, ...], *, of_one: bool = False) -> Any:
    """Of each method and priority the earliest moment, past or to come; in all open workspaces, or in one."""
    at, branches = outbox.c.not_before, []
    for method in methods:
        for priority in PRIORITIES:
            query = _waiting(method, priority, at, of_one=of_one)
            branches.append(select(query.order_by(at).limit(1).subquery()))
    return union_all(*branches)


def _waiting(method: str, priority: int, *columns: Any, of_one: bool = False) -> Select[Any]:
    number = literal(priority, literal_execute=True)
    waiting = select(*columns).where(text(QUEUES[method]), outbox.c.priority == number)
    if of_one:
        return waiting.where(outbox.c.workspace_id == bindparam("workspace"))
    return waiting.where(outbox.c.workspace_id.not_in(bindparam(f"closed_{_word(method)}", expanding=True)))
