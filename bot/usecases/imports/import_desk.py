"""Files that people give in Slack to be imported: what whoever brought one may say about it, step by step.

The steps that take time (fetching, reading, importing) are a worker's (`bot/usecases/imports/work.py`); here is what a
click does, in one small transaction. Only whoever brought a file decides about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.imports.job import ImportJob, JobState, Said, answered, too_late
from bot.domain.imports.report import BadRowsLeft, ImportKind, NothingInIt, QuestionsLeft
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing
from bot.errors import BotError
from bot.files.downloads import File
from bot.files.signed_links import SignedLinks, Ticket, safe_name
from bot.files.spreadsheet import CSV
from bot.store import import_jobs
from bot.store import schema as t
from bot.usecases.desk import Actor, Desk
from bot.usecases.imports.views import ImportView, import_view

BAD_ROWS = "badrows"
"""The purpose of the links to all rows of a file that cannot be imported."""
OPENS_FOR = timedelta(days=1)


class Given(Protocol):
    """What is known of a file in Slack before it is fetched."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class FileSource(Protocol):
    """Where files come from (`bot/slack/downloading.py`)."""

    def look(self, file_id: str) -> Any: ...

    def require_usable(self, file: Any, team_id: str) -> None: ...

    def fetched(self, file: Any) -> AbstractContextManager[Path]: ...


