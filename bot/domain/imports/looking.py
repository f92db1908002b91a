"""A file from its bytes to rows that can be matched, with everything that there is to ask and to complain about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.imports.evidence import Evidence, gather
from bot.domain.imports.fields import NECESSARY, field_named, header_key, known_names, recognised, system_of
from bot.domain.imports.interpreting import Interpreted, interpret, sound
from bot.domain.imports.problems import BadRows
from bot.domain.imports.reading import Open, Table, table
from bot.domain.imports.report import Asked, Choices, ColumnUse, FileRefused, ImportKind, Question, Source

NO_MAPPING: Mapping[str, str] = {}


class NoSuchColumn(FileRefused):
    sentence = "The file has no column “%(column)s”."


class NoSuchField(FileRefused):
    sentence = "There is no field “%(field)s”."


class FieldTwice(FileRefused):
    sentence = "“%(one)s” and “%(other)s” cannot both be “%(field)s”."


@dataclass(frozen=True)
class Remembered:
    """What was said for another file with the same header."""

    mapping: Mapping[str, str]
    choices: Choices


@dataclass(frozen=True)
class Look:
    """`found.rows` can be matched with what there is, whether or not there are `questions`."""

    table: Table
    system: str
    columns: tuple[ColumnUse, ...]
    choices: Choices
    questions: tuple[Question, ...]
    found: Interpreted
    bad: BadRows
    mails: Mapping[str, str] | None = None
    """Slack ids by mail address, "" for nobody's: what Slack said of the addresses in the rows."""


def opened(open_file: Open, size: int, encoding: str = "") -> Table:
    """The file as a table. Raises FileRefused."""
    return table(open_file, size, known_names, encoding)


def key_of(one: Table, kind: ImportKind) -> str:
    """By which a mapping is remembered."""
    return header_key(kind, one.header)


def look(
    one: Table, kind: ImportKind, said: Mapping[str, str] | None, choices: Choices | None, remembered: Remembered | None
) -> Look:
    """Read the whole table. What is said counts before what is remembered, and that before what names tell.

    Raises FileRefused for a mapping that does not fit.
    """
    system = system_of(kind, one.header)
    columns = _columns(one, kind, said or NO_MAPPING, remembered)
    mapping = {column.name: column.field for column in columns if column.field}
    answered = choices or Choices()
    evidence = _evidence(one, kind, mapping, answered)
    if remembered is not None:
        before, answered = (
            answered,
            _as_before(answered, remembered.choices, {each.asked for each in evidence.questions}),
        )
        evidence = evidence if answered == before else _evidence(one, kind, mapping, answered)
    bad = BadRows()
    questions = _missing(one, kind, mapping)
    found = Interpreted()
    if questions:  # without them no row says anything
        found.counted = sum(1 for _ in sound(one, BadRows(), Interpreted()))
    else:
        found = interpret(one, kind, mapping, answered, evidence, bad)
    shown = tuple(
        ColumnUse(column.name, column.field, column.source, evidence.samples.get(column.name, ())) for column in columns
    )
    return Look(
        one, system, shown, answered, (*questions, *_twice(one, kind, mapping), *evidence.questions), found, bad
    )


def _evidence(one: Table, kind: ImportKind, mapping: Mapping[str, str], choices: Choices) -> Evidence:
    return gather(one, sound(one, BadRows(), Interpreted()), kind, mapping, choices)


def _as_before(said: Choices, before: Choices, asked: set[Asked]) -> Choices:
    """What was answered for another file answers questions; it does not contradict what this file says itself."""
    return replace(
        said,
        dates=said.dates or (before.dates if Asked.DATES in asked else None),
        decimal=said.decimal or (before.decimal if Asked.DECIMAL in asked else ""),
        currency=said.currency or (before.currency if Asked.CURRENCY in asked else ""),
        people={**before.people, **said.people},
    )


def _columns(
    one: Table, kind: ImportKind, said: Mapping[str, str], remembered: Remembered | None
) -> tuple[ColumnUse, ...]:
    names = {name.casefold(): name for name in one.names}
    used: dict[str, tuple[str, Source]] = {}
    for column, field in said.items():
        name = names.get(" ".join(column.split()).casefold())
        if name is None:
            raise NoSuchColumn(column=column[:60])
        used[name] = (field, Source.SAID if field else Source.NOT_USED)
    _require_fields(kind, used)
    taken = {field for field, _ in used.values()}
    for source, mapping in (
        (Source.REMEMBERED, remembered.mapping if remembered else NO_MAPPING),
        (Source.RECOGNISED, NO_MAPPING if remembered else recognised(kind, one.names, one.repeated)),
    ):
        for column, field in mapping.items():
            if column in one.names and column not in used and field not in taken and field_named(kind, field):
                used[column] = (field, source)
                taken.add(field)
    return tuple(ColumnUse(name, *used.get(name, ("", Source.NOT_USED))) for name in one.names)


def _require_fields(kind: ImportKind, used: Mapping[str, tuple[str, Source]]) -> None:
    by_field: dict[str, str] = {}
    for column, (field, _) in used.items():
        if field and field_named(kind, field) is None:
            raise NoSuchField(field=field[:60])
        if field and field in by_field:
            raise FieldTwice(one=by_field[field], other=column, field=field)
        by_field[field] = column


def _missing(one: Table, kind: ImportKind, mapping: Mapping[str, str]) -> tuple[Question, ...]:
    """Necessary fields without a column."""
    free = tuple(name for name in one.names if name not in mapping)
    groups = (group for group in NECESSARY[kind] if not set(group) & set(mapping.values()))
    return tuple(Question(Asked.COLUMN, field=group[0], options=free) for group in groups)


def _twice(one: Table, kind: ImportKind, mapping: Mapping[str, str]) -> tuple[Question, ...]:
    """Columns of one name that mean something: which of them is it? Not asked again once one is chosen."""
    asked = []
    for name in one.repeated:
        field = recognised(kind, (name,), ()).get(name)
        if field and field not in mapping.values() and not any(group[0] == field for group in NECESSARY[kind]):
            same = tuple(one_name for one_name in one.names if one_name == name or one_name.startswith(f"{name} ("))
            asked.append(Question(Asked.COLUMN, column=name, field=field, options=same))
    return tuple(asked)
