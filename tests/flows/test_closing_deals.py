"""Closing shared deals: split to the cent, decided, corrected; what becomes of a window that ends (A35, A39)."""

from __future__ import annotations

import pytest

from bot.domain.refusals import NotAllowed
from tests.sharing import (
    adds,
    agreed,
    asked_to_agree,
    audited,
    begun_sharing,
    closes,
    commission_of,
    items_along,
    open_deals,
    works,
)


@pytest.fixture
def begun(lite_town):
    return begun_sharing(lite_town)


# -- closing -------------------------------------------------------------------------------------------------------


def test_closing_in_the_window_splits_to_the_cent(town):
    begun_sharing(town)
    agreed(town, amount="12.345,67")
    assert works(town, "olaf").ok
    assert works(town, "ines", "Signed contract").ok
    outcome = closes(town, amount="12,345.67")
    assert outcome.ok
    assert not outcome.errors
    # 5 % are 617.2835, so 617.28; 30 % of them 185.184, 70 % 432.096: the last cent goes to the larger remainder
    assert "Paid: @olaf €185.18, @ines €432.10" in town.ines.modal.text
    assert "Won Mon 23 Nov for €12,345.67" in town.ines.modal.text
    assert town.ines.modal.text.count("€12,345.67") == 1
    row = commission_of(town)
    assert (row.outgoing_minor, row.incoming_minor, row.held_minor) == (18_518, 43_210, 0)
    assert row.outgoing_minor + row.incoming_minor == 61_728
    assert asked_to_agree(town, "olaf", "the deal is closed, the commission settled")


def test_closed_in_the_view_of_the_account_a_shared_deal_settles_its_commission(begun):
    agreed(begun)
    assert works(begun, "olaf").ok
    assert works(begun, "ines", "Signed contract").ok
    begun.ines.modal.close()
    begun.ines.types("/handoff account acme", in_="#accounts")
    assert begun.ines.modal.click("Open", near="Deals").ok
    assert begun.ines.modal.menu("Close the deal").ok
    form = begun.ines.modal
    assert "The commission is settled with it." in form.text
    assert form.submit().ok
    assert begun.rows("SELECT state FROM deals")[0].state == "won"
    row = commission_of(begun)
    assert (row.outgoing_minor, row.incoming_minor, row.held_minor) == (18_750, 43_750, 0)


def test_nothing_recorded_nothing_paid_until_the_manager_decides(begun):
    agreed(begun)
    works(begun, "ines")
    text = open_deals(begun, "olaf").text
    assert "If it were won today: @olaf €0.00, @ines €437.50" in text
    assert "Nothing recorded by @olaf: 0. Work that is not recorded does not count." in text
    closes(begun)
    assert "€187.50 is held back until the manager decides" in begun.ines.modal.text
    assert "Decide what is held back" not in str(begun.ines.modal.view.blocks)
    open_deals(begun)
    begun.mia.modal.menu("Decide what is held back")
    form = begun.mia.modal
    form.choose("Who gets it?", "As agreed")
    assert form.submit().errors["Reason"]
    form.fill("Reason", "He was in hospital; the calls are in the CRM")
    assert form.submit().ok
    assert "Paid: @olaf €187.50, @ines €437.50" in begun.mia.modal.text
    assert "Decided by the manager: He was in hospital" in begun.mia.modal.text
    [decided] = audited(begun, "commission.decided")
    assert "187.50" in str(decided.before)
    assert "hospital" in str(decided.after)


def test_double_pay(begun):
    agreed(begun, mode="Double pay: each gets the whole commission")
    works(begun, "olaf")
    works(begun, "ines")
    closes(begun)
    assert "Paid: @olaf €625.00, @ines €625.00" in begun.ines.modal.text


def test_after_the_window_all_of_it_is_the_incoming_rep_s(begun):
    agreed(begun, until="2026-11-27")
    works(begun, "olaf")
    begun.passes(days=7)
    assert "The window has ended" in open_deals(begun, "ines").text
    closes(begun)
    assert "Paid: @olaf €0.00, @ines €625.00" in begun.ines.modal.text
    assert "It closed after the window ended" in begun.ines.modal.text
    assert commission_of(begun).state == "expired"


