"""What people read about a file that they gave: how it stands, with every refusal as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.imports.job import ImportJob, read_error
from bot.domain.refusals import NoSuchThing
from bot.errors import BotError


@dataclass(frozen=True)
class Told:
    """One line about one line of the file. `value` as it stands there; `why` is mrkdwn."""

    line: int
    column: str
    value: str
    why: str


@dataclass(frozen=True)
class ImportView:
    """`link`: where all rows that cannot be imported are fetched; `problem`: why nothing was imported (mrkdwn)."""

    job: ImportJob
    link: str | None = None
    problem: str = ""
    bad: tuple[Told, ...] = ()
    notes: tuple[Told, ...] = ()

    @property
    def final(self) -> bool:
        """Whether there is no use in trying again."""
        return bool(self.job.report.get("final"))

    @property
    def to_do(self) -> int:
        """Rows that would change something."""
        counts = self.job.report.get("counts") or {}
        return int(counts.get("created", 0)) + int(counts.get("changed", 0))

    @property
    def ready(self) -> bool:
        """Whether it can be imported as it is."""
        counts = self.job.report.get("counts") or {}
        stands_in_the_way = counts.get("bad") and not self.job.choices.leave_out_bad
        return bool(self.to_do) and not self.job.report.get("questions") and not stands_in_the_way

    @property
    def unused(self) -> list[str]:
        """Columns that are left alone."""
        return [one["name"] for one in self.job.report.get("columns") or () if not one["field"]]

    @property
    def used(self) -> list[tuple[str, str]]:
        """(column, field) of the others."""
        return [(one["name"], one["field"]) for one in self.job.report.get("columns") or () if one["field"]]


Imported = Callable[[Session, int, int, Callable[[BotError], str]], ImportView]
"""(session, workspace, file, how errors are worded) -> how the file stands. Raises NoSuchThing."""


def no_files(session: Session, workspace_id: int, job_id: int, say: Callable[[BotError], str]) -> ImportView:
    """Of a process that takes no files."""
    raise NoSuchThing()


def import_view(job: ImportJob, link: str | None, say: Callable[[BotError], str]) -> ImportView:
    """`say` words an error for the reader."""
    problem = job.report.get("problem")
    return ImportView(
        job,
        link,
        say(read_error(problem)) if problem else "",
        tuple(_told(one, one["column"], one["value"], say) for one in job.report.get("bad") or ()),
        tuple(_told(one, "", one["about"], say) for one in job.report.get("notes") or ()),
    )


def _told(one: Mapping[str, Any], column: str, value: str, say: Callable[[BotError], str]) -> Told:
    return Told(one["line"], column, value, say(read_error(one["problem"])))
