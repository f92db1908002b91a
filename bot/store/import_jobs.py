"""The files on their way to being imported, as rows: written down, claimed by one worker, changed from known states."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, literal_column, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.imports.job import BUSY, ImportJob, JobState, Said
from bot.domain.imports.report import ImportKind
from bot.store.dossier import import_jobs as jobs
from bot.store.letters import Letter, Priority, freshen

LEASE = timedelta(minutes=5)
"""Longer than a file takes to arrive and to be imported: it runs out only when its worker is dead."""
KEPT = timedelta(days=14)
"""How long a file waits for its owner's word."""
KIND = "import"
"""Of the letter that shows how it stands."""


_NOW = bindparam("now", type_=jobs.c.not_before.type)
_DUE = (
    jobs.c.state.in_([literal_column(f"'{one.value}'") for one in BUSY]),  # spelled out, as the index has it
    jobs.c.not_before <= _NOW,
    or_(jobs.c.lease_until.is_(None), jobs.c.lease_until < _NOW),
)
_NEXT = select(jobs.c.id).where(*_DUE).order_by(jobs.c.not_before, jobs.c.id).limit(1)


def add(session: Session, now: datetime, **values: Any) -> int:
    """A new row; returns its number, and whoever brought the file is told how it stands."""
    row = {"not_before": now, "created_at": now, "changed_at": now, **values}
    _forget(session, now, row["workspace_id"])
    number = int(session.execute(insert(jobs).values(row).returning(jobs.c.id)).scalar_one())
    _told(session, now, row["workspace_id"], number, row["by_id"])
    return number


def _forget(session: Session, now: datetime, workspace_id: int) -> None:
    """What nobody decided about for two weeks is left alone, and what was read of it is gone."""
    waiting = jobs.c.state.in_([JobState.OFFERED.value, JobState.CHECKED.value, JobState.FAILED.value])
    old = (jobs.c.workspace_id == workspace_id, waiting, jobs.c.changed_at < now - KEPT)
    gone = {"state": JobState.DISCARDED.value, "report": {}, "bad_csv": "", "changed_at": now}
    session.execute(update(jobs).where(*old).values(gone))


def find(session: Session, workspace_id: int, number: int) -> ImportJob | None:
    """One of them."""
    row = session.execute(select(jobs).where(jobs.c.id == number, jobs.c.workspace_id == workspace_id)).one_or_none()
    return _job(row) if row is not None else None


def of_file(session: Session, workspace_id: int, by_id: int, slack_file_id: str) -> int | None:
    """The newest about that file by that person: Slack may tell of a file twice."""
    mine = (jobs.c.workspace_id == workspace_id, jobs.c.by_id == by_id, jobs.c.slack_file_id == slack_file_id)
    found: int | None = session.scalar(select(func.max(jobs.c.id)).where(*mine))
    return found


def bad_csv(session: Session, workspace_id: int, number: int) -> str:
    """The file of all bad rows; empty when there is none."""
    wanted = (jobs.c.id == number, jobs.c.workspace_id == workspace_id)
    return session.scalar(select(jobs.c.bad_csv).where(*wanted)) or ""


def change(session: Session, job: ImportJob, now: datetime, only: Collection[JobState], **values: Any) -> bool:
    """Change it, if it still is in one of these states, and show it; False when it is not."""
    values = {"changed_at": now, **values}
    found = update(jobs).where(jobs.c.id == job.id, jobs.c.state.in_([one.value for one in only]))
    if not session.execute(found.values(values)).rowcount:  # type: ignore[attr-defined]
        return False
    _told(session, now, job.workspace_id, job.id, job.by_id)
    return True


def due(session: Session, now: datetime) -> int | None:
    """The number of the next one to work on. It is asked after every commit, so nothing is locked for it."""
    number: int | None = session.scalar(_NEXT, {"now": now})
    return number


def claim(session: Session, now: datetime) -> ImportJob | None:
    """The next one to work on, for a lease; None when there is none."""
    number = due(session, now)
    if number is None:
        return None
    taken = update(jobs).where(jobs.c.id == number, *_DUE).values(lease_until=now + LEASE, attempts=jobs.c.attempts + 1)
    row = session.execute(taken.returning(*jobs.c), {"now": now}).one_or_none()
    return _job(row) if row is not None else None


def give_back(session: Session, now: datetime) -> None:
    """At the start of a process that is alone: nobody else can have one of them in hand."""
    session.execute(update(jobs).where(jobs.c.lease_until.is_not(None)).values(lease_until=None, not_before=now))


def next_due(session: Session) -> datetime | None:
    """When there is something to work on next."""
    waits = jobs.c.state.in_([one.value for one in BUSY])
    return session.scalar(select(func.min(func.coalesce(jobs.c.lease_until, jobs.c.not_before))).where(waits))


def _told(session: Session, now: datetime, workspace_id: int, number: int, person_id: int) -> None:
    detail = {"person_id": person_id}
    letter = Letter(f"{KIND}:{number}", KIND, number, priority=Priority.ANSWER, detail=detail, person_id=person_id)
    freshen(session, workspace_id, now, [letter])


def _job(row: Row[Any]) -> ImportJob:
    return ImportJob(
        id=row.id,
        workspace_id=row.workspace_id,
        by_id=row.by_id,
        kind=ImportKind(row.kind) if row.kind else None,
        file_name=row.file_name,
        slack_file_id=row.slack_file_id,
        state=JobState(row.state),
        import_id=row.import_id,
        said=Said.read(row.said),
        report=row.report or {},
        attempts=row.attempts,
        has_bad_csv=bool(row.bad_csv),
        changed_at=row.changed_at,
    )
