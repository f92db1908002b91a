"""The phase of a handoff, with its days and the playbook's target: on the card, in lists, on the manager's board."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

PLACE = "#accounts"


@pytest.fixture
def town(lite_town):
    """Acme is handed over by Olaf, who leaves in 25 days; nobody is named yet."""
    return _begun(lite_town, 25)


@pytest.fixture
def short(lite_town):
    """Olaf leaves in four days."""
    return _begun(lite_town, 4)


def _begun(town, days):
    last = town.clock.now().date() + timedelta(days=days)
    town.set_up()
    town.bot.start(town.actor("mia"), replace(town.form("Bolt"), last_day=last))
    town.bot.start(town.actor("mia"), replace(town.form("Acme"), last_day=last, incoming=None))
    town.settle()
    return town


def ledger(town, account="Acme"):
    """Each phase with its first day and the day after its last, counted from today in the story's beginning."""
    rows = town.rows(
        "SELECT p.phase, p.from_on, p.until_on FROM phases p JOIN handoffs h ON h.id = p.handoff_id"
        " JOIN accounts a ON a.id = h.account_id WHERE a.name = :a ORDER BY p.from_on",
        a=account,
    )
    return [(row.phase, str(row.from_on), str(row.until_on or "")) for row in rows]


def days_later(town, **duration):
    town.passes(**duration)
    town.settle()


def show(town, person, account="Acme"):
    assert person.types(f"/handoff show {account}", in_=PLACE).ok
    return person.ephemerals(PLACE)[-1].text


def test_the_card_counts_the_days_and_names_the_target(town):
    assert "The outgoing rep is still here: day 1 of 40" in town.card().text
    days_later(town, days=2)
    assert "The outgoing rep is still here: day 3 of 40" in town.card().text
    town.olaf.types("/handoff list mine", in_=PLACE)
    assert "Withdrawal: day 3 of 40" in town.olaf.ephemerals(PLACE)[-1].text
    assert "Withdrawal: day 3 of 40" in town.mia.opens_home().text


def test_the_day_after_the_last_one_nobody_has_it(short):
    town = short
    start = town.clock.now().date()
    last = start + timedelta(days=4)
    days_later(town, days=6)
    assert ledger(town) == [
        ("withdrawal", str(start), str(last + timedelta(days=1))),
        ("without", str(last + timedelta(days=1)), ""),
    ]
    assert "Nobody has the account: day 2 of 5" in town.card().text
    assert [phase for phase, *_ in ledger(town, "Bolt")] == ["withdrawal", "within_reach"], "Ines is named there"
    days_later(town, days=5)
    assert "Nobody has the account: day 7 of 5" in town.card().text.replace("*", "")
    told = show(town, town.mia)
    assert "Withdrawal 5 of 40" in told
    assert "Without a rep 7 of 5" in told
    home = town.mia.opens_home().text
    assert "Without a rep: 1 · 1 longer than planned · Prepare 1" in home
    assert "Within reach: 1 · Prepare 1" in home


def test_managers_see_a_board_by_phase_and_stage(town):
    assert "All open handoffs" not in town.olaf.opens_home().text
    home = town.mia.opens_home().text
    assert "All open handoffs, by phase and stage" in home
    assert "Withdrawal: 2 · Prepare 2" in home


def test_who_leaves_slack_is_gone_that_day(town):
    start = town.clock.now().date()
    days_later(town, days=3)
    town.sandbox.actions.deactivate(town.olaf.id)
    town.settle()
    assert ledger(town)[0] == ("withdrawal", str(start), str(start + timedelta(days=3)))
    assert ledger(town)[1][0] == "without"


def test_naming_somebody_ends_the_vacancy_and_cancelling_ends_all(short):
    town = short
    days_later(town, days=9)
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Incoming rep", "@ines")
    assert form.submit().ok
    assert [phase for phase, *_ in ledger(town)] == ["withdrawal", "without", "within_reach"]
    assert "The new rep is taking over: day 1 of 90" in town.card().text
    days_later(town, days=2)
    town.card().menu("Cancel")
    town.mia.modal.fill("Reason", "Sold")
    assert town.mia.modal.submit().ok
    spans = ledger(town)
    assert all(until for _, _, until in spans)
    assert [one[2] for one in spans[:-1]] == [one[1] for one in spans[1:]], "one begins when the other ends"


def test_a_bot_that_slept_over_the_last_day_puts_it_to_its_own_day(town):
    start = town.clock.now().date()
    town.close_bot()
    town.clock.jump_to(town.clock.now() + timedelta(days=33))
    town.open_bot()
    town.bot.courier.begin(alone=True)
    number = town.rows("SELECT h.id FROM handoffs h JOIN accounts a ON a.id = h.account_id WHERE a.name = 'Acme'")[0].id
    town.bot.handoffs.cancel(town.actor("mia"), number, "Sold meanwhile")
    last = start + timedelta(days=26)
    end = town.clock.now().date()
    assert ledger(town) == [("withdrawal", str(start), str(last)), ("without", str(last), str(end))]
