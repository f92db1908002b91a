"""Garbage is collected by a thread of its own, between pieces of work and never in the middle of one.

CPython 3.11 collects whenever something is allocated, also while it makes the dict of an object. Where the callback of
a weak reference looks at that very object, two dicts then hold the same values, both free them, and the process dies.
SQLAlchemy's states of objects have such callbacks: a worker that reads thousands of rows died of it now and then
(`tests/running/test_collector.py` shows it in a few lines). From 3.12 on, Python itself collects at safe points only.
"""

from __future__ import annotations

import gc
import sys
from threading import Event, Thread

NEEDED = sys.version_info < (3, 12)
LOOK_SECONDS = 0.25
"""Between two looks whether enough was allocated to be worth it."""


class Collector:
    """Takes the place of Python's own collector from `start` to `stop`; the thresholds stay those of `gc`."""

    def __init__(self) -> None:
        self._stopping = Event()
        self._thread = Thread(target=self._collect_on, name="collector", daemon=True)

    def start(self) -> None:
        """Once, in the process whose threads do the work (threads do not survive a fork)."""
        gc.collect()
        gc.freeze()  # what is there now stays for the life of the process: nobody need look at it again
        gc.disable()
        self._thread.start()

    def stop(self) -> None:
        """Give the work back to Python."""
        self._stopping.set()
        self._thread.join()
        gc.unfreeze()
        gc.enable()

    def _collect_on(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            due = [generation for generation in range(3) if gc.get_count()[generation] > gc.get_threshold()[generation]]
            if due:
                gc.collect(max(due))


def collect_between_work() -> None:
    """In a process that serves: from now on until its end, where this Python needs it."""
    if NEEDED and gc.isenabled():
        Collector().start()
