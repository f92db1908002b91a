"""A customer asks for another rep, who is found; too many new faces are pointed out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.customer_steps import BERLIN_10, INTRO, WARN, on_to, opens, plan
from tests.databases import mostly_sqlite


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _declined(town, who="mia", reason="We worked with her <!channel> before, and it did not go well"):
    town.card(who=who).menu("another rep")
    person = town.sandbox.person(who)
    person.modal.fill("What did the customer say?", reason)
    outcome = person.modal.submit()
    assert outcome.ok, outcome
    assert not outcome.errors


def _names(town, who, anyway=False):
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Incoming rep", who)
    if anyway:
        form.choose("Asked for somebody else before", ["Name them although"])
    return form, form.submit()


def test_a_customer_who_asks_for_another_rep_gets_one_and_nothing_is_lost(town):
    town.begun()
    opens(town, "olaf", WARN)
    town.says_the_customer_knows("olaf")
    on_to(town, 2)
    plan(opens(town, "olaf", INTRO), BERLIN_10 + timedelta(days=1))
    town.olaf.modal.close()
    town.checklist("ines").click("Done", near="Agree the next step")
    assert "Owner of record: @ines" in town.card().text

    _declined(town, "olaf")
    card = town.card().text
    assert "Stage 1 of 3, Prepare" in card
    assert "→ nobody yet" in card
    assert "Customer: told Mon 23 Nov by @olaf · asked for another rep" in card
    assert "Owner of record" not in card
    assert "done by @olaf" in town.checklist(stage=0).text
    assert "Agree the next step with the customer\n" in town.checklist(stage=1).text
    assert "done by @ines" not in town.checklist(stage=1).text
    kind = town.ines.dms("baton")[-1].text
    assert "would like to work with somebody else" in kind
    assert "did not go well" not in kind
    told = town.mia.dms("baton")[-1].text
    assert "asks for somebody else than @ines, says @olaf" in told
    assert "did not go well" in told
    town.otto.types("/handoff owner acme", in_="#general")
    assert "Acme is with @olaf" in town.otto.ephemerals("#general")[-1].text
    town.card().click("Brief")
    assert "did not go well" in town.mia.modal.text
    town.mia.modal.close()
    assert "did not go well" not in "\n".join(message.text for message in town.mia.thread(town.card()))


def test_the_declined_rep_comes_back_only_when_somebody_says_so(started):
    _declined(started)
    form, outcome = _names(started, "@ines")
    assert "The customer asked for somebody else" in outcome.errors["Incoming rep"]
    form.close()
    _, outcome = _names(started, "@cora")
    assert outcome.ok, outcome
    assert not outcome.errors
    assert "→ @cora" in started.card().text
    _, outcome = _names(started, "@ines", anyway=True)
    assert not outcome.errors
    assert "→ @ines" in started.card().text
    assert started.rows("SELECT 1 FROM audit WHERE verb = 'rep.named_anyway'")


def test_another_rep_is_asked_and_accepts(started):
    on_to(started, 2)
    _declined(started)
    _names(started, "@cora")
    started.card().click("Hand over")
    started.mia.modal.fill("Say why", "As before")
    assert started.mia.modal.submit().ok
    assert started.cora.dms("baton")[-1].click("Accept").ok
    assert "Owner of record: @cora" in started.card().text
    assert "Stage 2 of 3" in started.card().text


def test_with_nobody_left_a_cover_is_asked_for(lite_town):
    town = lite_town
    town.set_up()
    town.bot.start(town.actor("mia"), replace(town.form("Acme"), last_day=date(2026, 11, 27)))
    town.settle()
    on_to(town, 2)
    town.until(datetime(2026, 11, 30, 9, tzinfo=UTC))
    _declined(town)
    town.otto.types("/handoff owner acme", in_="#general")
    assert "Acme is with @ines" not in town.otto.ephemerals("#general")[-1].text
    assert "cover" in town.card().text.casefold()


def test_the_second_to_hear_of_it_is_told_and_strangers_cannot_say_it(started):
    started.card(who="olaf").menu("another rep")
    _declined(started)
    form = started.olaf.modal
    form.fill("What did the customer say?", "Somebody else, please")
    assert form.submit().ok
    assert started.olaf.sees("nobody whom the customer could decline")
    _names(started, "@cora")
    started.card(who="carl").menu("another rep")
    assert started.carl.modal is None
    assert started.carl.sees("Only @cora, @mia, or @olaf can do that here") or started.carl.sees("can do that here")


# -- too many faces ---------------------------------------------------------------------------------------------------


def _goes_on_to(town, who):
    """A day later the customer asks for another rep, who accepts."""
    town.passes(days=1)
    _declined(town)
    _names(town, f"@{who}")
    town.card().click("Hand over")
    town.mia.modal.fill("Say why", "As before")
    town.mia.modal.submit()
    town.sandbox.person(who).dms("baton")[-1].click("Accept")


def test_an_account_that_moves_too_often_is_pointed_out(lite_town):
    town = lite_town.begun()
    town.passes(days=1)
    on_to(town, 2)
    assert "new face" not in town.card().text
    for who in ("cora", "ida"):
        _goes_on_to(town, who)
    assert "3 new faces for the customer within 90 days" in town.card().text
    town.card().menu("Cancel")
    town.mia.modal.fill("Reason", "It is too much for them")
    town.mia.modal.submit()
    town.mia.types("/handoff start Acme", in_="#accounts")
    assert "4 new faces for the customer within 90 days" in town.mia.modal.text
    town.mia.modal.close()
    town.mia.types("/handoff start Other", in_="#accounts")
    assert "new face" not in town.mia.modal.text


@mostly_sqlite
def test_an_account_that_is_started_and_accepted_on_one_day_has_moved(town):
    town.begun()
    on_to(town, 2)
    for who in ("cora", "ida"):
        _goes_on_to(town, who)
    assert "3 new faces for the customer within 90 days" in town.card().text
