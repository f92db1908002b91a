"""Connections to a SQLite file, all with the same settings, whose statements are compiled once for all of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what was acknowledged survives a power cut too
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=2000",  # shorter than the three seconds in which Slack wants its answer
)
STATEMENTS = 500
"""How many compiled statements are kept, and prepared by a lone connection; Baton has about half as many."""
SMALL_CACHE = "PRAGMA cache_size=-512"
"""Kibibytes, of the many that read: whatever such a connection has kept is void with the next change of another."""
KEPT = 5
"""How many that read stay open: each holds a megabyte or two, and more of them are busy at once only in a storm."""
MORE = 10
"""How many more than wanted there may be for a moment, as SQLAlchemy has it."""

_compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)


def sqlite_engine(url: str, pool_size: int) -> Engine:
    """An engine for the file; `create_engine` would give it a dialect and compiled statements of its own.

    A transaction is BEGIN IMMEDIATE with the execution option `baton_write`, else BEGIN.
    """
    address, dialect = make_url(url), _dialect()
    where, how = dialect.create_connect_args(address)
    alone = pool_size == 1
    if alone:  # the one that writes runs them all; of the many that read, each prepares the usual 128 at most
        how["cached_statements"] = STATEMENTS
    pragmas = PRAGMAS if alone else (*PRAGMAS, SMALL_CACHE)

    def connect() -> Any:
        connection: Any = dialect.connect(*where, **how)
        connection.isolation_level = None  # the driver's own BEGIN would come too late and too weak
        for pragma in pragmas:
            connection.execute(pragma)
        return connection

    # the latest to come back is the first to go out: its cache of pages is warm, and few of the others ever get one
    kept = min(pool_size, KEPT)
    pool = QueuePool(connect, pool_size=kept, max_overflow=pool_size + MORE - kept, use_lifo=True, dialect=dialect)
    engine = Engine(pool, dialect, address, hide_parameters=True, execution_options={"compiled_cache": _compiled})

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("baton_write"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # takes no lock yet and so cannot fail: straight to the driver, many times a second
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN")

    return engine


@cache
def _dialect() -> Dialect:
    """One for all engines of the process, because compiled statements belong to a dialect."""
    engine = create_engine("sqlite://")
    with engine.connect():  # which makes it look which version of SQLite this is
        return engine.dialect
