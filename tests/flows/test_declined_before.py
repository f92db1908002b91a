"""A rep whom the customer has declined is named again, in any handoff or as a cover, only when somebody says so."""

from __future__ import annotations

import pytest

ANYWAY = "Name them although"
NAMED = "SELECT 1 FROM audit WHERE verb = 'rep.named_anyway'"


@pytest.fixture
def town(lite_town):
    """Acme's customer has asked for somebody else than Ines."""
    lite_town.begun()
    incoming = lite_town.rows("SELECT incoming_id AS i FROM handoffs")[0].i
    lite_town.bot.rematch.declines(lite_town.actor("mia"), 1, incoming, "Never again")
    lite_town.settle()
    return lite_town


def _starts(town, **fields):
    assert town.mia.types("/handoff start Acme", in_="#accounts").ok
    form = town.mia.modal
    town.fill(form, "Acme", "Retirement", {label.replace("_", " "): value for label, value in fields.items()})
    return form


def _covers(town, who):
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    form = town.mia.modal
    form.choose("Who?", who)
    form.choose("Last day", "2027-01-05")
    return form


def test_in_the_next_handoff_of_the_account(town):
    town.bot.handoffs.cancel(town.actor("mia"), 1, "Later")
    town.settle()
    form = _starts(town)
    assert "The customer asked for somebody else than this person" in form.submit().errors["Incoming rep"]
    assert len(town.rows("SELECT id FROM handoffs")) == 1
    form.choose("Options", [ANYWAY])
    assert not form.submit().errors
    town.settle()
    assert "→ @ines" in town.card().text
    assert town.rows(NAMED)


def test_somebody_else_is_named_without_a_word_and_exchanged_for_them_only_with_one(town):
    town.bot.handoffs.cancel(town.actor("mia"), 1, "Later")
    town.settle()
    assert not _starts(town, Incoming_rep="@cora").submit().errors
    town.settle()
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Incoming rep", "@ines")
    assert "The customer asked for somebody else than this person" in form.submit().errors["Incoming rep"]
    form.choose("Asked for somebody else before", [ANYWAY])
    assert not form.submit().errors
    assert "→ @ines" in town.card().text


def test_as_a_cover(town):
    form = _covers(town, "@ines")
    assert "The customer asked for somebody else than this person" in form.submit().errors["Who?"]
    assert not town.rows(NAMED)
    form.choose("Asked for somebody else before", [ANYWAY])
    assert not form.submit().errors
    town.settle()
    assert "@ines" in town.card().text
    assert town.rows(NAMED)


def test_forms_of_other_accounts_and_of_other_covers_ask_nothing(town):
    assert not _covers(town, "@cora").submit().errors
    assert not town.rows(NAMED)
    assert town.mia.types("/handoff start Bolt", in_="#accounts").ok
    assert ANYWAY not in town.mia.modal.text
    town.fill(town.mia.modal, "Bolt", "Retirement")
    assert not town.mia.modal.submit().errors
