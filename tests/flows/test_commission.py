"""What deals pay: shares agreed and signed by both, and the work that they are paid for (A35, A39)."""

from __future__ import annotations

import pytest

from bot.domain.commission import NotAParty
from bot.domain.refusals import NotAllowed
from bot.domain.rules import PayMode
from bot.usecases.deals.commission import TermsForm
from tests.sharing import (
    SHARE,
    adds,
    agreed,
    asked_to_agree,
    audited,
    begun_sharing,
    closes,
    commission_of,
    items_along,
    open_deals,
    shares,
    works,
)


@pytest.fixture
def begun(lite_town):
    return begun_sharing(lite_town)


# -- terms ---------------------------------------------------------------------------------------------------------


def test_terms_that_do_not_add_up_are_refused_under_their_field(begun):
    open_deals(begun)
    adds(begun)
    assert "make 110 %" in shares(begun, outgoing="40", incoming="70").errors["Share of the incoming rep, %"]
    begun.mia.modal.close()
    assert "at most 100" in shares(begun, outgoing="130", incoming="-30").errors["Share of the outgoing rep, %"]
    begun.mia.modal.close()
    assert "is no percentage" in shares(begun, rate="five").errors["Commission, % of the amount"]
    begun.mia.modal.close()
    assert "That day has passed" in shares(begun, until="2026-11-22").errors["Until"]
    assert not begun.rows("SELECT id FROM commissions")


def test_the_form_begins_with_what_the_playbook_says(begun):
    open_deals(begun)
    adds(begun)
    begun.mia.modal.menu("Share the commission")
    form = begun.mia.modal
    assert (form.value("Share of the outgoing"), form.value("Share of the incoming")) == ("50", "50")
    assert form.value("Until") == "2027-02-21"  # ninety days


def test_both_sign_and_a_change_needs_both_again(town):
    begun_sharing(town)
    open_deals(town)
    adds(town)
    assert shares(town).ok
    town.settle()
    assert "waits for @olaf, @ines to agree" in town.mia.modal.text
    message = asked_to_agree(town, "olaf")
    assert "a commission of 5%, 30% of it to @olaf and 70% to @ines, until Sun 21 Feb 2027" in message.text
    assert "Won for €12,500.00 it pays: @olaf €187.50, @ines €437.50" in message.text
    assert "until then all of it goes to whoever has the account" in message.text
    assert "€625.00" not in message.text
    assert message.click("I agree").ok
    town.settle()
    assert asked_to_agree(town, "olaf", "you have agreed; the other signature is missing")
    assert "waits for @ines to agree" in open_deals(town, "ines").text
    assert town.ines.modal.click("I agree").ok
    assert "Both have agreed." in town.ines.modal.text
    town.settle()
    assert "you have both agreed" in asked_to_agree(town, "olaf", "you have both agreed").text
    assert commission_of(town).state == "signed"
    open_deals(town)
    assert shares(town, outgoing="40", incoming="60").ok
    town.settle()
    assert commission_of(town).state == "draft"
    assert asked_to_agree(town, "olaf", "these terms do not stand any more")
    assert "40% of it to @olaf" in asked_to_agree(town, "olaf").text
    assert len(audited(town, "commission.signed")) == 2
    [changed] = audited(town, "commission.changed")
    assert "3000" in str(changed.before)
    assert "4000" in str(changed.after)


def test_an_old_version_is_refused_and_the_new_one_shown(begun):
    open_deals(begun)
    adds(begun)
    shares(begun)
    begun.settle()
    version = begun.rows("SELECT version FROM commissions")[0].version
    number = commission_of(begun).id
    message = asked_to_agree(begun, "olaf")
    handoff, deal = commission_of(begun).handoff_id, commission_of(begun).deal_id
    form = TermsForm(PayMode.SHARED, "5", "10", "90", None)
    # before the message could show it
    begun.bot.deal_desk.terms.propose(begun.actor("mia"), handoff, deal, form, version)
    assert message.click("I agree").ok
    assert "The terms for “Packing line” have changed since that message" in begun.olaf.modal.text
    assert "10% of it to @olaf" in begun.olaf.modal.text
    assert commission_of(begun).outgoing_signed_at is None
    assert begun.olaf.modal.click("I agree").ok
    assert "waits for @ines to agree" in begun.olaf.modal.text
    assert commission_of(begun).id == number


