"""Column types that keep their promise on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, Enum, Integer, String, Text, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

Id = BigInteger().with_variant(Integer, "sqlite")
"""A row's number: 64 bits on PostgreSQL; on SQLite it must be plain INTEGER to count up by itself."""

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Utc(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite has no zones, so it is stored as naive UTC there and comes back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored: pass an aware datetime")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(Enum):
    """An Enum that writes the words it is compared with into the statement, because indexes hold only some of them.

    As parameters, SQLite would plan such a statement anew each time it runs, and PostgreSQL plan it for any word.
    """

    cache_ok = True

    class Comparator(Enum.Comparator):
        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            return super().operate(op, *(_written(one) for one in other), **kwargs)

    comparator_factory = Comparator


def _written(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return literal_column(f"'{value.value}'", Text)
    if isinstance(value, list | tuple | set | frozenset) and value and all(isinstance(one, StrEnum) for one in value):
        return [_written(one) for one in value]
    return value


def words(kind: type[StrEnum]) -> Words:
    """A column that holds one of the words of `kind`, kept as text so that a new word needs no migration."""
    return Words(
        kind, native_enum=False, create_constraint=False, length=32, values_callable=lambda e: [m.value for m in e]
    )


def unbounded(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """A text of any length: cast to the column's own type, one that is too long would be cut without a word."""
    return Text() if isinstance(kind, String) and not isinstance(kind, Enum) else kind
