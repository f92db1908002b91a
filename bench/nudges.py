"""Nudges claimed and decided per second, beside as many jobs that do nothing in APScheduler's own job store."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from apscheduler.events import EVENT_JOB_EXECUTED  # type: ignore[import-untyped]
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from sqlalchemy import Engine, create_engine, event

from bench.databases import Databases
from bench.figures import Aim, Figure
from bench.report import Report
from bench.sample import Still, all_due, opened
from bot.store.sqlite import PRAGMAS
from bot.usecases.nudges.due import BATCH

TIMES = 5
PATIENCE_SECONDS = 120


class Nudges:
    """Measures in this process; every round works on a fresh copy."""

    def __init__(self, report: Report, rounds: int, most: int) -> None:
        self._report, self._rounds, self._most = report, rounds, most

    def measure(self, databases: Databases, state: str) -> None:
        """Both in turn; prints a table and keeps the aim."""
        at, planned = all_due(databases.copy(state))
        count = min(planned, self._most)
        jobs = f"jobs{count}"
        databases.prepare(jobs, lambda url: schedule_jobs(url, count))
        ours, theirs = [], []
        for _ in range(self._rounds):
            ours.append(decided_per_second(databases.copy(state), at, count))
            theirs.append(ran_per_second(databases.copy(jobs), count))
        self._report.table(
            f"Nudges, {databases.name}: {count} due at once",
            ("", "per second"),
            [
                ("Baton: claimed, decided, next one planned, letter written", Figure.of(ours).shown()),
                ("APScheduler, SQLAlchemyJobStore: jobs that do nothing", Figure.of(theirs).shown()),
            ],
        )
        ratio = Figure.of(ours).over(Figure.of(theirs))
        self._report.aim(Aim(f"nudges, {databases.name}: times APScheduler", ratio, TIMES, 1, at_least=True))


def decided_per_second(url: str, at: datetime, count: int) -> float:
    """Decide all of `count` nudges that are due at that moment."""
    with opened(url, Still(at)) as bot:
        assert bot.due.queue_due(1), "nothing is due"  # a worker that runs has its statements compiled
        decided, started = 1, time.perf_counter()
        while decided < count:
            found = bot.due.queue_due(min(BATCH, count - decided))
            assert found, "fewer are due than were prepared"
            decided += found
        return (decided - 1) / (time.perf_counter() - started)


def schedule_jobs(url: str, count: int) -> None:
    """Put that many jobs into APScheduler's store, all due since yesterday. This part is not measured."""
    engine = _engine(url)
    scheduler = _scheduler(engine)
    scheduler.start(paused=True)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for number in range(count):
        scheduler.add_job(nothing, "date", run_date=yesterday, id=str(number), misfire_grace_time=None)
    engine.dispose()  # no shutdown: it would wake the paused scheduler, which would then look at them


def ran_per_second(url: str, count: int) -> float:
    """Let APScheduler run all of them."""
    ran, finished = 0, Event()

    def one_more(_event: object) -> None:
        nonlocal ran
        ran += 1
        if ran == count:
            finished.set()

    engine = _engine(url)
    scheduler = _scheduler(engine)
    scheduler.add_listener(one_more, EVENT_JOB_EXECUTED)
    scheduler.start(paused=True)
    started = time.perf_counter()
    scheduler.resume()
    assert finished.wait(PATIENCE_SECONDS), f"APScheduler ran {ran} of {count} jobs"
    seconds = time.perf_counter() - started
    scheduler.shutdown()
    engine.dispose()
    return count / seconds


def nothing() -> None:
    """The job."""


def _scheduler(engine: Engine) -> BackgroundScheduler:
    return BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(engine=engine)}, timezone=UTC)


def _engine(url: str) -> Engine:
    """With the same settings of the database as Baton's, so that both flush as often as they commit."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            for pragma in PRAGMAS:
                connection.execute(pragma)

    return engine
