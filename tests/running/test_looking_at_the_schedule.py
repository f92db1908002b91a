"""The schedule is looked at again when somebody asks for it during a look, without a word of warning."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from threading import Condition

import pytest

from tests import territories
from tests.town import Town

PATIENCE = 10.0
"""Seconds, on a machine that may be busy; well below the thirty after which the schedule is swept anyway."""


class Ear(logging.Handler):
    """What APScheduler says of its work."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[logging.LogRecord] = []
        self._news = Condition()

    def emit(self, record: logging.LogRecord) -> None:
        with self._news:
            self.said.append(record)
            self._news.notify_all()

    def hears(self, words: str, after: int = 0) -> bool:
        """Whether these words are said within a while, `after` so many times that they were said before."""
        with self._news:
            return self._news.wait_for(lambda: self.times(words) > after, PATIENCE)

    def times(self, words: str) -> int:
        return sum(words in record.getMessage() for record in self.said)


@pytest.fixture
def ear() -> Iterator[Ear]:
    found, log = Ear(), logging.getLogger("apscheduler")
    level = log.level
    log.addHandler(found)
    log.setLevel(logging.DEBUG)
    yield found
    log.removeHandler(found)
    log.setLevel(level)


def test_however_often_it_is_asked_for_a_look_follows_the_last_time(lite_town: Town, ear: Ear) -> None:
    town = lite_town.begun()
    workers = town.bot.workers
    workers.start()
    for count in range(1, 40):
        workers.look_now()
        assert ear.hears("executed successfully", count)
    moment = town.bot.due.next_due()
    assert moment is not None
    town.clock.jump_to(moment)
    workers.look_now()
    began = time.monotonic()
    while town.bot.due.next_due() == moment:
        assert time.monotonic() - began < PATIENCE
    assert not [record.getMessage() for record in ear.said if record.levelno >= logging.WARNING]


def test_a_look_that_is_asked_for_during_another_follows_it(lite_town: Town, ear: Ear) -> None:
    town = lite_town.begun()
    workers = town.bot.workers
    due = town.bot.due.next_due()
    assert due is not None
    workers.start()
    assert ear.hears("Workers.tick")
    assert ear.hears("executed successfully")
    looks = ear.times("Running job")
    with town.bot.db.write():  # a look that begins now waits for the end of this
        workers.look_now()
        assert ear.hears("Running job", looks)
        town.clock.jump_to(due)
        for _ in range(3):
            workers.look_now()
    assert ear.hears("executed successfully", looks + 1)  # long before the next sweep
    assert town.bot.due.next_due() != due
    assert not [record.getMessage() for record in ear.said if record.levelno >= logging.WARNING]


def test_what_was_confirmed_begins_at_once(lite_town: Town) -> None:
    """A territory run is no nudge: nothing of it stands in the schedule that the workers sleep by."""
    town = lite_town
    town.set_up()
    territories.look_after(town, "Acme")
    town.bot.workers.start()
    territories.confirm(town)
    began = time.monotonic()
    while not town.rows("SELECT 1 FROM handoffs"):
        assert time.monotonic() - began < PATIENCE
