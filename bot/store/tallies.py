"""Counters that outlive a process: each kind of process (`run`, `web`, `worker`) has one row for each name.

Processes of one kind add to the same row, so the table stays small however often they are started. Names that end in
`_at` are moments (Unix seconds), of which the latest counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.queues import tallies

MOMENT = "_at"


def add(session: Session, process: str, counted: Mapping[str, int]) -> None:
    """Add what was counted, and keep the later of each two moments. Rows in one order, so that nobody deadlocks."""
    for name in sorted(counted):
        statement = _latest if name.endswith(MOMENT) else _more
        values = {"process": process, "name": name, "value": counted[name]}
        session.connection().execute(statement(session.get_bind().dialect.name), values)


def totals(session: Session) -> dict[str, int]:
    """The sums over all kinds of processes; of moments the latest."""
    c = tallies.c
    query = select(c.name, func.sum(c.value), func.max(c.value)).group_by(c.name)
    return {name: int(latest if name.endswith(MOMENT) else total) for name, total, latest in session.execute(query)}


@cache
def _more(dialect: str) -> Any:
    insert = _insert(dialect)
    return _upsert(insert, tallies.c.value + insert.excluded.value)


@cache
def _latest(dialect: str) -> Any:
    insert = _insert(dialect)
    newer = insert.excluded.value > tallies.c.value
    return _upsert(insert, case((newer, insert.excluded.value), else_=tallies.c.value))


def _insert(dialect: str) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(tallies)


def _upsert(insert: Any, value: Any) -> Any:
    return insert.on_conflict_do_update(index_elements=["process", "name"], set_={"value": value})
