"""How fast letters may go, shared by every process: Slack's rates, what Slack told us to wait, and its bad moments.

One row of the table `pace` per workspace and method, and one per conversation that was written to lately. `next_at` is
the moment from which the next call may be made; it may lie in the past by as much as a burst is free (the generic cell
rate algorithm). After trouble of Slack's own a method backs off, and is then tried with one letter at a time; while it
is doubtful whether a post arrived, Slack is asked first whether it answers at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store import schema as t
from bot.store.queues import pace

POST, UPDATE, PUBLISH = "chat.postMessage", "chat.update", "views.publish"
PER_MINUTE = {
    POST: 240,  # "several hundred per minute" in a workspace
    UPDATE: 50,
    PUBLISH: 100,
    "users.info": 100,
    "usergroups.users.list": 20,
}
"""Slack's rates (SLACK.md section 2), or a little less."""
BURST = timedelta(seconds=10)
"""So much unused time may be made up for at once; on average the rate holds."""
A_SECOND = timedelta(seconds=1)
IN_A_CONVERSATION = timedelta(seconds=1, milliseconds=20)
"""Slack takes one message a second in a conversation; the rest is for being a little late now and then."""
TRIAL = timedelta(seconds=30)
"""How long one letter tries alone at most, after which its process counts as dead."""
LONGEST = timedelta(minutes=15)
"""Nothing waits longer for a method; a later moment was written by a clock that has been set back since."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=60)
LANES_KEPT = timedelta(hours=1)

Chance = Callable[[], float]
"""Answers a number from 0 up to 1, as `random.random` does."""


@dataclass(frozen=True)
class Turn:
    """The right to make one call now. `trial`: others wait for how it ends; `doubtful`: ask before posting."""

    workspace_id: int
    method: str
    lane: str | None
    before: datetime
    after: datetime
    trial: bool = False
    doubtful: bool = False


@dataclass(frozen=True)
class Busy:
    """Not now: `key` may be used from `until` on."""

    key: str
    until: datetime


def spacing(method: str) -> timedelta:
    """The time between two calls of a method, on average."""
    return timedelta(seconds=60 / PER_MINUTE[method])


def pause(failures: int, chance: Chance) -> timedelta:
    """How long a method rests after so many failures in a row: doubling, with jitter, at most LONGEST_PAUSE."""
    longest = min(FIRST_PAUSE.total_seconds() * 2 ** min(failures - 1, 10), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=longest * (0.5 + chance() / 2))


def closed(session: Session, methods: Iterable[str], now: datetime) -> dict[str, dict[int, datetime | None]]:
    """By method, the workspaces for which it may not be called now, and until when (None: they are paused)."""
    w = t.workspaces.c
    found: dict[str, dict[int, datetime | None]] = {method: {} for method in methods}
    for number in session.scalars(select(w.id).where(w.active.is_(False))):
        for waiting in found.values():
            waiting[number] = None
    rows = session.execute(
        select(pace.c.workspace_id, pace.c.key, pace.c.next_at).where(
            pace.c.key.in_(list(found)), pace.c.next_at > now, pace.c.next_at <= now + LONGEST
        )
    )
    for row in rows:
        found[row.key].setdefault(row.workspace_id, row.next_at)
    return found


def lanes(session: Session, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Row[Any]]:
    """The rows of these conversations, by workspace and key."""
    pairs = set(wanted)
    if not pairs:
        return {}
    where = (pace.c.workspace_id.in_({number for number, _ in pairs}), pace.c.key.in_({key for _, key in pairs}))
    return {(row.workspace_id, row.key): row for row in session.execute(select(pace).where(*where))}


def take(session: Session, workspace_id: int, method: str, lane: str | None, now: datetime) -> Turn | Busy:
    """Reserve one call, and the conversation it goes to. Whoever comes second waits for the first to commit."""
    row = _locked(session, workspace_id, method, now - BURST)
    before = min(row.next_at, now) if row.next_at > now + LONGEST else row.next_at
    if before > now:
        return Busy(method, before)
    if lane is not None:
        said = _locked(session, workspace_id, lane, now - IN_A_CONVERSATION)
        if now < said.next_at <= now + LONGEST:
            return Busy(lane, said.next_at)
        # in time with the line rather than with this moment, so that being late by a little does not add up
        _set(session, said.id, next_at=max(min(said.next_at, now) + IN_A_CONVERSATION, now + A_SECOND))
    trial = row.failures > 0 or row.doubtful
    after = now + TRIAL if trial else max(before, now - BURST) + spacing(method)
    _set(session, row.id, next_at=after)
    return Turn(workspace_id, method, lane, before, after, trial, row.doubtful)


def give_back(session: Session, turn: Turn, now: datetime) -> None:
    """No call was made: whoever waits may go."""
    mine = (pace.c.workspace_id == turn.workspace_id, pace.c.key == turn.method, pace.c.next_at == turn.after)
    session.execute(_plain(update(pace).where(*mine).values(next_at=turn.before)))
    if turn.lane is not None:
        lane = (pace.c.workspace_id == turn.workspace_id, pace.c.key == turn.lane)
        session.execute(_plain(update(pace).where(*lane).values(next_at=now)))


def answered(session: Session, turn: Turn, now: datetime) -> None:
    """Slack answered, whatever it said: after trouble, the method may be used as before, without a burst."""
    if turn.trial:
        mine = (pace.c.workspace_id == turn.workspace_id, pace.c.key == turn.method)
        free = now + spacing(turn.method)
        session.execute(_plain(update(pace).where(*mine).values(next_at=free, failures=0, doubtful=False)))


def failed(session: Session, turn: Turn, now: datetime, chance: Chance, *, doubtful: bool = False) -> datetime:
    """Slack's own trouble: the method backs off. Returns the moment at which it is tried again."""
    row = _locked(session, turn.workspace_id, turn.method, now)
    at = now + pause(row.failures + 1, chance)
    # the trial that ends here had kept everybody else away until `turn.after`
    known = now if (turn.trial and row.next_at == turn.after) or row.next_at > now + LONGEST else row.next_at
    at = max(at, known)
    _set(session, row.id, next_at=at, failures=row.failures + 1, doubtful=row.doubtful or doubtful)
    return at


