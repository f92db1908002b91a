"""Playbooks: the shipped ones serve every handoff and stay light; the choice is explained; dates are sensible."""

import json
from datetime import date
from itertools import product

import pytest

from bot.domain.playbook import (
    Anchor,
    Due,
    Match,
    NoPlaybook,
    Playbook,
    choose,
    due_date,
)
from bot.domain.playbook_json import playbook_from_dict, playbook_to_dict, with_version
from bot.domain.vocabulary import Reason, Role, SalesChannel, StepForm, Tier
from bot.domain.worktime import WorkTime
from bot.playbooks.files import SHIPPED, Library, check_files, load_library

CALENDAR = WorkTime()
MONDAY = date(2025, 12, 1)
EVERY_ACCOUNT = list(product(SalesChannel, Tier, (False, True)))
LIBRARY = load_library()
BY_KEY = {playbook.key: playbook for playbook in LIBRARY.playbooks}


def titles(playbook: Playbook, stage: str, channel: SalesChannel, tier: Tier, overseas: bool = False) -> list[str]:
    found = playbook.stage(stage)
    assert found is not None
    return [step.title for step in playbook.steps_for(found, channel, tier, overseas)]


# --- the shipped files


def test_the_shipped_files_have_no_problem() -> None:
    assert (
        check_files(sorted((SHIPPED / "playbooks").glob("*.yaml")) + sorted((SHIPPED / "feedback").glob("*.yaml")))
        == []
    )


@pytest.mark.parametrize(("reason", "channel", "tier"), list(product(Reason, SalesChannel, Tier)))
def test_every_handoff_has_a_playbook_and_the_reason_decides(reason: Reason, channel: SalesChannel, tier: Tier) -> None:
    choice = choose(LIBRARY.playbooks, reason, channel, tier)
    assert reason in choice.playbook.match.reasons
    assert choice.why == ("reason",)


@pytest.mark.parametrize("playbook", LIBRARY.playbooks, ids=lambda playbook: playbook.key)
def test_three_stages_of_which_the_first_hands_over(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages] == ["prepare", "introduce", "support"]
    assert playbook.handing_over is playbook.stages[0]


@pytest.mark.parametrize("playbook", LIBRARY.playbooks, ids=lambda playbook: playbook.key)
def test_the_incoming_rep_is_left_alone_until_the_handover(playbook: Playbook) -> None:
    """C20: nobody is involved for an account that is not ready."""
    assert Role.INCOMING not in {step.owner for step in playbook.handing_over.steps}
    assert Role.INCOMING in {step.owner for step in playbook.stages[1].steps}


@pytest.mark.parametrize("playbook", LIBRARY.playbooks, ids=lambda playbook: playbook.key)
def test_every_necessary_gate_has_a_step_and_no_step_key_is_used_twice(playbook: Playbook) -> None:
    for channel, tier, overseas in EVERY_ACCOUNT:
        keys = []
        for stage in playbook.stages:
            steps = playbook.steps_for(stage, channel, tier, overseas)
            assert any(step.necessary for step in steps)
            keys += [step.key for step in steps]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("key", ["retirement_or_promotion", "voluntary", "termination", "territory_change"])
def test_a_standard_direct_account_has_a_light_list(key: str) -> None:
    """E7, C28: simpler is used more. The customer's pulse and the outcome are one tap, not counted."""
    book = BY_KEY[key]
    taps = {
        step.title for stage in book.stages for step in stage.steps if step.form in (StepForm.PULSE, StepForm.OUTCOME)
    }
    lists = [titles(book, stage.key, SalesChannel.DIRECT, Tier.STANDARD) for stage in book.stages]
    numbers = [len([title for title in one if title not in taps]) for one in lists]
    assert 6 <= numbers[0] <= 9
    assert 3 <= numbers[1] <= 5
    assert 4 <= numbers[2] <= 6


def test_a_termination_asks_nothing_of_the_one_who_left() -> None:
    """A11: the manager steps in and briefs."""
    owners = {step.owner for stage in BY_KEY["termination"].stages for step in stage.steps}
    assert Role.OUTGOING not in owners
    assert "Brief the new rep" in titles(BY_KEY["termination"], "introduce", SalesChannel.DIRECT, Tier.STANDARD)


