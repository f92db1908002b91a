"""Work that one process leaves is done by another at once, not when that one happens to look."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest
from real_processes import from_monday

from bot.app import Bot, build
from bot.running.scheduler import IDLE, SWEEP
from bot.store.database import Database
from bot.store.schedule import Obligation, PlannedNudge, plan
from bot.store.wakeup import Work
from tests.town import Still, Town

PATIENCE = 20.0
AT_ONCE, SOON = IDLE.total_seconds() / 2, SWEEP.total_seconds() / 6
"""Seconds, on a machine that may be busy: without a word the courier looks every five, the scheduler every thirty."""
LOOK = 0.03
"""Seconds until the next look when nothing happens in the workspace."""
TITLES = (
    "Note regular orders, complaints and key dates",
    "Update the account notes",
    "Send the org chart",
)
BETWEEN = timedelta(seconds=5)
"""Of the workspace's time, so that no edit has to keep its distance from the one before."""


@pytest.fixture
def town(postgres_url: str) -> Iterator[Town]:
    """The town's own bot answers clicks and has no workers."""
    place = Town(postgres_url, clock=from_monday()).begun()
    yield place
    place.close()


@pytest.fixture
def worker(town: Town) -> Iterator[Bot]:
    """A second process's bot, on the same database, that delivers and nudges."""
    bot = build(town.settings, Still(town.clock))
    bot.start_workers()
    yield bot
    bot.stop(5)


def test_a_click_here_is_delivered_from_there_at_once(town: Town, worker: Bot) -> None:
    town.sandbox.settle = None
    town.mia.patience = PATIENCE
    waits = []
    for number, title in enumerate(TITLES, start=1):
        town.clock.jump_to(town.clock.now() + BETWEEN)
        town.checklist("olaf").click("Done", near=title)
        began = time.monotonic()
        assert town.mia.wait_for(lambda n=number: f"{n} of" in town.card("Acme").text)
        waits.append(time.monotonic() - began)
    assert statistics.median(waits) < AT_ONCE


def test_a_nudge_planned_here_for_now_is_decided_there_at_once(town: Town, worker: Bot) -> None:
    (row,) = town.rows("SELECT * FROM nudges WHERE state = 'planned' ORDER BY id LIMIT 1")
    with town.bot.db.write() as session:  # it wakes the worker, which then sleeps until its next sweep
        session.info["spoke"] = True
    began = time.monotonic()
    due = PlannedNudge(
        row.workspace_id, row.handoff_id, Obligation(row.obligation, row.subject_id), row.slot, town.clock.now()
    )
    with town.bot.db.write() as session:
        plan(session, [due])
    while town.rows("SELECT 1 FROM nudges WHERE id = :id AND state = 'planned' AND due_at <= :now", id=row.id,
                    now=due.due_at):  # fmt: skip
        assert time.monotonic() - began < SOON
        town.sandbox.workspace.wait_for_change(town.sandbox.workspace.version, LOOK)


def test_two_kinds_of_work_are_told_apart(postgres_url: str) -> None:
    heard: list[Work] = []
    listening, telling = Database(postgres_url), Database(postgres_url)
    news = Event()

    def hear(work: Work) -> None:
        heard.append(work)
        news.set()

    ear = listening.wakeup(hear)
    assert ear is not None
    ear.start()
    assert news.wait(5)
    assert heard == [Work.LETTERS | Work.PLAN]  # whatever was left before anybody listened
    for flags, work in (({"spoke"}, Work.LETTERS), ({"planned"}, Work.PLAN), ({"spoke", "planned"}, heard[0])):
        news.clear()
        with telling.write() as session:
            session.info.update(dict.fromkeys(flags, True))
        assert news.wait(5)
        assert heard[-1] == work
    ear.stop(5)
    listening.close()
    telling.close()


def test_what_is_rolled_back_wakes_nobody(postgres_url: str) -> None:
    heard: list[Work] = []
    database, news = Database(postgres_url), Event()

    def hear(work: Work) -> None:
        heard.append(work)
        news.set()

    ear = database.wakeup(hear)
    assert ear is not None
    ear.start()
    assert news.wait(5)
    with pytest.raises(ZeroDivisionError):
        _plan_and_fail(database)
    news.clear()
    with database.write() as session:
        session.info["spoke"] = True
    assert news.wait(5)
    assert heard == [Work.LETTERS | Work.PLAN, Work.LETTERS]
    ear.stop(5)
    database.close()


def _plan_and_fail(database: Database) -> None:
    with database.write() as session:
        session.info["planned"] = True
        raise ZeroDivisionError


def test_a_process_that_only_answers_listens_to_nobody(town: Town) -> None:
    listening = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    assert town.rows(listening) == []


def test_on_sqlite_there_is_nobody_to_listen_to(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.wakeup(lambda _: None) is None
    database.close()
