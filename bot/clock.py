"""The one clock of the program: everything that asks for the time asks a `Clock`, and gets aware UTC.

This is the only module that may read the computer's clock. `SystemClock` serves real life; `FollowingClock` follows the
clock of a local workspace, which a person can move forward to see tomorrow's nudges today.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from threading import Event, Lock, Thread
from typing import Protocol, runtime_checkable
from urllib.request import urlopen

log = logging.getLogger(__name__)

POLL_SECONDS = 30.0
"""How long one long-poll may last; the workspace itself answers after at most 25 seconds."""
FIRST_ANSWER_SECONDS = 2.0
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""


@runtime_checkable
class JumpingClock(Clock, Protocol):
    """A clock that can be moved: it tells its subscribers when that happened, so that sleepers look again."""

    def subscribe(self, callback: Callable[[datetime], object]) -> None:
        """Call `callback(now)` after each jump, perhaps from another thread; it has to be brief."""


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FollowingClock:
    """The computer's clock plus the offset of a local workspace (for the demo).

    `url` answers ``{"now": iso, "offset": seconds, "version": n}`` and long-polls with ``?after=n``. `start()` reads it
    once and follows it in a daemon thread; while the workspace is away the last known offset stays in force.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._offset = timedelta()
        self._version = -1
        self._callbacks: list[Callable[[datetime], object]] = []
        self._stopping = Event()
        self._thread = Thread(target=self._follow, name="clock", daemon=True)

    def now(self) -> datetime:
        with self._lock:
            return datetime.now(UTC) + self._offset

    def subscribe(self, callback: Callable[[datetime], object]) -> None:
        with self._lock:
            self._callbacks.append(callback)

    def start(self) -> None:
        """Take over the workspace's offset now, if it answers, and follow it from then on."""
        self._listen_once(self._url, FIRST_ANSWER_SECONDS)
        self._thread.start()

    def close(self) -> None:
        """Follow no longer. A poll under way ends by itself; its thread does not hold up the end of the program."""
        self._stopping.set()

    def _follow(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            if self._listen_once(f"{self._url}?after={self._version}", POLL_SECONDS):
                failures = 0
                continue
            self._stopping.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1

    def _listen_once(self, url: str, timeout: float) -> bool:
        try:
            with urlopen(url, timeout=timeout) as answer:
                said = json.load(answer)
            offset, version = timedelta(seconds=float(said["offset"])), int(said["version"])
        except (OSError, HTTPException, ValueError, KeyError, TypeError, OverflowError) as problem:
            log.debug("the workspace's clock does not answer: %s", problem)
            return False
        self._adopt(offset, version)
        return True

    def _adopt(self, offset: timedelta, version: int) -> None:
        with self._lock:
            jumped = offset != self._offset
            self._offset, self._version = offset, version
            callbacks = list(self._callbacks) if jumped else []
        if jumped:
            log.info("the clock jumped: it is now %s", self.now().isoformat(timespec="seconds"))
        for callback in callbacks:
            callback(self.now())
