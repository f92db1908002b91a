"""A person's working time: zone, work week, hours, public holidays, days away (U8-U12). Pure arithmetic on aware UTC.

Two promises hold for any input: nothing here runs without an end, and a value that cannot be right (an unknown zone,
a week without a working day, hours that end before they start) falls back to UTC, Monday to Friday, 9 to 17 o'clock,
because one bad row must not stop everybody's nudges. Whoever takes these values from a person checks them there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset(range(5))
OPENS, CLOSES = time(9), time(17)
HORIZON_DAYS = 400
"""How far a working day is looked for before holidays and days away are ignored and the work week alone counts."""
LAST_DATE = date(9999, 12, 1)
"""Dates stop here, a month before Python's calendar does, so that no zone shift can overflow."""


@dataclass(frozen=True)
class WorkTime:
    """When one person works.

    `zone` is an IANA name; `week` holds weekdays, Monday = 0; the day is open from `start` up to, not including, `end`
    (local wall clock, `end` later than `start`); `holidays` is a set of dates or a function that says whether a date
    is one; `away` holds first and last day of each absence, both included.
    """

    zone: str = "UTC"
    week: frozenset[int] = MONDAY_TO_FRIDAY
    start: time = OPENS
    end: time = CLOSES
    holidays: frozenset[date] | Callable[[date], bool] = frozenset()
    away: tuple[tuple[date, date], ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Made once: what is remembered about working times is looked up by it, several times for every nudge."""
        return hash((self.zone, self.week, self.start, self.end, self.holidays, self.away))

    def is_working(self, moment: datetime) -> bool:
        """Whether the aware `moment` lies within the hours of a working day."""
        day = self.local_date(moment)
        return self.working_day(day) and self.opening(day) <= moment < self.closing(day)

    def next_moment(self, moment: datetime) -> datetime:
        """`moment` itself (as UTC) within working hours, else the next opening; never earlier than `moment`."""
        return _next_moment(self, moment)

    def working_day(self, day: date) -> bool:
        """In the work week, no public holiday, not away."""
        return self._in_week(day) and not self._holiday(day) and not any(a <= day <= b for a, b in self.away)

    def add_working_days(self, day: date, number: int) -> date:
        """The `number`-th working day after `day` (before it, when negative); for 0 the first one from `day` on."""
        if number == 0:
            return self._next_working_day(day, 1)
        step = 1 if number > 0 else -1
        for _ in range(abs(number)):
            day = self._next_working_day(_shift(day, step), step)
        return day

    def next_week(self, day: date) -> date:
        """The first working day of the week after the one `day` lies in; weeks begin after the longest weekly rest."""
        first = self._week_begins
        ahead = (first - day.weekday() - 1) % 7 + 1
        return self.add_working_days(_shift(day, ahead), 0)

    def opening(self, day: date) -> datetime:
        """The first moment of `day` (UTC) at which the local clock shows `start` or later."""
        return _instant(self.zone, day, self._hours[0], fold=0)

    def closing(self, day: date) -> datetime:
        """The first moment (UTC) after the working hours of `day`; a repeated hour counts to its second end."""
        return _instant(self.zone, day, self._hours[1], fold=1)

    def local_date(self, moment: datetime) -> date:
        """The date on this person's calendar at that aware moment."""
        return min(moment.astimezone(zone_or_utc(self.zone)).date(), LAST_DATE)

    @property
    def _hours(self) -> tuple[time, time]:
        return (self.start, self.end) if self.start < self.end else (OPENS, CLOSES)

    @property
    def _days(self) -> frozenset[int]:
        return _weekdays(self.week)

    @property
    def _week_begins(self) -> int:
        """The weekday on which this person's week begins; Monday where every day is like the other."""
        days = self._days
        rest = {day: next(gap for gap in range(7) if (day - 1 - gap) % 7 in days) for day in days}
        return max(sorted(days), key=lambda day: rest[day])

    def _in_week(self, day: date) -> bool:
        return day.weekday() in _weekdays(self.week)

    def _holiday(self, day: date) -> bool:
        return self.holidays(day) if callable(self.holidays) else day in self.holidays

    def _next_working_day(self, day: date, step: int) -> date:
        """From `day` on, itself included, in the direction of `step`."""
        for distance in range(HORIZON_DAYS + 1):
            candidate = _shift(day, distance * step)
            if self.working_day(candidate):
                return candidate
        beyond = _shift(day, (HORIZON_DAYS + 1) * step)
        return next((d for d in (_shift(beyond, n * step) for n in range(7)) if self._in_week(d)), beyond)

    def working_days_from(self, day: date) -> Iterator[date]:
        """The working days from `day` on, itself included."""
        # more than a few are needed only where a clock change swallows a whole working day.
        for _ in range(HORIZON_DAYS):
            day = self._next_working_day(day, 1)
            yield day
            day = _shift(day, 1)


def merged_away(periods: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """Absences in order, overlapping and adjoining ones joined, reversed ones turned round."""
    joined: list[tuple[date, date]] = []
    for first, last in sorted((min(pair), max(pair)) for pair in periods):
        if joined and first <= _shift(joined[-1][1], 1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def minutes_after_midnight(minutes: int) -> time:
    """The wall clock's time so many minutes after midnight; the last minute of the day for what lies beyond it."""
    within = min(max(minutes, 0), 24 * 60 - 1)
    return time(within // 60, within % 60)


@lru_cache(maxsize=512)
def zone_or_utc(name: str) -> ZoneInfo:
    """The IANA zone of that name; UTC for a name that is unknown or malformed."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # KeyError covers ZoneInfoNotFoundError; OSError a folder's name
        return ZoneInfo("UTC")


@lru_cache(maxsize=1024)  # at nine o'clock thousands ask for one moment, of hours that most of them share
def _next_moment(hours: WorkTime, moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    for day in hours.working_days_from(hours.local_date(moment)):
        opening, closing = hours.opening(day), hours.closing(day)
        if opening < closing and moment < closing:
            return max(moment, opening)
        if day >= LAST_DATE:
            break
    return moment


@lru_cache(maxsize=8192)  # at nine o'clock thousands ask for the same few mornings
def _instant(name: str, day: date, wall: time, fold: int) -> datetime:
    """The moment (UTC) at which the clocks of that zone show `wall` on `day`, the second time with `fold` 1."""
    zone = zone_or_utc(name)
    local = datetime.combine(day, wall.replace(tzinfo=None, fold=fold), tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(zone, local)


@lru_cache(maxsize=256)
def _weekdays(week: frozenset[int]) -> frozenset[int]:
    """The weekdays of a week that can be worked by."""
    return week & frozenset(range(7)) or MONDAY_TO_FRIDAY


def _shift(day: date, days: int) -> date:
    ordinal = day.toordinal() + days
    return date.fromordinal(min(max(ordinal, 2), LAST_DATE.toordinal()))


def _end_of_gap(zone: ZoneInfo, local: datetime) -> datetime:
    """The moment at which the clocks jumped over the wall time `local`, to the second."""
    early = local.replace(fold=1).astimezone(UTC)
    late = local.replace(fold=0).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    low, high = 0, int((late - early).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (early + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return early + timedelta(seconds=low)
