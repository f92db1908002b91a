"""Looking ahead: the messages of a person, moment by moment, as the rules of PRODUCT section 4 make them."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cadence import rungs
from bot.domain.forecast import Because, Coming, Foreseen, Owes, Setting, first, foresee, leaving
from bot.domain.people import Absence, Person
from bot.domain.playbook import Ladder
from bot.domain.reminding import DaySoFar
from bot.domain.routing import Debt, local_date
from bot.usecases.desk import presence
from bot.usecases.nudges.debts import plan_of

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Nine o'clock in Berlin."""
FAR = MONDAY + timedelta(days=60)
LADDER = Ladder(heads_up=(3, 1), repeat_every=2, manager_after=3, managers_manager_after=8)


def someone(number: int, name: str, tz: str = "Europe/Berlin", **values: object) -> Person:
    person = Person(1, name, name, tz=tz, refreshed_at=MONDAY, **values)
    person.id = number
    return person


@pytest.fixture
def rep() -> Person:
    return someone(1, "rep")


@pytest.fixture
def boss() -> Person:
    return someone(2, "boss")


@pytest.fixture
def chief() -> Person:
    return someone(3, "chief", tz="America/New_York")


def owes(number: int, owner: Person, due: date, *above: Person, ladder: Ladder = LADDER, **values: object) -> Owes:
    debt = Debt(owner, due, True, *above)
    return Owes(7, "item", number, debt, plan_of(ladder, debt), **values)


def begun(*owed: Owes, now: datetime = MONDAY) -> list[Coming]:
    return [row for row in (first(one, now) for one in owed) if row is not None]


def everybody(*people: Person, cap: int = 5) -> Setting:
    return Setting(presence, {person.id: person for person in people}, cap)


def told(messages: list[Foreseen]) -> list[tuple[str, str, list[str]]]:
    return [(f"{one.at:%d %b %H:%M}", one.to.name, [entry.rung for entry in one.entries]) for one in messages]


def test_one_thing_climbs_its_ladder_to_the_chief(rep, boss, chief):
    found = foresee(begun(owes(1, rep, date(2026, 12, 1), boss, chief)), everybody(), MONDAY, FAR)
    assert told(found)[:9] == [
        ("26 Nov 08:00", "rep", ["heads_up:3"]),
        ("30 Nov 08:00", "rep", ["heads_up:1"]),
        ("01 Dec 08:00", "rep", ["due"]),
        ("03 Dec 08:00", "rep", ["repeat:1"]),
        ("04 Dec 08:00", "boss", ["manager:1"]),
        ("07 Dec 08:00", "rep", ["repeat:2"]),
        ("09 Dec 08:00", "rep", ["repeat:3"]),
        ("11 Dec 08:00", "rep", ["repeat:4"]),
        ("11 Dec 14:00", "chief", ["managers_manager:1"]),
    ]
    assert [entry.to_manager for one in found[:9] for entry in one.entries].count(True) == 2
    assert [one.digest for one in found[:9]] == [False] * 9


def test_two_on_one_morning_are_a_digest_and_what_comes_later_presses_or_waits(rep):
    owed = [owes(number, rep, date(2026, 11, 26)) for number in (1, 2)]
    later = owes(3, rep, date(2026, 11, 24))
    coming = [*begun(*owed), Coming(later, "20261124/due/snooze:1", MONDAY + timedelta(hours=3), rep)]
    soft = Coming(owes(4, rep, date(2026, 11, 27)), "20261127/heads_up:3", MONDAY + timedelta(hours=2))
    found = foresee([*coming, soft], everybody(), MONDAY, MONDAY + timedelta(days=1))
    assert [(one.digest, len(one.entries)) for one in found] == [(True, 2), (False, 1), (False, 1)]
    assert found[1].entries[0].because is Because.SNOOZED
    assert found[2].at == MONDAY + timedelta(days=1)
    assert found[2].entries[0].slot == "20261127/heads_up:3"


