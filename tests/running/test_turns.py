"""A few requests compute at a time, and whoever waits lets others in."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text

from bot.store.database import Database
from bot.store.patience import hurried
from bot.turns import Turns, waiting

PATIENCE = 10


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_turns_come_in_the_order_in_which_they_were_asked_for(threads):
    turns, came, going_on = Turns(1), [], Event()

    def work(name, hold=None):
        with turns.one():
            came.append(name)
            if hold is not None:
                hold.wait(PATIENCE)

    asked = [threads.submit(work, 0, going_on)]
    while came != [0]:
        assert not asked[0].done()
    for number in range(1, 5):
        asked.append(threads.submit(work, number))
        while len(turns) < number:
            pass
    going_on.set()
    for one in asked:
        one.result(PATIENCE)
    assert came == [0, 1, 2, 3, 4]


def test_whoever_waits_lets_somebody_else_work_and_goes_on_at_once(threads):
    turns, inside, other_done = Turns(1), Event(), Event()

    def waits():
        with turns.one():
            with waiting():
                inside.set()
                assert other_done.wait(PATIENCE)
            return "went on"

    def works():
        with turns.one():
            other_done.set()
            assert first.result(PATIENCE) == "went on"  # although we still have the only place

    first = threads.submit(waits)
    assert inside.wait(PATIENCE)
    threads.submit(works).result(PATIENCE)
    with turns.one():
        pass  # the place is free again


def test_nobody_new_is_let_in_while_one_too_many_is_at_work(threads):
    turns, inside, going_on, came_back, newcomer = Turns(1), Event(), Event(), Event(), Event()

    def waits():
        with turns.one():
            with waiting():
                inside.set()
                assert going_on.wait(PATIENCE)
            came_back.set()
            while not len(turns):
                pass
            return newcomer.is_set()

    def works():
        with turns.one():
            going_on.set()
            assert came_back.wait(PATIENCE)
            threads.submit(comes)
            while not len(turns):
                assert not newcomer.is_set()

    def comes():
        with turns.one():
            newcomer.set()

    first = threads.submit(waits)
    assert inside.wait(PATIENCE)
    threads.submit(works).result(PATIENCE)
    assert first.result(PATIENCE) is False
    assert newcomer.wait(PATIENCE)


def test_who_waits_within_a_wait_leaves_one_place_only(threads):
    turns, inside, going_on, second = Turns(1), Event(), Event(), Event()

    def waits():
        with turns.one(), waiting(), waiting():
            inside.set()
            assert going_on.wait(PATIENCE)

    def works():
        with turns.one():
            threads.submit(comes)
            while not len(turns):
                assert not second.is_set()

    def comes():
        with turns.one():
            second.set()

    first = threads.submit(waits)
    assert inside.wait(PATIENCE)
    threads.submit(works).result(PATIENCE)
    going_on.set()
    first.result(PATIENCE)
    assert second.wait(PATIENCE)


def _looks_while_a_click_waits(threads, url, lock):
    """An import holds what `lock` (SQL) takes; a click that wants it too leaves its turn to others, and goes on."""
    db, turns, locked, going_on, has_its_turn = Database(url), Turns(1), Event(), Event(), Event()

    def imports():
        with db.write() as session:
            session.execute(text(lock))
            locked.set()
            assert going_on.wait(PATIENCE)

    def clicks():
        with turns.one(), hurried(time.monotonic() + PATIENCE):
            has_its_turn.set()
            with db.write() as session:
                session.execute(text(lock))
                return session.scalar(text("SELECT 1"))

    def looks():
        with turns.one(), hurried(time.monotonic() + PATIENCE), db.read() as session:
            return session.scalar(text("SELECT 2"))

    long = threads.submit(imports)
    assert locked.wait(PATIENCE)
    click = threads.submit(clicks)
    assert has_its_turn.wait(PATIENCE)
    assert threads.submit(looks).result(PATIENCE) == 2
    assert not click.done()
    going_on.set()
    long.result(PATIENCE)
    assert click.result(PATIENCE) == 1
    with turns.one():
        pass  # the place is free again
    db.close()


def test_whoever_only_looks_does_not_wait_behind_a_long_change(threads, tmp_path):
    """On SQLite an import holds the write lock for seconds."""
    lock = "CREATE TABLE IF NOT EXISTS large (id INTEGER)"
    _looks_while_a_click_waits(threads, f"sqlite:///{tmp_path / 'baton.db'}", lock)


def test_whoever_waits_for_a_lock_of_the_server_lets_others_look(threads, postgres_url):
    """A short answer is waited for in one's turn, a long one is not."""
    _looks_while_a_click_waits(threads, postgres_url, "SELECT pg_advisory_xact_lock(1)")


def test_waiting_outside_of_a_turn_is_nothing_special():
    with waiting():
        pass
