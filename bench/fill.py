"""Fills an empty database with `bench/crowd.py` and `bench/past.py`: COPY on PostgreSQL, executemany on SQLite.

While it is filled nothing is flushed or checked row by row, and indexes are made at the end: a database on which this
broke off is of no use. That its rows fit together is checked by tests/store/test_indexes.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from random import Random
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL

from bench import crowd, past
from bench.crowd import Crowd, Row, Size
from bench.past import Past
from bot.migrations import upgrade
from bot.store.columns import metadata

SEED = 20
CHUNK = 1000
"""Handoffs whose rows are collected before they are written; and rows of the tables before them."""
OPEN_SHARE = 0.0505
"""Of all handoffs: 5,050 of 100,000, with two nudges each for the same minute."""
COLUMNS = {**crowd.COLUMNS, **past.COLUMNS}
ORDER = tuple(past.COLUMNS)
INDEXING = 0.25
"""What part of the whole the indexes take, for the progress bar."""
Progress = Callable[[str, float], None]
"""Told what is being done, and which part of the whole (0 to 1) is finished."""

_CHEAP = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA cache_size=-400000",
)
_QUICK = (
    "SET session_replication_role = replica",  # no look at foreign keys, row by row
    "SET synchronous_commit = off",
    "SET timezone = 'UTC'",
    "SET maintenance_work_mem = '256MB'",
)


class Writer(Protocol):
    """Puts rows into the tables of one database."""

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """All of them; their values stand in the order of COLUMNS."""

    def run(self, statement: str) -> None:
        """One statement without parameters."""

    def end(self) -> None:
        """What the database should do once, now that everything is there."""


class Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for pragma in _CHEAP:
            connection.execute(pragma)

    def write(self, table: str, rows: Iterable[Row]) -> None:
        names = COLUMNS[table]
        marks = ", ".join("?" * len(names))
        listed = ", ".join(f'"{name}"' for name in names)
        self._connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)

    def run(self, statement: str) -> None:
        self._connection.execute(statement)

    def end(self) -> None:
        self.run("ANALYZE")
        self._connection.commit()


class Postgres:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        for setting in _QUICK:
            connection.execute(setting)

    def write(self, table: str, rows: Iterable[Row]) -> None:
        columns = sql.SQL(", ").join(sql.Identifier(name) for name in COLUMNS[table])
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def end(self) -> None:
        for table in COLUMNS:
            name = sql.Identifier(table)
            counter = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}")
            self._connection.execute(counter.format(sql.Literal(table), name))
        self._connection.commit()
        self._connection.autocommit = True
        self._connection.execute("VACUUM ANALYZE")


def fill(url: str, handoffs: int, tell: Progress = lambda _what, _part: None, share: float = OPEN_SHARE) -> Crowd:
    """Make the tables of an empty database and fill them; `share` of the handoffs are open. `url` is SQLAlchemy's.

    The same number always makes the same rows.
    """
    engine = create_engine(url, poolclass=NullPool)  # SQLite is filled by a connection that wants to be alone
    upgrade(engine)
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    for index in indexes:
        index.drop(engine)
    random = Random(SEED)
    people = Crowd(Size(handoffs, share), random)
    with _writer(engine.url) as writer:
        _rows(writer, people, Past(people, random), lambda what, part: tell(what, part * (1 - INDEXING)))
    for place, index in enumerate(indexes):
        tell("indexes", 1 - INDEXING + INDEXING * place / len(indexes))
        index.create(engine)
    engine.dispose()
    with _writer(engine.url) as writer:
        tell("statistics", 0.99)
        writer.end()
    tell("done", 1)
    return people


def _rows(writer: Writer, people: Crowd, rest: Past, tell: Progress) -> None:
    for table, rows in people.tables():
        tell(table, 0)
        writer.write(table, rows)
    rest.homes()
    for number in range(1, people.size.handoffs + 1):
        rest.handoff(number)
        if number % CHUNK == 0 or number == people.size.handoffs:
            tell(f"{number:,} handoffs", number / people.size.handoffs)
            for table in ORDER:
                writer.write(table, rest.rows.pop(table, []))
    writer.write("coverage", people.coverage())


@contextmanager
def _writer(url: URL) -> Iterator[Writer]:
    """Everything in one transaction; back to the usual settings at the end."""
    if url.get_backend_name() != "sqlite":
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            yield Postgres(connection)
        return
    with closing(sqlite3.connect(url.database or "")) as file:
        yield Sqlite(file)
        file.commit()
    with closing(sqlite3.connect(url.database or "")) as file:
        file.execute("PRAGMA journal_mode=WAL")
