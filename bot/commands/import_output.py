"""What `baton import` prints: how the file was read, what becomes of it, what is wrong, what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.domain.imports.owned import NAMES
from bot.domain.imports.report import Asked, DryRun, ImportKind, Outcome, Question, Source, WhyUnmatched

_WHY = {
    WhyUnmatched.UNKNOWN: "not known to Baton",
    WhyUnmatched.SEVERAL: "several people have that name",
    WhyUnmatched.GONE: "has left, or is an app",
    WhyUnmatched.NOT_ASKED: "Slack does not tell whose mail address that is",
}
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_ASKED = {
    Asked.DATES: "Which comes first in “{column}”, the day or the month?",
    Asked.DECIMAL: "Which sign stands before the decimals in “{column}”?",
    Asked.CURRENCY: "In which currency are the amounts in “{column}”?",
    Asked.COLUMN: "Which column is “{field}”?",
}


@dataclass(frozen=True)
class Shown:
    """Writes to a console."""

    console: Console
    kind: ImportKind

    def look(self, dry: DryRun) -> None:
        """The whole report."""
        whose = f", an export of {NAMES.get(dry.system, 'Baton')}" if dry.system else ""
        separator = _SEPARATORS.get(dry.separator, dry.separator)
        self._say(f"{dry.file_name}: {dry.encoding}, separated by {separator}{whose}; {dry.counts.rows:,} rows.")
        self._columns(dry)
        counts = dry.counts
        self._say(
            f"{counts.created:,} new, {counts.changed:,} changed, {counts.unchanged:,} as they are,"
            f" {counts.skipped:,} skipped, {counts.bad:,} bad."
        )
        self._table(
            "Bad rows",
            ("line", "column", "value", "why"),
            [(f"{one.line:,}", one.column, one.value, str(one.problem)) for one in dry.bad],
        )
        if dry.counts.bad > len(dry.bad):
            self._say(f"{dry.counts.bad:,} bad rows in all; --bad-rows FILE writes them to a file.")
        self._table(
            "People who are not found: their rows are imported without them (--person “Name=U0123” says who is meant)",
            ("name", "why", "rows"),
            [(one.name, _WHY[one.why], f"{one.rows:,}") for one in dry.unmatched],
        )
        if dry.unmatched_total > len(dry.unmatched):
            self._say(f"{dry.unmatched_total:,} people in all.")
        self._table(
            "Left as it is",
            ("line", "about", "why"),
            [(f"{one.line:,}", one.about, str(one.problem)) for one in dry.notes],
        )
        if dry.notes_total > len(dry.notes):
            self._say(f"{dry.notes_total:,} of these in all.")

    def question(self, one: Question, option: str) -> None:
        """What somebody has to say first, and with which option."""
        said = _ASKED[one.asked].format(column=one.column, field=one.field)
        samples = f" ({', '.join(one.samples)})" if one.samples else ""
        self._say(f"{said}{samples} Say {option}.")

    def not_done(self, dry: DryRun, *, dry_run: bool) -> None:
        """Why nothing was changed."""
        if not dry.counts.rows:
            self._say("There is no row to import.")
        elif not dry.ready:
            self._say("Nothing is imported. Put the bad rows right, or leave them out with --leave-out-bad.")
        elif dry_run:
            self._say("Nothing was changed: a dry run.")

    def done(self, outcome: Outcome) -> None:
        """What was imported."""
        counts = outcome.counts
        left = f" {counts.bad:,} bad rows were left out." if counts.bad else ""
        self._say(f"Imported: {counts.created:,} new, {counts.changed:,} changed.{left}")

    def _columns(self, dry: DryRun) -> None:
        used = [
            f"{one.name} → {one.field}{' (as last time)' * (one.source is Source.REMEMBERED)}"
            for one in dry.columns
            if one.field
        ]
        alone = [one.name for one in dry.columns if not one.field]
        if used:
            self._say(f"Columns: {'; '.join(used)}.")
        if alone:
            self._say(f"Left alone: {'; '.join(alone[:20])}{' …' if len(alone) > 20 else ''}.")

    def _table(self, title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        if not rows:
            return
        self.console.print(f"[bold]{escape(title)}[/bold]", soft_wrap=True)
        table = Table()
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(table)

    def _say(self, line: str) -> None:
        self.console.print(escape(line), soft_wrap=True)
