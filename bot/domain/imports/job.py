"""A file that somebody gave in Slack, on its way: read, shown, said yes to, imported; each step outlives a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain.imports.report import Choices, DateOrder, DryRun, ImportKind
from bot.domain.refusals import Refusal
from bot.errors import BotError


class JobState(StrEnum):
    ARRIVED = "arrived"
    """Somebody shared it: is it one to import at all?"""
    OFFERED = "offered"
    """What is in it, if it is to be imported at all?"""
    READING = "reading"
    CHECKED = "checked"
    """Looked at: whoever brought it says what happens now."""
    IMPORTING = "importing"
    DONE = "done"
    DISCARDED = "discarded"
    FAILED = "failed"
    """Nothing was imported; the report says why."""


BUSY = (JobState.ARRIVED, JobState.READING, JobState.IMPORTING)
"""A worker has it, or will have it."""


class BeingRead(Refusal):
    sentence = "I am still reading that file. The result comes as a direct message."


class BeingImported(Refusal):
    sentence = "That file is being imported already. The result comes as a direct message."


class WasImported(Refusal):
    sentence = "That file was imported already."


class WasDiscarded(Refusal):
    sentence = "That import was discarded. Share the file again to start over."


class CouldNotBeRead(Refusal):
    sentence = "That file could not be imported. Put right what the message says, and share it again."


class SayWhatItIs(Refusal):
    sentence = "Say first what is in the file: accounts, contacts or deals."


_WHY_NOT: Mapping[JobState, type[Refusal]] = {
    JobState.ARRIVED: BeingRead,
    JobState.OFFERED: SayWhatItIs,
    JobState.READING: BeingRead,
    JobState.IMPORTING: BeingImported,
    JobState.DONE: WasImported,
    JobState.DISCARDED: WasDiscarded,
    JobState.FAILED: CouldNotBeRead,
}


def too_late(state: JobState) -> Refusal:
    """Why a click on a file in that state does nothing any more."""
    return _WHY_NOT[state]()


@dataclass(frozen=True)
class Said:
    """What was said for this file. `mapping` None: nothing about its columns; `choices` None: nothing at all."""

    mapping: Mapping[str, str] | None = None
    choices: Choices | None = None

    def to_dict(self) -> dict[str, Any]:
        """As the table holds it."""
        chosen = {**self.choices.to_dict(), "leave_out_bad": self.choices.leave_out_bad} if self.choices else None
        return {"mapping": dict(self.mapping) if self.mapping is not None else None, "choices": chosen}

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Said:
        """From what the table holds."""
        stored = stored or {}
        chosen = stored.get("choices")
        choices = replace(Choices.read(chosen), leave_out_bad=bool(chosen.get("leave_out_bad"))) if chosen else None
        return cls(stored.get("mapping"), choices)


@dataclass(frozen=True)
class ImportJob:
    """One file. `report`: what the look found (`report_of`), and what became of it; `attempts` of the present step."""

    id: int
    workspace_id: int
    by_id: int
    kind: ImportKind | None
    file_name: str
    slack_file_id: str
    state: JobState
    import_id: int | None
    said: Said
    report: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    has_bad_csv: bool = False
    changed_at: datetime | None = None

    @property
    def choices(self) -> Choices:
        """What holds for it now: what was said, else what the look took from an earlier file."""
        return self.said.choices or Choices.read(self.report.get("choices") or {})

    @property
    def mapping(self) -> dict[str, str]:
        """Column -> field, "" for one that is left alone, as the look has it."""
        return {one["name"]: one["field"] for one in self.report.get("columns") or ()}


def answered(
    job: ImportJob,
    *,
    dates: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    encoding: str | None = None,
    people: Mapping[str, str] | None = None,
    mapping: Mapping[str, str] | None = None,
    leave_out_bad: bool | None = None,
) -> Said:
    """What is said about the file, once this was added to it. What is None stays as it was."""
    known = job.choices
    choices = replace(
        known,
        dates=DateOrder(dates) if dates else known.dates,
        decimal=decimal or known.decimal,
        currency=currency or known.currency,
        encoding=known.encoding if encoding is None else encoding,
        people={**known.people, **(people or {})},
        leave_out_bad=known.leave_out_bad if leave_out_bad is None else leave_out_bad,
    )
    columns = {**job.mapping, **mapping} if mapping is not None else job.said.mapping
    return Said(columns, choices)


def report_of(dry: DryRun) -> dict[str, Any]:
    """A look as the table holds it, without the CSV of all bad rows."""
    return {
        "counts": dry.counts.to_dict(),
        "ready": dry.ready,
        "system": dry.system,
        "encoding": dry.encoding,
        "separator": dry.separator,
        "columns": [
            {
                "name": storable(one.name),
                "field": one.field,
                "source": one.source.value,
                "samples": [storable(sample) for sample in one.samples[:3]],
            }
            for one in dry.columns
        ],
        "bad": [
            {
                "line": one.line,
                "column": storable(one.column),
                "value": storable(one.value[:100]),
                "problem": kept_error(one.problem),
            }
            for one in dry.bad
        ],
        "notes": [
            {"line": n.line, "about": storable(n.about[:100]), "problem": kept_error(n.problem)} for n in dry.notes
        ],
        "notes_total": dry.notes_total,
        "unmatched": [
            {"name": storable(u.name), "why": u.why.value, "rows": u.rows, "line": u.line} for u in dry.unmatched
        ],
        "unmatched_total": dry.unmatched_total,
        "questions": [
            {
                "asked": one.asked.value,
                "column": storable(one.column),
                "field": one.field,
                "samples": [storable(sample) for sample in one.samples[:3]],
                "options": [storable(name) for name in one.options],
            }
            for one in dry.questions
        ],
        "choices": {**dry.choices.to_dict(), "leave_out_bad": dry.choices.leave_out_bad},
    }


def storable(text: str) -> str:
    """A text of the file as every database takes it: without signs that PostgreSQL refuses."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def kept_error(error: BotError) -> dict[str, Any]:
    """An expected error as a table can hold it: its sentence is made when somebody reads it."""
    return {"message": error.message, "values": {name: _plain(value) for name, value in error.values.items()}}


def read_error(stored: Mapping[str, Any]) -> BotError:
    """From what a table holds."""
    return BotError(stored["message"], **stored["values"])


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, int | float | bool) or value is None else storable(str(value))
