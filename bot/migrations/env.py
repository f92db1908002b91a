"""Run by Alembic: applies the versions to the engine that `bot.migrations` hands over."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from bot.store import dossier, queues, schema, territories  # noqa: F401  (they register the tables)
from bot.store.columns import metadata

LOCK = 0x6261746F6E
"""Two processes that start at once on PostgreSQL take turns ("baton" in ASCII)."""
TOLD = ("CREATE", "ALTER", "DROP")
"""How statements begin whose answer nobody looks at."""


def render_item(kind: str, value: Any, autogen: Any) -> str | Literal[False]:
    """New versions name our own column types."""
    if kind == "type" and type(value).__module__ == "bot.store.types":
        autogen.imports.add("from bot.store import types")
        return f"types.{type(value).__name__}()"
    return False


@contextmanager
def _without_waiting(connection: Connection) -> Iterator[None]:
    """PostgreSQL is told what to make without waiting for each answer: that would be half of the time.

    Raises DBAPIError for what went wrong meanwhile.
    """
    driver: Any = connection.dialect.loaded_dbapi
    raw: Any = connection.connection.driver_connection
    try:
        with raw.pipeline() as line:

            @event.listens_for(connection, "after_cursor_execute")
            def answered(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
                if not statement.lstrip().startswith(TOLD):
                    line.sync()

            yield
    except driver.Error as problem:
        raise DBAPIError("a change of the tables", None, problem) from problem


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_item=render_item,
            render_as_batch=engine.dialect.name == "sqlite",
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            with _without_waiting(connection) if engine.dialect.name == "postgresql" else nullcontext():
                context.run_migrations()
        connection.commit()


run()
