"""The end of the support when the handoff is edited: its step, its owner and its days follow (PRODUCT section 5)."""

import pytest

from bot.usecases.handoffs.editing import Edit


@pytest.fixture
def accepted(lite_town):
    town = lite_town
    town.begun()
    town.bot.handoffs.override(town.actor("mia"), 1, "now")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    town.settle()
    return town


def _end(town):
    (item,) = town.rows("SELECT id, due_on FROM checklist_items WHERE form = 'support_end'")
    return item


def _edits(town, label, value):
    """Mia chooses it in the form; what comes of it."""
    town.card().menu("Edit")
    town.mia.modal.choose(label, value)
    return town.mia.modal.submit()


def test_the_step_that_ends_the_support_is_due_on_the_day_that_is_set(accepted):
    accepted.bot.editing(accepted.actor("mia"), 1, Edit({"support_until": "2027-06-30"}))
    accepted.settle()
    assert str(_end(accepted).due_on) == "2027-06-30"


def test_another_manager_ends_the_support(accepted):
    assert accepted.bot.editing(accepted.actor("mia"), 1, Edit({"manager": accepted.cora.id}))
    accepted.settle()
    handoff = accepted.bot.overview.handoff(accepted.actor("cora"), 1)
    (item,) = (one for one in handoff.items if one.form == "support_end")
    assert handoff.owner_of(item).slack_id == accepted.cora.id


def test_the_transfer_is_not_put_off_beyond_the_end_of_the_support(lite_town):
    town = lite_town
    town.begun()
    town.bot.editing(town.actor("mia"), 1, Edit({"support_until": "2026-12-31"}))
    town.settle()
    said = "The support of the new rep would be over before that: set its end, Thu 31 Dec 2026, to a later day first."
    assert _edits(town, "Last day", "2027-02-01").errors == {"Last day": said}
    assert not town.rows("SELECT id FROM handoffs WHERE last_day > '2027-01-01'")


def test_an_end_that_was_set_before_the_transfer_stands_if_it_lies_after_it(lite_town):
    town = lite_town
    town.begun()
    mia = town.actor("mia")
    town.bot.editing(mia, 1, Edit({"support_until": "2027-06-30"}))
    town.bot.handoffs.override(mia, 1, "now")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    assert str(_end(town).due_on) == "2027-06-30"
    assert str(town.rows("SELECT support_until AS day FROM handoffs")[0].day) == "2027-06-30"
