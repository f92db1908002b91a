"""The database: one engine, transactions that begin the way their work needs, and a word to whoever waits for commits.

`write()` holds the write lock from its first statement (BEGIN IMMEDIATE on SQLite), so that load, decide, commit
never fails half-way for a lock. On SQLite writers of one process queue in a fair line instead of polling the file.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from bot.errors import Busy, Unavailable
from bot.store.mapping import start_mappers
from bot.store.patience import seconds_left
from bot.store.wakeup import Wakeup, Work, announce
from bot.turns import SHORT_SECONDS, waiting

log = logging.getLogger(__name__)


class Database:
    """`url` is SQLAlchemy's. Sessions do not expire their objects at commit: what was decided may still be read."""

    def __init__(self, url: str, pool_size: int = 20) -> None:
        start_mappers()
        self.engine = _engine(url, pool_size)
        self.sqlite = self.engine.dialect.name == "sqlite"
        # SQLite's writers take turns anyway: with one connection for all of them, its cache of pages stays warm
        writing = _engine(url, 1) if self.sqlite else self.engine
        self._writers = writing.execution_options(baton_write=True)
        self._line = Lock()
        self._listeners: list[Callable[[Work], None]] = []
        self.about: dict[str, Any] = {}
        """What `session.info` holds in each transaction that changes things."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that changes things; commits at the end, rolls back when anything is raised."""
        with (
            _said(),
            self._turn() if self.sqlite else nullcontext(),
            Session(self._writers, expire_on_commit=False, info=self.about) as session,
            session.begin(),
        ):
            yield session
            work = Work.of(session)
            if work and not self.sqlite:
                announce(session, work)
        if work:
            for listener in self._listeners:
                listener(work)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite's writers take turns; whoever clicked does not wait for a long one (an import, say)."""
        if not self._line.acquire(timeout=SHORT_SECONDS):
            with waiting():  # a long one must not keep those waiting who only look
                left = seconds_left()
                if not self._line.acquire(timeout=-1 if left is None else left):
                    raise Unavailable()
        try:
            yield
        finally:
            self._line.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A look; whatever is changed on it is thrown away.

        It remembers whom it has met (`loading.people_by_id`) and whom setup names (`managing.named`).
        """
        info = {"people": dict[int, Any](), "named": dict[int, Any]()}
        with _said(), Session(self.engine, expire_on_commit=False, autoflush=False, info=info) as session:
            yield session

    def on_spoken(self, listener: Callable[[Work], None]) -> None:
        """Call `listener` after each commit of this process that left work, with its kind. It must be quick."""
        self._listeners.append(listener)

    def wakeup(self, heard: Callable[[Work], None]) -> Wakeup | None:
        """Who calls `heard` when any process left work. None on SQLite, where there is only this one."""
        return None if self.sqlite else Wakeup(self.engine, heard)

    def answers(self) -> bool:
        """Whether a query works at all."""
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1

    def compact(self) -> bool:
        """Have what was deleted vanish from the file too. False while somebody else uses it (SQLite only)."""
        if not self.sqlite:
            return True
        connection: Any = self.engine.raw_connection()
        try:
            connection.driver_connection.execute("VACUUM")
            busy, *_ = connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except connection.driver_connection.OperationalError:
            return False
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        self._writers.dispose()
        self.engine.dispose()


@contextmanager
def _said() -> Iterator[None]:
    """A database that is away or busy is no surprise: whoever waits is told to try again."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as problem:
        if not away(problem):
            raise
        if _taken(problem):
            log.info("another process is writing to the database")
            raise Busy() from problem
        log.warning("the database does not answer: %s", problem)
        raise Unavailable() from problem


def away(problem: DBAPIError | PoolTimeout) -> bool:
    """Whether it is the database that failed (gone, busy, taken over by another), not what it was asked to do."""
    lost = isinstance(problem, DBAPIError) and problem.connection_invalidated
    return lost or isinstance(problem, OperationalError | InterfaceError | PoolTimeout)


def _taken(problem: DBAPIError | PoolTimeout) -> bool:
    """Whether another process holds SQLite's write lock."""
    code = getattr(getattr(problem, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY


def _engine(url: str, pool_size: int) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        from bot.store.postgres import postgres_engine  # nobody on SQLite has to load its driver

        return postgres_engine(url, pool_size)
    from bot.store.sqlite import sqlite_engine

    return sqlite_engine(url, pool_size)
