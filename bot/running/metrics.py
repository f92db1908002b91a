"""What the bot counts (issue 3, section 6): in memory at once, in the database every few seconds.

How an operator sees it: bot/running/exposition.py. What each number means, and when it is an alarm: docs/alarms.md.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping
from threading import Event, Lock, Thread

from sqlalchemy.exc import ProgrammingError

from bot.clock import Clock
from bot.errors import Unavailable
from bot.settings import Role
from bot.store import tallies
from bot.store.database import Database
from bot.store.patience import CLICK_SECONDS, hurried

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
HEARTBEAT_SECONDS = 15
"""How often a worker that has nothing to do says in the database that it is there."""
LAST_FLUSH_SECONDS = 1.0
INBOUND, INBOUND_AT, WORKER_AT = "inbound", "inbound_at", "worker_at"


class Tally:
    """Counters of one process, in memory: to count costs no I/O, so it may be done in the middle of a delivery.

    Names in use: "sent", "retried", "suspected_repeats", "given_up", "deferred" (the courier), "inbound" (the web).
    Moments have names that end in `_at`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._moments: dict[str, int] = {}

    def add(self, name: str, number: int = 1) -> None:
        """Count `number` more of `name`. Safe from any thread."""
        with self._lock:
            self._counts[name] += number

    def note(self, name: str, moment: float) -> None:
        """Something happened at that moment (Unix seconds); the latest counts. `name` ends in `_at`."""
        with self._lock:
            self._moments[name] = max(self._moments.get(name, 0), int(moment))

    def counts(self) -> dict[str, int]:
        """Everything counted and noted since the process began."""
        with self._lock:
            return {**self._counts, **self._moments}


class Ledger:
    """Carries a process's tally into the database, so that `/metrics` of any process shows those of all.

    A flush whose commit is lost with the connection may be counted twice: counters are for rates, not for accounts.
    """

    def __init__(self, db: Database, tally: Tally, clock: Clock) -> None:
        self._db, self._clock, self.tally = db, clock, tally
        self._role: Role | None = None
        self._lock = Lock()
        self._written: dict[str, int] = {}
        self._known: dict[str, int] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._keep, name="ledger", daemon=True)
        self.began_at = clock.now().timestamp()

    def start(self, role: Role) -> None:
        """Begin to write down what this process counts, as one of its kind; once is enough."""
        if self._role is None:
            self._role = role
            self._thread.start()

    def stop(self) -> None:
        """Write down the last, if the database answers at once."""
        self._stopping.set()
        if self._role is not None:
            self._try_to_flush(LAST_FLUSH_SECONDS)

    def flush(self) -> None:
        """Write down what is new. Raises Unavailable; nothing is lost then, it goes with the next."""
        with self._lock:
            counted = self.tally.counts()
            new = self._new(counted)
            if not new:
                return
            with self._db.write() as session:
                tallies.add(session, self._role or Role.RUN, new)
            self._written = counted
            self._known = _sum(self._known, new)

    def totals(self) -> dict[str, int]:
        """What all processes counted: as the database knew when it last answered, and what is new here."""
        with self._lock:
            try:
                with self._db.read() as session:
                    self._known = tallies.totals(session)
            except (Unavailable, ProgrammingError):  # the latter: tables that nobody has made yet
                log.debug("the database is away: the totals are those of the last look")
            return _sum(self._known, self._unwritten(self.tally.counts()))

    def _keep(self) -> None:
        while not self._stopping.wait(FLUSH_SECONDS):
            if self._role is not Role.WEB:
                self.tally.note(WORKER_AT, self._clock.now().timestamp())
            self._try_to_flush(CLICK_SECONDS)

    def _try_to_flush(self, seconds: float) -> None:
        """Within a time limit, because whoever reads the totals waits for the end of it."""
        try:
            with hurried(time.monotonic() + seconds):
                self.flush()
        except Unavailable:
            log.debug("the database is away: what was counted is written down later")
        except Exception:  # to count is worth less than to go on
            log.exception("what was counted could not be written down")

    def _unwritten(self, counted: Mapping[str, int]) -> dict[str, int]:
        """What the database does not know: the differences of counters, and moments as they are."""
        return {
            name: value if name.endswith(tallies.MOMENT) else value - self._written.get(name, 0)
            for name, value in counted.items()
            if value != self._written.get(name, 0)
        }

    def _new(self, counted: Mapping[str, int]) -> dict[str, int]:
        """What is worth a transaction: a heartbeat alone only now and then, and not where one process is all."""
        new = self._unwritten(counted)
        if new.keys() - {WORKER_AT}:
            return new
        aged = new.get(WORKER_AT, 0) - self._written.get(WORKER_AT, 0) >= HEARTBEAT_SECONDS
        return new if aged and not self._db.sqlite else {}


def _sum(known: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
    total = dict(known)
    for name, value in new.items():
        total[name] = max(total.get(name, 0), value) if name.endswith(tallies.MOMENT) else total.get(name, 0) + value
    return total
