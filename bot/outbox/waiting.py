"""The letters that wait, asked for in a way that costs the same with ten of them and with a hundred thousand.

Each method of Slack's has an index of the letters that need it next, in the order of priority and time. One step into
it for each priority finds those that have waited longest, whatever else waits, and however far in the future.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, literal_column, select, text, true, union_all
from sqlalchemy.orm import Session

from bot.outbox.pace import POST, PUBLISH, UPDATE
from bot.store import schema as t
from bot.store.queues import EDIT, ERRAND, FIRST_POST, outbox

QUEUES = {
    POST: FIRST_POST,
    UPDATE: EDIT,
    PUBLISH: f"{ERRAND} AND kind = 'home'",
    "users.info": f"{ERRAND} AND kind = 'person'",
    "usergroups.users.list": f"{ERRAND} AND kind = 'group'",
}
"""By method, the letters that need it next; one index serves each."""
PRIORITIES = range(10)

Closed = Mapping[str, Mapping[int, datetime | None]]
"""By method, the workspaces in which it may not be called now, as `pace.closed` says."""


def ready(session: Session, methods: tuple[str, ...], now: datetime, closed: Closed, size: int) -> Sequence[Row[Any]]:
    """The letters that may go by their own moment, `size` of each priority: people's first, then who waited longest."""
    connection = session.connection()
    shut = tuple(method for method in methods if closed[method])
    query = _ready(connection.dialect.name, methods, shut)
    return connection.execute(query, {**_parameters(closed, shut), "now": now, "size": size}).all()


def moments(session: Session, methods: tuple[str, ...], closed: Closed) -> list[datetime]:
    """When letters may go by their own moment, the earliest of each kind, where the methods are open."""
    connection = session.connection()
    shut = tuple(method for method in methods if closed[method])
    return list(connection.scalars(_earliest(connection.dialect.name, methods, shut), _parameters(closed, shut)))


def moments_in(session: Session, method: str, workspace_id: int) -> list[datetime]:
    """The same for one method in one workspace."""
    connection = session.connection()
    return list(connection.scalars(_earliest_in(connection.dialect.name, method), {"workspace": workspace_id}))


@cache
def _ready(dialect: str, methods: tuple[str, ...], shut: tuple[str, ...]) -> Select[Any]:
    c, branches = outbox.c, []
    columns = (c.id, c.workspace_id, c.priority, c.not_before, c.kind, c.handoff_id, c.person_id)
    by_now = c.not_before <= bindparam("now", type_=c.not_before.type)
    for method in methods:
        name: Any = literal_column(f"'{method}'").label("method")
        query = select(*columns, name).where(text(QUEUES[method]), by_now, *_open(method, shut))
        branches += _each(dialect, query.order_by(c.not_before, c.id).limit(bindparam("size")))
    found, h = union_all(*branches).subquery("ready"), t.handoffs
    with_channel = select(found, h.c.channel_id).outerjoin(h, h.c.id == found.c.handoff_id)
    return with_channel.order_by(found.c.priority, found.c.not_before, found.c.id)


@cache
def _earliest(dialect: str, methods: tuple[str, ...], shut: tuple[str, ...]) -> Any:
    at, branches = outbox.c.not_before, []
    for method in methods:
        query = select(at).where(text(QUEUES[method]), *_open(method, shut))
        branches += _each(dialect, query.order_by(at).limit(1))
    return union_all(*branches)


@cache
def _earliest_in(dialect: str, method: str) -> Any:
    at = outbox.c.not_before
    mine = select(at).where(text(QUEUES[method]), outbox.c.workspace_id == bindparam("workspace"))
    return union_all(*_each(dialect, mine.order_by(at).limit(1)))


def _each(dialect: str, query: Select[Any]) -> list[Select[Any]]:
    """The query for each priority; for PostgreSQL as a loop, because it would plan ten queries for longer than run."""
    if dialect == "postgresql":
        number = func.generate_series(PRIORITIES.start, PRIORITIES.stop - 1).table_valued("priority").render_derived()
        one = query.where(outbox.c.priority == number.c.priority).lateral()
        return [select(one).select_from(number).join(one, true())]
    return [select(query.where(_is(number)).subquery()) for number in PRIORITIES]


def _is(priority: int) -> ColumnElement[bool]:
    return outbox.c.priority == literal_column(str(priority))


def _open(method: str, shut: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Not in the workspaces where the method is closed; for a method that is open everywhere, nothing is asked."""
    return (outbox.c.workspace_id.not_in(bindparam(_name(method), expanding=True)),) if method in shut else ()


def _parameters(closed: Closed, shut: Collection[str]) -> dict[str, Any]:
    return {_name(method): list(closed[method]) for method in shut}


def _name(method: str) -> str:
    return f"closed_{method.replace('.', '_')}"
