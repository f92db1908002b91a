"""Letting things calm down: real processes at work, on a clock that skips what would only be waiting."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from bot.store.queues import LetterState, NudgeState, nudges, outbox, pace
from sandbox.server import Sandbox

PATIENCE = 30.0
"""Seconds in which something has to happen while letters wait, on a busy machine."""
STILL, PACED = 0.3, 0.08
"""So many seconds without any change mean that nobody alive has a letter in hand; that letters wait for their pace."""
SHORT = timedelta(seconds=5)
"""A step that no lease notices."""
LOOK = 0.03
A_MOMENT = timedelta(milliseconds=20)


class NeverCalm(AssertionError):
    """Things did not calm down; the text says what was left."""


@dataclass(frozen=True)
class Waiting:
    """What is left: letters that may go now, the moment of the next one, leases, nudges that are due, the next pace."""

    now: int
    following: datetime | None
    leases: tuple[datetime, ...]
    due: int
    calls: int
    pace: datetime | None

    @property
    def calm(self) -> bool:
        return not (self.now or self.following or self.leases or self.due)


class Calm:
    """`until_calm` returns when every letter was delivered and no nudge is due."""

    def __init__(self, engine: Engine, sandbox: Sandbox) -> None:
        self._engine, self._sandbox = engine, sandbox

    def until_calm(self) -> None:
        """Raises NeverCalm."""
        deadline = time.monotonic() + PATIENCE
        before, since = self.waiting(), time.monotonic()
        while not before.calm:
            self._sandbox.workspace.wait_for_change(self._sandbox.workspace.version, LOOK)
            found, now = self.waiting(), time.monotonic()
            if found.calls != before.calls:
                deadline = now + PATIENCE
            if found != before:
                before, since = found, now
            if now > deadline:
                raise NeverCalm(f"things do not calm down: {found}")
            if self._skip(found, now - since):
                before, since = self.waiting(), time.monotonic()

    def _skip(self, found: Waiting, still: float) -> bool:
        """Move the clock to the next moment at which something can happen. Says whether it did.

        While somebody alive may have a letter in hand the clock stands: a lease that runs out under them is no fault
        of theirs.
        """
        clock = self._sandbox.workspace.clock
        if found.now and found.pace is not None and not (found.due or found.leases):
            if still < PACED:
                return False
            by = min(found.pace - clock.now(), SHORT)
        elif found.now or found.due or found.leases:
            if still < STILL:
                return False
            by = timedelta(seconds=1)
            if not (found.now or found.due):
                by = max(found.leases) - clock.now() + timedelta(seconds=1)
        elif found.following is not None:
            by = found.following - clock.now()
        else:
            return False
        clock.advance(max(by, A_MOMENT))  # type: ignore[attr-defined]
        return True

    def waiting(self) -> Waiting:
        now = self._sandbox.workspace.now()
        o, n = outbox.c, nudges.c
        open_ones = (LetterState.QUEUED, LetterState.SENDING)
        with self._engine.connect() as connection:
            rows = connection.execute(select(o.state, o.not_before, o.lease_until).where(o.state.in_(open_ones))).all()
            due = connection.execute(select(n.id).where(n.state == NudgeState.PLANNED, n.due_at <= now)).all()
            following = connection.scalar(select(func.min(pace.c.next_at)).where(pace.c.next_at > now))
        queued = [row.not_before for row in rows if row.state == LetterState.QUEUED]
        return Waiting(
            now=sum(moment <= now for moment in queued),
            following=min((moment for moment in queued if moment > now), default=None),
            leases=tuple(sorted(row.lease_until for row in rows if row.state == LetterState.SENDING)),
            due=len(due),
            calls=len(self._sandbox.workspace.weather.calls),
            pace=following,
        )
