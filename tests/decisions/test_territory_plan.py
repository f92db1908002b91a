"""In which order, on which day, and to whom many accounts go."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.suggesting import WEIGHT, Held
from bot.domain.territory import Assign, Candidate, Planned, Rules, plan
from bot.domain.vocabulary import Tier
from bot.domain.worktime import WorkTime

OFFICE = WorkTime("Europe/Berlin")
MONDAY = date(2026, 11, 30)
OLAF, INES, CORA, IDA = 1, 2, 3, 4


def _rules(**changes):
    values = {"assign": Assign.LOAD, "reps": (INES, CORA), "first_on": MONDAY, "per_wave": 2, "every": 5}
    return Rules(**{**values, **changes})


def _some(*tiers, **more):
    return [Candidate(n, f"Account {n:02}", tier, outgoing_id=OLAF, **more) for n, tier in enumerate(tiers, 1)]


def test_tiers_come_first_and_waves_begin_on_working_days():
    accounts = _some(Tier.STANDARD, Tier.KEY, Tier.STRATEGIC, Tier.STANDARD, Tier.KEY)
    found = plan(accounts, _rules(first_on=date(2026, 12, 19), every=3), [], OFFICE)
    assert [one.account_id for one in found] == [3, 2, 5, 1, 4]
    assert [one.wave for one in found] == [0, 0, 1, 1, 2]
    assert found[0].start_on == date(2026, 12, 21)  # the 19th is a Saturday
    assert found[2].start_on == date(2026, 12, 24)


def test_whoever_has_least_gets_the_next_one():
    held = [Held(INES, Tier.STRATEGIC), Held(CORA, Tier.STANDARD)]
    found = plan(_some(*[Tier.STANDARD] * 5), _rules(), held, OFFICE)
    assert Counter(one.incoming_id for one in found) == {CORA: 4, INES: 1}


def test_a_region_goes_to_whoever_knows_it_and_the_least_loaded_of_those():
    held = [Held(INES, Tier.KEY, region="North"), Held(CORA, Tier.STANDARD, region="South")]
    accounts = [
        Candidate(1, "A", Tier.STANDARD, region=" north ", outgoing_id=OLAF),
        Candidate(2, "B", Tier.STANDARD, region="South", outgoing_id=OLAF),
        Candidate(3, "C", Tier.STANDARD, region="East", outgoing_id=OLAF),
    ]
    found = {one.account_id: one.incoming_id for one in plan(accounts, _rules(assign=Assign.REGION), held, OFFICE)}
    assert found[1] == INES
    assert found[2] == CORA
    assert found[3] in (INES, CORA)


def test_the_list_decides_and_nobody_gets_back_what_they_give_away():
    accounts = [
        Candidate(1, "A", Tier.STANDARD, outgoing_id=OLAF, incoming_id=IDA),
        Candidate(2, "B", Tier.STANDARD, outgoing_id=OLAF),
        Candidate(3, "C", Tier.STANDARD, outgoing_id=IDA, incoming_id=IDA),
        Candidate(4, "D", Tier.STRATEGIC, outgoing_id=OLAF, incoming_id=INES, problem="running"),
    ]
    found = {one.account_id: one for one in plan(accounts, _rules(assign=Assign.LIST), [], OFFICE)}
    assert found[1] == Planned(1, 0, MONDAY, OLAF, IDA)
    assert [found[n].problem for n in (2, 3, 4)] == ["no_rep", "no_rep", "running"]


@given(
    tiers=st.lists(st.sampled_from(Tier), max_size=40),
    per_wave=st.integers(1, 9),
    every=st.integers(0, 9),
    reps=st.lists(st.integers(1, 5), unique=True, max_size=4),
    assign=st.sampled_from([Assign.LOAD, Assign.REGION]),
)
def test_every_account_is_planned_once_and_the_load_is_shared(tiers, per_wave, every, reps, assign):
    rules = _rules(per_wave=per_wave, every=every, reps=tuple(reps), assign=assign)
    found = plan(_some(*tiers), rules, [], OFFICE)
    assert sorted(one.account_id for one in found) == list(range(1, len(tiers) + 1))
    going = [one for one in found if not one.problem]
    assert all(OFFICE.working_day(one.start_on) for one in going)
    assert [one.start_on for one in going] == sorted(one.start_on for one in going)
    assert all(one.incoming_id in reps and one.incoming_id != OLAF for one in going)
    loads = {number: 0 for number in reps if number != OLAF}
    for one in going:
        loads[one.incoming_id] += WEIGHT[tiers[one.account_id - 1]]
    if len(loads) > 1:
        assert max(loads.values()) - min(loads.values()) <= max(WEIGHT.values())
