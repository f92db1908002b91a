"""Changes that are written down at every click, in the driver's own words: only the values are made ready each time.

SQLAlchemy does as much for any statement, and takes several times as long for it as SQLite for the change itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Dialect, Update, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.mapper import Mapper


def run(session: Session, statement: Any, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Run a statement that was built once with these values, by name. Rows come back as the driver has them."""
    connection = session.connection()
    plain = words(statement, tuple(values), connection.dialect)
    return connection.exec_driver_sql(plain.text, plain.given(values))


def save(session: Session, one: Any) -> None:
    """Write what has changed in one object that the session holds, as its flush would; other objects wait for that.

    Raises StaleDataError when its row is gone, as a flush does.
    """
    state, values = instance_state(one), instance_dict(one)
    names = tuple(sorted(state.committed_state.keys() & state.mapper.column_attrs.keys()))
    changed = {name: values[name] for name in names if values[name] != state.committed_state[name]}
    if changed:
        statement = _save(state.mapper, tuple(changed))
        if run(session, statement, {**changed, _NUMBER: values["id"]}).rowcount != 1:
            raise StaleDataError(f"a row of {state.mapper.local_table} to change is gone")
    state._commit_all(values, session.identity_map)  # as a flush does: nothing is left to write


_NUMBER = "number_of_it"


@cache
def _save(mapper: Mapper[Any], names: tuple[str, ...]) -> Update:
    table: Any = mapper.local_table
    given: dict[str, Any] = {mapper.column_attrs[name].columns[0].name: bindparam(name) for name in names}
    return update(table).where(table.c.id == bindparam(_NUMBER)).values(given)


@dataclass(frozen=True)
class Place:
    """A parameter: one of the names, or the same `value` each time."""

    name: str
    value: Any
    convert: Callable[[Any], Any] | None

    def one(self, given: Mapping[str, Any]) -> Any:
        """Its value, as the driver takes it."""
        value = given.get(self.name, self.value)
        return value if self.convert is None else self.convert(value)

    def column(self, given: Mapping[str, Sequence[Any]], count: int) -> Sequence[Any]:
        """Its values for so many rows, of which each name has a column."""
        column = given.get(self.name)
        if column is None:
            return [self.convert(self.value) if self.convert else self.value] * count
        return column if self.convert is None else [self.convert(value) for value in column]


@dataclass(frozen=True)
class Plain:
    """A statement for the driver. Its places stand in order, or are named (psycopg)."""

    text: str
    places: tuple[Place, ...]
    named: bool

    def given(self, values: Mapping[str, Any]) -> Any:
        """The parameters of one run."""
        if self.named:
            return {place.name: place.one(values) for place in self.places}
        return tuple([place.one(values) for place in self.places])


@cache
def words(statement: Any, names: tuple[str, ...], dialect: Dialect) -> Plain:
    """The statement for the driver, for values of these names."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert not compiled.post_compile_params, "lists are one parameter: bot/store/among.py"
    missing = {name for bind, name in compiled.bind_names.items() if bind.required} - {*names}
    assert not missing, f"no value is given for {missing}"
    kinds = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
    known = compiled.params
    order = compiled.positiontup if compiled.positional else kinds
    places = (Place(name, known[name], kinds[name].bind_processor(dialect)) for name in order)
    return Plain(str(compiled), tuple(places), not compiled.positional)
