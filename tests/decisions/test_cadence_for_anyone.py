"""The ladder for any zone, week, holidays, absence and due date: in hours, never early, never going back (U7-U12).

`test_cadence.py` tells by example what the ladder is; here it is held to its promises for people as odd as may be.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cadence import Plan, Recipient, next_rung, rung_named, rungs
from bot.domain.playbook import Ladder
from bot.domain.worktime import MONDAY_TO_FRIDAY, WorkTime
from tests.decisions.any_ladder import ladders

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Dubai",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
CLOCKS_CHANGE = (date(2027, 3, 14), date(2027, 3, 28), date(2027, 4, 4), date(2027, 10, 31), date(2027, 11, 7))
LEAP_DAYS = (date(2024, 2, 29), date(2028, 2, 29), date(2028, 3, 1), date(2027, 2, 28), date(2100, 2, 28))

hours = st.tuples(st.integers(0, 22), st.integers(1, 12)).map(lambda h: (time(h[0]), time(min(h[0] + h[1], 23))))
some_days = st.dates(date(2026, 1, 1), date(2029, 1, 1))
due_days = some_days | st.sampled_from(CLOCKS_CHANGE) | st.sampled_from(LEAP_DAYS)
absences = st.tuples(some_days, st.integers(0, 30)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))
weeks = st.frozensets(st.integers(0, 6), min_size=1) | st.just(MONDAY_TO_FRIDAY)


@st.composite
def anyone(draw: st.DrawFn) -> WorkTime:
    """Somebody's working time, however odd."""
    start, end = draw(hours)
    return WorkTime(
        draw(st.sampled_from(ZONES)),
        draw(weeks),
        start,
        end,
        draw(st.frozensets(some_days | st.sampled_from(CLOCKS_CHANGE + LEAP_DAYS), max_size=6)),
        tuple(draw(st.lists(absences, max_size=2))),
    )


plans = st.builds(
    Plan,
    ladder=ladders,
    due=due_days,
    owner=anyone(),
    manager=st.none() | anyone(),
    managers_manager=st.none() | anyone(),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))
slots = st.sampled_from(["due", "repeat:1", "repeat:2", "repeat:7", "manager:1", "managers_manager:1"])


def whose(plan: Plan, to: Recipient) -> WorkTime:
    found = {
        Recipient.OWNER: plan.owner,
        Recipient.MANAGER: plan.manager,
        Recipient.MANAGERS_MANAGER: plan.managers_manager,
    }[to]
    assert found is not None, "nobody is told who is not there"
    return found


@settings(max_examples=60, deadline=None)
@given(plans, moments)
def test_whatever_is_sent_comes_in_its_recipients_hours_and_not_before_now(plan: Plan, now: datetime) -> None:
    for rung in islice(rungs(plan, now), 6):
        assert whose(plan, rung.to).is_working(rung.at)
        assert rung.at >= now


@settings(max_examples=60, deadline=None)
@given(plans, moments)
def test_nothing_but_a_heads_up_comes_before_the_day_itself(plan: Plan, now: datetime) -> None:
    for rung in islice(rungs(plan, now), 8):
        if not rung.slot.startswith("heads_up:"):
            assert rung.at >= plan.owner.opening(plan.due)


@settings(max_examples=60, deadline=None)
@given(plans, due_days, slots)
def test_a_later_due_date_never_brings_a_rung_forward(plan: Plan, other: date, slot: str) -> None:
    earlier, later = (
        rung_named(Plan(plan.ladder, due, plan.owner, plan.manager, plan.managers_manager), slot)
        for due in sorted((plan.due, other))
    )
    assert (earlier is None) == (later is None)
    assert earlier is None or later is None or earlier.at <= later.at


@settings(max_examples=60, deadline=None)
@given(plans, st.none() | slots, moments, st.integers(0, 60 * 24 * 40))
def test_asked_later_it_never_comes_earlier(plan: Plan, after: str | None, now: datetime, minutes: int) -> None:
    """Whether the nudge before went out in time, late, or was put off."""
    soon, late = next_rung(plan, after, now), next_rung(plan, after, now + timedelta(minutes=minutes))
    assert late is None or (soon is not None and soon.at <= late.at)


@settings(max_examples=60, deadline=None)
@given(plans, anyone(), slots, moments)
def test_who_moves_is_written_to_in_their_new_hours_and_never_twice(
    plan: Plan, new: WorkTime, sent: str, now: datetime
) -> None:
    moved = Plan(plan.ladder, plan.due, new, plan.manager, plan.managers_manager)
    following = next_rung(moved, sent, now)
    if following is None:
        return
    assert following.slot != sent
    assert following.at >= now
    assert whose(moved, following.to).is_working(following.at)
    place = rung_named(moved, following.slot)
    assert place is not None
    assert following.at >= place.at


@settings(max_examples=60, deadline=None)
@given(ladders, due_days, anyone())
def test_a_clock_change_or_a_leap_day_costs_nobody_a_rung(ladder: Ladder, due: date, owner: WorkTime) -> None:
    """However the calendar bends: each step of the ladder is a working day of its own, in order."""
    plan = Plan(ladder, due, owner)
    days = []
    for number in range(1, 6):
        rung = rung_named(plan, f"repeat:{number}")
        assert rung is not None
        days.append(owner.local_date(rung.at))
    assert days == sorted(set(days))
    assert all(owner.working_day(day) for day in days)