def test_a_retirement_has_both_meetings_and_the_warning_comes_first() -> None:
    book = BY_KEY["retirement_or_promotion"]
    meetings = titles(book, "introduce", SalesChannel.DIRECT, Tier.STANDARD)
    assert {"Hold the rep-to-rep meeting", "Meet the customer together"} <= set(meetings)
    assert titles(book, "prepare", SalesChannel.DIRECT, Tier.STANDARD)[0] == "Warn the customer"


@pytest.mark.parametrize("key", ["retirement_or_promotion", "voluntary", "termination", "territory_change"])
def test_channel_tier_and_distance_add_steps(key: str) -> None:
    book = BY_KEY[key]
    plain = titles(book, "prepare", SalesChannel.DIRECT, Tier.STANDARD)
    assert set(titles(book, "prepare", SalesChannel.PARTNER, Tier.STANDARD)) - set(plain)
    assert set(titles(book, "prepare", SalesChannel.DIRECT, Tier.STRATEGIC)) > set(plain)
    assert set(titles(book, "prepare", SalesChannel.DIRECT, Tier.STANDARD, overseas=True)) > set(plain)
    for special in (SalesChannel.PRIVATE_LABEL, SalesChannel.LICENSEE, SalesChannel.JOINT_VENTURE):
        assert "Name who holds the relationship for now" in titles(book, "prepare", special, Tier.STANDARD)
        assert "Hand the special relationship over" in titles(book, "support", special, Tier.STANDARD)


def test_credit_warranty_and_marketing_are_asked_and_necessary() -> None:
    for key in ("retirement_or_promotion", "voluntary", "termination", "territory_change"):
        asks = BY_KEY[key].asks_for(SalesChannel.DIRECT, Tier.STANDARD, False)
        assert {"credit", "warranty", "marketing"} <= {ask.function for ask in asks if ask.necessary}


def test_a_prospect_without_history_is_not_asked_about_at_warranty() -> None:
    asks = BY_KEY["stage_move"].asks_for(SalesChannel.DIRECT, Tier.STANDARD, False)
    assert [ask.function for ask in asks] == ["marketing"]


def test_a_repeated_step_stands_once_for_each_time() -> None:
    book = BY_KEY["retirement_or_promotion"]
    support = book.stages[2]
    steps = [s for s in book.steps_for(support, SalesChannel.DIRECT, Tier.KEY, False) if s.key.startswith("one_to_one")]
    assert [step.key for step in steps] == ["one_to_one_1", "one_to_one_2", "one_to_one_3"]
    assert steps[0].title == "Hold a 1:1 about this account (1/3)"
    assert [step.due.working_days for step in steps] == [15, 25, 35]


# --- the choice


def book(key: str, **match: frozenset[object]) -> Playbook:
    first = BY_KEY["termination"]
    return with_version(Playbook(key, key, key, Match(**match), first.stages))  # type: ignore[arg-type]


ANY = book("any")
LEAVING = book("leaving", reasons=frozenset({Reason.VOLUNTARY, Reason.TERMINATION}))
LEAVING_BIG = book("leaving_big", reasons=frozenset({Reason.VOLUNTARY}), tiers=frozenset({Tier.STRATEGIC}))
BIG = book("big", tiers=frozenset({Tier.STRATEGIC}))
PARTNERS = book("partners", sales_channels=frozenset({SalesChannel.PARTNER}))
SHELF = (ANY, LEAVING, LEAVING_BIG, BIG, PARTNERS)


@pytest.mark.parametrize(
    ("reason", "channel", "tier", "key", "why"),
    [
        (Reason.RETIREMENT, SalesChannel.DIRECT, Tier.KEY, "any", ()),
        (Reason.TERMINATION, SalesChannel.DIRECT, Tier.KEY, "leaving", ("reason",)),
        (Reason.VOLUNTARY, SalesChannel.PARTNER, Tier.STRATEGIC, "leaving_big", ("reason", "tier")),
        (Reason.TERMINATION, SalesChannel.PARTNER, Tier.STRATEGIC, "leaving", ("reason",)),
        (Reason.PROMOTION, SalesChannel.PARTNER, Tier.STRATEGIC, "big", ("tier",)),
        (Reason.PROMOTION, SalesChannel.PARTNER, Tier.STANDARD, "partners", ("sales_channel",)),
    ],
)
def test_the_most_specific_playbook_wins_and_says_why(
    reason: Reason, channel: SalesChannel, tier: Tier, key: str, why: tuple[str, ...]
) -> None:
    for shelf in (SHELF, SHELF[::-1]):
        choice = choose(shelf, reason, channel, tier)
        assert (choice.playbook.key, choice.why) == (key, why)


