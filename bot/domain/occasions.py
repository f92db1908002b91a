"""On which days somebody is reminded of a day of the customer's: key dates, the next expected order, an expiry.

Each has few days, counted from the occasion, so that nobody hears of one thing day after day; a day that nobody works
on gives way to the nearest that comes before it is too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

from bot.domain.dossier import next_time

ORDER_OFFSETS = (-3, 1, 8, 15)
"""An order is asked about before it is expected, and when it has not come."""
EXPIRY_OFFSETS = (-30, -7, 0, 7)
REACH = timedelta(days=45)
"""Nothing but a key date's own notice is raised further than this from its occasion."""
SHIFT = timedelta(days=14)
"""Holidays in a row: no reminder moves further."""


FAREST = timedelta(days=366)
"""No key date is announced longer ahead."""


class Days(Protocol):
    """Who works on which days (`bot/domain/worktime.py`)."""

    def working_day(self, day: date) -> bool: ...


class Dated(Protocol):
    """A key date, or a row of one."""

    @property
    def day(self) -> date: ...

    @property
    def yearly(self) -> bool: ...

    @property
    def ahead_days(self) -> int: ...

    @property
    def seen_on(self) -> date | None: ...


def upcoming(one: Dated, today: date) -> date | None:
    """The occasion of a key date that may have to be raised now; None at other times, and once it was seen.

    That is when its notice begins, or when it is there; either may move by some days on which nobody works.
    """
    occasion = next_time(one.day, one.yearly, today)
    if occasion is None or occasion == one.seen_on:
        return None
    ahead, notice = occasion - today, timedelta(days=one.ahead_days)
    return occasion if ahead <= SHIFT or notice - SHIFT <= ahead <= notice else None


def date_offsets(ahead_days: int) -> tuple[int, ...]:
    """Of a key date: once so many days before, once when it is there."""
    return (-ahead_days, 0) if ahead_days > 0 else (0,)


def is_raised(occasion: date, offsets: Sequence[int], today: date, hours: Days) -> bool:
    """Whether `today` is one of the days on which somebody with these hours hears of it."""
    if not hours.working_day(today):
        return False
    return any(_moved(occasion, offset, hours) == today for offset in offsets)


def _moved(occasion: date, offset: int, hours: Days) -> date | None:
    """The working day for a reminder so many days from the occasion; None where another one takes its place.

    Before and after, the next working day; on the day itself (and where the next would come too late) the one before.
    """
    meant = occasion + timedelta(days=offset)
    if offset != 0:
        ahead = next((day for day in _days(meant, 1) if hours.working_day(day)), None)
        late = offset < 0 and ahead is not None and ahead > occasion
        return None if late else ahead
    return next((day for day in _days(meant, -1) if hours.working_day(day)), None)


def _days(first: date, step: int) -> Sequence[date]:
    return [first + timedelta(days=step * number) for number in range(SHIFT.days + 1)]
