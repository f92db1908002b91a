"""The ladder of nudges: in time, in working hours, never a flood, no escalation lost (PRODUCT section 4, U2, U7)."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cadence import MAX_REPEATS, Plan, Recipient, Rung, next_rung, rungs
from bot.domain.playbook import Ladder
from bot.domain.worktime import WorkTime
from tests.decisions.any_ladder import ladders

BERLIN, NEW_YORK, DUBAI = (
    WorkTime("Europe/Berlin"),
    WorkTime("America/New_York"),
    WorkTime("Asia/Dubai", week=frozenset({6, 0, 1, 2, 3})),
)
LADDER = Ladder(heads_up=(3, 1), repeat_every=2, manager_after=3, managers_manager_after=8)
FRIDAY = date(2025, 12, 5)

worktimes = st.sampled_from(
    [BERLIN, NEW_YORK, DUBAI, WorkTime("Pacific/Auckland", away=((FRIDAY, date(2025, 12, 20)),))]
)
plans = st.builds(
    Plan,
    ladder=ladders,
    due=st.dates(date(2025, 11, 1), date(2026, 2, 1)),
    owner=worktimes,
    manager=st.none() | worktimes,
    managers_manager=st.none() | worktimes,
)
moments = st.datetimes(datetime(2025, 9, 1), datetime(2026, 6, 1), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plan(ladder: Ladder = LADDER, due: date = FRIDAY) -> Plan:
    return Plan(ladder, due, BERLIN, NEW_YORK, BERLIN)


def slots(found: list[Rung]) -> list[str]:
    return [rung.slot for rung in found]


def who(plan: Plan, rung: Rung) -> WorkTime:
    found = {"owner": plan.owner, "manager": plan.manager, "managers_manager": plan.managers_manager}[rung.to]
    assert found is not None
    return found


def test_the_whole_ladder_in_order() -> None:
    found = list(islice(rungs(plan(), at("2025-12-01 12:00")), 9))
    assert slots(found) == [
        "heads_up:3",
        "heads_up:1",
        "due",
        "repeat:1",
        "manager:1",
        "repeat:2",
        "repeat:3",
        "repeat:4",
        "managers_manager:1",
    ]
    assert [rung.at.date().isoformat() for rung in found[:5]] == [
        "2025-12-02",
        "2025-12-04",
        "2025-12-05",
        "2025-12-09",
        "2025-12-10",
    ]
    assert found[0].at == at("2025-12-02 08:00")  # nine o'clock in Berlin
    assert found[4].at == at("2025-12-10 14:00")  # nine o'clock in New York
    assert not any(rung.late for rung in found)


def test_due_at_the_weekend_is_asked_for_on_monday_and_not_twice_that_day() -> None:
    found = list(islice(rungs(plan(Ladder((1,), repeat_every=1), date(2025, 12, 6)), at("2025-12-01 12:00")), 3))
    assert [(rung.slot, rung.at.date()) for rung in found] == [
        ("heads_up:1", date(2025, 12, 5)),
        ("due", date(2025, 12, 8)),
        ("repeat:1", date(2025, 12, 9)),
    ]


def test_missed_heads_ups_are_dropped_while_the_day_is_to_come() -> None:
    rung = next_rung(plan(), None, at("2025-12-04 12:00"))
    assert rung == Rung("due", at("2025-12-05 08:00"), Recipient.OWNER)


def test_a_year_late_is_one_late_nudge_then_the_managers_with_time_between() -> None:
    now = at("2026-12-09 10:00")
    found = list(rungs(plan(), now))
    assert found[0] == Rung("due", now, Recipient.OWNER, late=True)
    assert slots(found) == ["due", "manager:1", "managers_manager:1"]
    assert [rung.at.date().isoformat() for rung in found[1:]] == ["2026-12-11", "2026-12-15"]


def test_due_today_and_planned_today_is_at_once_but_not_late() -> None:
    rung = next_rung(plan(), None, at("2025-12-05 10:00"))
    assert rung == Rung("due", at("2025-12-05 10:00"), Recipient.OWNER)


def test_after_an_outage_the_pending_rung_is_followed_by_the_future_only() -> None:
    """The nudge of the day went out seven working days late; the manager hears of it two working days after that."""
    rung = next_rung(plan(), "due", at("2025-12-16 09:00"))
    assert rung == Rung("manager:1", at("2025-12-18 14:00"), Recipient.MANAGER, late=True)
    rung = next_rung(plan(), "manager:1", at("2025-12-18 14:00"))
    assert rung is not None
    assert (rung.slot, rung.at.date()) == ("managers_manager:1", date(2025, 12, 22))


def test_a_snoozed_nudge_moves_nothing_that_follows() -> None:
    in_time = next_rung(plan(), "repeat:2", at("2025-12-11 08:01"))
    snoozed = next_rung(plan(), "repeat:2", at("2025-12-12 15:00"))
    assert in_time == snoozed == Rung("repeat:3", at("2025-12-15 08:00"), Recipient.OWNER)


def test_owner_and_manager_on_the_same_day_are_both_told_that_day() -> None:
    daily = plan(Ladder((), repeat_every=1, manager_after=1, managers_manager_after=5))
    rung = next_rung(daily, "repeat:1", at("2025-12-08 16:00"))
    assert rung == Rung("manager:1", at("2025-12-08 16:00"), Recipient.MANAGER)


def test_without_managers_the_owner_alone_is_nudged_and_not_for_ever() -> None:
    found = list(rungs(Plan(LADDER, FRIDAY, BERLIN), at("2025-12-01 12:00")))
    assert {rung.to for rung in found} == {Recipient.OWNER}
    assert found[-1].slot == f"repeat:{MAX_REPEATS}"


def test_an_unknown_slot_counts_as_sent() -> None:
    rung = next_rung(plan(), "heads_up:99", at("2025-12-05 12:00"))
    assert rung is not None
    assert rung.slot == "repeat:1"


@settings(max_examples=40)
@given(plans, moments)
def test_every_rung_is_in_the_recipients_hours_and_none_is_in_the_past(plan: Plan, now: datetime) -> None:
    for rung in islice(rungs(plan, now), 12):
        assert rung.at >= now
        assert who(plan, rung).is_working(rung.at)


@settings(max_examples=40)
@given(plans, moments)
def test_slots_are_unique_and_times_never_go_back(plan: Plan, now: datetime) -> None:
    found = list(islice(rungs(plan, now), 20))
    assert len(set(slots(found))) == len(found)
    assert all(one.at <= other.at for one, other in pairwise(found))


@settings(max_examples=40)
@given(plans, moments)
def test_at_most_one_rung_for_the_owner_is_made_up(plan: Plan, now: datetime) -> None:
    late = [rung for rung in islice(rungs(plan, now), 20) if rung.late and rung.to is Recipient.OWNER]
    assert len(late) <= 1


@settings(max_examples=40)
@given(plans, moments, st.integers(0, 20), st.integers(0, 200))
def test_whenever_it_was_sent_the_next_for_the_owner_is_ahead(
    plan: Plan, now: datetime, number: int, days_late: int
) -> None:
    planned = list(islice(rungs(plan, now), 21))
    if number >= len(planned):
        return
    sent = planned[number].at + timedelta(days=days_late)
    following = next_rung(plan, planned[number].slot, sent)
    assert following is None or following.at >= sent
    assert following is None or following.to is not Recipient.OWNER or following.at > sent


@settings(max_examples=40)
@given(plans, moments)
def test_both_managers_are_told_in_the_end(plan: Plan, now: datetime) -> None:
    told = {rung.to for rung in islice(rungs(plan, now), 30)}
    assert (Recipient.MANAGER in told) == (plan.manager is not None)
    assert (Recipient.MANAGERS_MANAGER in told) == (plan.managers_manager is not None)


def test_what_was_late_when_it_began_is_not_told_upwards_in_the_same_minute():
    """A step of a later stage may be overdue on the morning on which its stage begins."""
    ladder = Ladder(heads_up=(1,), on_day=True, repeat_every=2, manager_after=3, managers_manager_after=8)
    began = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # three working days after it was due: the manager's very morning
    plan = Plan(ladder, date(2026, 11, 23), WorkTime(), WorkTime(), WorkTime())
    first = next_rung(plan, None, began)
    assert first == Rung("due", began, Recipient.OWNER, late=True)
    above = next_rung(plan, first.slot, began)
    assert above is not None
    assert (above.slot, above.at) == ("manager:1", datetime(2026, 11, 30, 9, 0, tzinfo=UTC))  # one interval later