def test_signing_twice_is_told_and_nobody_signs_for_another(begun):
    open_deals(begun)
    adds(begun)
    shares(begun)
    begun.settle()
    terms = begun.bot.deal_desk.terms
    number = commission_of(begun).id
    message = asked_to_agree(begun, "olaf")
    terms.sign(begun.actor("olaf"), number, 0)  # before the message could show it
    assert message.click("I agree").ok
    assert begun.olaf.sees("You have agreed to these terms already")
    open_deals(begun)
    assert "I agree" not in begun.mia.modal.buttons
    with pytest.raises(NotAParty):
        terms.sign(begun.actor("mia"), number, 0)


def test_only_the_manager_sets_terms(begun):
    open_deals(begun)
    adds(begun)
    shown = open_deals(begun, "olaf")
    assert "Share the commission" not in str(shown.view.blocks)
    with pytest.raises(NotAllowed):
        begun.bot.deal_desk.terms.draft(begun.actor("olaf"), 1, 1)


def test_a_rep_who_left_between_opening_and_sending_cannot_be_asked(begun):
    open_deals(begun)
    adds(begun)
    begun.mia.modal.menu("Share the commission")
    form = begun.mia.modal
    form.fill("Commission, %", "5")
    begun.sandbox.actions.deactivate(begun.olaf.id)
    begun.settle()
    form.submit()
    assert "cannot be reached in Slack any more" in begun.mia.modal.text
    assert not begun.rows("SELECT id FROM commissions")


def test_the_step_waits_for_both_signatures(begun):
    begun.checklist("mia").click("Done", near=SHARE)
    assert adds(begun).ok
    assert shares(begun).ok
    begun.settle()
    begun.mia.modal.submit()
    assert "These still wait for a signature: Packing line" in begun.mia.modal.text
    begun.mia.modal.close()
    for who in ("olaf", "ines"):
        asked_to_agree(begun, who).click("I agree")
    begun.settle()
    begun.checklist("mia").click("Done", near=SHARE)
    assert begun.mia.modal.submit().ok
    [record] = begun.rows("SELECT body FROM records WHERE kind = 'terms'")
    assert "Packing line" in str(record.body)


# -- the work log and the duties -----------------------------------------------------------------------------------


def test_both_reps_get_their_duty_again_and_again_until_the_deal_closes(begun):
    agreed(begun)
    first = [item for item in items_along(begun, "work_log") if ".log." in item.key]
    assert [(item.owner, str(item.due_on)) for item in first] == [
        (begun.olaf.id, "2026-12-07"),
        (begun.ines.id, "2026-12-09"),  # two days are free where she lives
    ]
    begun.passes(days=14)
    assert begun.olaf.sees("Keep schedule and timeline of the shared deals current")
    assert begun.checklist("olaf").click("Done", near="Keep schedule").ok
    form = begun.olaf.modal
    assert "does not count" in form.text
    assert form.value("For which deals?") == "Packing line"
    form.fill("What did you do?", "Moved the factory test to March")
    assert form.submit().ok
    begun.settle()
    latest = items_along(begun, "work_log")[-1]
    assert (latest.owner, latest.state, str(latest.due_on)) == (begun.olaf.id, "open", "2026-12-21")
    assert begun.checklist("ines").menu("Skip", near="Work on closing").ok
    begun.ines.modal.fill("Reason", "Holidays")
    assert begun.ines.modal.submit().ok
    assert items_along(begun, "work_log")[-1].owner == begun.ines.id
    closes(begun)
    assert {item.state for item in items_along(begun, "work_log")} == {"done", "skipped"}


def test_work_that_cannot_count_is_refused(begun):
    agreed(begun, until="2026-11-27")
    assert "has not come yet" in works(begun, "olaf", day="2026-12-01").errors["Day"]
    assert "before the handoff began" in works(begun, "olaf", day="2026-11-01").errors["Day"]
    begun.passes(days=10)
    assert "ended before that day" in works(begun, "olaf", day="2026-12-01").errors["Day"]
    assert works(begun, "olaf", " ").errors["What did you do?"]
    assert not begun.rows("SELECT id FROM work_log")
    assert works(begun, "olaf", day="2026-11-27").ok
    assert "Went through the timeline" in begun.olaf.modal.text
    shown = open_deals(begun, "mia")
    with pytest.raises(AssertionError):
        shown.menu("Write down work")  # it is the reps' log
