"""Many rows in one statement.

PostgreSQL takes each column as one array: a statement for every row costs the server, and the driver, more than the
change itself. SQLite has nobody to talk to: its driver runs one statement for many rows as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Select,
    Table,
    TableValuedAlias,
    Update,
    bindparam,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.plain import run, words
from bot.store.types import unbounded

Rows = Sequence[tuple[Any, ...]]
"""With the values of some columns, in the order of their names; of an insert no two with the same key."""


def insert_into(table: Table, names: Sequence[str], dialect: str) -> Any:
    """The insert of rows with values of these names, to add ON CONFLICT to; build it once, and run it with `write`."""
    if dialect != "postgresql":
        return sqlite.insert(table)
    given: Select[Any] = select(*_given(table, names).c)
    return postgresql.insert(table).from_select(list(names), given)


def update_of(table: Table, names: Sequence[str], dialect: str) -> Update:
    """The update of rows by NUMBER, the first of `names`, their id; build it once, and run it with `write`."""
    if dialect != "postgresql":
        return update(table).where(table.c.id == bindparam(NUMBER))  # and sets what each row has besides
    given = _given(table, ("id", *names[1:])).c
    return update(table).where(table.c.id == given.id).values({name: given[name] for name in names[1:]})


def write(session: Session, statement: Any, names: tuple[str, ...], rows: Rows) -> None:
    """Run one of these statements, made for these names, for all the rows; for none, nothing is done."""
    if not rows:
        return
    connection = session.connection()
    columns = zip(*rows, strict=True)
    if connection.dialect.name == "postgresql":
        run(session, statement, {_ALL + name: list(column) for name, column in zip(names, columns, strict=True)})
        return
    plain = words(statement, names, connection.dialect)
    given = dict(zip(names, columns, strict=True))
    parameters = [place.column(given, len(rows)) for place in plain.places]
    connection.exec_driver_sql(plain.text, list(zip(*parameters, strict=True)))


NUMBER = "number"
"""What an update calls the id of a row."""
_ALL = "all_"
"""Begins the name of a parameter that holds a column: a column's own name would mean its one value."""


def _given(table: Table, names: Sequence[str]) -> TableValuedAlias:
    """The rows that the parameters hold, one array for each column, in their order."""
    kinds = {name: unbounded(table.c[name].type) for name in names}
    arrays = (bindparam(_ALL + (NUMBER if name == "id" else name), type_=ARRAY(kind)) for name, kind in kinds.items())
    columns = (column(name, kind) for name, kind in kinds.items())
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
