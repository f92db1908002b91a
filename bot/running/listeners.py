"""Where Bolt's listeners run, and what they leave for after their answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Condition
from typing import Any

from bot.store.patience import hurried

THREADS = 8
"""For what comes after an answer: private sentences, forms that are filled in once they are open."""


class AtOnce(Executor):
    """For Bolt: a listener runs in the thread of the request that waits for its acknowledgement anyway.

    In a thread of its own, as Bolt has it, every click would wake two threads more. What a listener has to do after the
    acknowledgement goes to `Afterwards`.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it now."""
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class Afterwards(ThreadPoolExecutor):
    """What is done once people have their answer. Can be waited for: it is finished before a stop.

    Somebody waits for what it says, so the database gets no more time than a click.
    """

    def __init__(self) -> None:
        super().__init__(THREADS, thread_name_prefix="afterwards")
        self._busy = 0
        self._changed = Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it in a thread of this pool, soon."""
        with self._changed:
            self._busy += 1
        try:
            future = super().submit(_hurrying, fn, *args, **kwargs)
        except RuntimeError:
            self._finished()
            raise
        future.add_done_callback(self._finished)
        return future

    def wait_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until nothing is left to do. Returns whether nothing is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout)

    def _finished(self, _: object = None) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()


def _hurrying(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with hurried():
        return fn(*args, **kwargs)