def test_a_full_day_leaves_the_rest_for_the_next_morning(rep):
    coming = [
        Coming(owes(number, rep, date(2026, 11, 23)), "20261123/due", MONDAY + timedelta(hours=number))
        for number in range(1, 5)
    ]
    found = foresee(coming, everybody(cap=2), MONDAY, MONDAY + timedelta(days=1))
    assert [(one.at - MONDAY, one.digest, len(one.entries)) for one in found] == [
        (timedelta(hours=1), False, 1),
        (timedelta(hours=2), False, 1),
        (timedelta(days=1), True, 2),
    ]


def test_what_the_day_has_had_already_counts(rep):
    row = Coming(owes(1, rep, date(2026, 11, 23)), "20261123/due", MONDAY)
    today = {(rep.id, local_date(rep, MONDAY)): DaySoFar(2, digest=True)}
    found = foresee([row], Setting(presence, {}, 2, today), MONDAY, MONDAY + timedelta(days=1))
    assert [one.at for one in found] == [MONDAY + timedelta(days=1)]


def test_the_delegate_gets_it_while_the_owner_is_away_and_then_it_is_theirs_again(rep, boss):
    stand_in = someone(9, "stand-in")
    rep.away = [Absence(date(2026, 11, 30), date(2026, 12, 1), stand_in.id).to_dict()]
    found = foresee(begun(owes(1, rep, date(2026, 12, 1), boss)), everybody(stand_in), MONDAY, FAR)
    assert told(found)[:4] == [
        ("26 Nov 08:00", "rep", ["heads_up:3"]),
        ("30 Nov 08:00", "stand-in", ["heads_up:1"]),
        ("01 Dec 08:00", "stand-in", ["due"]),
        ("03 Dec 08:00", "rep", ["repeat:1"]),
    ]
    assert [entry.standing_in for one in found[:4] for entry in one.entries] == [False, True, True, False]


def test_held_back_until_the_morning_of_somebody_further_east_it_is_said_once_that_day(rep, boss):
    """Theirs opens before the owner's does, and so the rung held back and the next one come on one day."""
    stand_in = someone(9, "stand-in", tz="Asia/Dubai")
    rep.away = [Absence(date(2026, 11, 30), date(2026, 12, 4), stand_in.id).to_dict()]
    setting = everybody(stand_in)
    full = {(stand_in.id, date(2026, 11, 30)): DaySoFar(1, digest=True)}
    rows = begun(owes(1, rep, date(2026, 12, 1), boss), now=datetime(2026, 11, 28, tzinfo=UTC))
    assert told(foresee(rows, replace(setting, days=full), MONDAY, FAR))[:3] == [
        ("01 Dec 05:00", "stand-in", ["heads_up:1"]),
        ("03 Dec 08:00", "stand-in", ["repeat:1"]),
        ("04 Dec 08:00", "boss", ["manager:1"]),
    ]


def test_with_nobody_to_stand_in_it_waits_until_they_are_back(rep):
    rep.away = [Absence(date(2026, 11, 26), date(2026, 12, 4)).to_dict()]
    found = foresee(begun(owes(1, rep, date(2026, 12, 1))), everybody(), MONDAY, FAR)
    assert found[0].at == datetime(2026, 12, 7, 8, tzinfo=UTC)
    assert [one.at.date() for one in found[1:3]] == [date(2026, 12, 9), date(2026, 12, 11)]


def test_a_holiday_of_the_recipient_is_no_day_for_it():
    ines = someone(4, "ines", tz="Europe/Lisbon", country="PT")
    found = foresee(begun(owes(1, ines, date(2026, 12, 2))), everybody(), MONDAY, FAR)
    assert [one.at.date() for one in found[:3]] == [date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 2)]
    assert date(2026, 12, 8) not in [one.at.date() for one in found]


