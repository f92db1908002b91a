"""The customer's side, decided: lead times, sudden changes, moments that can be, moves, rematch."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.accounts import Coverage, CoverageKind
from bot.domain.customer import (
    BeforeTheStart,
    NotYetHeld,
    PastMoment,
    StillToCome,
    earliest_introduction,
    is_sudden,
    lead_time,
    moves,
    require_moment,
    require_told_on,
)
from bot.domain.handoff import Acceptance
from bot.domain.rematch import NobodyToDecline, SomebodyElseByNow, rematch
from bot.domain.rules import CustomerRule
from bot.domain.vocabulary import Role, StepForm
from bot.domain.worktime import WorkTime
from tests.decisions import samples as s

WORK = WorkTime("Europe/Berlin")
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


# -- dates ------------------------------------------------------------------------------------------------------------


def test_the_lead_time_counts_working_days_only():
    rule = CustomerRule(lead_working_days=5)
    assert earliest_introduction(FRIDAY, rule, WORK) == date(2026, 12, 4)
    assert lead_time(FRIDAY, FRIDAY, WORK) == 0
    assert lead_time(FRIDAY, date(2026, 11, 30), WORK) == 1
    assert lead_time(FRIDAY, date(2026, 11, 29), WORK) == 0
    assert lead_time(FRIDAY, MONDAY, WORK) == 0


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(1, 40))
def test_the_first_day_allowed_has_exactly_the_lead_time(told, days):
    day = earliest_introduction(told, CustomerRule(lead_working_days=days), WORK)
    assert lead_time(told, day, WORK) == days
    assert lead_time(told, day - timedelta(days=1), WORK) < days


@pytest.mark.parametrize(
    ("last_day", "gone", "sudden"),
    [
        (MONDAY, False, True),
        (FRIDAY, False, True),
        (date(2026, 12, 1), False, True),
        (date(2026, 12, 2), False, False),
        (None, False, False),
        (None, True, True),
    ],
)
def test_a_last_day_two_working_days_away_is_sudden(last_day, gone, sudden):
    assert is_sudden(last_day, FRIDAY, gone, WORK) is sudden


def test_nobody_was_told_tomorrow_or_before_it_began():
    require_told_on(FRIDAY, MONDAY, FRIDAY)
    with pytest.raises(StillToCome):
        require_told_on(date(2026, 11, 28), MONDAY, FRIDAY)
    with pytest.raises(BeforeTheStart):
        require_told_on(date(2026, 11, 22), MONDAY, FRIDAY)


def test_a_plan_lies_ahead_and_what_took_place_behind():
    require_moment(NOW + timedelta(hours=1), False, MONDAY, NOW, WORK)
    require_moment(NOW - timedelta(hours=1), True, MONDAY, NOW, WORK)
    for at, held, error in (
        (NOW, False, PastMoment),
        (NOW + timedelta(seconds=1), True, NotYetHeld),
        (NOW - timedelta(days=3), True, BeforeTheStart),
    ):
        with pytest.raises(error):
            require_moment(at, held, MONDAY, NOW, WORK)


# -- moves and rematch ------------------------------------------------------------------------------------------------


def _line(*rows):
    kinds = {"o": CoverageKind.OWNER, "c": CoverageKind.COVER, "v": CoverageKind.VACANT}
    return [
        Coverage(1, 1, person, kinds[kind], MONDAY + timedelta(days=day))  # type: ignore[arg-type]
        for kind, person, day in rows
    ]


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 0),
        ([("o", 1, 0)], 0),
        ([("o", 1, 0), ("o", 2, 3)], 1),
        ([("o", 1, 0), ("c", 3, 2), ("o", 1, 5)], 0),
        ([("o", 1, 0), ("v", None, 2), ("o", 2, 5)], 1),
        ([("v", None, 0), ("o", 2, 5)], 1),
        ([("o", 1, 0), ("o", 2, 1), ("o", 1, 2), ("o", 3, 3)], 3),
        ([("o", 1, 0), ("o", 2, 3), ("o", 4, 90)], 1),
    ],
)
def test_only_new_faces_are_moves(rows, count):
    assert moves(_line(*rows), MONDAY, MONDAY + timedelta(days=30)) == count


def test_moves_before_the_window_are_forgotten():
    line = _line(("o", 1, 0), ("o", 2, 3), ("o", 4, 20))
    assert moves(line, MONDAY + timedelta(days=10), MONDAY + timedelta(days=30)) == 1


@pytest.mark.parametrize(("outgoing", "count"), [(7, 1), (None, 1), (2, 0)])
def test_whoever_took_it_over_on_the_day_the_line_begins_is_a_new_face(outgoing, count):
    line = _line(("o", 2, 0))
    line[0].handoff_id = 5
    assert moves(line, MONDAY, MONDAY + timedelta(days=30), {5: outgoing}) == count


def test_a_rematch_reopens_what_another_person_has_to_do_and_nothing_else():
    handoff = s.accepted(s.handoff(items=0))
    first, second = handoff.stages[0], handoff.stages[1]
    kept = s.done(s.item(first, "Send the org chart"))
    met = s.done(s.item(second, "Meet the customer", form=StepForm.INTRODUCTION))
    read = s.done(s.item(second, "Read the history", owner_role=Role.INCOMING, owner_id=None))
    told = s.done(s.item(second, "Tell everyone", owner_role=Role.MANAGER, owner_id=None))
    agreed = s.done(s.item(second, "Agree who is paid", form=StepForm.TERMS))
    theirs = s.item(second, "Call them", owner_role=None, owner_id=s.INES.id)
    handoff.items += [kept, met, read, told, agreed, theirs]
    assert set(rematch(handoff, s.INES.id)) == {met, read, theirs}
    assert [one.open for one in (kept, met, read, told, agreed)] == [False, True, True, False, False]
    assert theirs.owner_id == s.MIA.id
    assert (handoff.incoming_id, handoff.acceptance, handoff.stage_position) == (None, Acceptance.NOT_ASKED, 0)
    assert (handoff.accepted_at, handoff.transfer_on) == (None, None)
    with pytest.raises(NobodyToDecline):
        rematch(handoff, s.INES.id)


def test_whoever_was_named_meanwhile_is_not_the_one_declined():
    handoff = s.handoff(items=0)
    with pytest.raises(SomebodyElseByNow):
        rematch(handoff, s.OLAF.id)
    assert handoff.incoming_id == s.INES.id
