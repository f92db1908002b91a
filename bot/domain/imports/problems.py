"""What is wrong with rows: the first few one by one, all of them as CSV, and how many there are."""

from __future__ import annotations

import csv
import io

from bot.domain.imports.report import SHOWN, BadRow
from bot.domain.refusals import Refusal
from bot.errors import BotError
from bot.files.spreadsheet import marked

LONGEST_VALUE = 80
PER_ROW = 5


class TooShort(Refusal):
    sentence = "The row has %(cells)s of %(columns)s cells."


class TooManyCells(Refusal):
    sentence = (
        "The row has %(cells)s cells, the header %(columns)s. Is there a separator in a text without quotation marks?"
    )


class OpenQuote(Refusal):
    sentence = "The quotation marks do not fit: lines %(line)s to %(last)s cannot be told apart."


class CellTooLong(Refusal):
    sentence = "The cell has %(size)s characters; I read up to %(most)s."


class NothingNecessary(Refusal):
    sentence = "This is empty, and I cannot do without it."


class SameAgain(Refusal):
    sentence = "The same is in line %(line)s already."


class BadRows:
    """Collects. Rows are counted once, however much is wrong with them."""

    def __init__(self) -> None:
        self.shown: list[BadRow] = []
        self.rows = 0
        self._last = 0
        self._in_row = 0
        self._text = io.StringIO()
        self._out = csv.writer(self._text, lineterminator="\r\n")
        self._out.writerow(("line", "column", "value", "reason"))

    def add(self, line: int, column: str, problem: BotError, value: str = "") -> None:
        """One thing that is wrong; those of one row come together."""
        self._in_row = self._in_row + 1 if line == self._last else 1
        self.rows += line != self._last
        self._last = line
        if self._in_row > PER_ROW:
            return
        value = "".join(sign if sign.isprintable() else " " for sign in value[:LONGEST_VALUE])
        self._out.writerow((line, marked(column), marked(value), str(problem)))
        if len(self.shown) < SHOWN:
            self.shown.append(BadRow(line, column, problem, value))

    @property
    def csv(self) -> str:
        """All of them; empty when there is none."""
        return self._text.getvalue() if self.rows else ""
