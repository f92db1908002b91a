"""What the cells of a column say together about how they are meant: the order of day and month, the decimal sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.domain.imports.fields import FIELDS, Kind
from bot.domain.imports.reading import Row, Table
from bot.domain.imports.report import Asked, Choices, DateOrder, ImportKind, Question
from bot.domain.imports.values import currency_in, decimals_of, orders_of

SAMPLES = 3
EARLY = 50
"""Rows from which samples are shown."""


@dataclass
class _Column:
    """How many cells can be meant one way only, and some that can be meant in two."""

    only: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def add(self, fits: frozenset[str], every: int, cell: str) -> None:
        if len(fits) == 1:
            self.only.setdefault(next(iter(fits)), cell)
        elif 1 < len(fits) < every and len(self.open) < SAMPLES and cell not in self.open:
            self.open.append(cell)

    @property
    def sure(self) -> str | None:
        """What it has to be; "" when it does not matter, None when somebody has to say."""
        if len(self.only) == 1:
            return next(iter(self.only))
        return "" if not self.only and not self.open else None

    @property
    def samples(self) -> tuple[str, ...]:
        return tuple([*self.only.values(), *self.open][:SAMPLES])


@dataclass
class Evidence:
    """`orders` and `decimals` by column; `waiting`: columns that nobody can read before `questions` are answered."""

    orders: dict[str, DateOrder | None] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)
    samples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    waiting: frozenset[str] = frozenset()


def gather(
    table: Table, rows: Iterable[Row], kind: ImportKind, mapping: Mapping[str, str], choices: Choices
) -> Evidence:
    """Look at all rows once; only as far as there is something to find out."""
    kinds = {one.name: one.kind for one in FIELDS[kind]}
    columns = [(place, name, kinds[mapping[name]]) for place, name in enumerate(table.names) if name in mapping]
    dates = {name: (place, _Column()) for place, name, one in columns if one is Kind.DATE}
    amounts = {name: (place, _Column()) for place, name, one in columns if one is Kind.AMOUNT}
    code_at = next((place for place, _name, one in columns if one is Kind.CURRENCY), None)
    found, shown = Evidence(), [list[str]() for _ in table.names]
    no_currency: dict[str, str] = {}
    for number, row in enumerate(rows):
        if number < EARLY:
            _show(row, shown)
        elif not dates and not amounts:
            break
        for place, column in dates.values():
            cell = row.cells[place].strip()
            if cell and choices.dates is None:
                column.add(frozenset(orders_of(cell)), 3, cell)
        for name, (place, column) in amounts.items():
            cell = row.cells[place].strip()
            if not cell:
                continue
            code = currency_in(cell) or (row.cells[code_at].strip().upper() if code_at is not None else "")
            if not code and not choices.currency:
                no_currency.setdefault(name, cell)
            if not choices.decimal:
                fits = decimals_of(cell, code or choices.currency)
                column.add(fits if fits else frozenset(".,x"), 2 if fits else 9, cell)
    found.samples = {name: tuple(shown[place]) for place, name in enumerate(table.names)}
    _days(found, dates, choices)
    _marks(found, amounts, choices)
    for name, cell in no_currency.items():
        found.questions.append(Question(Asked.CURRENCY, name, samples=(cell,)))
        found.waiting |= {name}
    return found


def _show(row: Row, shown: list[list[str]]) -> None:
    for place, cell in enumerate(row.cells):
        if cell and len(shown[place]) < SAMPLES and cell not in shown[place]:
            shown[place].append(cell[:60])


def _days(found: Evidence, dates: Mapping[str, tuple[int, _Column]], choices: Choices) -> None:
    for name, (_, column) in dates.items():
        sure = column.sure if choices.dates is None else choices.dates.value
        if sure is None:
            options = (DateOrder.DMY.value, DateOrder.MDY.value)
            found.questions.append(Question(Asked.DATES, name, samples=column.samples, options=options))
            found.waiting |= {name}
        found.orders[name] = DateOrder(sure) if sure else None


def _marks(found: Evidence, amounts: Mapping[str, tuple[int, _Column]], choices: Choices) -> None:
    for name, (_, column) in amounts.items():
        sure = column.sure if not choices.decimal else choices.decimal
        if sure is None:
            found.questions.append(Question(Asked.DECIMAL, name, samples=column.samples, options=(".", ",")))
            found.waiting |= {name}
        found.decimals[name] = sure or ""