def told_to_wait(session: Session, turn: Turn, seconds: float, now: datetime) -> None:
    """Slack answered 429 with Retry-After: nobody calls this method in this workspace before."""
    row = _locked(session, turn.workspace_id, turn.method, now)
    at = now + min(timedelta(seconds=seconds), LONGEST)
    known = now if (turn.trial and row.next_at == turn.after) or row.next_at > now + LONGEST else row.next_at
    _set(session, row.id, next_at=max(at, known))


def stand_in_line(session: Session, lane: Row[Any], last: datetime) -> None:
    """Letters stand in line for this conversation until `last`."""
    _set(session, lane.id, line_ends=last)


def tidy(session: Session, now: datetime) -> None:
    """Forget conversations that nobody has written to for a while."""
    old = (pace.c.key.startswith("to:"), pace.c.next_at < now - LANES_KEPT)
    session.execute(delete(pace).where(*old).execution_options(synchronize_session=False))


def clock_set_back(session: Session, now: datetime) -> None:
    """What was noted by a clock that ran ahead holds no longer."""
    session.execute(_plain(update(pace).where(pace.c.next_at > now).values(next_at=now)))
    session.execute(_plain(update(pace).where(pace.c.line_ends > now).values(line_ends=None)))


def _locked(session: Session, workspace_id: int, key: str, at_first: datetime) -> Row[Any]:
    query = select(pace).where(pace.c.workspace_id == workspace_id, pace.c.key == key).with_for_update()
    row = session.execute(query).one_or_none()
    if row is None:
        insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(pace)
        values = {"workspace_id": workspace_id, "key": key, "next_at": at_first}
        session.execute(insert.values(values).on_conflict_do_nothing())
        row = session.execute(query).one()
    return row


def _set(session: Session, number: int, **values: Any) -> None:
    session.execute(_plain(update(pace).where(pace.c.id == number).values(values)))


def _plain(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
