"""Connections to PostgreSQL that find out soon when nobody answers any more, and that nobody waits for too long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cache, cached_property
from select import select
from threading import Thread
from typing import Any, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.waiting import Ready
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import LRUCache

from bot.errors import BotError
from bot.store.patience import CLICK_SECONDS, hurried, seconds_left, waited_in_vain
from bot.turns import SHORT_SECONDS, waiting

log = logging.getLogger(__name__)

UNLESS_SAID = {
    "connect_timeout": 5,  # seconds for each host; libpq's own is forever
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds until data that nobody confirms is a lost connection
    "fallback_application_name": "baton",
}
"""libpq's parameters where DATABASE_URL names none: a server that vanishes without a word is noticed in seconds."""

FORGOTTEN = "SET idle_in_transaction_session_timeout = '30s'"
"""The server lets go of the locks of a process that froze or vanished in the middle of a transaction."""

TRUSTED_SECONDS = 5.0
"""So long after its last use, a connection that the server has not ended is taken to be there."""

READ_ONLY = "25006"
"""What a server says to a change after another one took over: this connection leads to the wrong one."""


STATEMENTS = 500
"""How many compiled statements are kept; Baton has about half as many."""

_compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)


class UnknownParameter(BotError):
    """The address has a parameter that libpq does not know; it is counted, because it may be part of a password."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "DATABASE_URL has a parameter that PostgreSQL's client library does not know (the one with number "
            "%(number)d after the question mark). Write it as libpq does, or leave it out.",
            number=number,
        )


class Connection(psycopg.Connection[Any]):
    """Waits for an answer no longer than `bot.store.patience` allows, and is closed when none has come."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's. Raises OperationalError when the time is over."""
        left = seconds_left()
        if left is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        until = time.monotonic() + left
        try:
            return self._patiently(gen, left)
        except psycopg.OperationalError as problem:
            if not self._late(until):
                raise
            waited_in_vain()
            self.pgconn.finish()  # an answer that comes later must not be taken for the next one's
            raise psycopg.OperationalError(f"no answer within {left:.1f} seconds") from problem

    def _patiently(self, gen: PQGen[Any], left: float) -> Any:
        """Wait; after the first moment, somebody else has this thread's turn meanwhile."""
        if left <= SHORT_SECONDS:
            return super().wait(gen, left, left)
        moment = time.monotonic() + SHORT_SECONDS
        try:
            return super().wait(gen, SHORT_SECONDS, SHORT_SECONDS)
        except psycopg.OperationalError:
            if not self._late(moment):
                raise
        with waiting():
            return super().wait(_going_on(gen), SHORT_SECONDS, left - SHORT_SECONDS)

    def _late(self, until: float) -> bool:
        """Whether it was the time that ended a wait, not the server."""
        return time.monotonic() >= until and self.pgconn.transaction_status == TransactionStatus.ACTIVE


def _going_on(gen: PQGen[Any]) -> PQGen[Any]:
    """The rest of a wait that was left in its middle."""
    try:
        wants = gen.send(Ready.NONE)
        while True:
            wants = gen.send((yield wants))
    except StopIteration as end:
        return end.value


class Cursor(psycopg.Cursor[Any]):
    """Says what its columns are only where somebody looks; SQLAlchemy asks each time, and looks the first time."""

    @property
    def description(self) -> list[psycopg.Column] | None:
        """As psycopg's: None where the statement has no rows to give."""
        result = self.pgresult
        if result is None or (not result.nfields and result.status != ExecStatus.TUPLES_OK):
            return None
        return cast(list[psycopg.Column], _Columns(lambda: super(Cursor, self).description or []))


class _Columns(Sequence[psycopg.Column]):
    def __init__(self, read: Callable[[], Sequence[psycopg.Column]]) -> None:
        self._read = read

    @cached_property
    def _all(self) -> Sequence[psycopg.Column]:
        return self._read()

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, place: Any) -> Any:
        return self._all[place]


def postgres_engine(url: str, pool_size: int) -> Engine:
    """An engine whose pool hands out only connections that answer. Raises UnknownParameter."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    for number, name in enumerate(make_url(url).query, start=1):
        if name not in known:
            raise UnknownParameter(number)
    first = _first_engine(url, pool_size)
    options = {"compiled_cache": _compiled}
    return Engine(first.pool.recreate(), first.dialect, first.url, hide_parameters=True, execution_options=options)


@cache
def _first_engine(url: str, pool_size: int) -> Engine:
    """What all engines for that server have in common: compiled statements belong to a dialect (see sqlite.py)."""
    engine = create_engine(url, pool_size=pool_size, pool_timeout=CLICK_SECONDS, hide_parameters=True)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: list[Any], given: dict[str, Any]) -> Connection:
        wanted = {**UNLESS_SAID, **given}
        left = seconds_left()
        return _connected(args, wanted) if left is None else _within(left, lambda: _connected(args, wanted))

    @event.listens_for(engine, "checkin")
    def used(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Connection, record: ConnectionPoolEntry, _proxy: Any) -> None:
        # a statement that only asks whether anybody is there would be a tenth of a click
        rested = time.monotonic() - record.info.get("used", -TRUSTED_SECONDS) >= TRUSTED_SECONDS
        if not _there(connection, ask=rested):
            raise InvalidatePoolError()

    @event.listens_for(engine, "handle_error")
    def notice(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
            context.is_disconnect = True

    return engine


def _there(connection: Connection, ask: bool) -> bool:
    """Whether a connection of the pool still leads to a server; `ask` it, if it was not heard of for a while.

    A server that ends a connection says so, and its word waits to be read: then it is asked in any case.
    """
    if connection.closed:
        return False
    word, _, _ = select([connection.fileno()], [], [], 0)
    if not word and not ask:
        return True
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error:
        return False
    return True


def _connected(args: list[Any], wanted: dict[str, Any]) -> Connection:
    connection = Connection.connect(*args, autocommit=True, cursor_factory=Cursor, **wanted)
    connection.execute(FORGOTTEN)
    connection.autocommit = False
    return connection


def _within(seconds: float, connect: Callable[[], Connection]) -> Connection:
    """Connect in a thread of its own: looking up a name, TLS and several hosts have no common time limit."""
    if not seconds:
        raise psycopg.OperationalError("no connection: there is no time left to wait for one")
    coming: Future[Connection] = Future()
    Thread(target=_deliver, args=(coming, connect), name="connecting", daemon=True).start()
    try:
        return coming.result(seconds)
    except TimeoutError:
        waited_in_vain()
        coming.add_done_callback(_too_late)
        raise psycopg.OperationalError(f"no connection within {seconds:.1f} seconds") from None


def _deliver(coming: Future[Connection], connect: Callable[[], Connection]) -> None:
    try:
        with hurried():  # a server that falls silent after it let us in must not keep this thread for ever
            coming.set_result(connect())
    except Exception as problem:
        coming.set_exception(problem)


def _too_late(come: Future[Connection]) -> None:
    if come.exception() is None:
        come.result().close()
