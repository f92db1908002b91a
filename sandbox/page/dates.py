"""Dates and times as the reader of the page sees them (source: Slack's date formatting of mrkdwn)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_TOKEN = re.compile(r"\{([a-z_]+)\}")


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment on the wall clock of the zone."""
    return moment.astimezone(zone)


def from_ts(ts: str | float) -> datetime:
    """A message ts or unix seconds as aware UTC; the epoch when it is not a number that a calendar holds."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def clock_time(moment: datetime) -> str:
    """09:05"""
    return moment.strftime("%H:%M")


def short_day(moment: datetime) -> str:
    """Wed 3 Dec"""
    return f"{moment:%a} {moment.day} {moment:%b}"


def long_day(moment: datetime) -> str:
    """Wednesday, December 3rd"""
    return f"{moment:%A}, {moment:%B} {_ordinal(moment.day)}"


def relative_day(moment: datetime, now: datetime) -> str | None:
    """Today, Yesterday or Tomorrow when it is one of them; both moments on the same wall clock."""
    days = (moment.date() - now.date()).days
    return {0: "Today", -1: "Yesterday", 1: "Tomorrow"}.get(days)


def fill(template: str, moment: datetime, now: datetime) -> str:
    """A date format of Slack, such as ``{date_short_pretty} at {time}``, filled in; unknown tokens stay.

    Both moments on the reader's wall clock. ``*_pretty`` says today, yesterday or tomorrow (lower case in a sentence).
    """
    return _TOKEN.sub(lambda match: _token(match[1], moment, now) or match[0], template)


def _token(name: str, moment: datetime, now: datetime) -> str | None:
    if name.endswith("_pretty"):
        near = relative_day(moment, now)
        return near.lower() if near else _token(name.removesuffix("_pretty"), moment, now)
    match name:
        case "date_num":
            return moment.strftime("%Y-%m-%d")
        case "date":
            return f"{moment:%B} {_ordinal(moment.day)}, {moment.year}"
        case "date_short":
            return f"{moment:%b} {moment.day}, {moment.year}"
        case "date_long":
            return f"{moment:%A}, {moment:%B} {_ordinal(moment.day)}, {moment.year}"
        case "day_divider_pretty":
            return long_day(moment)
        case "time":
            return clock_time(moment)
        case "time_secs":
            return moment.strftime("%H:%M:%S")
        case "ago":
            return ago(moment, now)
    return None


def ago(moment: datetime, now: datetime) -> str:
    """3 minutes ago, in 2 days."""
    distance = now - moment
    words = _span(abs(distance))
    if words is None:
        return "just now"
    return f"{words} ago" if distance > timedelta(0) else f"in {words}"


def _span(length: timedelta) -> str | None:
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = seconds // size
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return None


def _ordinal(day: int) -> str:
    ending = "th" if 11 <= day % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
