"""Working time: nobody is nudged outside their own hours, whatever the zone, the week, the clock change (U8-U12)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.worktime import LAST_DATE, MONDAY_TO_FRIDAY, WorkTime, merged_away

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Africa/Cairo",
    "America/Sao_Paulo",
)
SUNDAY_TO_THURSDAY = frozenset({6, 0, 1, 2, 3})

moments = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
days = st.dates(date(2010, 1, 1), date(2035, 1, 1))
times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
periods = st.tuples(days, st.integers(0, 40)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))


@st.composite
def worktimes(draw: st.DrawFn) -> WorkTime:
    start, end = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    return WorkTime(
        zone=draw(st.sampled_from(ZONES)),
        week=draw(st.sampled_from([MONDAY_TO_FRIDAY, SUNDAY_TO_THURSDAY, frozenset({5}), frozenset(range(7))])),
        start=start,
        end=end,
        holidays=frozenset(draw(st.lists(days, max_size=5))),
        away=tuple(draw(st.lists(periods, max_size=3))),
    )


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@given(worktimes(), moments)
def test_the_next_moment_is_in_working_hours_and_never_earlier_than_asked(work: WorkTime, moment: datetime) -> None:
    found = work.next_moment(moment)
    assert found >= moment
    assert found.tzinfo is UTC
    assert work.is_working(found)


@given(worktimes(), moments)
def test_a_moment_in_working_hours_stays_and_any_other_becomes_an_opening(work: WorkTime, moment: datetime) -> None:
    found = work.next_moment(moment)
    assert (found == moment) == work.is_working(moment)
    assert found == moment or found == work.opening(work.local_date(found))
    assert work.next_moment(found) == found


@given(worktimes(), moments, moments)
def test_later_asked_is_never_earlier_answered(work: WorkTime, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert work.next_moment(first) <= work.next_moment(second)


@given(worktimes(), moments)
def test_the_wall_clock_agrees(work: WorkTime, moment: datetime) -> None:
    found = work.next_moment(moment).astimezone(ZoneInfo(work.zone))
    repeated = found.replace(fold=0).utcoffset() != found.replace(fold=1).utcoffset()
    assert work.working_day(found.date())
    assert repeated or work.start <= found.time() < work.end


@given(worktimes(), days, st.integers(-60, 60))
def test_working_days_lead_to_working_days_in_the_right_direction(work: WorkTime, day: date, number: int) -> None:
    found = work.add_working_days(day, number)
    assert work.working_day(found)
    assert found < day if number < 0 else found > day if number > 0 else found >= day


@given(worktimes(), days, st.integers(1, 40))
def test_working_days_there_and_back(work: WorkTime, day: date, number: int) -> None:
    first = work.add_working_days(day, 0)
    assert work.add_working_days(work.add_working_days(first, number), -number) == first


@given(worktimes(), days, days, st.integers(-20, 20))
def test_working_days_keep_the_order_of_days(work: WorkTime, one: date, other: date, number: int) -> None:
    first, second = sorted((one, other))
    assert work.add_working_days(first, number) <= work.add_working_days(second, number)


@given(moments, st.sampled_from(["", "Nowhere/Town", "../etc", "Europe", "\x00", "x" * 300]))
@example(datetime(2025, 1, 6, 10, tzinfo=UTC), "Nowhere/Town")
def test_an_unknown_zone_is_utc(moment: datetime, zone: str) -> None:
    assert WorkTime(zone).next_moment(moment) == WorkTime("UTC").next_moment(moment)


@given(moments, moments, st.sampled_from(ZONES))
def test_endless_leave_ends_the_search_and_keeps_the_order(one: datetime, other: datetime, zone: str) -> None:
    work = WorkTime(zone, away=((date.min, date.max),))
    first, second = sorted((one, other))
    assert first <= work.next_moment(first) <= work.next_moment(second)
    assert work.next_moment(first).astimezone(ZoneInfo(zone)).weekday() < 5


@pytest.mark.parametrize(
    "work",
    [
        WorkTime(week=frozenset()),
        WorkTime(week=frozenset({9, -1})),
        WorkTime(holidays=lambda day: True),
        WorkTime(start=time(17), end=time(9)),
        WorkTime(start=time(9), end=time(9)),
        WorkTime(away=((date.max, date.min),)),
    ],
)
def test_impossible_settings_still_give_a_weekday_at_nine(work: WorkTime) -> None:
    found = work.next_moment(at("2025-12-06 12:00"))
    assert found.weekday() < 5
    assert found.hour == 9
    assert work.add_working_days(date(2025, 12, 6), 3) > date(2025, 12, 6)


@pytest.mark.parametrize("zone", ZONES)
def test_the_end_of_the_calendar_is_no_crash(zone: str) -> None:
    work = WorkTime(zone)
    assert work.add_working_days(date.max, 5) == LAST_DATE
    assert work.opening(LAST_DATE) < work.closing(LAST_DATE)
    last = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    assert work.next_moment(last) == last


def test_friday_evening_waits_for_monday_morning_local_time() -> None:
    berlin = WorkTime("Europe/Berlin")
    assert berlin.next_moment(at("2025-12-05 17:00", "Europe/Berlin")) == at("2025-12-08 09:00", "Europe/Berlin")


def test_a_friday_and_saturday_weekend() -> None:
    cairo = WorkTime("Africa/Cairo", week=SUNDAY_TO_THURSDAY)
    assert cairo.next_moment(at("2025-12-05 10:00", "Africa/Cairo")) == at("2025-12-07 09:00", "Africa/Cairo")
    assert cairo.add_working_days(date(2025, 12, 4), 1) == date(2025, 12, 7)


def test_holidays_and_leave_are_passed_over() -> None:
    work = WorkTime(
        holidays=frozenset({date(2025, 12, 25), date(2025, 12, 26)}), away=((date(2025, 12, 29), date(2026, 1, 2)),)
    )
    assert work.next_moment(at("2025-12-24 18:00")) == at("2026-01-05 09:00")


def test_clocks_go_forward_over_the_opening() -> None:
    """At 02:00 it is 03:00: who starts at 02:30 starts with the jump."""
    night = WorkTime("Europe/Berlin", frozenset(range(7)), time(2, 30), time(6))
    assert night.opening(date(2025, 3, 30)) == at("2025-03-30 01:00")
    assert night.next_moment(at("2025-03-30 00:10")) == at("2025-03-30 01:00")


def test_clocks_go_forward_over_the_whole_working_time() -> None:
    night = WorkTime("Europe/Berlin", frozenset(range(7)), time(2), time(3))
    assert night.next_moment(at("2025-03-30 00:00")) == at("2025-03-31 00:00")


def test_clocks_go_back_and_the_repeated_hour_counts_once_to_its_second_end() -> None:
    night = WorkTime("Europe/Berlin", frozenset(range(7)), time(2), time(3))
    assert night.opening(date(2025, 10, 26)) == at("2025-10-26 00:00")
    assert night.closing(date(2025, 10, 26)) == at("2025-10-26 02:00")


def test_a_day_that_a_country_left_out() -> None:
    """Samoa crossed the date line: there was no 30 December 2011."""
    apia = WorkTime("Pacific/Apia")
    assert apia.next_moment(at("2011-12-29 18:00", "Pacific/Apia")) == at("2012-01-02 09:00", "Pacific/Apia")


def test_absences_are_joined_and_set_right() -> None:
    one, two, three = (date(2025, 1, 1), date(2025, 1, 3)), (date(2025, 1, 4), date(2025, 1, 6)), date(2025, 2, 1)
    assert merged_away([two, (three, three), one, (one[1], one[0])]) == ((one[0], two[1]), (three, three))


leap_days = st.sampled_from(
    [date(2024, 2, 29), date(2028, 2, 29), date(2096, 2, 29), date(2100, 2, 28), date(2100, 3, 1)]
)


@given(worktimes(), leap_days, st.integers(-5, 5))
def test_a_leap_day_is_a_day_like_any_other(work: WorkTime, day: date, number: int) -> None:
    open_days = [day + timedelta(days=n) for n in range(-60, 61) if work.working_day(day + timedelta(days=n))]
    found = work.add_working_days(day, number)
    between = [one for one in open_days if min(day, found) <= one <= max(day, found)]
    first = day in open_days
    assert len(between) == (abs(number) + first if number else 1) or abs((found - day).days) > 60


@given(worktimes(), worktimes(), moments)
def test_after_a_move_the_new_hours_count_at_once(old: WorkTime, new: WorkTime, moment: datetime) -> None:
    """What was planned by the old hours, decided again by the new ones, is neither early nor at night."""
    planned = old.next_moment(moment)
    decided = new.next_moment(planned)
    assert moment <= planned <= decided
    assert new.is_working(decided)


@given(worktimes(), moments, periods)
def test_being_away_only_ever_takes_hours_away(work: WorkTime, moment: datetime, leave: tuple[date, date]) -> None:
    there = replace(work, away=(*work.away, leave))
    assert work.is_working(moment) or not there.is_working(moment)
    assert there.next_moment(moment) >= work.next_moment(moment)
    assert not leave[0] <= there.local_date(there.next_moment(moment)) <= leave[1]
