"""Accounts, contacts and deals from a CSV file: looked at first, then imported as a whole or not at all.

request = Request(ImportKind.ACCOUNTS, "book.csv", content)
dry = importing.prepare(actor, request)            # reads only; ask dry.questions, show dry.counts and dry.bad
number = importing.keep(actor, dry, slack_file_id) # so that another process can go on: `kept` gives it back
outcome = importing.apply(actor, request, number)  # raises unless dry.ready; one transaction
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.imports.report import Choices, DryRun, ImportKind, Outcome
from bot.usecases.desk import Actor, Desk


@dataclass(frozen=True)
class Request:
    """A file to import. `source`: its bytes, or where it lies. `mapping`: column -> field, "" to leave one alone.

    Without `mapping` (or `choices`) what was said for the last file with the same header counts, else what the
    columns' names say.
    """

    kind: ImportKind
    file_name: str
    source: bytes | Path
    mapping: Mapping[str, str] | None = None
    choices: Choices | None = None


@dataclass(frozen=True)
class Kept:
    """A look that somebody may go on from. `state` is "checked" or "applied"."""

    id: int
    kind: ImportKind
    file_name: str
    sha256: str
    slack_file_id: str
    mapping: Mapping[str, str]
    choices: Choices
    state: str


@dataclass(frozen=True)
class Importing:
    """Actors are managers and admins (`Action.IMPORT`); `None` is whoever runs the command, of the only workspace."""

    desk: Desk

    def prepare(self, actor: Actor, request: Request) -> DryRun:
        """Look at a file; nothing is changed. Raises NotAllowed, FileRefused (a sentence that says what it is)."""
        raise NotImplementedError

    def keep(self, actor: Actor, dry: DryRun, slack_file_id: str = "") -> int:
        """Remember a look, so that it can be gone on with by its number. Raises NotAllowed."""
        raise NotImplementedError

    def kept(self, actor: Actor, import_id: int) -> Kept:
        """A look that was kept by this person. Raises NoSuchThing, NotAllowed."""
        raise NotImplementedError

    def apply(self, actor: Actor, request: Request, import_id: int | None = None) -> Outcome:
        """Import the file, all of it or nothing, decided anew in the same transaction; remembers mapping and choices.

        With `import_id`, what was kept there is used where the request says nothing, and the file has to be the same.
        Raises NotAllowed, FileRefused, QuestionsLeft, BadRowsLeft, NothingInIt, FileChanged, ImportedAlready.
        """
        raise NotImplementedError
