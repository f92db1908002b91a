"""Checklist items: ticked, skipped, given away, moved, proved, reopened, added; who did it and when stays visible."""

import pytest

from bot.domain.permissions import Action
from bot.usecases.desk import Actor

ITEM = "Send the org chart"


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _menu(town, who, entry, near=ITEM):
    """Choose from an item's menu, and look at the form it opens."""
    outcome = town.checklist(who).menu(entry, near=near)
    assert outcome.ok, outcome
    return town.sandbox.person(who).modal


def test_done_says_who_and_twice_says_who_was_first(town):
    town.set_up()
    town.handoff("Acme")
    before = town.checklist("mia")
    old = before.raw["blocks"]
    assert town.checklist("olaf").click("Done", near=ITEM).ok
    assert "done by @olaf" in town.checklist().text
    assert "1 of 7 done" in town.card().text
    button = next(b for b in old if b["type"] == "actions" and "org chart" in str(b))
    town.bot.checklist.reopen(_actor(town, "olaf"), _item(town))
    town.settle()
    assert town.checklist("olaf").click("Done", near=ITEM).ok
    assert button["elements"][0]["accessibility_label"].startswith("Done: Send the org chart")


def test_the_second_of_two_clicks_at_once_is_told_who_was_first(started):
    town = started
    checklist = town.checklist("mia")
    item = _item(town)
    town.bot.checklist.complete(_actor(town, "olaf"), item)  # before the message could show it
    assert checklist.click("Done", near=ITEM).ok
    assert town.mia.sees("“Send the org chart” was already ticked off by @olaf")
    assert not town.olaf.sees("was already ticked off")


def test_an_outsider_reads_who_can(started):
    town = started
    town.sandbox.actions.invite("C0ACCOUNTS0", town.otto.id)
    assert town.checklist("otto").click("Done", near=ITEM).ok
    assert town.otto.sees("Only @olaf or @mia can do that here")
    assert _menu(town, "otto", "Skip") is None
    assert "0 of 7 done" in town.checklist().text


def test_skipped_with_a_reason_and_reopened(started):
    form = _menu(started, "olaf", "Skip")
    form.fill("Reason", " ")
    assert form.submit().errors
    form.fill("Reason", "They have none <!channel>")
    assert form.submit().ok
    checklist = started.checklist()
    assert "skipped by @olaf" in checklist.text
    assert "They have none <!channel>" in checklist.text
    assert "<!channel>" not in str(checklist.raw["blocks"])
    assert started.checklist("olaf").menu("Reopen", near=ITEM).ok
    assert "skipped" not in started.checklist().text
    assert "Done" in started.checklist().buttons


def test_given_to_somebody_else_moved_and_proved(started):
    form = _menu(started, "mia", "Assign")
    form.choose("Owner", "@cora")
    assert form.submit().ok
    form = _menu(started, "cora", "due date")
    form.choose("Due date", "2026-11-20")
    assert "That day has passed" in form.submit().errors["Due date"]
    form.choose("Due date", "2026-12-10")
    assert form.submit().ok
    form = _menu(started, "cora", "evidence")
    form.fill("Evidence", "https://crm.example/acme")
    assert form.submit().ok
    text = started.checklist().text
    assert "@cora · due Thu 10 Dec · necessary · https://crm.example/acme" in text


def test_an_item_that_the_playbook_does_not_have(started):
    assert started.checklist("olaf").click("Add an item").ok
    form = started.olaf.modal
    form.fill("What is to be done", "Hand over the keys")
    form.choose("Does the stage wait", "Nice to have")
    assert form.submit().ok
    assert "Hand over the keys\n@olaf · nice to have" in started.checklist().text
    assert "0 of 8 done" in started.card().text
    started.card().menu("Add an item")
    assert started.mia.modal.title == "Add an item"


def test_a_checklist_longer_than_a_message_goes_on_in_a_window(started):
    town = started
    handoff = town.rows("SELECT id FROM handoffs")[0].id
    for number in range(30):
        town.bot.checklist.add(_actor(town, "mia"), handoff, f"Extra {number}", town.olaf.id, None, True)
    town.settle()
    checklist = town.checklist("olaf")
    assert len(checklist.raw["blocks"]) <= 50
    assert "16 more are in the whole checklist" in checklist.text
    assert checklist.click("Whole checklist").ok
    window = town.olaf.modal
    assert "Extra 29" in window.text
    assert window.click("Done", near="Extra 29").ok
    assert "done by @olaf" in window.text
    assert window.menu("Skip", near="Extra 28").ok
    form = town.olaf.modal
    form.fill("Reason", "Not needed")
    assert form.submit().ok
    assert "skipped by @olaf" in town.olaf.modal.text
    assert "2 of 37 done" in town.card().text


def _actor(town, name):
    return Actor("T0SANDBOX01", town.sandbox.person(name).id)


def _item(town, title=ITEM):
    return town.rows("SELECT id FROM checklist_items WHERE title = :t", t=title)[0].id


def test_somebody_new_holds_no_empty_role(started):
    handoff = started.rows("SELECT id FROM handoffs")[0].id
    stranger = _actor(started, "otto")
    assert not started.bot.overview.may(stranger, Action.CANCEL, handoff)
    assert not started.bot.overview.may(stranger, Action.TICK, handoff)
