"""What a worker does with a file that somebody gave in Slack: fetch it, look at it, and, once they say so, import it.

Each step is claimed for a while and written down when it is done. A worker that is killed has changed nothing or
everything: the import is one transaction, and what was left in the middle is taken up again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.imports.job import BUSY, ImportJob, JobState, kept_error, report_of, storable
from bot.domain.imports.reading import NotInThatEncoding, UnknownEncoding
from bot.domain.imports.report import ImportedAlready, ImportKind
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, Refusal
from bot.errors import BotError
from bot.store import import_jobs
from bot.store import schema as t
from bot.usecases.desk import Actor, Desk
from bot.usecases.imports.import_desk import FileSource
from bot.usecases.imports.importing import Importing, Request

log = logging.getLogger(__name__)

ATTEMPTS = 4
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""Before the second, third and fourth attempt at what may work another time."""


class Stopped(BotError):
    """It was tried again and again, or nobody foresaw what happened."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "Something went wrong on my side, and nothing was imported. Try again; if it stays, tell whoever runs me: "
            "reference %(reference)s.",
            reference=reference,
        )


@dataclass(frozen=True)
class ImportWork:
    """`passing`: the errors after which another attempt may help."""

    desk: Desk
    files: FileSource
    importing: Importing
    passing: tuple[type[Exception], ...] = ()

    def begin(self, alone: bool) -> None:
        """At the start of a process: alone on its database, it takes up what the last one left in the middle."""
        if alone:
            with self.desk.db.write() as session:
                import_jobs.give_back(session, self.desk.now())

    def work_next(self) -> bool:
        """Work on the next file that waits. Returns whether there was one."""
        with self.desk.db.read() as session:
            if import_jobs.due(session, self.desk.now()) is None:
                return False
        with self.desk.db.write() as session:
            job = import_jobs.claim(session, self.desk.now())
            actor = self._whose(session, job) if job is not None else None
        if job is None:
            return False
        if actor is None:
            self._ends(job, JobState.FAILED, report={**job.report, "problem": kept_error(NoSuchThing())})
            return True
        steps = {JobState.ARRIVED: self._look, JobState.READING: self._read}
        try:
            steps.get(job.state, self._import)(job, actor)
        except self.passing as problem:
            self._once_more(job, problem)
        except BotError as problem:
            self._fails(job, problem)
        except Exception as problem:
            self._unforeseen(job, problem)
        return True

    def next_due(self) -> datetime | None:
        """When there is something to do next; None while there is nothing."""
        with self.desk.db.read() as session:
            return import_jobs.next_due(session)

    def _whose(self, session: Session, job: ImportJob) -> Actor | None:
        """Whoever brought it, if they are still here."""
        person = self.desk.still_here(session, job.workspace_id, job.by_id)
        team = session.scalar(select(t.workspaces.c.team_id).where(t.workspaces.c.id == job.workspace_id))
        return Actor(str(team), person.slack_id) if person is not None else None

    def _look(self, job: ImportJob, actor: Actor) -> None:
        """Is it a table of our own people's, brought by somebody who may import? Then they say what is in it."""
        file = self.files.look(job.slack_file_id)
        named = replace(job, file_name=file.name[:200])
        try:
            if file.team_id == actor.team_id:
                self._require(actor)
            self.files.require_usable(file, actor.team_id)
        except Refusal as problem:
            self._ends(named, JobState.FAILED, file_name=named.file_name, report=_refused(problem))
            return
        self._ends(named, JobState.OFFERED, file_name=named.file_name)

    def _require(self, actor: Actor) -> None:
        with self.desk.db.read() as session:
            self.desk.require(session, Action.IMPORT, self.desk.viewer(session, actor))

    def _read(self, job: ImportJob, actor: Actor) -> None:
        with self._fetched(job, actor) as path:
            said = job.said
            request = Request(job.kind or ImportKind.ACCOUNTS, job.file_name, path, said.mapping, said.choices)
            dry = self.importing.prepare(actor, request)
            number = self.importing.keep(actor, dry, job.slack_file_id)
        self._ends(job, JobState.CHECKED, import_id=number, report=report_of(dry), bad_csv=storable(dry.bad_csv))

    def _import(self, job: ImportJob, actor: Actor) -> None:
        """The same bytes as were looked at, or nothing: it is fetched again, and its fingerprint compared."""
        kept = self.importing.kept(actor, job.import_id or 0)
        if kept.state == "applied":  # by a worker that could not say so any more
            self._done(job, job.report["counts"])
            return
        choices = replace(kept.choices, leave_out_bad=job.choices.leave_out_bad)
        with self._fetched(job, actor) as path:
            try:
                outcome = self.importing.apply(
                    actor, Request(kept.kind, job.file_name, path, choices=choices), job.import_id
                )
            except ImportedAlready:
                self._done(job, job.report["counts"])
                return
        self._done(job, outcome.counts.to_dict())

    def _fetched(self, job: ImportJob, actor: Actor) -> AbstractContextManager[Any]:
        file = self.files.look(job.slack_file_id)
        self.files.require_usable(file, actor.team_id)
        return self.files.fetched(file)

    def _done(self, job: ImportJob, counts: Mapping[str, int]) -> None:
        kept = {"counts": dict(counts), "system": job.report.get("system", "")}
        self._ends(job, JobState.DONE, report=kept, bad_csv="")

    def _once_more(self, job: ImportJob, problem: Exception) -> None:
        if job.attempts >= ATTEMPTS:
            if isinstance(problem, BotError):
                self._fails(job, problem)
            else:
                self._unforeseen(job, problem)
            return
        pause = PAUSES[min(job.attempts, len(PAUSES)) - 1]
        log.info("a file is tried again in %s: %s", pause, type(problem).__name__)
        self._ends(job, job.state, not_before=self.desk.now() + pause)

    def _fails(self, job: ImportJob, problem: BotError) -> None:
        """Said to whoever brought it; what cannot be used at all, or not by them, is not offered another time."""
        final = job.state is JobState.ARRIVED and not isinstance(problem, self.passing)
        unread = isinstance(problem, UnknownEncoding | NotInThatEncoding)
        report = _refused(problem) if final else {**job.report, "problem": kept_error(problem), "unread": unread}
        self._ends(job, JobState.FAILED, report=report, bad_csv="")

    def _unforeseen(self, job: ImportJob, problem: Exception) -> None:
        reference = uuid4().hex[:8]
        log.error("reference %s: a file could not be worked on", reference, exc_info=problem)
        self._fails(job, Stopped(reference))

    def _ends(self, job: ImportJob, state: JobState, **values: Any) -> None:
        with self.desk.db.write() as session:
            import_jobs.change(session, job, self.desk.now(), BUSY, state=state, lease_until=None, **values)


def _refused(problem: BotError) -> dict[str, Any]:
    """No second attempt at this one."""
    return {"problem": kept_error(problem), "final": True}
