"""How fast letters may go, shared by every process: Slack's rates, what Slack told us to wait, and its bad moments.

One row of the table `pace` per workspace and method, and one per conversation that was written to lately. `next_at` is
the moment from which the next call may be made; it may lie in the past by as much as a burst is free (the generic cell
rate algorithm). After trouble of Slack's own a method backs off, and is then tried with one letter at a time; while it
is doubtful whether a post arrived, Slack is asked first whether it answers at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, cast, delete, literal_column, null, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store import schema as t
from bot.store.among import among
from bot.store.queues import pace

POST, UPDATE, PUBLISH = "chat.postMessage", "chat.update", "views.publish"
END_STEP = "functions.completeSuccess"
"""And functions.completeError: their rates are counted as one."""
PER_MINUTE = {
    POST: 240,  # "several hundred per minute" in a workspace
    UPDATE: 50,
    PUBLISH: 100,
    "users.info": 100,
    "usergroups.users.list": 20,
    END_STEP: 50,
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
class Known:
    """What the table says of a method in a workspace; no `next_at` where it was never used."""

    key: str
    next_at: datetime | None
    failures: int
    doubtful: bool


def spacing(method: str) -> timedelta:
    """The time between two calls of a method, on average."""
    return timedelta(seconds=60 / PER_MINUTE[method])


def pause(failures: int, chance: Chance) -> timedelta:
    """How long a method rests after so many failures in a row: doubling, with jitter, at most LONGEST_PAUSE."""
    longest = min(FIRST_PAUSE.total_seconds() * 2 ** min(failures - 1, 10), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=longest * (0.5 + chance() / 2))


def closed(session: Session, methods: Iterable[str], now: datetime) -> dict[str, dict[int, datetime | None]]:
    """By method, the workspaces for which it may not be called now, and until when (None: they are paused)."""
    found: dict[str, dict[int, datetime | None]] = {method: {} for method in methods}
    for row in session.connection().execute(_closed(tuple(found)), {"now": now, "nonsense": now + LONGEST}):
        for method in found if row.key is None else (row.key,):
            found[method].setdefault(row.workspace_id, row.next_at)
    return found


def lanes(session: Session, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Row[Any]]:
    """The rows of these conversations, by workspace and key."""
    pairs = set(wanted)
    if not pairs:
        return {}
    values = {"workspaces": list({number for number, _ in pairs}), "keys": list({key for _, key in pairs})}
    return {(row.workspace_id, row.key): row for row in session.connection().execute(_lanes(), values)}


def take(
    session: Session, workspace_id: int, method: Known, lane: tuple[str, Row[Any] | None] | None, now: datetime
) -> Turn | None:
    """Reserve one call, and the conversation it goes to; None when another process was quicker."""
    trial = method.failures > 0 or method.doubtful
    before = method.next_at if method.next_at is not None else now - BURST
    before = now if before > now + LONGEST else before
    after = now + TRIAL if trial else max(before, now - BURST) + spacing(method.key)
    if not _reserve(session, workspace_id, method.key, method.next_at, after, now):
        return None
    turn = Turn(workspace_id, method.key, lane[0] if lane else None, before, after, trial, method.doubtful)
    if lane is not None:
        key, said = lane
        # in time with the line rather than with this moment, so that being late by a little does not add up
        free = max(min(said.next_at, now) + IN_A_CONVERSATION, now + A_SECOND) if said else now + IN_A_CONVERSATION
        if not _reserve(session, workspace_id, key, said.next_at if said else None, free, now):
            give_back(session, replace(turn, lane=None), now)
            return None
    return turn


def give_back(session: Session, turn: Turn, now: datetime) -> None:
    """No call was made: whoever waits may go."""
    connection, mine = session.connection(), {"workspace": turn.workspace_id}
    connection.execute(_back(), {**mine, "key_is": turn.method, "after": turn.after, "at": turn.before})
    if turn.lane is not None:
        connection.execute(_free_lane(), {**mine, "key_is": turn.lane, "at": now})


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
    """Letters stand in line for this conversation until `last`; if another process has it in hand, that one says so."""
    mine = _free(pace.c.id == lane.id) if session.connection().dialect.name == "postgresql" else pace.c.id == lane.id
    session.connection().execute(update(pace).where(mine).values(line_ends=last))


def tidy(session: Session, now: datetime) -> None:
    """Forget conversations that nobody has written to for a while."""
    old = (pace.c.key.startswith("to:"), pace.c.next_at < now - LANES_KEPT)
    session.execute(delete(pace).where(*old).execution_options(synchronize_session=False))


def clock_set_back(session: Session, now: datetime) -> None:
    """What was noted by a clock that ran ahead holds no longer."""
    session.execute(_plain(update(pace).where(pace.c.next_at > now).values(next_at=now)))
    session.execute(_plain(update(pace).where(pace.c.line_ends > now).values(line_ends=None)))


def _locked(session: Session, workspace_id: int, key: str, at_first: datetime) -> Row[Any]:
    connection, values = session.connection(), {"workspace": workspace_id, "key_is": key}
    row = connection.execute(_row(), values).one_or_none()
    if row is None:
        connection.execute(_new(connection.dialect.name), {**values, "at": at_first})
        row = connection.execute(_row(), values).one()
    return row


def _reserve(
    session: Session, workspace_id: int, key: str, seen: datetime | None, after: datetime, now: datetime
) -> bool:
    """Move the next use of `key` to `after`, unless somebody else has since it was seen, or is about to."""
    connection = session.connection()
    values = {"workspace": workspace_id, "key_is": key, "at": after, "seen": seen or now - LANES_KEPT}
    if seen is not None and connection.dialect.name == "postgresql":
        return connection.execute(_reservation_of_a_free_one(), values).one_or_none() is not None
    return connection.execute(_reservation(connection.dialect.name), values).one_or_none() is not None


def _set(session: Session, number: int, **values: Any) -> None:
    session.connection().execute(update(pace).where(pace.c.id == number).values(values))


@cache
def _closed(keys: tuple[str, ...]) -> Any:
    """Paused workspaces first, without a key, then the methods that somebody has to wait for."""
    w, now = t.workspaces.c, bindparam("now", type_=pace.c.next_at.type)
    nothing = (cast(null(), pace.c.key.type).label("key"), cast(null(), pace.c.next_at.type).label("next_at"))
    paused = select(w.id.label("workspace_id"), *nothing).where(w.active.is_(False))
    nonsense = bindparam("nonsense", type_=pace.c.next_at.type)
    busy = (pace.c.next_at > now, pace.c.next_at <= nonsense)
    mine = pace.c.key.in_([literal_column(f"'{key}'") for key in keys])
    methods = select(pace.c.workspace_id, pace.c.key, pace.c.next_at).where(mine, *busy)
    return union_all(paused, methods)


@cache
def _lanes() -> Any:
    return select(pace).where(among(pace.c.workspace_id, "workspaces"), among(pace.c.key, "keys"))


@cache
def _row() -> Any:
    where = (pace.c.workspace_id == bindparam("workspace"), pace.c.key == bindparam("key_is"))
    return select(pace).where(*where).with_for_update()


@cache
def _free_lane() -> Any:
    mine = (pace.c.workspace_id == bindparam("workspace"), pace.c.key == bindparam("key_is"))
    return update(pace).where(*mine).values(next_at=bindparam("at", type_=pace.c.next_at.type))


@cache
def _back() -> Any:
    return _free_lane().where(pace.c.next_at == bindparam("after", type_=pace.c.next_at.type))


@cache
def _new(dialect: str) -> Any:
    return _insert(dialect).on_conflict_do_nothing()


@cache
def _reservation(dialect: str) -> Any:
    insert, seen = _insert(dialect), bindparam("seen", type_=pace.c.next_at.type)
    moved = insert.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        set_={"next_at": insert.excluded.next_at},
        where=pace.c.next_at == seen,
    )
    return moved.returning(pace.c.id)


@cache
def _reservation_of_a_free_one() -> Any:
    """The same for a row that is there, without waiting for whoever has it in hand.

    A claim holds several rows, of the method and of conversations, in no fixed order: if it waited for one of them, two
    processes could wait for each other.
    """
    at, seen = (bindparam(name, type_=pace.c.next_at.type) for name in ("at", "seen"))
    key = (pace.c.workspace_id == bindparam("workspace"), pace.c.key == bindparam("key_is"))
    return update(pace).where(_free(*key), pace.c.next_at == seen).values(next_at=at).returning(pace.c.id)


def _free(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Rows that nobody else has in hand (PostgreSQL; on SQLite there is one writer at a time)."""
    return pace.c.id.in_(select(pace.c.id).where(*which).with_for_update(skip_locked=True))


def _insert(dialect: str) -> Any:
    at = bindparam("at", type_=pace.c.next_at.type)
    row = {"workspace_id": bindparam("workspace"), "key": bindparam("key_is"), "next_at": at}
    return (postgresql if dialect == "postgresql" else sqlite).insert(pace).values(row)


def _plain(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
