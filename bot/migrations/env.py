"""Run by Alembic: applies the versions to the engine that `bot.migrations` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Engine, text

from bot.store import dossier, queues, schema, territories  # noqa: F401  (they register the tables)
from bot.store.columns import metadata

LOCK = 0x6261746F6E
"""Two processes that start at once on PostgreSQL take turns ("baton" in ASCII)."""


def render_item(kind: str, value: Any, autogen: Any) -> str | Literal[False]:
    """New versions name our own column types."""
    if kind == "type" and type(value).__module__ == "bot.store.types":
        autogen.imports.add("from bot.store import types")
        return f"types.{type(value).__name__}()"
    return False


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
            context.run_migrations()
        connection.commit()


run()
