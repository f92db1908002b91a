"""The message and the forms of a file that somebody gives to be imported, for any text that a file may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.imports.fields import FIELDS
from bot.domain.imports.job import ImportJob, JobState, Said, answered, kept_error, report_of
from bot.domain.imports.report import (
    SHOWN,
    Asked,
    BadRow,
    Choices,
    ColumnUse,
    Counts,
    DryRun,
    ImportKind,
    Note,
    Question,
    Source,
    Unmatched,
    WhyUnmatched,
)
from bot.domain.refusals import NotAllowed
from bot.slack.shared_file import TooLarge
from bot.slack.wording import worded
from bot.usecases.imports.views import import_view
from handlers.importing import COLUMNS, ENCODINGS
from tests.decisions.shown import Case, message, view

LINK = "https://baton.example/files/x"


def look(words: str, kind: ImportKind = ImportKind.DEALS) -> DryRun:
    """A file about which there is everything to say."""
    names = [f"{(words or 'Column')[:90]} {n}" for n in range(COLUMNS + 20)]
    fields = [one.name for one in FIELDS[kind]]
    columns = [
        ColumnUse(name, fields[n] if n < len(fields) else "", Source.RECOGNISED, (words[:200],) * 3)
        for n, name in enumerate(names)
    ]
    wrong = TooLarge(name=words, size=1, limit=2)
    return DryRun(
        kind, words or "book.csv", "0" * 64, "cp1252", ";", "salesforce", tuple(columns),
        Counts(4813, 4700, 100, 12, 3, 1234),
        bad=tuple(BadRow(n, words[:100], wrong, words) for n in range(SHOWN)),
        notes=tuple(Note(n, words, wrong) for n in range(SHOWN)),
        notes_total=99,
        unmatched=tuple(Unmatched(f"{words[:150]}{n}", list(WhyUnmatched)[n % 3], 1200, 7) for n in range(SHOWN)),
        unmatched_total=99,
        questions=(
            *(Question(asked, words[:300], samples=(words,) * 5) for asked in Asked if asked is not Asked.COLUMN),
            Question(Asked.DATES, words[:300], samples=(words,)),
            Question(Asked.COLUMN, field="name", options=tuple(names)),
            Question(Asked.COLUMN, field="account"),
        ),
    )  # fmt: skip


def of_importing(words: str) -> Iterator[Case]:
    dry = look(words)
    whole = _job(words, dry)
    ready = replace(dry, questions=(), unmatched=(), notes=(), bad=(), counts=Counts(4812, 4700, 100, 12))
    one, none = replace(ready, counts=Counts(1, 1)), replace(ready, counts=Counts(5, unchanged=5), columns=())
    left_out = replace(dry, questions=(), choices=Choices(leave_out_bad=True))
    for each in (dry, ready, one, none, left_out):
        for link in (LINK, None):
            yield _message(_job(words, each), link)
    for state in JobState:
        if state is not JobState.CHECKED and state is not JobState.ARRIVED:
            yield _message(replace(whole, state=state))
    refused = {"problem": kept_error(NotAllowed(people=["U0MIA000000", "!S0SALES"]))}
    for report in (
        refused,
        {**refused, "final": True},
        {**refused, "unread": True},
        {"problem": kept_error(TooLarge(name=words, size=1, limit=2))},
    ):
        yield _message(replace(whole, state=JobState.FAILED, kind=None, file_name="", report=report))
    yield view("import/start")
    yield view("import/reading", file=words)
    said = answered(whole, dates="mdy", decimal=",", currency="EUR", people={dry.unmatched[0].name: "U0MIA000000"})
    for job in (whole, replace(whole, said=Said.read(said.to_dict()))):
        yield view("import/answers", job=job)
        yield view("import/people", job=job)
        columns = list(enumerate(job.report["columns"]))[:COLUMNS]
        fields = [one.name for one in FIELDS[ImportKind.DEALS]]
        yield view("import/columns", job=job, columns=columns, fields=fields, encodings=ENCODINGS)
        yield view("import/encoding", job=job, encodings=ENCODINGS)


def _job(words: str, dry: DryRun) -> ImportJob:
    name = words or "book.csv"
    return ImportJob(7, 1, 1, dry.kind, name, "F1", JobState.CHECKED, 3, Said(choices=dry.choices), report_of(dry))


def _message(job: ImportJob, link: str | None = None) -> Case:
    return message("import", view=import_view(job, link, lambda error: worded(error, str)))
