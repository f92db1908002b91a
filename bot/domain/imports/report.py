"""What a look at a file finds, before anything is changed: counts, bad rows, questions, people who are not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.refusals import Refusal
from bot.errors import BotError

SHOWN = 20
"""As many bad rows, notes and people as a report carries one by one; of the rest it has the number."""


class ImportKind(StrEnum):
    """What one row of the file is."""

    ACCOUNTS = "accounts"
    CONTACTS = "contacts"
    DEALS = "deals"


class DateOrder(StrEnum):
    """How 1/2/2026 is meant."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


class Asked(StrEnum):
    """What has to be said before the file can be imported."""

    DATES = "dates"
    """All days are 12 or less, or they contradict each other: which comes first? Answer: a DateOrder."""
    DECIMAL = "decimal"
    """"1.234" may be a thousand or one: which sign stands before the decimals? Answer: "." or ","."""
    CURRENCY = "currency"
    """Amounts of which nothing says the currency. Answer: an ISO 4217 code."""
    COLUMN = "column"
    """A necessary field that no column was recognised for, or that several could be. Answer: a mapping."""


class Source(StrEnum):
    """How a column got its field."""

    SAID = "said"
    """By whoever imports it, now."""
    REMEMBERED = "remembered"
    """As it was said for another file with the same header."""
    RECOGNISED = "recognised"
    """By its name."""
    NOT_USED = "not_used"
    """No field: the column is left alone."""


class WhyUnmatched(StrEnum):
    UNKNOWN = "unknown"
    SEVERAL = "several"
    """More than one person has that name."""
    GONE = "gone"
    """Their Slack account has ended, or it is an app's."""
    NOT_ASKED = "not_asked"
    """It is a mail address, and Slack could not be asked whose."""


@dataclass(frozen=True)
class Choices:
    """What was answered. `people`: a name as it stands in the file -> a Slack id; "" for nobody.

    `leave_out_bad`: import the rest of a file with bad rows; otherwise such a file is not imported.
    `encoding`: a name that Python knows, where the rules do not find it out.
    """

    dates: DateOrder | None = None
    decimal: str = ""
    currency: str = ""
    encoding: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    leave_out_bad: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As the tables hold it; without `leave_out_bad`, which is said anew for each file."""
        return {
            "dates": self.dates.value if self.dates else "",
            "decimal": self.decimal,
            "currency": self.currency,
            "encoding": self.encoding,
            "people": dict(self.people),
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Choices:
        """From what a table holds."""
        return cls(
            dates=DateOrder(stored["dates"]) if stored.get("dates") else None,
            decimal=stored.get("decimal", ""),
            currency=stored.get("currency", ""),
            encoding=stored.get("encoding", ""),
            people=dict(stored.get("people") or {}),
        )


@dataclass(frozen=True)
class ColumnUse:
    """One column: its name in the file (made unique: "Phone", "Phone (2)"), the field it fills ("" for none)."""

    name: str
    field: str
    source: Source
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be imported. `line` is the physical line on which it begins; `column` "" for the whole row."""

    line: int
    column: str
    problem: BotError
    value: str = ""


@dataclass(frozen=True)
class Note:
    """What is imported only in part, and why: an owner that stays as it is while a handoff is under way, say."""

    line: int
    about: str
    problem: BotError


@dataclass(frozen=True)
class Unmatched:
    """A person as named in the file whom nobody can be found for; their rows are imported without them."""

    name: str
    why: WhyUnmatched
    rows: int
    line: int


@dataclass(frozen=True)
class Question:
    """Something that is never guessed. `samples` are values from the file; `options` what may be answered.

    For Asked.COLUMN `field` is the field that is missing and `options` the columns it could be.
    """

    asked: Asked
    column: str = ""
    field: str = ""
    samples: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """Rows. `skipped`: repeated headers, a report's footer; `bad` is left out or stops the import (Choices)."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    bad: int = 0

    def to_dict(self) -> dict[str, int]:
        """As the table holds it."""
        return {name: getattr(self, name) for name in ("rows", "created", "changed", "unchanged", "skipped", "bad")}


@dataclass(frozen=True)
class DryRun:
    """What would become of the file. `system`: whose export it is ("salesforce", "hubspot", "baton", or "").

    `bad`, `notes`, `unmatched` hold the first SHOWN of each, `bad_csv` all bad rows (line, column, value, reason) as
    CSV with formulas neutralised; the counts are in `counts`, `notes_total`, `unmatched_total`.
    """

    kind: ImportKind
    file_name: str
    sha256: str
    encoding: str
    separator: str
    system: str
    columns: tuple[ColumnUse, ...]
    counts: Counts
    bad: tuple[BadRow, ...] = ()
    bad_csv: str = ""
    notes: tuple[Note, ...] = ()
    notes_total: int = 0
    unmatched: tuple[Unmatched, ...] = ()
    unmatched_total: int = 0
    questions: tuple[Question, ...] = ()
    choices: Choices = field(default_factory=Choices)

    @property
    def ready(self) -> bool:
        """Whether it can be imported as it is: everything is answered, and no bad row stands in the way."""
        return not self.questions and (not self.counts.bad or self.choices.leave_out_bad) and self.counts.rows > 0

    @property
    def mapping(self) -> dict[str, str]:
        """Column -> field, of the columns that are used."""
        return {one.name: one.field for one in self.columns if one.field}

    @property
    def said(self) -> dict[str, str]:
        """Every column -> its field, "" for those that are left alone: what is remembered for the same header."""
        return {one.name: one.field for one in self.columns}


@dataclass(frozen=True)
class Outcome:
    """What was imported, in one transaction. `dry_run` is the look that it was decided by, taken in it."""

    import_id: int
    dry_run: DryRun

    @property
    def counts(self) -> Counts:
        return self.dry_run.counts


class FileRefused(Refusal):
    """The file is none that can be read; the sentence says what it is and what to do."""


class QuestionsLeft(Refusal):
    sentence = "Answer the questions about this file first: nothing is guessed."


class BadRowsLeft(Refusal):
    sentence = "%(bad)s rows cannot be imported. Put them right, or say that they may be left out."


class NothingInIt(Refusal):
    sentence = "There is no row to import in this file."


class FileChanged(Refusal):
    sentence = "This is not the file that was looked at. Look at it again before importing it."


class ImportedAlready(Refusal):
    sentence = "This file has been imported already."
