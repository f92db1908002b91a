"""How the database finds what is asked for: the statements that are really executed, and the plan of each.

A full scan is one whose cost grows with everything that ever happened: a big table read from end to end, or an index
of all its rows, or all of a workspace, which mostly is all there is, or (as far as PostgreSQL's statistics tell) a good
part of it. Reading an index that holds only what waits or is open (a partial one) from end to end is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.store.columns import metadata

A_GOOD_PART = 0.2
BIG = frozenset(
    {
        *("accounts", "answers", "audit", "checklist_items", "coverage", "digests", "feedback_requests", "handoffs"),
        *("nudges", "outbox", "stages"),
    }
)
"""Tables that grow with every handoff; the others grow with people or processes."""
_ASKS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_SCAN = re.compile(r"SCAN (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")
_WORKSPACE = re.compile(r"SEARCH (?P<table>\w+) USING (?:COVERING )?INDEX (?P<index>\w+) \(workspace_id=\?\)")
_ONLY_WORKSPACE = re.compile(r"\(workspace_id = \S+\)")
_ALIAS = re.compile(r"_\d+$")
SMALL_INDEXES = frozenset(
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)


@dataclass
class Asked:
    """The statements of one path, each once, with the parameters of its first time."""

    statements: dict[str, Any] = field(default_factory=dict)

    def note(self, statement: str, parameters: Any, many: bool) -> None:
        if _ASKS.match(statement):
            self.statements.setdefault(statement, parameters[0] if many else parameters)


@dataclass(frozen=True)
class Plan:
    """How one statement is carried out: `steps` as the database words them, `scans` the big tables it reads whole."""

    statement: str
    steps: tuple[str, ...]
    scans: tuple[str, ...]


@contextmanager
def watched() -> Iterator[Asked]:
    """Everything that any engine of this process executes meanwhile."""
    asked = Asked()

    def before(
        _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        asked.note(statement, parameters, many)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", before)


def plans(engine: Engine, asked: Asked, settings: Iterable[str] = ()) -> list[Plan]:
    """The plan of each, with the parameters it was executed with. Nothing is executed again.

    `settings` are run before, on the same connection.
    """
    with engine.connect() as connection:
        for setting in settings:
            connection.exec_driver_sql(setting)
        explain = _of_sqlite if engine.dialect.name == "sqlite" else _of_postgres
        return [explain(connection, statement, parameters) for statement, parameters in asked.statements.items()]


def _of_sqlite(connection: Connection, statement: str, parameters: Any) -> Plan:
    """sqlite.org/eqp.html: SCAN reads from end to end, SEARCH finds by an index or by number."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    steps = [row[3] for row in rows]
    scans = []
    for step in steps:
        scan = _SCAN.match(step) or _WORKSPACE.match(step)
        if scan is not None and scan["index"] not in SMALL_INDEXES:
            scans.append(_ALIAS.sub("", scan["table"]))
    return Plan(statement, tuple(steps), tuple(name for name in scans if name in BIG))


def _of_postgres(connection: Connection, statement: str, parameters: Any) -> Plan:
    """postgresql.org/docs/current/using-explain.html: one tree of nodes."""
    found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    nodes = list(_nodes(found[0]["Plan"]))
    sizes = connection.exec_driver_sql("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
    rows: dict[str, float] = {row[0]: row[1] for row in sizes}
    scans = [_table_of(node) for node in nodes if _reads_all(node, rows)]
    return Plan(statement, tuple(map(_worded, nodes)), tuple(name for name in scans if name in BIG))


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


def _reads_all(node: Mapping[str, Any], rows: Mapping[str, float]) -> bool:
    kind, index, by = node["Node Type"], node.get("Index Name"), node.get("Index Cond")
    if kind == "Seq Scan":
        return True
    if index is None or index in SMALL_INDEXES:
        return False
    everything = by is None or _ONLY_WORKSPACE.fullmatch(by) is not None
    return everything or node["Plan Rows"] > A_GOOD_PART * rows.get(_table_of(node), 0)


def _table_of(node: Mapping[str, Any]) -> str:
    name: str = node.get("Relation Name") or node.get("Index Name") or ""
    return next(
        (one for one in sorted(BIG, key=len, reverse=True) if name in (one, f"pk_{one}") or f"_{one}_" in name), name
    )


def _worded(node: Mapping[str, Any]) -> str:
    parts = [node["Node Type"]]
    parts += [f"on {node['Relation Name']}"] if "Relation Name" in node else []
    parts += [f"using {node['Index Name']}"] if "Index Name" in node else []
    parts += [f"({node['Index Cond']})"] if "Index Cond" in node else []
    return " ".join(parts)
