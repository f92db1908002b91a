"""Which webhook goes next, and what became of it. Any number of processes: each row is claimed with a lease.

Of one handoff, a far end hears in the order in which things happened: the next goes when the one before is sent, or
was given up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, func, literal_column, select, text, update
from sqlalchemy.orm import Session

from bot.store.directory import workspaces
from bot.store.dossier import hooks

QUEUED, SENDING, SENT, FAILED = "queued", "sending", "sent", "failed"
LEFT, ALL = (QUEUED, SENDING, FAILED), (QUEUED, SENDING, SENT, FAILED)
WAITING = "state IN ('queued', 'sending')"
"""SQL, in the words of the partial index that holds them."""
LEASE = timedelta(seconds=60)
"""Longer than a call with all its time limits."""
WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds between the tries, before jitter: ten tries within seventeen hours."""
TRIES = len(WAITS) + 1
LONGEST_WAIT = timedelta(hours=2)
"""The most that a far end may ask for."""
KEPT = timedelta(days=30)
"""How long what was sent is kept; what was given up is kept until somebody sends it again."""
GONE = "its address is not in BATON_HOOK_URL any more"

_c = hooks.c


@dataclass(frozen=True)
class Claimed:
    """A webhook to send now. `attempts` counts this one."""

    id: int
    event: str
    body: Mapping[str, Any]
    attempts: int
    lease_until: datetime


def claim(session: Session, far_end: str, now: datetime) -> Claimed | None:
    """Take the next one for this far end, if one may go now."""
    free = _free(far_end, now)
    query = select(hooks).where(*free).order_by(_c.not_before, _c.id).limit(1).with_for_update(skip_locked=True)
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    until, attempts = now + LEASE, row.attempts + 1
    values = {"state": SENDING, "lease_until": until, "attempts": attempts}
    session.execute(update(hooks).where(_c.id == row.id).values(values))
    return Claimed(row.id, row.event, row.body, attempts, until)


def ready(session: Session, far_end: str, now: datetime) -> bool:
    """Whether `claim` would find one."""
    return session.scalar(select(_c.id).where(*_free(far_end, now)).limit(1)) is not None


def next_at(session: Session, far_end: str) -> datetime | None:
    """When the next may go, or its lease ends; None when none waits."""
    moment = func.min(func.coalesce(_c.lease_until, _c.not_before), type_=_c.not_before.type)
    found: datetime | None = session.scalar(select(moment).where(_waiting(), _c.far_end == far_end, ~_one_before()))
    return found


def sent(session: Session, one: Claimed, now: datetime) -> None:
    """The far end took it. Whoever has claimed it since decides otherwise."""
    _over(session, one, {"state": SENT, "sent_at": now, "error": ""})


def failed(
    session: Session, one: Claimed, now: datetime, error: str, wait: timedelta | None, chance: Callable[[], float]
) -> bool:
    """Not taken: again later (`wait`: as the far end asks), with jitter; given up after TRIES. True: given up."""
    if one.attempts >= TRIES:
        _over(session, one, {"state": FAILED, "error": error[:500]})
        return True
    usual = timedelta(seconds=WAITS[one.attempts - 1] * (0.75 + chance() / 2))
    pause = max(usual, min(wait, LONGEST_WAIT)) if wait is not None else usual
    _over(session, one, {"state": QUEUED, "not_before": now + pause, "error": error[:500]})
    return False


def given_back(session: Session, one: Claimed, now: datetime) -> None:
    """Not sent, because the process ends: it goes at once in another, and the try does not count."""
    _over(session, one, {"state": QUEUED, "not_before": now, "attempts": one.attempts - 1})


def take_up_orphans(session: Session, now: datetime, far_ends: Collection[str]) -> int:
    """What a process that died had in hand goes again; what is for no far end any more is given up. How many go."""
    lost = (_waiting(), _c.state == SENDING, _c.lease_until <= now)
    back = {"state": QUEUED, "not_before": now, "lease_until": None}
    number = _changed(session, update(hooks).where(*lost).values(back))
    gone = (_waiting(), _c.state == QUEUED, _c.far_end.not_in(list(far_ends)))
    _changed(session, update(hooks).where(*gone).values(state=FAILED, error=GONE))
    return number


def nothing_to_mend(session: Session, now: datetime, far_ends: Collection[str]) -> bool:
    """Whether `take_up_orphans` would change nothing: a look costs less than the lock of a change."""
    lost = (_c.state == SENDING) & (_c.lease_until <= now)
    gone = (_c.state == QUEUED) & _c.far_end.not_in(list(far_ends))
    return session.scalar(select(_c.id).where(_waiting(), lost | gone).limit(1)) is None


def tidy(session: Session, now: datetime) -> None:
    """Forget what was sent long ago."""
    session.execute(delete(hooks).where(_c.state == SENT, _c.sent_at < now - KEPT))


def again(session: Session, now: datetime, numbers: Collection[int] | None, far_ends: Collection[str]) -> int:
    """What was given up goes out again: these, or all; for far ends that are still in the settings. How many."""
    where = [_c.state == FAILED, _c.far_end.in_(list(far_ends))]
    if numbers is not None:
        where.append(_c.id.in_(list(numbers)))
    values = {"state": QUEUED, "not_before": now, "attempts": 0, "error": ""}
    session.info["spoke"] = True
    return _changed(session, update(hooks).where(*where).values(values))


def counts(session: Session) -> dict[str, int]:
    """How many wait, are on their way, and were given up."""
    found = dict.fromkeys(LEFT, 0)
    # with the workspaces, so that the index is searched for these states and what was sent is not read
    left = (_c.workspace_id.in_(select(workspaces.c.id)), _c.state.in_(LEFT))
    for state, number in session.execute(select(_c.state, func.count()).where(*left).group_by(_c.state)):
        found[state] = number
    return found


def oldest(session: Session) -> datetime | None:
    """Since when the one waits that was written first; None when none waits."""
    found: datetime | None = session.scalar(select(func.min(_c.created_at, type_=_c.created_at.type)).where(_waiting()))
    return found


def listing(session: Session, states: Collection[str], limit: int) -> Sequence[Row[Any]]:
    """The latest in these states, newest last."""
    query = select(hooks).where(_c.state.in_(list(states))).order_by(_c.id.desc()).limit(limit)
    return session.execute(query).all()[::-1]


def _free(far_end: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_waiting(), _c.state == QUEUED, _c.far_end == far_end, _c.not_before <= now, ~_one_before())


def _over(session: Session, one: Claimed, values: dict[str, Any]) -> None:
    mine = (_c.id == one.id, _c.state == SENDING, _c.lease_until == one.lease_until)
    session.execute(update(hooks).where(*mine).values({**values, "lease_until": None}))


def _one_before() -> ColumnElement[bool]:
    """Whether the same far end still waits for an earlier one of the same handoff."""
    earlier = hooks.alias("earlier")
    e = earlier.c
    same = (e.handoff_id == _c.handoff_id, e.far_end == _c.far_end, e.id < _c.id)
    return exists(select(literal_column("1")).select_from(earlier).where(*same, text("earlier." + WAITING)))


def _waiting() -> ColumnElement[bool]:
    return text("hooks." + WAITING)  # type: ignore[return-value]


def _changed(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
