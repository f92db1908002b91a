"""Countries: who has which days off, and where somebody lives by what Slack tells (U10, U11)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from babel.core import Locale, UnknownLocaleError, get_global
from holidays.holiday_base import HolidayBase
from holidays.utils import country_holidays

from bot.domain.calendars import countries, country_of, holidays_of, week_of
from bot.domain.people import Person
from bot.usecases.desk import presence, worktime

MONDAY_TO_FRIDAY, SUNDAY_TO_THURSDAY = {0, 1, 2, 3, 4}, {6, 0, 1, 2, 3}
EVERY = sorted(countries(Locale("en")))


@pytest.mark.parametrize(
    ("country", "week"),
    [
        ("EG", SUNDAY_TO_THURSDAY),
        ("IL", SUNDAY_TO_THURSDAY),
        ("SA", SUNDAY_TO_THURSDAY),
        ("AE", MONDAY_TO_FRIDAY),  # since 2022
        ("US", MONDAY_TO_FRIDAY),
        ("DE", MONDAY_TO_FRIDAY),
        ("JP", MONDAY_TO_FRIDAY),
        ("BN", {0, 1, 2, 3, 5}),  # Friday and Sunday are free
        ("IR", {5, 6, 0, 1, 2}),  # the law names Friday, offices have Thursday too
        ("HK", MONDAY_TO_FRIDAY),  # the law names Sunday
        ("LY", SUNDAY_TO_THURSDAY),  # the holidays package does not say, CLDR does
        ("", MONDAY_TO_FRIDAY),
        ("XX", MONDAY_TO_FRIDAY),
        ("date", MONDAY_TO_FRIDAY),
    ],
)
def test_the_week_is_the_country_s(country, week):
    assert week_of(country) == week


def test_where_the_holidays_package_says_nothing_the_weekend_is_that_of_cldr():
    silent = [country for country in EVERY if not _has_a_weekend_of_its_own(country)]
    assert {"DE", "IN", "IO", "LY"} < set(silent)
    for country in silent:
        free = _weekend_of_cldr(country)  # of a single day of rest, offices have the day before free too
        assert week_of(country) == set(range(7)) - (free | {(day - 1) % 7 for day in free if len(free) == 1}), country


def _has_a_weekend_of_its_own(country: str) -> bool:
    try:
        return country_holidays(country).weekend is not HolidayBase.weekend
    except NotImplementedError:
        return False


def _weekend_of_cldr(country: str) -> set[int]:
    try:
        there = Locale.parse(f"und_{country}")
    except UnknownLocaleError:
        return {5, 6}
    return {there.weekend_start, there.weekend_end}


@pytest.mark.parametrize(
    ("country", "day", "free"),
    [
        ("DE", date(2026, 10, 3), True),
        ("DE", date(2026, 7, 4), False),
        ("US", date(2026, 11, 26), True),  # Thanksgiving
        ("US", date(2026, 7, 3), True),  # the Fourth is a Saturday
        ("JP", date(2026, 5, 6), True),  # a day in lieu
        ("EG", date(2026, 7, 23), True),
        ("EG", date(2026, 12, 25), False),
        ("AE", date(2026, 12, 2), True),
        ("US", date(2027, 12, 31), True),  # New Year of the year after, observed
        ("", date(2026, 12, 25), False),
        ("XX", date(2026, 12, 25), False),
        ("holidays", date(2026, 12, 25), False),
        ("DE", date(2024, 2, 29), False),
        ("DE", date(1, 1, 1), False),
        ("DE", date(9999, 12, 1), False),
    ],
)
def test_public_holidays(country, day, free):
    assert holidays_of(country)(day) is free


@pytest.mark.filterwarnings("ignore:Requested Holidays are available only")
def test_of_a_half_known_country_what_is_known_counts():
    far = holidays_of("IN")
    assert far(date(2060, 1, 26))  # the fixed one; Diwali of that year nobody has worked out
    assert not any(far(date(2060, 11, day)) for day in range(1, 31))
    assert week_of("IO") == MONDAY_TO_FRIDAY  # no holidays at all are known there
    assert not any(holidays_of("IO")(date(2026, 12, day)) for day in range(1, 32))


@pytest.mark.filterwarnings("ignore:Requested Holidays are available only")
@pytest.mark.parametrize("year", [1900, 2024, 2150])
def test_every_country_has_working_days_in_every_year(year):
    for country in EVERY:
        free = holidays_of(country)
        worked = [
            d for d in range(1, 29) if date(year, 2, d).weekday() in week_of(country) and not free(date(year, 2, d))
        ]
        assert len(worked) >= 10, country


def test_many_threads_ask_at_once():
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: holidays_of("PT")(date(2000 + n % 40, 12, 25)), range(400)))
    assert all(answers)
    assert holidays_of("PT") is holidays_of("PT")


@pytest.mark.parametrize(
    ("tz", "locale", "default", "country"),
    [
        ("Europe/Berlin", "en-US", "", "DE"),  # an American screen in Berlin
        ("Europe/Oslo", "en-GB", "DE", "NO"),
        ("Europe/Vienna", "de-DE", "DE", "AT"),
        ("Asia/Calcutta", "en-IN", "", "IN"),  # an old name of a zone
        ("US/Eastern", "de-DE", "", "US"),
        ("America/Mexico_City", "es-LA", "US", "MX"),
        ("UTC", "en-US", "DE", "DE"),
        ("UTC", "pt-BR", "", "BR"),
        ("UTC", "zh-TW", "", "TW"),
        ("UTC", "es-LA", "", ""),  # Latin America, not Laos
        ("Etc/GMT+3", "es-419", "", ""),
        ("nonsense", "", "FR", "FR"),
        ("nonsense", "-", "", ""),
        ("", "", "", ""),
    ],
)
def test_where_somebody_lives(tz, locale, default, country):
    assert country_of(tz, locale, default) == country


def test_every_zone_of_a_country_tells_the_country():
    for country, zones in get_global("territory_zones").items():
        for zone in zones if country in EVERY else ():
            assert country_of(zone, "en-US", "FR") == country


def test_countries_are_named_in_the_reader_s_language():
    assert countries(Locale("de"))["EG"] == "Ägypten"
    assert countries(Locale("en"))["EG"] == "Egypt"
    assert not {"", "ZZ", "001"} & set(EVERY)


def _olaf(**own) -> Person:
    return Person(workspace_id=1, slack_id="U1", **own)


def test_a_person_s_hours_are_their_country_s_until_they_say_otherwise():
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    cairo = worktime(_olaf(tz="Africa/Cairo", country="EG"))
    assert cairo.next_moment(friday) == datetime(2026, 11, 22, 7, tzinfo=UTC)  # Sunday, nine in Cairo
    own = worktime(_olaf(tz="Africa/Cairo", country="EG", work_week="0123", opens=600, closes=840))
    assert own.next_moment(friday) == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert own.closing(date(2026, 11, 23)) == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_days_away_count_for_being_there_and_not_for_dates():
    away = _olaf(tz="Europe/Berlin", country="DE", away=[{"from": "2026-11-23", "until": "2026-11-24", "delegate": 7}])
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert worktime(away).next_moment(monday) == monday
    assert presence(away).next_moment(monday) == datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize(("opens", "closes"), [(0, 1440), (1020, 540), (None, -5), (9000, None)])
def test_hours_that_cannot_be_right_still_have_an_end(opens, closes):
    hours = worktime(_olaf(opens=opens, closes=closes))
    assert hours.opening(date(2026, 11, 23)) < hours.closing(date(2026, 11, 23))
