"""A deal that was closed beside any handoff: corrected and reopened in the view of its account, by whoever may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from json import loads
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.deals import ClosedInCrm, DealClosed, DealOpen
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.errors import FieldErrors
from bot.store import schema as t
from bot.usecases.deals.deals import DealForm, SameName
from bot.usecases.deals.settling import CloseForm
from bot.usecases.handoffs.start import AccountChoice
from bot.usecases.workspace.setup import SetupView
from tests.flows.test_crm import crm
from tests.sharing import agreed, audited, begun_sharing, closes, commission_of, works
from tests.town import Town

TODAY = date(2026, 11, 23)


@pytest.fixture
def acme(lite_town: Town) -> Town:
    """Olaf has Acme again, whose handoff was called off, and has won a deal."""
    town = lite_town.begun("Acme")
    town.passes(hours=1)
    town.bot.handoffs.cancel(town.actor("mia"), 1, "Not now")
    town.settle()
    adds(town)
    town.bot.dossier.deals.close(town.actor("olaf"), 1, 1, CloseForm(True, "12000", TODAY), 0)
    return town


def adds(town: Town, name: str = "Packing line") -> None:
    town.bot.dossier.deals.save(town.actor("olaf"), 1, DealForm(name, "12500", "EUR", None, "Offer"))


def listed(town: Town, who: str = "olaf"):
    """The deals of the account, from its view."""
    person = town.sandbox.person(who)
    if person.modal is not None:
        person.modal.close(whole_stack=True)
    assert person.types("/handoff account acme", in_="#accounts").ok
    assert person.modal.click("Open", near="Deals").ok
    return person.modal


def state(town: Town) -> tuple[str, int | None, str | None, str]:
    [row] = town.rows("SELECT state, closed_minor, closed_on, currency FROM deals WHERE id = 1")
    return row.state, row.closed_minor, str(row.closed_on) if row.closed_on else None, row.currency


def test_what_was_written_at_closing_is_corrected_and_both_stand_in_the_history(acme: Town) -> None:
    olaf = acme.olaf
    assert "Won Mon 23 Nov 2026 for €12,000.00" in listed(acme).text
    assert olaf.modal.menu("Correct the closing", near="Packing line").ok
    form = olaf.modal
    assert form.title == "Correct the closing"
    assert (form.value("Amount in EUR"), form.value("Closed on")) == ("12000.00", "2026-11-23")
    form.fill("Amount in EUR", "12 dozen")
    form.choose("Closed on", (TODAY + timedelta(days=2)).isoformat())
    errors = form.submit().errors
    assert "is no amount I can read" in errors["Amount in EUR"]
    assert errors["Closed on"] == "That day has not come yet. Choose today or earlier."
    form.fill("Amount in EUR", "11900.50")
    form.choose("Closed on", "2026-10-01")  # long before the handoff that was called off
    assert form.submit().ok
    assert "Won Thu 1 Oct 2026 for €11,900.50" in olaf.modal.text
    assert state(acme) == ("won", 1_190_050, "2026-10-01", "EUR")
    [line] = audited(acme, "deal.corrected")
    assert all(words in str(line.before) for words in ("12000.00", "2026-11-23"))
    assert all(words in str(line.after) for words in ("11900.50", "2026-10-01"))
    assert olaf.modal.menu("Correct the closing", near="Packing line").ok
    olaf.modal.choose("How did it end?", "Lost")
    assert olaf.modal.submit().ok
    assert "Lost Thu 1 Oct 2026" in olaf.modal.text
    assert state(acme) == ("lost", None, "2026-10-01", "EUR")
    olaf.modal.close(whole_stack=True)
    olaf.types("/handoff history acme", in_="#accounts")
    said = olaf.ephemerals("#accounts")[-1].text
    assert said.count("@olaf corrected how the deal “Packing line” closed") == 2
    assert said.count("@olaf closed the deal “Packing line”") == 1


def test_a_deal_is_reopened_once_and_can_be_closed_again(acme: Town) -> None:
    olaf, menu = acme.olaf, listed(acme)
    assert menu.menu("Reopen the deal", near="Packing line").ok
    assert "Won or lost" not in olaf.modal.text
    assert "€12,500.00 · Offer" in olaf.modal.text
    assert state(acme) == ("open", None, None, "EUR")
    [line] = audited(acme, "deal.reopened")
    assert "won" in str(line.before)
    assert "open" in str(line.after)
    with pytest.raises(DealOpen):
        acme.bot.dossier.deals.reopen(acme.actor("olaf"), 1, 1, 2)
    assert olaf.modal.menu("Close the deal", near="Packing line").ok
    assert olaf.modal.submit().ok
    assert state(acme)[:2] == ("won", 1_250_000)
    assert olaf.modal.close().ok
    assert "No deal is under way." in olaf.modal.text
    assert "Open" in olaf.modal.buttons, "what was closed is still to be found"


def test_of_two_the_second_is_told_and_a_stale_list_as_well(acme: Town) -> None:
    deals, olaf = acme.bot.dossier.deals, acme.olaf
    listed(acme).menu("Correct the closing", near="Packing line")
    form = olaf.modal
    deals.correct(acme.actor("mia"), 1, 1, CloseForm(True, "1", TODAY), 1)
    assert "has changed meanwhile" in next(iter(form.submit().errors.values()))
    assert form.close().ok
    assert olaf.modal.menu("Reopen the deal", near="Packing line").ok
    assert "has changed meanwhile" in olaf.modal.text
    assert "€1.00" in olaf.modal.text, "the list is drawn as it is now"
    adds(acme)
    with pytest.raises(SameName):
        deals.reopen(acme.actor("olaf"), 1, 1, 2)
    with pytest.raises(DealOpen):
        deals.correct(acme.actor("olaf"), 1, 2, CloseForm(True, "1", TODAY), 0)
    with pytest.raises(DealClosed):
        deals.close(acme.actor("olaf"), 1, 1, CloseForm(True, "1", TODAY), 2)


def test_whoever_may_close_it_may_correct_it_and_nobody_else(acme: Town) -> None:
    deals = acme.bot.dossier.deals
    for who in ("carl", "ines", "otto"):
        for act in (
            lambda by: deals.closing(by, 1, 1, again=True),
            lambda by: deals.correct(by, 1, 1, CloseForm(False, "", TODAY), 1),
            lambda by: deals.reopen(by, 1, 1, 1),
        ):
            with pytest.raises(NotAllowed) as refused:
                act(acme.actor(who))
            assert acme.olaf.id in refused.value.values["people"]
    assert audited(acme, "deal.corrected") == audited(acme, "deal.reopened") == []
    deals.correct(acme.actor("mia"), 1, 1, CloseForm(False, "", TODAY), 1)  # a manager
    with pytest.raises(NoSuchThing):
        deals.correct(acme.actor("mia"), 1, 7, CloseForm(False, "", TODAY), 1)


def test_where_the_crm_closed_it_its_word_counts_and_where_a_person_did_theirs(acme: Town) -> None:
    with acme.bot.db.write() as session:
        session.execute(update(t.accounts).values(crm="salesforce"))
        session.execute(update(t.deals).values(crm_id="006"))
    deals, olaf = acme.bot.dossier.deals, acme.actor("olaf")
    deals.correct(olaf, 1, 1, CloseForm(True, "11000", TODAY), 1)  # it was Olaf who had closed it
    closing = {"id": "006", "outcome": "won", "closed_on": "2026-11-20", "amount": "10000", "currency": "EUR"}
    assert crm(acme, {"type": "deal.closed", "at": "2026-11-23T10:00:00Z", "deal": closing}).changed == 1
    for words in ("Correct the closing", "Reopen the deal"):
        assert listed(acme).menu(words, near="Packing line").ok
        assert "was closed in the CRM, and its word counts. Correct it there." in acme.olaf.modal.text
    with pytest.raises(ClosedInCrm):
        deals.correct(olaf, 1, 1, CloseForm(True, "11000", TODAY), 3)
    assert state(acme) == ("won", 1_000_000, "2026-11-20", "EUR")


def test_the_currency_is_asked_of_a_deal_that_nobody_has_estimated(acme: Town) -> None:
    with acme.bot.db.write() as session:  # as a file brings one that was lost
        session.execute(update(t.deals).values(amount_minor=None, currency="", state="lost", closed_minor=None))
    listed(acme).menu("Correct the closing", near="Packing line")
    form = acme.olaf.modal
    form.choose("How did it end?", "Won")
    form.fill("Amount", "900")
    assert "is no currency in use" in form.submit().errors["Currency"]
    form.fill("Currency", "XXZ")
    assert "“XXZ” is no currency in use" in form.submit().errors["Currency"]
    form.fill("Currency", "usd")
    assert form.submit().ok
    assert state(acme)[::3] == ("won", "USD")
    assert "$900.00" in acme.olaf.modal.text


def names_in(side: Any) -> set[str]:
    """What a line of the audit trail says something about; as text where the database has no JSON."""
    return set(loads(side) if isinstance(side, str) else side)


def managed(town: Town) -> Town:
    """Cora is a manager of the workspace as well, and has no part in the handoff of Acme."""
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.mia.id, town.cora.id), None))
    return town


def test_what_a_handoff_has_closed_is_corrected_by_its_rules_also_when_it_is_over(lite_town: Town) -> None:
    town = managed(lite_town.begun("Acme"))
    deals = town.bot.dossier.deals
    adds(town)
    assert closes(town, "ines", amount="12000").ok
    adds(town, "Filters")
    deals.close(
        town.actor("cora"), 1, 2, CloseForm(True, "500", TODAY), 0
    )  # she has no part in it: in the account's view
    lines = [[names_in(side) for side in line] for line in audited(town, "deal.closed")]
    assert lines[0] == lines[1], "one is written as the other"
    town.passes(hours=1)
    for number in (1, 2):
        if number == 2:
            town.bot.handoffs.cancel(town.actor("mia"), 1, "Not now")
        deals.correct(town.actor("cora"), 1, 2, CloseForm(True, "500", TODAY - timedelta(days=90)), number)
        with pytest.raises(NotAllowed):
            deals.correct(town.actor("cora"), 1, 1, CloseForm(True, "1", TODAY), number)
        with pytest.raises(FieldErrors) as refused:
            deals.correct(town.actor("mia"), 1, 1, CloseForm(True, "1", TODAY - timedelta(days=90)), number)
        assert "before the handoff began" in str(refused.value)
        deals.correct(town.actor("mia"), 1, 1, CloseForm(True, str(number), TODAY), number)
    assert state(town)[:2] == ("won", 200)


def test_a_shared_deal_is_settled_anew_and_never_silently(lite_town: Town) -> None:
    town = managed(begun_sharing(lite_town))
    agreed(town)
    for who in ("olaf", "ines"):
        assert works(town, who).ok
    assert closes(town).ok
    town.passes(hours=1)
    town.bot.handoffs.cancel(town.actor("mia"), 1, "Not now")
    deals, before = town.bot.dossier.deals, commission_of(town)
    assert not deals.closing(town.actor("cora"), 1, 1, again=True).shared, "she may not know that it is"
    with pytest.raises(NotAllowed):
        deals.correct(town.actor("cora"), 1, 1, CloseForm(True, "20000", TODAY), 1)
    assert deals.closing(town.actor("olaf"), 1, 1, again=True).shared
    deals.correct(town.actor("olaf"), 1, 1, CloseForm(True, "20000", TODAY), 1)
    row = commission_of(town)
    assert row.outgoing_minor != before.outgoing_minor
    first, second = audited(town, "commission.settled")
    assert first.after == second.before
    deals.reopen(town.actor("olaf"), 1, 1, 2)
    assert commission_of(town).outgoing_minor is None
    assert audited(town, "commission.reopened")


def test_beside_a_quiet_handoff_it_is_corrected_as_if_there_were_none(acme: Town) -> None:
    quiet = replace(acme.form("Acme"), account=AccountChoice(id=1), quiet=True)
    acme.bot.start(acme.actor("mia"), quiet)
    acme.bot.dossier.deals.correct(acme.actor("olaf"), 1, 1, CloseForm(True, "7", TODAY - timedelta(days=90)), 1)
    [row] = acme.rows("SELECT handoff_id FROM audit WHERE verb = 'deal.corrected'")
    assert row.handoff_id == 1
    assert state(acme)[:2] == ("won", 700)
