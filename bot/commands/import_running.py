"""What `baton import` and `baton export` do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from bot.clock import SystemClock
from bot.commands.database import InUse, opened
from bot.commands.environment import settings
from bot.commands.import_output import Shown
from bot.commands.new_file import NotWritten, replaced
from bot.domain.imports.fields import FIELDS
from bot.domain.imports.report import Asked, Choices, DryRun, ImportKind, Question
from bot.playbooks.files import SHIPPED, load_library
from bot.running.mending import in_words, stop
from bot.settings import Settings
from bot.store import schema as t
from bot.usecases.desk import Actor, Desk
from bot.usecases.imports.exporting import Exporting
from bot.usecases.imports.importing import Importing, Request
from bot.usecases.imports.mails import ByMail, nobody_asks
from bot.usecases.imports.source import Step

NOT_AS_IT_IS = 1
"""The exit code of a file with questions or bad rows; 2 is for one that cannot be read at all, as everywhere."""
_STEPS = {Step.READ: "Reading", Step.MATCH: "Matching", Step.WRITE: "Writing"}


def run_import(
    kind: ImportKind,
    file: Path,
    mapping: Mapping[str, str],
    choices: Choices,
    bad_rows: Path | None,
    as_person: str,
    workspace: str,
    *,
    dry_run: bool,
) -> int:
    """Look at the file, say what was found, and import it unless something stands in the way. Returns the exit code."""
    request = Request(kind, file.name, file, mapping, choices)
    console = Console(highlight=False)
    with _importing(workspace, as_person, console) as (importing, actor, progress):
        with progress:
            dry = importing.prepare(actor, request)
        shown = Shown(console, kind)
        shown.look(dry)
        _keep_bad(dry, bad_rows)
        if dry.questions:
            for question in dry.questions:
                shown.question(question, _answer(question, kind))
            return NOT_AS_IT_IS
        if dry_run or not dry.ready:
            shown.not_done(dry, dry_run=dry_run)
            return 0 if dry.ready else NOT_AS_IT_IS
        with progress:
            outcome = importing.apply(actor, replace(request, choices=dry.choices))
        shown.done(outcome)
    return 0


def run_export(kind: ImportKind, file: Path, workspace: str, *, confidential: bool) -> None:
    """Write the file, replacing what is there only once it is complete."""
    with _database() as (desk, _):
        exporting, actor = Exporting(desk, operator=True), Actor(_team(desk, workspace), "")
        if str(file) == "-":
            exporting.write(actor, kind, sys.stdout, confidential=confidential)
            return
        with replaced(file) as number, os.fdopen(number, "w", encoding="utf-8-sig", newline="") as out:
            count = exporting.write(actor, kind, out, confidential=confidential)
    typer.echo(f"{count:,} {kind.value} are in {file}.")


@contextmanager
def _importing(workspace: str, as_person: str, console: Console) -> Iterator[tuple[Importing, Actor, Progress]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    tasks = {step: progress.add_task(name, total=1.0, visible=False) for step, name in _STEPS.items()}

    def tell(step: Step, part: float) -> None:
        progress.update(tasks[step], completed=part, visible=True, total=None if step is Step.WRITE else 1.0)

    with _database() as (desk, settings):
        actor = Actor(_team(desk, workspace), as_person)
        yield Importing(desk, operator=not as_person, tell=tell, by_mail=_by_mail(desk, settings)), actor, progress


def _by_mail(desk: Desk, settings: Settings) -> ByMail:
    """Slack is asked whose mail addresses those are where the command was given the bot's token."""
    if not settings.bot_token:
        return nobody_asks
    from bot.slack.gateway import Gateway  # most imports name people in another way
    from bot.slack.mail_addresses import MailAddresses

    return MailAddresses(Gateway(settings.bot_token, settings.api_url), desk.clock)


@contextmanager
def _database() -> Iterator[tuple[Desk, Settings]]:
    """The settings and a desk on their database; what is wrong is said in words, and ends the command."""
    with in_words():
        found = settings()
        try:
            with opened(found.database_url) as db:
                yield Desk(db, SystemClock(), load_library([SHIPPED])), found
        except InUse:
            raise InUse("Nothing was imported") from None


def _team(desk: Desk, wanted: str) -> str:
    """Slack's id of the workspace that is meant."""
    with desk.db.read() as session:
        teams = list(session.scalars(select(t.workspaces.c.team_id).order_by(t.workspaces.c.id)))
    if wanted and wanted in teams:
        return wanted
    if wanted or not teams:
        stop(f"There is no workspace {wanted}." if wanted else "No workspace has installed Baton yet: start it once.")
    if len(teams) > 1:
        stop(f"Name the workspace with --workspace: {', '.join(teams)}.")
    return str(teams[0])


def _answer(question: Question, kind: ImportKind) -> str:
    """Which option answers it."""
    if question.asked is Asked.DATES:
        return "--dates dmy or --dates mdy"
    if question.asked is Asked.DECIMAL:
        return "--decimal . or --decimal ,"
    if question.asked is Asked.CURRENCY:
        return "--currency EUR (or another one)"
    fields = ", ".join(one.name for one in FIELDS[kind])
    return f'--map "Column={question.field}" (fields: {fields})'


def _keep_bad(dry: DryRun, file: Path | None) -> None:
    if file is None or not dry.bad_csv:
        return
    try:
        file.write_text(dry.bad_csv, encoding="utf-8-sig", newline="")
    except OSError as problem:
        stop(str(NotWritten(file, problem)))
