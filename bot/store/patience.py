"""How long somebody waits for the database: whoever clicked has three seconds (SLACK.md 6.1), a worker has time.

What runs inside `hurried` gives up in time to say so: connecting, waiting for a lock, or a server that has stopped
answering then fails like any lost connection. On SQLite the driver's own busy timeout does the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

CLICK_SECONDS = 1.8
"""For all of a click's queries together; what is left of Slack's three is for saying that it did not work."""
LEAST_SECONDS = 0.1
"""What one more query gets when the time is over: enough for a database that is well, if it was until now."""

_waiting = threading.local()


def deadline() -> float:
    """When somebody who clicks now has waited long enough, on the monotonic clock."""
    return time.monotonic() + CLICK_SECONDS


@contextmanager
def hurried(until: float | None = None) -> Iterator[None]:
    """Inside, in this thread, the database has until `until` (monotonic seconds; None: a click's time from now)."""
    before = getattr(_waiting, "until", None), getattr(_waiting, "least", LEAST_SECONDS)
    _waiting.until, _waiting.least = deadline() if until is None else until, LEAST_SECONDS
    try:
        yield
    finally:
        _waiting.until, _waiting.least = before


def seconds_left() -> float | None:
    """How long the next query may take; None: as long as it takes."""
    until: float | None = getattr(_waiting, "until", None)
    return None if until is None else max(until - time.monotonic(), _waiting.least)


def waited_in_vain() -> None:
    """The database has not answered in time: the rest of what runs inside `hurried` shall not wait for it again."""
    _waiting.until, _waiting.least = time.monotonic(), 0.0
