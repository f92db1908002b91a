"""What the bot counts, and how an operator sees it (issue 3, section 6; what each number means: docs/alarms.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock


class Tally:
    """Counters of one process, in memory: to count costs no I/O, so it may be done in the middle of a delivery.

    Names in use: "sent", "retried", "suspected_repeats", "given_up", "deferred" (the courier), "inbound" (the web).
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        """Count `number` more of `name`. Safe from any thread."""
        with self._lock:
            self._counts[name] += number

    def counts(self) -> Mapping[str, int]:
        """Everything counted since the process began."""
        with self._lock:
            return dict(self._counts)