def test_a_closing_is_corrected_reopened_and_both_are_kept(begun):
    agreed(begun)
    works(begun, "olaf")
    works(begun, "ines")
    closes(begun)
    assert "has not come yet" in closes(begun, on="2026-12-24", entry="Correct").errors["Closed on"]
    assert closes(begun, amount="20000", entry="Correct the closing").ok
    assert "Paid: @olaf €300.00, @ines €700.00" in begun.ines.modal.text
    first, second = audited(begun, "commission.settled")
    assert "187.50" in str(first.after)
    assert "187.50" in str(second.before)
    assert "300.00" in str(second.after)
    assert audited(begun, "deal.corrected")
    assert closes(begun, outcome="Lost", entry="Correct the closing").ok
    assert "Lost: nothing is paid" in begun.ines.modal.text
    assert begun.ines.modal.menu("Reopen the deal").ok
    assert "If it were won today" in begun.ines.modal.text
    assert commission_of(begun).state == "signed"
    assert [i.state for i in items_along(begun, "work_log")].count("open") == 2


@pytest.mark.parametrize("day", ["2026-11-22", "2019-11-22"])
def test_a_deal_cannot_have_closed_before_the_handoff_began(begun, day):
    agreed(begun)
    assert "before the handoff began" in closes(begun, amount="12500.00", on=day).errors["Closed on"]
    assert "before the handoff began" in closes(begun, outcome="Lost", on=day).errors["Closed on"]
    assert not audited(begun, "deal.closed")


def test_what_is_held_back_can_be_decided_in_the_next_handoff_too(begun):
    agreed(begun)
    works(begun, "ines")
    closes(begun)
    begun.bot.handoffs.cancel(begun.actor("mia"), commission_of(begun).handoff_id, "Later")
    begun.passes(days=3)
    begun.handoff("Acme")
    assert "€187.50 is held back until the manager decides" in open_deals(begun).text
    begun.mia.modal.menu("Decide what is held back")
    begun.mia.modal.choose("Who gets it?", "As agreed")
    begun.mia.modal.fill("Reason", "The calls are in the CRM")
    assert begun.mia.modal.submit().ok
    assert commission_of(begun).held_minor == 0


def test_of_two_who_close_at_once_the_second_is_told(begun):
    agreed(begun)
    open_deals(begun, "olaf")
    begun.olaf.modal.menu("Close the deal")
    closes(begun, "ines", amount="15000")
    begun.olaf.modal.submit()
    assert "has changed meanwhile" in begun.olaf.modal.text
    assert len(audited(begun, "deal.closed")) == 1


# -- the end of a window -------------------------------------------------------------------------------------------


def test_the_end_is_announced_ahead_and_extended(begun):
    agreed(begun, until="2026-12-18")
    [notice] = items_along(begun, "terms")
    assert str(notice.due_on) == "2026-12-04"  # ten working days ahead, where Mia sits
    ends = [item for item in items_along(begun, "work_log") if ".ends." in item.key]
    assert [(item.owner, str(item.due_on)) for item in ends] == [
        (begun.olaf.id, "2026-12-04"),
        (begun.ines.id, "2026-12-04"),
    ]
    begun.passes(days=11)
    for who in ("mia", "olaf", "ines"):
        assert begun.sandbox.person(who).sees("A commission window ends")
    assert begun.checklist("mia").click("Done", near="close the deal, extend").ok
    form = begun.mia.modal
    assert "Packing line · ends Fri 18 Dec" in form.text
    form.choose("What now?", "Another last day")
    assert form.submit().errors
    form.choose("New last day", "2026-11-27")
    assert "That day has passed" in form.submit().errors["New last day"]
    form.choose("New last day", "2027-03-31")
    assert form.submit().ok
    begun.settle()
    assert "until Wed 31 Mar" in asked_to_agree(begun, "olaf").text
    row = commission_of(begun)
    assert (row.state, row.version) == ("draft", 1)
    for who in ("olaf", "ines"):
        asked_to_agree(begun, who).click("I agree")
    assert str(items_along(begun, "terms")[-1].due_on) == "2027-03-15"  # Easter lies between


