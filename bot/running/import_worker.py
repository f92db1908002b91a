"""The thread in which files are fetched, read and imported: nobody's click and no reminder waits for them."""

from __future__ import annotations

import logging
from threading import Event, Thread

from bot.clock import Clock
from bot.store.database import Database
from bot.usecases.imports.work import ImportWork

log = logging.getLogger(__name__)

IDLE = 3.0
"""Seconds of sleep at most: another process may have taken a file in."""
AFTER_TROUBLE = 2.0
HEAD_START = 0.5
"""Seconds in which the courier shows that a file is being read or imported: on SQLite it cannot write meanwhile."""


class ImportWorker:
    """`start` once, `stop` once. Killed instead, the next process goes on with what it left."""

    def __init__(self, db: Database, clock: Clock, work: ImportWork) -> None:
        self._db, self._clock, self._work = db, clock, work
        self._stopping, self._awake = Event(), Event()
        self._thread = Thread(target=self._run, name="imports", daemon=True)
        db.on_spoken(lambda _: self._awake.set())

    def start(self) -> None:
        self._work.begin(alone=self._db.sqlite)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Start nothing else; what takes longer than `timeout` seconds is left, and nothing of it is imported."""
        self._stopping.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.clear()
            self._stopping.wait(HEAD_START)
            try:
                while not self._stopping.is_set() and self._work.work_next():
                    pass
                pause = self._pause()
            except Exception:  # it must outlive a lost database
                log.exception("looking for files to import failed; trying again")
                pause = AFTER_TROUBLE
                self._stopping.wait(pause)
            self._awake.wait(pause)

    def _pause(self) -> float:
        at = self._work.next_due()
        return IDLE if at is None else min(max((at - self._clock.now()).total_seconds(), 0.05), IDLE)
