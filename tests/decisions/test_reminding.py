"""How due nudges become messages, to whom they go, and which of several about one thing is said."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Person
from bot.domain.reminding import (
    Candidate,
    DaySoFar,
    Go,
    Ready,
    Wait,
    Way,
    judge,
    next_working_morning,
    share_out,
    superseded,
)
from bot.domain.routing import Debt, addressee, on_ladder, present, pressing, put_off, rung_of, urgent
from bot.domain.worktime import WorkTime

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = MONDAY.date()
DUE = "20261123/due"


def _person(number, tz="UTC", away=None, deactivated=False):
    person = Person(1, f"U{number}", tz=tz, deactivated=deactivated, refreshed_at=MONDAY)
    person.id = number
    person.away = away
    return person


def _away(first, last, delegate=None):
    return [{"from": first.isoformat(), "until": last.isoformat(), "delegate": delegate}]


def _hours(person):
    return WorkTime(zone=person.tz, away=tuple((one.first, one.last) for one in person.absences))


OLAF, MIA, INES, BOSS = (_person(number) for number in range(1, 5))
EVERYBODY = {person.id: person for person in (OLAF, MIA, INES, BOSS)}
DEBT = Debt(OLAF, TODAY, True, MIA, BOSS)


# -- a digest a day, and a cap ---


def test_several_at_once_are_one_digest():
    ready = [Ready(1), Ready(2), Ready(3, pressing=False)]
    assert set(share_out(ready, DaySoFar()).values()) == {Way.DIGEST}


def test_one_alone_is_a_message_of_its_own():
    assert share_out([Ready(1, pressing=False)], DaySoFar()) == {1: Way.SINGLE}


def test_after_the_digest_only_what_presses_comes_by_itself():
    ready = [Ready(1, pressing=False), Ready(2), Ready(3, urgent=True)]
    ways = share_out(ready, DaySoFar(messages=1, digest=True))
    assert ways == {1: Way.HOLD, 2: Way.SINGLE, 3: Way.SINGLE}


def test_a_digest_that_has_not_left_takes_more_along():
    assert share_out([Ready(7)], DaySoFar(messages=5, digest=True, digest_waits=True)) == {7: Way.DIGEST}


def test_beyond_the_cap_the_most_urgent_go_first_and_the_rest_waits():
    ready = [Ready(1), Ready(2, urgent=True), Ready(3)]
    assert share_out(ready, DaySoFar(messages=4, digest=True), cap=5) == {2: Way.SINGLE, 1: Way.HOLD, 3: Way.HOLD}


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12),
    st.integers(0, 12),
    st.booleans(),
    st.integers(1, 10),
)
def test_never_more_than_the_cap_and_nothing_forgotten(kinds, messages, digest, cap):
    ready = [Ready(number, *kind) for number, kind in enumerate(kinds)]
    ways = share_out(ready, DaySoFar(messages, digest), cap)
    assert set(ways) == set(range(len(kinds)))
    singles = list(ways.values()).count(Way.SINGLE)
    new_digest = Way.DIGEST in ways.values()
    assert not (digest and new_digest)
    assert messages + singles + new_digest <= max(cap, messages)


def test_what_is_held_back_comes_on_the_next_working_morning():
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    assert next_working_morning(WorkTime(), friday) == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


# -- who gets it ---


def test_the_ladder_names_owner_manager_and_whom_managers_report_to():
    assert addressee(DEBT, DUE) is OLAF
    assert addressee(DEBT, "20261123/manager:1") is MIA
    assert addressee(DEBT, "20261123/managers_manager:1") is BOSS


def test_nobody_is_told_of_their_own_delay():
    assert addressee(Debt(MIA, TODAY, True, MIA, BOSS), "20261123/manager:1") is None


def test_away_the_delegate_gets_it_else_the_manager_else_it_waits():
    away = _person(9, away=_away(TODAY, TODAY + timedelta(days=4), delegate=INES.id))
    assert present(Debt(away, TODAY, True, MIA), away, EVERYBODY, MONDAY) is INES
    away.away = _away(TODAY, TODAY + timedelta(days=4))
    assert present(Debt(away, TODAY, True, MIA), away, EVERYBODY, MONDAY) is MIA
    assert present(Debt(away, TODAY), away, EVERYBODY, MONDAY) is None


def test_a_delegate_who_is_away_too_is_passed_over():
    delegate = _person(8, away=_away(TODAY, TODAY))
    away = _person(9, away=_away(TODAY, TODAY, delegate=8))
    assert present(Debt(away, TODAY, True, MIA), away, {8: delegate}, MONDAY) is MIA


def test_a_manager_s_delegate_is_not_told_of_their_own_delay():
    manager = _person(9, away=_away(TODAY, TODAY, delegate=OLAF.id))
    assert present(Debt(OLAF, TODAY, True, manager, BOSS), manager, EVERYBODY, MONDAY) is BOSS
    assert present(Debt(OLAF, TODAY, True, manager), manager, EVERYBODY, MONDAY) is None


def test_away_counts_on_the_calendar_of_the_one_who_is_away():
    tokyo = _person(9, tz="Asia/Tokyo", away=_away(date(2026, 11, 24), date(2026, 11, 24)))
    monday_evening = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # Tuesday, one o'clock at night in Tokyo
    assert present(Debt(tokyo, TODAY, True, MIA), tokyo, EVERYBODY, monday_evening) is MIA


# -- decided at its moment ---


def test_in_hours_it_goes_outside_them_it_waits_for_the_morning():
    assert judge(DEBT, DUE, None, EVERYBODY, MONDAY, _hours) == Go(OLAF, pressing=True, urgent=False)
    night = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert judge(DEBT, DUE, None, EVERYBODY, night, _hours) == Wait(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


def test_with_nobody_to_stand_in_it_waits_until_they_are_back():
    away = _person(9, away=_away(TODAY, date(2026, 11, 30)))
    back = Wait(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    assert judge(Debt(away, TODAY), DUE, None, {}, MONDAY, _hours) == back


def test_the_hours_are_those_of_whoever_stands_in():
    delegate = _person(8, tz="America/New_York")
    away = _person(9, away=_away(TODAY, TODAY, delegate=8))
    verdict = judge(Debt(away, TODAY), DUE, None, {8: delegate}, MONDAY, _hours)
    assert verdict == Wait(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


def test_somebody_whose_zone_is_unknown_is_looked_up_first():
    new = _person(9)
    new.refreshed_at = None
    assert isinstance(judge(Debt(new, TODAY), DUE, None, {}, MONDAY, _hours), Wait)


def test_a_snooze_comes_back_to_the_one_who_put_it_off_or_to_nobody():
    slot = DUE + "/snooze:1"
    assert isinstance(judge(DEBT, slot, OLAF, EVERYBODY, MONDAY, _hours), Go)
    assert judge(DEBT, slot, INES, EVERYBODY, MONDAY, _hours) is None  # it was reassigned since


def test_what_presses_and_what_is_urgent():
    tomorrow = Debt(OLAF, TODAY + timedelta(days=1), True, MIA)
    assert not pressing(tomorrow, "20261124/heads_up:1", MONDAY)
    assert pressing(DEBT, DUE, MONDAY)
    assert pressing(tomorrow, "20261124/asked:1", MONDAY)
    assert not urgent(DEBT, DUE, MONDAY)
    late = Debt(OLAF, TODAY - timedelta(days=1), True, MIA)
    assert urgent(late, "20261122/repeat:1", MONDAY)
    assert not urgent(Debt(OLAF, late.due_on, necessary=False), "20261122/repeat:1", MONDAY)


# -- one per obligation and person ---


def _candidate(number, slot=DUE, minutes=0, person=1, about="item 1"):
    return Candidate(number, about, person, slot, MONDAY + timedelta(minutes=minutes))


def test_of_several_about_one_thing_the_ladder_s_latest_goes():
    assert superseded([_candidate(1), _candidate(2, minutes=5), _candidate(3, DUE + "/snooze:1", 9)]) == {1, 3}


def test_other_things_and_other_people_are_not_touched():
    assert superseded([_candidate(1), _candidate(2, person=2), _candidate(3, about="item 2")]) == set()


def test_slots_say_what_they_are():
    assert rung_of("20261203/repeat:2/snooze:1") == "repeat:2"
    assert on_ladder("20261203/repeat:2")
    assert not on_ladder("20261203/repeat:2/snooze:1")
    assert not on_ladder("20261203/asked:2")
    assert put_off("20261203/repeat:2/snooze:1")
    assert not put_off("20261203/asked:2")
