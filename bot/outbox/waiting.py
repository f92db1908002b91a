"""The letters that wait, asked for in a way that costs the same with ten of them and with a hundred thousand.

Each method of Slack's has an index of the letters that need it next, in the order of priority and time. From priority
to priority, one step into it finds the letter that has waited longest, whatever else waits, and however far in the
future.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, TextualSelect, bindparam, func, literal_column, select, text, union_all
from sqlalchemy.orm import Session

from bot.outbox.pace import END_STEP, POST, PUBLISH, UPDATE
from bot.store import schema as t
from bot.store.queues import EDIT, ERRAND, FIRST_POST, outbox

QUEUES = {
    POST: FIRST_POST,
    UPDATE: EDIT,
    PUBLISH: f"{ERRAND} AND kind = 'home'",
    "users.info": f"{ERRAND} AND kind = 'person'",
    "usergroups.users.list": f"{ERRAND} AND kind = 'group'",
    END_STEP: f"{ERRAND} AND kind = 'step'",
}
"""By method, the letters that need it next; one index serves each."""

Closed = Mapping[str, Mapping[int, datetime | None]]
"""By method, the workspaces in which it may not be called now, as `pace.closed` says."""

# A lowest priority, then the next higher one that occurs, and so on: not one step for each that could.
_FIRST = """SELECT '{method}', line.priority,
    (SELECT min(not_before) FROM outbox WHERE {queue} AND priority = line.priority)
FROM (
    WITH RECURSIVE line(priority) AS (
        SELECT (SELECT min(o.priority) FROM outbox AS o WHERE {queue})
        UNION ALL
        SELECT (SELECT min(o.priority) FROM outbox AS o WHERE {queue} AND o.priority > line.priority)
        FROM line WHERE line.priority IS NOT NULL
    )
    SELECT priority FROM line WHERE priority IS NOT NULL
) AS line"""


@dataclass(frozen=True)
class First:
    """Of the letters of one priority that need this method, the earliest moment at which one may go."""

    method: str
    priority: int
    at: datetime


def firsts(session: Session, methods: tuple[str, ...], closed: Closed) -> list[First]:
    """What waits where the methods are open."""
    shut = tuple(method for method in methods if closed[method])
    rows = session.connection().execute(_firsts(methods, shut), _parameters(closed, shut))
    return [First(*row) for row in rows]


def firsts_in(session: Session, method: str, workspace_id: int) -> list[First]:
    """The same for one method in one workspace, open or not."""
    rows = session.connection().execute(_firsts_in(method), {"workspace": workspace_id})
    return [First(*row) for row in rows]


def due(found: Iterable[First], now: datetime) -> list[tuple[int, tuple[str, ...]]]:
    """The priorities of which something may go, people's first, each with the methods that are needed for it."""
    methods: dict[int, list[str]] = {}
    for one in found:
        if one.at <= now:
            methods.setdefault(one.priority, []).append(one.method)
    return [(priority, tuple(methods[priority])) for priority in sorted(methods)]


def ready(
    session: Session, priority: int, methods: tuple[str, ...], now: datetime, closed: Closed, size: int
) -> Sequence[Row[Any]]:
    """The letters of one priority that may go by their own moment, `size` for each method; the longest waiting first.

    Besides what they are, the `method` of each and the `channel_id` of its handoff.
    """
    shut = tuple(method for method in methods if closed[method])
    values = {**_parameters(closed, shut), "now": now, "size": size, "priority": priority}
    rows = session.connection().execute(_ready(methods, shut), values).all()
    return rows if len(methods) == 1 else sorted(rows, key=lambda row: (row.not_before, row.id))


@cache
def _ready(methods: tuple[str, ...], shut: tuple[str, ...]) -> Any:
    branches = [select(_of(method, method in shut).subquery()) for method in methods]
    return union_all(*branches) if len(branches) > 1 else branches[0]


def _of(method: str, shut: bool) -> Select[Any]:
    c, h = outbox.c, t.handoffs.c
    name: Any = literal_column(f"'{method}'").label("method")
    columns = (c.id, c.workspace_id, c.not_before, c.kind, c.handoff_id, c.person_id, c.channel)
    mine = (text(QUEUES[method]), c.priority == bindparam("priority"))
    open_ones = (c.workspace_id.not_in(bindparam(_name(method), expanding=True)),) if shut else ()
    query = select(*columns, name).where(*mine, c.not_before <= bindparam("now", type_=c.not_before.type), *open_ones)
    found = query.order_by(c.not_before, c.id).limit(bindparam("size")).subquery("found")
    place = func.coalesce(h.channel_id, found.c.channel).label("channel_id")
    channel = select(found, place).outerjoin(t.handoffs, h.id == found.c.handoff_id)
    return channel.order_by(found.c.not_before, found.c.id)


@cache
def _firsts(methods: tuple[str, ...], shut: tuple[str, ...]) -> TextualSelect:
    open_ones = {method: f" AND workspace_id NOT IN :{_name(method)}" if method in shut else "" for method in methods}
    branches = [_FIRST.format(method=method, queue=QUEUES[method] + open_ones[method]) for method in methods]
    return _typed("\nUNION ALL\n".join(branches), *(bindparam(_name(method), expanding=True) for method in shut))


@cache
def _firsts_in(method: str) -> TextualSelect:
    mine = _FIRST.format(method=method, queue=f"{QUEUES[method]} AND workspace_id = :workspace")
    return _typed(mine, bindparam("workspace"))


def _typed(query: str, *parameters: Any) -> TextualSelect:
    """`text` takes what the database says as it is; of a moment, SQLite says a string."""
    c = outbox.c
    columns: Any = (literal_column("method"), c.priority, c.not_before)
    return text(query).bindparams(*parameters).columns(*columns)


def _parameters(closed: Closed, shut: Collection[str]) -> dict[str, Any]:
    return {_name(method): list(closed[method]) for method in shut}


def _name(method: str) -> str:
    return f"closed_{method.replace('.', '_')}"
