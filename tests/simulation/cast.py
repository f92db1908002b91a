"""Who lives in the simulation, and when each of them is at work: told apart from the product's own reckoning.

The rules of the simulation judge by `Citizen.at_work`, which asks the zone database and the holidays package directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from bot.domain.worktime import MONDAY_TO_FRIDAY, WorkTime
from bot.slack.answers import UserInfo

TEAM = "T0SIM"
SUNDAY_TO_THURSDAY = frozenset({6, 0, 1, 2, 3})
OPENS, CLOSES = time(9), time(17)


@dataclass(frozen=True)
class Place:
    """Where somebody lives, as Slack tells it, and what the law says there."""

    zone: str
    locale: str
    country: str
    week: frozenset[int] = MONDAY_TO_FRIDAY


PLACES = (
    Place("Europe/Berlin", "de-DE", "DE"),
    Place("Europe/London", "en-GB", "GB"),
    Place("America/New_York", "en-US", "US"),
    Place("America/St_Johns", "en-US", "CA"),
    Place("America/Sao_Paulo", "pt-BR", "BR"),
    Place("Africa/Cairo", "en-US", "EG", SUNDAY_TO_THURSDAY),
    Place("Asia/Dubai", "en-US", "AE"),
    Place("Asia/Riyadh", "en-GB", "SA", SUNDAY_TO_THURSDAY),
    Place("Asia/Kolkata", "en-GB", "IN"),
    Place("Asia/Tokyo", "ja-JP", "JP"),
    Place("Australia/Lord_Howe", "en-GB", "AU"),
    Place("Pacific/Auckland", "en-GB", "NZ"),
)
JOBS = ("manager", "olaf", "ines", "ida", "carl")
"""In each place: somebody who manages, who leaves accounts, who takes them, who sits inside, who knows about credit."""


@dataclass
class Citizen:
    """One person; `away` holds first and last day of each absence, both included."""

    slack_id: str
    place: Place
    gone: bool = False
    away: list[tuple[date, date]] = field(default_factory=list)

    def today(self, moment: datetime) -> date:
        return moment.astimezone(self.clock_zone).date()

    def at_work(self, moment: datetime) -> bool:
        """Whether this person may be written to at that moment."""
        local = moment.astimezone(self.clock_zone)
        return self.works_on(local.date()) and OPENS <= local.time() < CLOSES

    def works_on(self, day: date) -> bool:
        """Whether that day of their calendar is a working day on which they are there."""
        return self.worktime().working_day(day) and not any(first <= day <= last for first, last in self.away)

    @property
    def clock_zone(self) -> ZoneInfo:
        return ZoneInfo(self.place.zone)

    def next_at_work(self, moment: datetime) -> datetime:
        """The first moment from `moment` on at which they are there (within a year), to a quarter of an hour."""
        for _ in range(4 * 24 * 366):
            if self.at_work(moment):
                return moment
            moment += timedelta(minutes=15) if self.works_on(self.today(moment)) else timedelta(hours=6)
        return moment

    def worktime(self) -> WorkTime:
        """What the pure ladder is laid over: days away do not count there."""
        return _worktime(self.place)

    def user(self) -> Mapping[str, Any]:
        """The user object of Slack's events."""
        return {
            "id": self.slack_id,
            "name": self.slack_id.lower(),
            "tz": self.place.zone,
            "locale": self.place.locale,
            "deleted": self.gone,
            "team_id": TEAM,
            "profile": {"display_name": self.slack_id.title()},
        }

    def info(self) -> UserInfo:
        return UserInfo.read(self.user())


def cast() -> dict[str, Citizen]:
    """Everybody, by Slack id: "UOLAF3" lives in the fourth place."""
    people = [Citizen(f"U{job.upper()}{number}", place) for number, place in enumerate(PLACES) for job in JOBS]
    return {one.slack_id: one for one in people}


def of_job(people: Mapping[str, Citizen], job: str, rng: Random) -> Citizen:
    """Somebody of that job who is still here."""
    return rng.choice([one for one in people.values() if one.slack_id.startswith(f"U{job.upper()}") and not one.gone])


@cache
def _worktime(place: Place) -> WorkTime:
    return WorkTime(place.zone, place.week, OPENS, CLOSES, _free_days(place.country))


@cache
def _free_days(country: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=range(2024, 2032)))
