"""Special relationships: owned by somebody of their own, on terms, until a day; handed over later than the rest."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.town import Town


@pytest.fixture
def labelled(lite_town: Town) -> Town:
    """Acme sells under its own label; Olaf hands it to Ines."""
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Sales channel": "Private label"})
    return town


def _names_the_holder(town: Town, expires: date, moves: date | None = None):
    assert town.checklist("mia").click("Done", near="Name who holds the relationship").ok
    form = town.mia.modal
    form.choose("What is it?", "Private label")
    form.fill("In a few words", "Garden tools under their name")
    form.choose("Who owns it?", "@mia")
    form.fill("Terms", "Their design, our moulds; 5 % back above 2,000 pieces.")
    form.choose("Expires on", expires.isoformat())
    if moves is not None:
        form.choose("Changes hands on", moves.isoformat())
    return form


def test_a_relationship_has_an_owner_terms_and_days_of_its_own(labelled):
    town, today = labelled, labelled.clock.now().date()
    form = _names_the_holder(town, today + timedelta(days=200), today + timedelta(days=90))
    outcome = form.submit()
    assert outcome.ok
    assert not outcome.errors
    assert "done by @mia" in town.checklist().text
    town.olaf.types("/handoff special acme", in_="#accounts")
    assert town.olaf.sees("Garden tools under their name")
    assert town.olaf.sees("5 % back above 2,000 pieces")


def test_a_day_that_has_passed_and_a_transfer_after_the_end_are_refused_under_their_fields(labelled):
    town, today = labelled, labelled.clock.now().date()
    form = _names_the_holder(town, today - timedelta(days=1))
    assert "That day has passed" in form.submit().errors["Expires on"]
    form.choose("Expires on", (today + timedelta(days=30)).isoformat())
    form.choose("Changes hands on", (today + timedelta(days=40)).isoformat())
    assert "hand it over before that" in form.submit().errors["Changes hands on"]
    assert not town.rows("SELECT 1 FROM special_relationships")


def test_its_owner_and_the_manager_hear_before_it_expires_and_change_it(labelled):
    town, today = labelled, labelled.clock.now().date()
    assert _names_the_holder(town, today + timedelta(days=35)).submit().ok
    town.passes(days=4)
    assert not any("expires on" in message.text for message in town.mia.dms("baton"))
    town.passes(days=3)
    told = [
        message for message in town.mia.dms("baton") if "“Garden tools under their name” expires on" in message.text
    ]
    assert told
    assert told[-1].click("Change").ok
    form = town.mia.modal
    form.choose("Expires on", (today + timedelta(days=400)).isoformat())
    assert form.submit().ok
    many = len(told)
    town.passes(days=3)
    again = [message for message in town.mia.dms("baton") if "expires on" in message.text and "Garden" in message.text]
    assert len(again) == many


def test_it_is_handed_over_in_a_step_of_its_own(labelled):
    town, today = labelled, labelled.clock.now().date()
    assert _names_the_holder(town, today + timedelta(days=200)).submit().ok
    mia = town.actor("mia")
    town.bot.handoffs.override(mia, 1, "We are in a hurry")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    town.bot.handoffs.override(mia, 1, "The customer knows us")
    town.settle()
    assert town.checklist("mia").click("Done", near="Hand the special relationship over").ok
    form = town.mia.modal
    assert form.value("Who owns it from today?") == "@ines"
    assert form.submit().ok
    [row] = town.rows("SELECT p.name, r.transfer_on FROM special_relationships r JOIN people p ON p.id = r.owner_id")
    assert row.name.casefold().startswith("ines")
    assert str(row.transfer_on) == town.clock.now().date().isoformat()


def test_where_its_owner_leaves_the_manager_hears_until_somebody_else_has_it(labelled):
    town, today = labelled, labelled.clock.now().date()
    form = _names_the_holder(town, today + timedelta(days=200))
    form.choose("Who owns it?", "@cora")
    assert form.submit().ok
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    town.passes(days=2)
    told = [m for m in town.mia.dms("baton") if "@cora, who has “Garden tools under their name”, cannot" in m.text]
    assert told
    assert told[-1].click("Change").ok
    town.mia.modal.choose("Who owns it?", "@olaf")
    assert town.mia.modal.submit().ok
    many = len(told)
    town.passes(days=3)
    again = [m for m in town.mia.dms("baton") if "@cora, who has" in m.text]
    assert len(again) <= many, "and nobody hears of it again"


def test_others_may_look_and_not_change(labelled):
    town, today = labelled, labelled.clock.now().date()
    assert _names_the_holder(town, today + timedelta(days=200)).submit().ok
    town.otto.types("/handoff special acme", in_="#accounts")
    assert "Change" not in str(town.otto.messages("#accounts")[-1].buttons)
