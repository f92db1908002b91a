"""The threads in which Bolt's listeners run, and whether they are all done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition
from typing import Any

from bot.store.patience import deadline, hurrying

THREADS = 20
"""Bolt's own pool has five; one slow listener must not keep everybody's acknowledgements waiting (SLACK.md 6.1)."""


class Listeners(ThreadPoolExecutor):
    """A pool that can be waited for: what a listener does after its acknowledgement is finished before a stop.

    Somebody waits for each of them, so the database gets no more time than they have.
    """

    def __init__(self) -> None:
        super().__init__(THREADS, thread_name_prefix="listener")
        self._busy = 0
        self._changed = Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._changed:
            self._busy += 1
        try:
            future = super().submit(hurrying, deadline(), fn, *args, **kwargs)
        except RuntimeError:
            self._finished()
            raise
        future.add_done_callback(self._finished)
        return future

    def wait_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until no listener runs. Returns whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout)

    def _finished(self, _: object = None) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()
