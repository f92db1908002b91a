"""Connections to PostgreSQL that find out soon when nobody answers any more, and that nobody waits for too long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from functools import cache
from select import select
from threading import Thread
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
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
        patient = _giving_way(gen)
        try:
            return super().wait(patient, SHORT_SECONDS, left)
        except psycopg.OperationalError as problem:
            if time.monotonic() < until or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            waited_in_vain()
            self.pgconn.finish()  # an answer that comes later must not be taken for the next one's
            raise psycopg.OperationalError(f"no answer within {left:.1f} seconds") from problem
        finally:
            patient.close()


def _giving_way(gen: PQGen[Any]) -> PQGen[Any]:
    """The same waits; from the first on that takes longer than a moment, somebody else has this thread's turn."""
    with ExitStack() as away:
        given = False
        try:
            wants = next(gen)
            while True:
                ready = yield wants
                if not ready and not given:
                    away.enter_context(waiting())
                    given = True
                wants = gen.send(ready)
        except StopIteration as end:
            return end.value


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
    connection = Connection.connect(*args, autocommit=True, **wanted)
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
