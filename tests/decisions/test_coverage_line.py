"""An account's line of time stays whole, whatever is done to it and in whatever order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import coverage as line_of
from bot.domain.accounts import CoverageKind
from bot.domain.coverage import (
    CoverIsOver,
    CoversThemselves,
    EndsBeforeItBegins,
    NoSuchCover,
    Stretch,
    TooLongACover,
    is_whole,
    vacant,
)
from bot.domain.refusals import Refusal

MONDAY = date(2026, 11, 23)
OLAF, INES, LEE = 1, 2, 3


def day(number):
    return MONDAY + timedelta(days=number)


def owner(person, first=0):
    return (Stretch(CoverageKind.OWNER, day(first), None, person),)


def cover(person, first, until, **more):
    return Stretch(CoverageKind.COVER, day(first), day(until), person, **more)


def told(line):
    """A line as (who, from, until) with day numbers."""
    return [
        (one.person_id, (one.from_on - MONDAY).days, (one.until_on - MONDAY).days if one.until_on else None)
        for one in line
    ]


DAYS = st.integers(-5, 40)
PEOPLE = st.sampled_from([OLAF, INES, LEE])
CHANGES = st.one_of(
    st.tuples(st.just("taken over"), PEOPLE, DAYS),
    st.tuples(st.just("covered"), PEOPLE, DAYS, DAYS, st.booleans(), st.booleans()),
    st.tuples(st.just("without"), PEOPLE, DAYS),
    st.tuples(st.just("vacated"), DAYS),
    st.tuples(st.just("ended"), PEOPLE, DAYS),
    st.tuples(st.just("confirmed"), PEOPLE),
)


def changed(line, change, today):
    match change:
        case ("taken over", person, first):
            return line_of.taken_over(line, person, day(first))
        case ("covered", person, first, until, confirmed, comes_back):
            new = cover(person, first, until, confirmed=confirmed)
            return line_of.covered(line, new, today, comes_back=comes_back)
        case ("without", person, first):
            return line_of.without(line, person, day(first))
        case ("vacated", first):
            return line_of.vacated(line, day(first))
        case ("ended", person, until):
            return line_of.ended(line, line_of.find(line, person), day(until), today)
        case ("confirmed", person):
            return line_of.confirmed(line, person, LEE)
    raise AssertionError(change)


@given(st.sampled_from([owner(OLAF), (vacant(MONDAY),), ()]), st.lists(CHANGES, max_size=12), st.integers(0, 20))
def test_any_sequence_of_changes_keeps_the_line_whole(line, changes, today):
    for change in changes:
        before = line
        try:
            line = changed(line, change, day(today))
        except Refusal:
            line = before
        assert is_whole(line), change
        assert not before or line[0].from_on <= before[0].from_on


@given(st.lists(CHANGES, max_size=12), PEOPLE, st.integers(0, 10), st.integers(1, 10))
def test_a_cover_changes_nothing_of_what_was_before_it(changes, who, first, length):
    line = owner(OLAF)
    for change in changes:
        try:
            line = changed(line, change, MONDAY)
        except Refusal:
            continue
    try:
        after = line_of.covered(line, cover(who, first, first + length), MONDAY, comes_back=False)
    except CoversThemselves:
        return
    for number in range(first):
        was, now = line_of.at(line, day(number)), line_of.at(after, day(number))
        assert (was and was.person_id) == (now and now.person_id)
    for number in range(first, first + length):
        assert line_of.at(after, day(number)).person_id == who


def test_a_line_with_a_hole_an_overlap_or_an_end_is_not_whole():
    assert is_whole(owner(OLAF))
    assert not is_whole((cover(LEE, 0, 3), vacant(day(4))))
    assert not is_whole((cover(LEE, 0, 5), vacant(day(4))))
    assert not is_whole((cover(LEE, 0, 5),))
    assert not is_whole((replace(vacant(day(0)), person_id=LEE),))
    assert not is_whole((cover(LEE, 3, 3), vacant(day(3))))


def test_when_the_owner_is_gone_a_cover_is_followed_by_nobody():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=False)
    assert told(line) == [(OLAF, 0, 5), (LEE, 5, 20), (None, 20, None)]


def test_an_owner_who_is_only_away_has_the_account_again_after_the_cover():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=True)
    assert told(line) == [(OLAF, 0, 5), (LEE, 5, 20), (OLAF, 20, None)]


def test_a_cover_takes_the_days_of_another_and_leaves_the_rest():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=False)
    line = line_of.covered(line, cover(INES, 10, 30), MONDAY, comes_back=False)
    assert told(line) == [(OLAF, 0, 5), (LEE, 5, 10), (INES, 10, 30), (None, 30, None)]


def test_whoever_takes_over_ends_every_cover():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=False)
    assert told(line_of.taken_over(line, INES, day(8))) == [(OLAF, 0, 5), (LEE, 5, 8), (INES, 8, None)]
    assert told(line_of.taken_over(owner(OLAF), OLAF, day(8))) == [(OLAF, 0, None)]


def test_extending_keeps_the_cover_and_moves_what_follows():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=False)
    later = line_of.ended(line, line_of.find(line, LEE), day(33), MONDAY)
    assert told(later) == [(OLAF, 0, 5), (LEE, 5, 33), (None, 33, None)]


def test_ending_early_brings_what_follows_forward():
    away = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=True)
    assert told(line_of.ended(away, line_of.find(away, LEE), day(9), day(9))) == [
        (OLAF, 0, 5), (LEE, 5, 9), (OLAF, 9, None),
    ]  # fmt: skip
    assert told(line_of.ended(away, line_of.find(away, LEE), day(5), MONDAY)) == [(OLAF, 0, None)]


def test_somebody_who_leaves_leaves_all_of_it():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=True)
    assert told(line_of.without(line, OLAF, day(3))) == [(OLAF, 0, 3), (None, 3, 5), (LEE, 5, 20), (None, 20, None)]
    assert told(line_of.without(line, LEE, day(7))) == [(OLAF, 0, 5), (LEE, 5, 7), (None, 7, 20), (OLAF, 20, None)]


@pytest.mark.parametrize(
    ("first", "until", "refusal"),
    [(5, 5, EndsBeforeItBegins), (5, 3, EndsBeforeItBegins), (-1, 5, CoverIsOver), (5, 800, TooLongACover)],
)
def test_a_cover_that_cannot_be_is_refused(first, until, refusal):
    with pytest.raises(refusal):
        line_of.covered((vacant(MONDAY),), cover(LEE, first, until), MONDAY, comes_back=False)


def test_nobody_covers_for_themselves():
    with pytest.raises(CoversThemselves):
        line_of.covered(owner(OLAF), cover(OLAF, 5, 20), MONDAY, comes_back=False)


def test_an_offer_is_no_cover_until_it_is_confirmed_and_only_once():
    line = line_of.covered((vacant(MONDAY),), cover(LEE, 0, 20, confirmed=False), MONDAY, comes_back=False)
    assert line_of.cover_from(line, MONDAY) is None
    assert line_of.offer_from(line, MONDAY).person_id == LEE
    assert line_of.days_vacant(line, MONDAY, day(2)) == 3
    line = line_of.confirmed(line, LEE, INES)
    assert line_of.cover_from(line, MONDAY).by_id == INES
    assert line_of.days_vacant(line, MONDAY, day(2)) == 0
    with pytest.raises(NoSuchCover):
        line_of.confirmed(line, LEE, OLAF)


def test_vacancies_are_counted_by_the_day():
    line = line_of.covered(line_of.vacated(owner(OLAF), day(3)), cover(LEE, 5, 8), MONDAY, comes_back=False)
    assert line_of.vacant_since(line, day(4)) == day(3)
    assert line_of.vacant_since(line, day(6)) is None
    assert [line_of.days_vacant(line, MONDAY, day(n)) for n in (2, 3, 4, 7, 8, 9)] == [0, 1, 2, 2, 3, 4]


def test_a_cover_is_needed_from_the_first_day_that_nobody_is_named_for():
    assert line_of.needs_cover_from(owner(OLAF), MONDAY, None) is None
    assert line_of.needs_cover_from(owner(OLAF), MONDAY, day(10)) == day(11)
    line = line_of.covered(owner(OLAF), cover(LEE, 11, 20), MONDAY, comes_back=False)
    assert line_of.needs_cover_from(line, MONDAY, day(10)) is None  # what comes after a cover is asked before it ends
    assert line_of.needs_cover_from(line, day(20), day(10)) == day(20)
    assert line_of.needs_cover_from(line_of.vacated(line, day(5)), MONDAY, None) == day(5)
    assert line_of.needs_cover_from((vacant(day(-9)),), MONDAY, None) == MONDAY


def test_the_owner_of_record_is_the_latest_also_while_somebody_covers():
    line = line_of.covered(owner(OLAF), cover(LEE, 5, 20), MONDAY, comes_back=False)
    for number in (4, 6, 25):
        assert line_of.owner_of_record(line, day(number)).person_id == OLAF
    assert line_of.owner_of_record((vacant(MONDAY),), day(5)) is None


HIDDEN = 7


def test_a_line_is_known_as_if_a_hidden_handoff_had_put_nothing_there():
    line = line_of.covered(owner(OLAF), cover(INES, 11, 20, handoff_id=HIDDEN), MONDAY, comes_back=False)
    assert told(line) == [(OLAF, 0, 11), (INES, 11, 20), (None, 20, None)]
    assert line_of.as_known(line, {HIDDEN}) == owner(OLAF)
    assert line_of.as_known(line, set()) == line
    later = line_of.ended(line, line_of.cover_from(line, MONDAY), day(15), MONDAY)
    assert line_of.as_known(later, {HIDDEN}) == owner(OLAF)
    assert line_of.as_known(line_of.taken_over((), INES, MONDAY, HIDDEN), {HIDDEN}) == ()


def test_a_cover_that_everybody_knows_ends_on_its_day_whatever_follows_quietly():
    line = line_of.covered(owner(OLAF), cover(LEE, 2, 5), MONDAY, comes_back=False)
    line = line_of.covered(line, cover(INES, 5, 9, handoff_id=HIDDEN), MONDAY, comes_back=False)
    assert told(line_of.as_known(line, {HIDDEN})) == [(OLAF, 0, 2), (LEE, 2, 5), (None, 5, None)]
