"""What every table is made of: names of keys and indexes, and the columns that most have."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Text, text

from bot.store.types import Id

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def workspace() -> Column[int]:
    return Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False)


def person(name: str) -> Column[int | None]:
    return Column(name, Id, ForeignKey("people.id"))


def of_handoff() -> Column[int]:
    return Column("handoff_id", Id, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False)


def of_account() -> Column[int]:
    return Column("account_id", Id, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False)


def typed_text(name: str) -> Column[str]:
    """Text that may be empty."""
    return Column(name, Text, nullable=False, server_default="")


def version() -> Column[int]:
    """Counts the changes, so that of two people who change the same the second is told."""
    return Column("version", Integer, nullable=False, server_default="0")


def only_open(name: str, *columns: str) -> Index:
    """An index that does not grow with what is over: "what is late?" is asked of what is open."""
    return Index(name, *columns, sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"))
