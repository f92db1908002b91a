"""A column among several values: in statements that are built once, with the list as their parameter."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, Dialect, Text, TypeDecorator, any_, bindparam, func, select
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from bot.store.types import unbounded


class among(FunctionElement[bool]):  # as `and_`, `exists`
    """`among(column, "ids")`: true where the column is in the list that the statement is given as `ids`.

    On PostgreSQL the list is one parameter. As many, a list of another length is another statement: written anew,
    and never prepared. SQLite finds its way by the values themselves, and has no such type.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(self.on_sqlite(column, name), column == any_(bindparam(name, type_=ARRAY(_kind(column)))))

    def on_sqlite(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """The list value by value."""
        return column.in_(bindparam(name, expanding=True))

    def self_group(self, against: Any = None) -> Self:
        """As it is: SQLite has no booleans, and an expression that is compared with 1 finds nothing by an index."""
        return self


class named(among):
    """The same, with one parameter on SQLite too: for `plain.run`, where the column is what leads to the rows."""

    inherit_cache = True

    def on_sqlite(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """The list as one text that is taken apart."""
        kind = _kind(column)
        given = func.json_each(bindparam(name, type_=_AsJson(kind))).table_valued(sql_column("value", kind))
        return column.in_(select(given.c.value))


class _AsJson(TypeDecorator[Sequence[Any]]):
    """A list of values of a `kind`, as SQLite's json_each takes it."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        convert = self.kind.dialect_impl(dialect).bind_processor(dialect)
        return lambda values: json.dumps(values if convert is None else [convert(value) for value in values])


def _kind(column: ColumnElement[Any]) -> TypeEngine[Any]:
    return unbounded(column.type)


def by_ids(column: ColumnElement[Any], several: bool) -> ColumnElement[bool]:
    """Where the column is one of `ids`; of a single number, given as it is, the same as a comparison.

    On SQLite a list is written into the statement anew each time.
    """
    return among(column, "ids") if several else column == bindparam("ids")


@compiles(among)
def _one_by_one(element: among, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses.clauses[0], **how)


@compiles(among, "postgresql")
def _as_one(element: among, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses.clauses[1], **how)
