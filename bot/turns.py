"""A few requests compute at a time, in the order in which they came; whoever waits lets the next one in.

Python runs one thread at a time. When a dozen requests compute at once, each loses that turn at every call of the
database, also the one in whose transaction all the others wait for; a line in front of the work keeps it short
(docs/decisions.md, 45).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

SHORT_SECONDS = 0.05
"""How long somebody may wait with their turn: for an answer of the server, or for SQLite's line of writers, in which a
click's transaction takes no longer; an import does."""


class Turns:
    """`places` threads work at a time. Whoever comes first is served first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._line: deque[Lock] = deque()
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Have a turn; inside, `waiting` lets others have it for a while."""
        self._take()
        _own.turns = self
        try:
            yield
        finally:
            _own.turns = None
            self._give()

    def __len__(self) -> int:
        """How many wait for their turn."""
        return len(self._line)

    def _take(self) -> None:
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            called = Lock()
            called.acquire()
            self._line.append(called)
        called.acquire()  # until somebody gives their turn to us

    def _give(self) -> None:
        with self._lock:
            if self._line and self._free >= 0:
                self._line.popleft().release()
            else:
                self._free += 1

    def _resume(self) -> None:
        """Go on at once, if need be as one too many: this thread may have come back with a lock that others want."""
        with self._lock:
            self._free -= 1


class _Own(threading.local):
    turns: Turns | None = None


_own = _Own()


@contextmanager
def waiting() -> Iterator[None]:
    """Inside, this thread only waits (for Slack, for a lock): if it has a turn, somebody else has it meanwhile."""
    turns = _own.turns
    if turns is None:
        yield
        return
    _own.turns = None  # what waits in the middle of a wait has nothing to leave
    turns._give()
    try:
        yield
    finally:
        turns._resume()
        _own.turns = turns