def test_without_a_match_the_refusal_names_the_case() -> None:
    with pytest.raises(NoPlaybook, match="retirement, partner, key"):
        choose([BIG], Reason.RETIREMENT, SalesChannel.PARTNER, Tier.KEY)


# --- versions


@pytest.mark.parametrize("playbook", LIBRARY.playbooks, ids=lambda playbook: playbook.key)
def test_a_playbook_survives_json_and_keeps_its_version(playbook: Playbook) -> None:
    stored = json.loads(json.dumps(playbook_to_dict(playbook)))
    assert playbook_from_dict(stored) == playbook
    assert with_version(playbook_from_dict(stored)).version == playbook.version


def test_versions_differ() -> None:
    assert len({playbook.version for playbook in LIBRARY.playbooks}) == len(LIBRARY.playbooks)


def test_a_stored_playbook_of_another_release_is_still_read() -> None:
    stored = playbook_to_dict(BY_KEY["termination"])
    stored["invented_later"] = 1
    stored["ladder"] = {}
    del stored["transfer_after"]
    del stored["stages"][0]["steps"][0]["repeat"]
    assert playbook_from_dict(stored).transfer_after == 20


def test_the_library_finds_by_key() -> None:
    assert isinstance(LIBRARY, Library)
    assert LIBRARY.playbook("voluntary") is BY_KEY["voluntary"]
    assert LIBRARY.playbook("nothing") is None


# --- dates


def due(text: str, **dates: date) -> date | None:
    number, anchor = text.split(" ", 1)
    return due_date(
        Due(Anchor(anchor), int(number)),
        MONDAY,
        dates.get("last_day"),
        dates.get("transfer"),
        CALENDAR,
        transfer_after=10,
    )


def test_dates_count_working_days_from_their_anchor() -> None:
    assert due("2 start") == date(2025, 12, 3)
    assert due("-3 last_day", last_day=date(2025, 12, 22)) == date(2025, 12, 17)
    assert due("5 transfer", transfer=date(2025, 12, 19)) == date(2025, 12, 26)


def test_on_the_last_day_never_means_after_it() -> None:
    saturday = date(2025, 12, 20)
    assert due("0 last_day", last_day=saturday) == date(2025, 12, 19)
    assert due("0 transfer", transfer=saturday) == date(2025, 12, 22)


def test_nothing_is_due_before_the_start() -> None:
    """B5: a sudden change has make-up steps, not impossible dates."""
    assert due("-20 last_day", last_day=date(2025, 12, 5)) == MONDAY
    assert due("0 last_day", last_day=date(2025, 11, 28)) == MONDAY


def test_an_unknown_date_is_estimated_from_the_known_one() -> None:
    assert due("0 last_day", transfer=date(2025, 12, 19)) == date(2025, 12, 19)
    assert due("0 transfer", last_day=date(2025, 12, 30)) == date(2025, 12, 30)
    assert due("0 transfer", last_day=date(2025, 12, 2)) == date(2025, 12, 15), "nobody new comes in one day"
    assert due("0 transfer") == date(2025, 12, 15)


def test_without_any_date_to_hang_on_there_is_none() -> None:
    assert due_date(Due(Anchor.TRANSFER, 1), MONDAY, None, None, CALENDAR) is None
    assert due_date(Due(Anchor.START, 1), MONDAY, None, None, CALENDAR) == date(2025, 12, 2)


@pytest.mark.parametrize("playbook", LIBRARY.playbooks, ids=lambda playbook: playbook.key)
def test_the_shipped_dates_follow_the_order_of_the_stages(playbook: Playbook) -> None:
    """With the usual time at hand, no step is due after its stage, and the stages come one after another."""
    last_day = CALENDAR.add_working_days(MONDAY, playbook.transfer_after)
    stages = []
    for stage in playbook.stages:
        limit = due_date(stage.due, MONDAY, last_day, last_day, CALENDAR)
        assert limit is not None
        stages.append(limit)
        for channel, tier, overseas in EVERY_ACCOUNT:
            for step in playbook.steps_for(stage, channel, tier, overseas):
                day = due_date(step.due, MONDAY, last_day, last_day, CALENDAR)
                assert day is not None
                assert day <= limit, step.key
    assert stages == sorted(stages)
