"""A list of accounts for a territory run, from a CSV file: which account, and who gives and who gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.imports.reading import Broken, table
from bot.domain.imports.report import FileRefused
from bot.domain.territory import MOST
from bot.usecases.imports.import_desk import FileSource

NAMES = {
    "account": frozenset({"account", "account name", "company", "company name", "customer", "name"}),
    "outgoing": frozenset({"outgoing", "outgoing rep", "from", "owner", "account owner", "company owner"}),
    "incoming": frozenset({"incoming", "incoming rep", "to", "new owner", "new rep"}),
}
"""What the columns may be called, among them those of exports by Salesforce and HubSpot."""


class NoAccountColumn(FileRefused):
    sentence = "The list has no column for the account. Call it “account”; “outgoing” and “incoming” are optional."


class TooManyLines(FileRefused):
    sentence = "The list has more than %(most)s lines. Do it in two runs."


class BrokenLine(FileRefused):
    sentence = "Line %(line)s cannot be read: its quotation marks do not fit. Mend it and try again."


@dataclass(frozen=True)
class Listed:
    """One line of the list; people as they are called there."""

    line: int
    account: str
    outgoing: str = ""
    incoming: str = ""


@dataclass(frozen=True)
class Lists:
    """`files`: where they are fetched from, quickly: somebody waits."""

    files: FileSource = field(repr=False)

    def fetch(self, file: Any, team_id: str) -> list[Listed]:
        """What stands in a file that somebody gave. Raises FileUnusable, NotFetched, FileRefused."""
        described = self.files.look(file.id)
        self.files.require_usable(described, team_id)
        with self.files.fetched(described) as path:
            return read(path)


def read(path: Path) -> list[Listed]:
    """The lines of a list, without those that name no account. Raises FileRefused."""
    found = table(lambda: path.open("rb"), path.stat().st_size, _known)
    return _lines(found.rows(), [name.casefold().strip() for name in found.header])


def _lines(rows: Any, header: Sequence[str]) -> list[Listed]:
    columns = {
        what: next((place for place, name in enumerate(header) if name in names), None) for what, names in NAMES.items()
    }
    if columns["account"] is None:
        raise NoAccountColumn()
    found: list[Listed] = []
    for row in rows:
        if isinstance(row, Broken):
            raise BrokenLine(line=row.line)
        said = {
            what: " ".join(row.cells[place].split()) if place is not None and place < len(row.cells) else ""
            for what, place in columns.items()
        }
        if said["account"]:
            found.append(Listed(row.line, said["account"], said["outgoing"], said["incoming"]))
        if len(found) > MOST:
            raise TooManyLines(most=f"{MOST:,}")
    return found


def _known(header: Sequence[str]) -> int:
    every = frozenset().union(*NAMES.values())
    return sum(name.casefold().strip() in every for name in header)
