"""A bot within one process, from its first moment to its last: prepare the database, start the workers, serve, stop.

The database may be away when the process starts (or be migrated by another process at that moment): the process then
waits for it, says so on /healthz, and begins by itself as soon as it can.
"""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

from slack_bolt import App
from sqlalchemy.exc import DBAPIError, TimeoutError

from bot.running.collector import collect_between_work
from bot.settings import Role
from bot.store.patience import hurried

if TYPE_CHECKING:
    from bot.files.downloads import Files
    from bot.running.web import Metrics

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Bot(Protocol):
    """What this module and the web need of the composition root's Bot."""

    @property
    def bolt(self) -> App: ...

    @property
    def metrics(self) -> Metrics | None: ...

    @property
    def downloads(self) -> Files | None: ...

    def count_as(self, role: Role) -> None:
        """Begin to write down what this process counts."""

    def start_workers(self) -> None: ...

    def stop(self, timeout: float) -> None: ...

    def ready(self) -> tuple[bool, str]:
        """Whether it can serve, and if not, why. Raises DBAPIError when the database does not answer."""

    def migrate(self) -> None: ...


class Lifecycle:
    """Starts and stops one bot in its role, each once, in this order. `begun` is set when everything runs."""

    def __init__(self, bot: Bot, role: Role) -> None:
        self._bot = bot
        self._role = role
        self._stopping = Event()
        self.begun = Event()
        self._waits_for, self._cause = "Baton is starting", ""
        self._beginning = Thread(target=self._begin, name="beginning", daemon=True)

    def start(self) -> None:
        """Begin in the background: the port answers at once, /healthz turns to 200 when everything runs."""
        collect_between_work()
        self._beginning.start()

    def ready(self) -> tuple[bool, str]:
        """Whether people can be served now, and if not, why."""
        if not self.begun.is_set():
            return False, self._waits_for
        try:
            with hurried():  # load balancers have little patience
                return self._bot.ready()
        except (DBAPIError, TimeoutError) as problem:
            return False, _away(problem)

    def stop(self, timeout: float) -> None:
        """Stop the workers within `timeout` seconds; what they cannot finish goes back to the queue."""
        until = time.monotonic() + timeout
        self._stopping.set()
        self._beginning.join(timeout / 4)
        self._bot.stop(until - time.monotonic())

    def _begin(self) -> None:
        attempts = 0
        while not self._stopping.is_set():
            try:
                problem = self._begin_once()
            except Exception:
                self._waits_for = "Baton could not begin; its log says why"
                raise
            if problem is None:
                self.begun.set()
                log.info("Baton is ready")
                return
            if problem != self._waits_for:
                log.warning("waiting: %s%s", problem, self._cause)
                self._waits_for = problem
            self._stopping.wait(RETRY_SECONDS[min(attempts, len(RETRY_SECONDS) - 1)])
            attempts += 1

    def _begin_once(self) -> str | None:
        """None when everything runs, otherwise what is still missing."""
        try:
            if self._role is Role.RUN:
                self._bot.migrate()
            can_serve, reason = self._bot.ready()
            if not can_serve:
                return reason
            self._bot.count_as(self._role)
            if self._role is not Role.WEB and not self._stopping.is_set():
                self._bot.start_workers()
        except (DBAPIError, TimeoutError) as problem:
            self._cause = f": {str(getattr(problem, 'orig', problem)).strip().partition(chr(10))[0]}"
            return _away(problem)
        return None


def _away(problem: DBAPIError | TimeoutError) -> str:
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    return f"the database does not answer ({type(cause).__name__})"
