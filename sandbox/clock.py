"""The sandbox's time: ts, trigger and response URL lives, rate windows and event retries all read it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

Listener = Callable[[datetime], None]


class Clock(Protocol):
    """Gives the present as an aware datetime in UTC."""

    def now(self) -> datetime: ...


class MovableClock:
    """A clock that can be moved; listeners hear of every move, in the thread that moved it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []

    def now(self) -> datetime:
        """The present (aware UTC)."""
        raise NotImplementedError

    def advance(self, by: timedelta) -> datetime:
        """Move by a duration (negative goes back). Returns the new present."""
        with self._lock:
            self._shift(by)
        return self._tell()

    def jump_to(self, moment: datetime) -> datetime:
        """Move to an aware moment. Returns the new present. Raises ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        return self.advance(moment.astimezone(UTC) - self.now())

    def subscribe(self, callback: Listener) -> None:
        """Call `callback(now)` after each move."""
        self._listeners.append(callback)

    @property
    def offset(self) -> timedelta:
        """How far this clock is from real time."""
        return self.now() - datetime.now(UTC)

    def _shift(self, by: timedelta) -> None:
        raise NotImplementedError

    def _tell(self) -> datetime:
        now = self.now()
        for listener in list(self._listeners):
            listener(now)
        return now


class ShiftedClock(MovableClock):
    """Real time plus an offset: for a demo where people wait for nothing."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        super().__init__()
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        return self._offset

    def _shift(self, by: timedelta) -> None:
        self._offset += by


class ManualClock(MovableClock):
    """Stands still until it is moved: for tests."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        if start.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def _shift(self, by: timedelta) -> None:
        self._now += by
