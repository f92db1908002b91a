"""The view of an account: seen, added to, changed by two at once, taken away and brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.deals import DealClosed
from bot.domain.dossier import Fact
from bot.domain.refusals import NotAllowed
from bot.errors import FieldErrors
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.accounts.dossier_things import ChangedMeanwhile, ThereAreSome
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.settling import CloseForm
from tests.account_steps import opens_account, saves, thing_sent


def test_what_is_missing_opens_just_its_form_and_the_view_shows_what_was_said(begun):
    view = opens_account(begun)
    assert "0 % known" in view.text
    assert "Necessary, and missing:" in view.text
    assert view.click("A contact").ok
    form = begun.ines.modal
    assert form.title == "Contact"
    form.fill("Name", "Ada Lind")
    form.choose("Role in decisions", "Decision maker")
    form.fill("Mail", "not an address")
    assert "mail address" in form.submit().errors["Mail"]
    form.fill("Mail", "ada@acme.example")
    assert form.submit().ok
    assert begun.ines.modal.title == "Account"
    assert "Ada Lind · decides" in begun.ines.modal.text
    assert "A contact" not in begun.ines.modal.buttons
    assert "Who decides" not in begun.ines.modal.buttons
    assert "0 % known" not in begun.ines.modal.text


def test_every_missing_fact_has_a_form_of_its_own(begun):
    for fact in Fact:
        where = begun.bot.dossier.views.where(begun.actor("ines"), 1, fact)
        assert where.noun in {"contact", "deal", "agreement", "key_date", "order", "note", *Part}, fact


def test_a_list_adds_changes_removes_and_brings_back_and_the_view_below_follows(begun):
    order = saves(begun, "olaf", "order", thing_sent(what="Filters", quantity="40 boxes a month"))
    view = opens_account(begun)
    assert "Filters · 40 boxes a month" in view.text
    assert view.click("Open", near="Regular orders").ok
    listed = begun.ines.modal
    assert listed.menu("Change", near="Filters").ok
    form = begun.ines.modal
    form.fill("What do they order?", "Filter cartridges")
    assert form.submit().ok
    assert "Filter cartridges" in begun.ines.modal.text
    assert begun.ines.modal.menu("Remove", near="Filter cartridges").ok
    assert "“Filter cartridges” is removed." in begun.ines.modal.text
    assert begun.rows("SELECT removed_at FROM regular_orders WHERE id = :id", id=order)[0][0] is not None
    assert begun.ines.modal.click("Undo").ok
    assert "is removed" not in begun.ines.modal.text
    assert begun.ines.modal.close().ok
    assert "Filter cartridges" in begun.ines.modal.text
    verbs = [row[0] for row in begun.rows("SELECT verb FROM audit WHERE verb LIKE 'order.%' ORDER BY id")]
    assert verbs == ["order.added", "order.changed", "order.removed", "order.restored"]


def test_of_two_who_change_the_same_thing_the_second_is_told(begun):
    number = saves(begun, "olaf", "agreement", thing_sent(title="Frame contract"))
    view = opens_account(begun)
    view.click("Open", near="Agreements")
    begun.ines.modal.menu("Change", near="Frame contract")
    form = begun.ines.modal
    saves(begun, "olaf", "agreement", thing_sent(title="Frame contract 2027"), number, 0)
    form.fill("What was agreed?", "Something else")
    assert "has changed meanwhile" in form.submit().errors["What was agreed?"]
    assert begun.rows("SELECT title FROM agreements") == [("Frame contract 2027",)]
    with pytest.raises(ChangedMeanwhile):
        begun.bot.dossier.things.remove(begun.actor("ines"), 1, "agreement", number, 0)
    begun.bot.dossier.details.save(begun.actor("ines"), 1, Part.NEEDS, thing_sent(needs="Quiet machines"), 0)
    with pytest.raises(ChangedMeanwhile):
        begun.bot.dossier.details.save(begun.actor("olaf"), 1, Part.NEEDS, thing_sent(needs="Loud ones"), 0)


def test_the_manager_attests_and_it_is_fresh_until_the_days_have_passed(begun):
    assert "nobody has confirmed it yet" in opens_account(begun, "mia").text
    assert begun.mia.modal.click("All this is right").ok
    assert "100 % fresh" in begun.mia.modal.text
    assert "said on" in begun.mia.modal.text
    begun.clock.jump_to(begun.clock.now() + timedelta(days=200))
    assert "stale" in opens_account(begun, "mia").text


def test_a_deal_is_added_in_the_view_with_the_source_of_its_lead(begun):
    view = opens_account(begun)
    assert view.click("Add", near="Deals").ok
    form = begun.ines.modal
    for label, words in (("Deal", "Packing line"), ("Amount", "12500"), ("Currency", "EUR"), ("Stage", "Offer")):
        form.fill(label, words)
    form.fill("Where did the lead come from?", "Trade fair")
    assert form.submit().ok
    assert "Packing line · €12,500.00 · Offer" in begun.ines.modal.text
    assert "Source of the lead" not in begun.ines.modal.buttons
    assert begun.ines.modal.click("Deals with dates").ok
    assert begun.ines.modal.value("Deal") == "Packing line"


@pytest.mark.parametrize(("ended", "kept"), [("Won", ("won", 1_200_050)), ("Lost", ("lost", None))])
def test_a_deal_of_an_account_without_a_handoff_is_closed_in_the_view(begun, ended, kept):
    begun.bot.handoffs.cancel(begun.actor("mia"), 1, "Not now")
    today = begun.clock.now().date()
    begun.bot.dossier.deals.save(begun.actor("olaf"), 1, DealForm("Packing line", "12500", "EUR", today, "Offer"))
    assert opens_account(begun, "olaf").click("Open", near="Deals").ok
    assert begun.olaf.modal.menu("Close the deal", near="Packing line").ok
    form = begun.olaf.modal
    assert "commission" not in form.text
    form.choose("How did it end?", ended)
    form.fill("Amount in EUR", "a lot" if ended == "Won" else "")
    form.choose("Closed on", (today + timedelta(days=2)).isoformat())
    assert form.submit().errors["Closed on"] == "That day has not come yet. Choose today or earlier."
    form.fill("Amount in EUR", "12000.50")
    form.choose("Closed on", (today - timedelta(days=400)).isoformat())
    outcome = form.submit()
    assert (outcome.ok, outcome.errors) == (True, {})
    assert "No deal is under way" in begun.olaf.modal.text
    [row] = begun.rows("SELECT state, closed_minor, closed_on FROM deals")
    assert ((row.state, row.closed_minor), str(row.closed_on)) == (kept, (today - timedelta(days=400)).isoformat())
    [told] = begun.rows("SELECT verb FROM audit WHERE verb LIKE 'deal.closed'")
    assert told.verb == "deal.closed"
    with pytest.raises(DealClosed):
        begun.bot.dossier.deals.close(begun.actor("olaf"), 1, 1, CloseForm(True, "1", today), 1)
    with pytest.raises(NotAllowed):
        begun.bot.dossier.deals.close(begun.actor("carl"), 1, 1, CloseForm(True, "1", today), 1)


def test_there_is_none_is_known_too_until_there_is_one(begun):
    view = opens_account(begun)
    assert view.click("Add", near="Agreements").ok
    begun.ines.modal.choose("Is there any?", ["No, there is none"])
    assert begun.ines.modal.submit().ok
    assert "There is none, somebody said." in begun.ines.modal.text
    assert "Agreements" not in begun.ines.modal.buttons
    saves(begun, "ines", "agreement", thing_sent(title="Frame contract"))
    assert begun.rows("SELECT none_of FROM accounts") in ([(None,)], [("null",)])
    with pytest.raises(ThereAreSome):
        begun.bot.dossier.things.deny(begun.actor("ines"), 1, Fact.AGREEMENTS)


def test_the_accounts_own_fields_are_changed_and_what_cannot_be_is_said_under_its_field(begun):
    details, ines = begun.bot.dossier.details, begun.actor("ines")
    yesterday = begun.clock.now().date() - timedelta(days=1)
    wrong = [
        (Part.LINKS, thing_sent(crm_link="javascript:alert(1)"), "crm_link"),
        (Part.NEXT_ORDER, thing_sent({"next_order_on": yesterday}), "next_order_on"),
        (Part.NEXT_ORDER, thing_sent(order_every_days="0"), "order_every_days"),
        (Part.PLACE, ThingSent({}, {}, {"tier": "key", "sales_channel": "direct"}), "tier"),
    ]
    for part, sent, field in wrong:
        with pytest.raises(FieldErrors) as refused:
            details.save(ines, 1, part, sent)
        assert field in refused.value.errors
    assert opens_account(begun).click("Change", near="Next order").ok
    form = begun.ines.modal
    form.choose("When do they order next?", (yesterday + timedelta(days=30)).isoformat())
    form.fill("Days between two orders", "30")
    assert form.submit().ok
    assert "every 30 days" in begun.ines.modal.text
    details.save(ines, 1, Part.ACCESS, thing_sent(ticked=frozenset({"ordering_site", "nonsense"})))
    assert "Ordering site" in opens_account(begun).text


def test_dates_that_cannot_be_are_refused(begun):
    day = begun.clock.now().date()
    for noun, sent, field in (
        (
            "agreement",
            thing_sent({"starts_on": day, "expires_on": day - timedelta(days=1)}, title="Frame"),
            "starts_on",
        ),
        ("key_date", thing_sent(title="Fair"), "day"),
        ("key_date", thing_sent({"day": day}, title="Fair", ahead_days="91"), "ahead_days"),
        ("order", thing_sent(what="\u200b"), "what"),
        ("contact", thing_sent(name="x" * 121), "name"),
    ):
        with pytest.raises(FieldErrors) as refused:
            saves(begun, "ines", noun, sent)
        assert field in refused.value.errors, noun


def test_the_handoff_leads_to_the_view(begun):
    begun.ines.types("/handoff show acme", in_="#accounts")
    assert begun.ines.ephemerals("#accounts")[-1].click("Account").ok
    assert begun.ines.modal.title == "Account"


def test_from_a_list_in_a_window_the_form_takes_its_place_because_slack_pushes_no_fourth(begun):
    """Who covers what, the view, a list: three windows. What is refused there stands where one looks."""
    number = saves(begun, "olaf", "order", thing_sent(what="Filters"))
    olaf = begun.olaf
    olaf.opens_home().click("Who covers what")
    assert olaf.modal.click("Account", near="Acme").ok
    assert olaf.modal.click("Open", near="Regular orders").ok
    listed = olaf.modal
    saves(begun, "ines", "order", thing_sent(what="Filters, small"), number, 0)
    assert listed.menu("Remove", near="Filters").ok
    assert "has changed meanwhile" in olaf.modal.text
    assert "Filters, small" in olaf.modal.text
    assert olaf.modal.menu("Change", near="Filters, small").ok
    form = olaf.modal
    form.fill("What do they order?", "Filters, large")
    saves(begun, "ines", "order", thing_sent(what="Filters, tiny"), number, 1)
    assert "has changed meanwhile" in form.submit().errors["What do they order?"]
    assert form.close().ok
    assert olaf.modal.title == "Account"


def test_a_note_is_written_from_what_is_missing_and_stands_among_the_latest(begun):
    view = opens_account(begun)
    assert view.click("A recent note").ok
    begun.ines.modal.fill("What was said?", "They want a quote by Friday")
    assert begun.ines.modal.submit().ok
    assert begun.ines.modal.close(whole_stack=True).ok
    assert "They want a quote by Friday" in opens_account(begun).text
    assert "A recent note" not in begun.ines.modal.buttons