def test_what_ends_is_shown_only_to_whom_the_step_is_for(begun):
    agreed(begun)
    [notice] = items_along(begun, "terms")
    with pytest.raises(NotAllowed):
        begun.bot.deal_desk.terms.ending(begun.actor("otto"), notice.id)
    shown = begun.bot.deal_desk.terms.ending(begun.actor("mia"), notice.id)
    assert shown.deal.name == "Packing line"


def test_for_the_sales_cycle_the_manager_is_asked_when_the_deal_should_have_closed(begun):
    open_deals(begun)
    adds(begun)
    begun.mia.modal.menu("Share the commission")
    form = begun.mia.modal
    form.fill("Commission, %", "5")
    form.choose("Until", None)
    assert form.submit().ok
    begun.settle()
    for who in ("olaf", "ines"):
        assert "for the sales cycle" in asked_to_agree(begun, who).text
        asked_to_agree(begun, who).click("I agree")
    [notice] = items_along(begun, "terms")
    assert str(notice.due_on) == "2027-02-01"
    open_deals(begun, "olaf")
    begun.olaf.modal.menu("Change the deal")
    begun.olaf.modal.choose("Expected to close", "2027-03-01")
    assert begun.olaf.modal.submit().ok
    assert [str(item.due_on) for item in items_along(begun, "terms")] == ["2027-03-01"]
    begun.checklist("mia").click("Done", near="close the deal, extend")
    assert "was expected to close Mon 1 Mar" in begun.mia.modal.text
    begun.mia.modal.choose("What now?", "Keep it for the sales cycle")
    assert begun.mia.modal.submit().ok
    works(begun, "ines")
    assert "€312.50 would be held back" in begun.ines.modal.text


def test_the_manager_lets_it_end(begun):
    agreed(begun, until="2027-01-29")
    begun.checklist("mia").click("Done", near="close the deal, extend")
    begun.mia.modal.choose("What now?", "Let it end as agreed")
    assert begun.mia.modal.submit().ok
    assert [item.state for item in items_along(begun, "terms")] == ["done"]
    assert commission_of(begun).state == "signed"


def test_an_open_window_goes_along_and_holds_the_last_gate(begun):
    agreed(begun, until="2027-06-30")
    handoff = commission_of(begun).handoff_id
    for _ in range(2):
        begun.bot.handoffs.override(begun.actor("mia"), handoff, "For the test")
        if begun.rows("SELECT acceptance FROM handoffs WHERE id = :h", h=handoff)[0].acceptance == "asked":
            begun.bot.handoffs.accept(begun.actor("ines"), handoff)
    begun.settle()
    [row] = begun.rows("SELECT stage_position FROM handoffs WHERE id = :h", h=handoff)
    assert row.stage_position == 2
    here = "SELECT s.position FROM stages s JOIN checklist_items i ON i.stage_id = s.id WHERE i.key LIKE 'along.%'"
    assert {one.position for one in begun.rows(here)} == {2}
    answer = begun.bot.handoffs.gate(begun.actor("mia"), handoff)
    assert answer.passed is None
    assert "A commission window ends" in str([one.title for one in answer.missing])
    assert "Keep schedule and timeline of the shared deals current, and" not in str(
        [one.title for one in answer.missing]
    )


def test_a_handoff_that_was_called_off_pays_the_outgoing_rep(begun):
    agreed(begun)
    works(begun, "ines")
    begun.bot.handoffs.cancel(begun.actor("mia"), commission_of(begun).handoff_id, "The customer said no")
    begun.settle()
    closes(begun, "olaf")
    assert "The handoff was cancelled: all of it is the outgoing rep’s" in begun.olaf.modal.text
    assert commission_of(begun).outgoing_minor == 62_500
