"""A column among several values: in statements that are built once, with the list as their parameter."""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.store.types import unbounded


class among(FunctionElement[bool]):  # as `and_`, `exists`
    """`among(column, "ids")`: true where the column is in the list that the statement is given as `ids`.

    On PostgreSQL the list is one parameter. As many, a list of another length is another statement: written anew,
    and never prepared. SQLite finds its way by the values themselves, and has no such type.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        one_by_one = column.in_(bindparam(name, expanding=True))
        super().__init__(one_by_one, column == any_(bindparam(name, type_=ARRAY(unbounded(column.type)))))

    def self_group(self, against: Any = None) -> Self:
        """As it is: SQLite has no booleans, and an expression that is compared with 1 finds nothing by an index."""
        return self


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
