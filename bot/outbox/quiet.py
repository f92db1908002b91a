"""Slack's own do-not-disturb: a reminder waits until it ends, if the workspace lets Baton ask (the scope dnd:read).

Asking is a courtesy, never a condition: Slack rings nobody who does not want to be disturbed, whatever is posted. So
without the scope, without an answer, or when too many would have to be asked in a minute, the reminder goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import select

from bot.domain.people import Person
from bot.domain.worktime import WorkTime
from bot.outbox.queue import Claimed
from bot.slack.answers import DoNotDisturb
from bot.slack.failures import SlackFailure
from bot.store.loading import people_by_id
from bot.store.queues import outbox
from bot.usecases.desk import Desk, presence

log = logging.getLogger(__name__)

SCOPE = "dnd:read"
REMINDERS = ("nudge", "digest", "alarms")
KEPT = timedelta(minutes=5)
"""How long an answer of Slack's is taken to hold."""
A_MINUTE = 20
"""People asked about per minute and process: well below the 50 that Slack allows for the method (tier 3)."""
LAST_CALL = timedelta(minutes=15)
"""So long before somebody's day ends, the reminder goes in spite of all: tomorrow it would be a day late."""


@dataclass(frozen=True)
class _Known:
    """What Slack said of somebody, and when."""

    at: datetime
    until: datetime | None


class Quiet:
    """`ask` is the gateway's; `grant` says which scopes the token has: before that, nobody is asked."""

    def __init__(
        self, desk: Desk, ask: Callable[[str], DoNotDisturb | None], hours: Callable[[Person], WorkTime] = presence
    ) -> None:
        self._desk, self._ask, self._hours = desk, ask, hours
        self._granted = False
        self._known: dict[str, _Known] = {}
        self._asked: list[datetime] = []
        self._not_before: datetime | None = None
        self._lock = Lock()

    def grant(self, scopes: Collection[str]) -> None:
        """What auth.test says of the token."""
        self._granted = SCOPE in scopes

    def until(self, letter: Claimed) -> datetime | None:
        """Until when a reminder that has not been posted yet waits; None: it may go."""
        if not self._granted or letter.posted or letter.kind not in REMINDERS:
            return None
        person = self._recipient(letter)
        if person is None:
            return None
        now, hours = self._desk.now(), self._hours(person)
        last_call = hours.closing(hours.local_date(now)) - LAST_CALL
        if now >= last_call or not hours.is_working(now):
            return None  # outside their hours it goes back on the schedule anyway
        until = self._dnd_until(person.slack_id, now)
        return min(until, last_call) if until is not None and until > now else None

    def _recipient(self, letter: Claimed) -> Person | None:
        with self._desk.db.read() as session:
            number = session.scalar(select(outbox.c.person_id).where(outbox.c.id == letter.id))
            return people_by_id(session, [number]).get(number) if number is not None else None

    def _dnd_until(self, slack_id: str, now: datetime) -> datetime | None:
        known = self._known.get(slack_id)
        if known is not None and abs(now - known.at) < KEPT:
            return known.until
        if not self._may_ask(now):
            return None
        try:
            found = self._ask(slack_id)
        except SlackFailure as failure:
            log.info("whether somebody wants to be left alone is not known: %s", failure)
            with self._lock:
                self._not_before = now + timedelta(seconds=failure.retry_after or 60)
            return None
        until = found.ends if found is not None and found.begins <= now < found.ends else None
        with self._lock:
            self._known = {who: one for who, one in self._known.items() if abs(now - one.at) < KEPT}
            self._known[slack_id] = _Known(now, until)
        return until

    def _may_ask(self, now: datetime) -> bool:
        with self._lock:
            if self._not_before is not None and now < self._not_before:
                return False
            self._asked = [at for at in self._asked if abs(now - at) < timedelta(minutes=1)]
            if len(self._asked) >= A_MINUTE:
                return False
            self._asked.append(now)
            return True