def test_of_two_about_one_thing_the_ladder_s_latest_goes(rep):
    one = owes(1, rep, date(2026, 11, 24))
    rows = [Coming(one, "20261124/due/snooze:1", MONDAY, rep), Coming(one, "20261124/repeat:1", MONDAY)]
    found = foresee(rows, everybody(), MONDAY, MONDAY)
    assert told(found) == [("23 Nov 08:00", "rep", ["repeat:1"])]


def test_once_met_nothing_more_is_sent(rep):
    met = datetime(2026, 12, 1, 16, tzinfo=UTC)
    found = foresee(begun(owes(1, rep, date(2026, 12, 1), met_at=met)), everybody(), MONDAY, FAR)
    assert [entry.rung for one in found for entry in one.entries] == ["heads_up:3", "heads_up:1", "due"]


def test_of_somebody_slack_has_not_told_about_nothing_is_foreseen(rep):
    rep.refreshed_at = None
    assert foresee(begun(owes(1, rep, date(2026, 12, 1))), everybody(), MONDAY, FAR) == []


def test_what_is_on_its_way_is_one_message(rep):
    rows = [Coming(owes(number, rep, date(2026, 11, 20)), "20261120/due", MONDAY) for number in (1, 2)]
    found = leaving(rows, rep, MONDAY, digest=True)
    assert (found.digest, [entry.urgent for entry in found.entries]) == (True, [True, True])


TEAM_PLACES = [("Europe/Berlin", "DE"), ("America/New_York", "US"), ("Asia/Kolkata", "IN"), ("Africa/Cairo", "EG")]


@st.composite
def teams(draw: st.DrawFn) -> list[Person]:
    """Four people in four countries, each perhaps away for some days with somebody to stand in, or without."""
    team = []
    for number, (tz, country) in enumerate(TEAM_PLACES, 1):
        begins, days = draw(st.integers(0, 20)), draw(st.integers(0, 10))
        leave = Absence(MONDAY.date() + timedelta(days=begins), MONDAY.date() + timedelta(days=begins + days))
        delegate = draw(st.sampled_from([None, *(n for n in range(1, 5) if n != number)]))
        away = [replace(leave, delegate_id=delegate).to_dict()] if draw(st.booleans()) else None
        team.append(someone(number, f"p{number}", tz, country=country, away=away))
    return team


things = st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 25)), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(teams(), things, st.integers(1, 4))
def test_whatever_is_owed_nobody_is_written_to_out_of_hours_or_too_often(team, owed, cap):
    rows = begun(
        *(
            owes(number, team[who], MONDAY.date() + timedelta(days=days), team[(who + 1) % 4], team[(who + 2) % 4])
            for number, (who, days) in enumerate(owed)
        )
    )
    found = foresee(rows, everybody(*team, cap=cap), MONDAY, FAR)
    per_day = Counter((one.to.id, local_date(one.to, one.at)) for one in found)
    digests = Counter((one.to.id, local_date(one.to, one.at)) for one in found if one.digest)
    told_of = [(entry.owes.about, entry.slot) for one in found for entry in one.entries]
    assert all(presence(one.to).is_working(one.at) for one in found)
    assert max(per_day.values()) <= cap
    assert max(digests.values(), default=1) == 1
    assert len(set(told_of)) == len(told_of)
    assert {about for about, _ in told_of} == {row.owes.about for row in rows}  # nothing that is owed is forgotten
    assert [one.at for one in found] == sorted(one.at for one in found)


@settings(max_examples=30)
@given(st.integers(-5, 30), st.integers(0, 3))
def test_one_thing_alone_comes_exactly_as_its_ladder_says(days, who):
    owner = someone(1, "rep", *TEAM_PLACES[who][:1], country=TEAM_PLACES[who][1])
    one = owes(1, owner, MONDAY.date() + timedelta(days=days))
    until = MONDAY + timedelta(days=30)
    found = [
        (message.at, entry.rung)
        for message in foresee(begun(one), everybody(), MONDAY, until)
        for entry in message.entries
    ]
    assert found == [(rung.at, rung.slot) for rung in takewhile(lambda rung: rung.at <= until, rungs(one.plan, MONDAY))]