@dataclass(frozen=True)
class Unseen:
    """A file of which only the id is known yet."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class ImportDesk:
    desk: Desk
    files: FileSource
    links: SignedLinks

    def require(self, actor: Actor) -> None:
        """Raise NotAllowed, naming who can, unless they may import."""
        with self.desk.db.read() as session:
            self.desk.require(session, Action.IMPORT, self.desk.viewer(session, actor))

    def begin(self, actor: Actor, kind: ImportKind, file: Given) -> int:
        """Read that file in the background. Raises NotAllowed; FileUnusable for what need not be fetched at all."""
        self.files.require_usable(file, actor.team_id)
        with self.desk.db.write() as session:
            person = self._importer(session, actor)
            return self._add(session, person, file, JobState.READING, kind)

    def arrived(self, actor: Actor, file_id: str, *, again: bool = False) -> None:
        """Somebody shared a file: a worker looks whether it is one to import, and answers in a direct message.

        Slack may tell of it twice: the second time changes nothing, unless the person themselves asks `again`.
        """
        with self.desk.db.write() as session:
            person = self.desk.actor(session, actor)
            w = t.workspaces.c
            own = session.scalar(select(w.bot_user_id).where(w.id == person.workspace_id)) == actor.user_id
            known = import_jobs.of_file(session, person.workspace_id, person.id or 0, file_id) is not None
            if not own and (again or not known):
                self._add(session, person, Unseen(file_id), JobState.ARRIVED, None)

    def job(self, actor: Actor, job_id: int) -> ImportJob:
        """How it stands. Raises NoSuchThing, NotAllowed."""
        with self.desk.db.read() as session:
            return self._mine(session, self.desk.viewer(session, actor), job_id)

    def checked(self, actor: Actor, job_id: int) -> ImportJob:
        """One that waits for its owner's word. Raises NoSuchThing, NotAllowed, or why it is too late for one."""
        job = self.job(actor, job_id)
        if job.state is not JobState.CHECKED:
            raise too_late(job.state)
        return job

    def say_kind(self, actor: Actor, job_id: int, kind: ImportKind) -> None:
        """What is in a file that was shared; it is read now."""
        fresh = {"state": JobState.READING, "kind": kind.value, "attempts": 0, "not_before": self.desk.now()}
        self._move(actor, job_id, (JobState.OFFERED,), lambda job: fresh)

    def say(self, actor: Actor, job_id: int, **said: Any) -> None:
        """Answers, columns or people (`job.answered`); the file is looked at again with them."""
        self._move(actor, job_id, (JobState.CHECKED,), lambda job: self._again(answered(job, **said)))

    def read_again(self, actor: Actor, job_id: int, encoding: str = "") -> None:
        """Once more, after something went wrong; `encoding`: how the file is written, where it could not be told."""

        def again(job: ImportJob) -> Mapping[str, Any]:
            if job.kind is None:
                return {"state": JobState.ARRIVED, "attempts": 0, "not_before": self.desk.now()}
            return self._again(answered(job, encoding=encoding) if encoding else job.said)

        self._move(actor, job_id, (JobState.FAILED,), again)

    def confirm(self, actor: Actor, job_id: int) -> None:
        """Import it, all or nothing. Raises QuestionsLeft, BadRowsLeft, NothingInIt, or why it is too late."""

        def go(job: ImportJob) -> Mapping[str, Any]:
            _require_ready(job)
            return {"state": JobState.IMPORTING, "attempts": 0, "not_before": self.desk.now(), "lease_until": None}

        self._move(actor, job_id, (JobState.CHECKED,), go)

    def discard(self, actor: Actor, job_id: int) -> None:
        """Leave it alone; what was read of it is forgotten."""
        gone: dict[str, Any] = {"state": JobState.DISCARDED, "report": {}, "bad_csv": "", "lease_until": None}
        self._move(actor, job_id, (JobState.OFFERED, JobState.CHECKED, JobState.FAILED), lambda job: gone)

    def link(self, job: ImportJob) -> str | None:
        """Where all its bad rows are fetched, for a day; None without any, or without an address."""
        if not job.has_bad_csv:
            return None
        ticket = Ticket(BAD_ROWS, (job.workspace_id, job.by_id, job.id))
        name = safe_name(f"{job.file_name.rpartition('.')[0]} rows to put right", ".csv")
        return self.links.link(ticket, self.desk.now() + OPENS_FOR, name)

    def shown(self, session: Session, workspace_id: int, job_id: int, say: Callable[[BotError], str]) -> ImportView:
        """How it stands, for its message. Raises NoSuchThing."""
        job = import_jobs.find(session, workspace_id, job_id)
        if job is None:
            raise NoSuchThing()
        return import_view(job, self.link(job), say)

    def file(self, ticket: Ticket) -> File | None:
        """The file behind such a link; None once it is over, or whoever brought it may not have it any more."""
        if len(ticket.numbers) != 3:
            return None
        workspace_id, person_id, number = ticket.numbers
        with self.desk.db.read() as session:
            reader = self.desk.still_here(session, workspace_id, person_id)
            found = import_jobs.bad_csv(session, workspace_id, number) if reader is not None else ""
            return File("rows-to-put-right.csv", CSV, found.encode("utf-8-sig")) if found else None

    def _add(self, session: Session, person: Person, file: Given, state: JobState, kind: ImportKind | None) -> int:
        return import_jobs.add(
            session,
            self.desk.now(),
            workspace_id=person.workspace_id,
            by_id=person.id,
            kind=kind.value if kind else "",
            file_name=file.name[:200],
            slack_file_id=file.id,
            state=state,
        )

    def _importer(self, session: Session, actor: Actor) -> Person:
        person = self.desk.actor(session, actor)
        self.desk.require(session, Action.IMPORT, person)
        return person

    def _mine(self, session: Session, person: Person, job_id: int) -> ImportJob:
        job = import_jobs.find(session, person.workspace_id, job_id)
        if job is None or job.by_id != person.id:
            raise NoSuchThing()
        self.desk.require(session, Action.IMPORT, person)
        return job

    def _again(self, said: Said) -> Mapping[str, Any]:
        fresh = {"state": JobState.READING, "attempts": 0, "not_before": self.desk.now(), "lease_until": None}
        return {**fresh, "said": said.to_dict(), "import_id": None, "bad_csv": ""}

    def _move(
        self,
        actor: Actor,
        job_id: int,
        only: tuple[JobState, ...],
        values: Callable[[ImportJob], Mapping[str, Any]],
    ) -> None:
        """From one of these states on; whoever comes second is told what the first did."""
        with self.desk.db.write() as session:
            job = self._mine(session, self.desk.actor(session, actor), job_id)
            if job.state not in only:
                raise too_late(job.state)
            if not import_jobs.change(session, job, self.desk.now(), only, **values(job)):
                raise too_late(JobState.IMPORTING)


def _require_ready(job: ImportJob) -> None:
    counts = job.report["counts"]
    if job.report["questions"]:
        raise QuestionsLeft()
    if counts["bad"] and not job.choices.leave_out_bad:
        raise BadRowsLeft(bad=counts["bad"])
    if not counts["created"] + counts["changed"]:
        raise NothingInIt()
