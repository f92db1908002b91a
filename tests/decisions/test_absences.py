"""Being away: what may be said, how absences join and part, and when somebody is back (U12)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.absences import LONGEST, MOST, back, declared, end_of, with_absence, without
from bot.domain.people import Absence, Person
from bot.domain.refusals import (
    AwayTooLong,
    DelegateAway,
    EndsTooSoon,
    NoDay,
    OwnDelegate,
    RefuseDate,
    TooManyAbsences,
    Unreachable,
)
from bot.errors import FieldErrors

TODAY = date(2026, 11, 23)


def _day(number: int) -> date:
    return TODAY + timedelta(days=number)


def _away(first: int, last: int, delegate: int | None = None) -> Absence:
    return Absence(_day(first), _day(last), delegate)


def _somebody(number: int, **facts) -> Person:
    person = Person(workspace_id=1, slack_id=f"U{number}", **facts)
    person.id = number
    return person


OLAF, INES = _somebody(1), _somebody(2)


@pytest.mark.parametrize(
    ("first", "last", "field", "error"),
    [
        (None, _day(1), "from", NoDay),
        (_day(1), None, "until", NoDay),
        (_day(3), _day(2), "until", EndsTooSoon),
        (_day(-3), _day(-1), "until", RefuseDate),
        (_day(-1), _day(1), "from", RefuseDate),
        (_day(0), _day(0) + LONGEST + timedelta(days=1), "until", AwayTooLong),
        (_day(500), _day(501), "until", AwayTooLong),
    ],
)
def test_days_that_cannot_be_right_are_refused_under_their_field(first, last, field, error):
    with pytest.raises(FieldErrors) as refused:
        declared(OLAF, first, last, None, TODAY)
    assert {name: type(one) for name, one in refused.value.errors.items()} == {field: error}


@pytest.mark.parametrize(
    ("delegate", "error"),
    [
        (OLAF, OwnDelegate),
        (_somebody(3, deactivated=True), Unreachable),
        (_somebody(3, is_bot=True), Unreachable),
        (_somebody(3, away=[_away(-5, 9).to_dict()]), DelegateAway),
        (_somebody(3, away=[_away(0, 1).to_dict(), _away(2, 4, 9).to_dict()]), DelegateAway),
    ],
)
def test_a_delegate_has_to_be_somebody_else_who_is_there(delegate, error):
    with pytest.raises(FieldErrors) as refused:
        declared(OLAF, _day(0), _day(4), delegate, TODAY)
    assert {name: type(one) for name, one in refused.value.errors.items()} == {"delegate": error}


def test_a_delegate_who_is_away_for_a_part_of_it_will_do():
    half = _somebody(3, away=[_away(0, 2).to_dict()])
    assert declared(OLAF, _day(0), _day(4), half, TODAY) == _away(0, 4, 3)
    assert declared(OLAF, TODAY, TODAY, None, TODAY) == _away(0, 0)


def test_what_touches_is_one_absence():
    assert with_absence([_away(1, 3, 2)], _away(4, 6, 2), TODAY) == (_away(1, 6, 2),)
    assert with_absence([_away(1, 3, 2), _away(8, 9)], _away(2, 6, 2), TODAY) == (_away(1, 6, 2), _away(8, 9))


def test_what_is_said_last_counts_on_its_days():
    assert with_absence([_away(0, 9, 2)], _away(3, 4, 5), TODAY) == (_away(0, 2, 2), _away(3, 4, 5), _away(5, 9, 2))
    assert with_absence([_away(3, 4, 5)], _away(0, 9), TODAY) == (_away(0, 9),)


def test_what_is_over_is_forgotten_and_there_is_an_end_to_planning():
    assert with_absence([_away(-9, -2)], _away(1, 2), TODAY) == (_away(1, 2),)
    full = [_away(3 * n, 3 * n) for n in range(MOST)]
    with pytest.raises(TooManyAbsences):
        with_absence(full, _away(100, 101), TODAY)


def test_back_ends_the_leave_that_runs_and_keeps_the_next_one():
    planned = (_away(-3, 2, 2), _away(3, 5, 7), _away(20, 25))
    assert end_of(planned, TODAY) == _day(5)
    assert back(planned, TODAY) == (_away(-3, -1, 2), _away(20, 25))
    assert back(back(planned, TODAY), TODAY) == back(planned, TODAY)
    assert end_of(back(planned, TODAY), TODAY) is None
    assert back((_away(0, 4),), TODAY) == ()


DAYS = st.integers(-20, 20)
DELEGATES = st.sampled_from([None, 2, 3])
ABSENCES = st.lists(
    st.builds(lambda first, length, who: _away(first, first + length, who), DAYS, st.integers(0, 9), DELEGATES),
    max_size=6,
)


def _plan(said: list[Absence]) -> tuple[Absence, ...]:
    planned: tuple[Absence, ...] = ()
    for one in said:
        planned = with_absence(planned, one, _day(-40))
    return planned


@given(ABSENCES, DAYS)
def test_on_every_day_the_last_word_about_it_counts(said, number):
    said_last = next((one for one in reversed(said) if one.first <= _day(number) <= one.last), None)
    found = [one for one in _plan(said) if one.first <= _day(number) <= one.last]
    assert [one.delegate_id for one in found] == ([said_last.delegate_id] if said_last else [])


@given(ABSENCES, DAYS)
def test_whoever_is_back_is_there_until_a_later_leave(said, number):
    today = _day(number)
    left = back(_plan(said), today)
    assert not any(one.first <= today <= one.last for one in left)
    assert without(left, today, today) == left


@given(ABSENCES)
def test_absences_are_in_order_and_never_overlap(said):
    planned = _plan(said)
    assert all(one.last < other.first for one, other in pairwise(planned))
