"""The threads in which Bolt's listeners run, the request that waits for each, and whether they are all done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition, Event
from typing import Any

from slack_bolt import Ack, BoltContext, BoltResponse

from bot.store.patience import deadline, hurried

THREADS = 20
"""Bolt's own pool has five; one slow listener must not keep everybody's acknowledgements waiting (SLACK.md 6.1)."""
ACK_SECONDS = 3.0
"""After that Slack has given up on the request (SLACK.md 6.1), and so does Bolt."""


class Heard(Ack):
    """An acknowledgement that whoever waits for it hears at once: Bolt itself looks every ten milliseconds."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.heard = Event()

    def __call__(self, *args: Any, **kwargs: Any) -> BoltResponse:
        response = super().__call__(*args, **kwargs)
        self.heard.set()
        return response


class Listeners(ThreadPoolExecutor):
    """A pool that can be waited for: what a listener does after its acknowledgement is finished before a stop.

    Somebody waits for each of them, so the database gets no more time than they have.
    """

    def __init__(self) -> None:
        super().__init__(THREADS, thread_name_prefix="listener")
        self._busy = 0
        self._changed = Condition()
        self._expected = threading.local()

    def expect(self, context: BoltContext, next: Callable[[], object]) -> None:
        """A middleware of Bolt's: the request's acknowledgement is one that can be heard."""
        context["ack"] = self._expected.ack = Heard()
        next()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Where a request waits, come back once it can be answered: the listener has acknowledged, or has ended."""
        ack: Heard | None = self._expected.__dict__.pop("ack", None)
        with self._changed:
            self._busy += 1
        try:
            future = super().submit(_hurrying, deadline(), fn, *args, **kwargs)
        except RuntimeError:
            self._finished()
            raise
        future.add_done_callback(self._finished)
        if ack is not None:
            future.add_done_callback(lambda _: ack.heard.set())
            ack.heard.wait(ACK_SECONDS)
        return future

    def wait_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until no listener runs. Returns whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout)

    def _finished(self, _: object = None) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()


def _hurrying(until: float, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with hurried(until):
        return fn(*args, **kwargs)
