"""Deals in flight and what they pay: listed, shared, signed, worked on, closed to the cent, paid out (A35, A39)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.commission import NotAParty
from bot.domain.refusals import NotAllowed
from bot.domain.rules import PayMode
from bot.domain.vocabulary import Reason
from bot.usecases.commission import TermsForm

LIST, SHARE = "List the deals and projects in flight", "Agree who closes which deal"


def _begun(town):
    """Olaf hands Acme to Ines, and both stay."""

    def begin():
        town.begun("Other")
        form = replace(town.form("Acme"), reason=Reason.TERRITORY_CHANGE, last_day=None)
        town.bot.start(town.actor("mia"), form)
        town.settle()

    town.once("sharing Acme", begin)
    return town


@pytest.fixture
def begun(lite_town):
    return _begun(lite_town)


def _deals(town, who="mia", line="/handoff deals Acme"):
    person = town.sandbox.person(who)
    if person.modal is not None:
        person.modal.close()
    assert person.types(line, in_="#accounts").ok
    return person.modal


def _adds(town, name="Packing line", amount="12.500,00", currency="EUR", who="mia", close="2027-02-01"):
    """From the list that is open. Returns what came of it."""
    person = town.sandbox.person(who)
    assert person.modal.click("Add a deal").ok
    form = person.modal
    form.fill("Deal", name)
    form.fill("Amount", amount)
    form.fill("Currency", currency)
    form.choose("Expected to close", close)
    return form.submit()


def _shares(town, deal="Packing line", outgoing="30", incoming="70", rate="5", until=None, mode=None):
    """Mia sets the terms, in the list that is open."""
    mia = town.mia
    assert mia.modal.menu("terms" if "Change the terms" in str(mia.modal.view.blocks) else "Share", near=deal).ok
    form = mia.modal
    form.fill("Commission, %", rate)
    form.fill("Share of the outgoing", outgoing)
    form.fill("Share of the incoming", incoming)
    if until:
        form.choose("Until", until)
    if mode:
        form.choose("How are they paid?", mode)
    return form.submit()


def _asked(town, who, words="do you agree to this commission?"):
    """The latest direct message that asks to agree."""
    found = [m for m in town.sandbox.person(who).messages("@baton") if words in m.text]
    assert found, [m.text for m in town.sandbox.person(who).messages("@baton")]
    return found[-1]


def _agreed(town, until=None, mode=None, **deal):
    """A deal that both have agreed to share."""
    _deals(town)
    assert _adds(town, **deal).ok
    outcome = _shares(town, deal.get("name", "Packing line"), until=until, mode=mode)
    assert outcome.ok
    assert not outcome.errors
    town.settle()
    for who in ("olaf", "ines"):
        assert _asked(town, who).click("I agree").ok
    town.settle()


def _works(town, who, what="Went through the timeline", day=None):
    form = _work_form(town, who)
    form.fill("What did you do?", what)
    if day:
        form.choose("Day", day)
    return form.submit()


def _work_form(town, who):
    _deals(town, who)
    person = town.sandbox.person(who)
    assert person.modal.menu("Write down work").ok
    return person.modal


def _closes(town, who="ines", amount=None, on=None, outcome=None, entry="Close the deal"):
    _deals(town, who)
    person = town.sandbox.person(who)
    assert person.modal.menu(entry).ok
    form = person.modal
    if amount is not None:
        form.fill("Amount", amount)
    if on:
        form.choose("Closed on", on)
    if outcome:
        form.choose("How did it end?", outcome)
    return form.submit()


def _commission(town):
    [row] = town.rows("SELECT * FROM commissions")
    return row


def _audit(town, verb):
    return town.rows("SELECT before, after FROM audit WHERE verb = :v ORDER BY id", v=verb)


def _items(town, form):
    query = (
        "SELECT i.*, p.slack_id AS owner FROM checklist_items i LEFT JOIN people p ON p.id = i.owner_id "
        "WHERE i.form = :f AND i.key LIKE 'along.%' ORDER BY i.id"
    )
    return town.rows(query, f=form)


# -- deals ---------------------------------------------------------------------------------------------------------


def test_the_step_lists_the_deals_one_after_the_other(town):
    _begun(town)
    assert town.checklist("olaf").click("Done", near=LIST).ok
    assert "No deal is under way" in town.olaf.modal.text
    assert _adds(town, who="olaf").ok
    assert "Packing line\n€12,500.00 · expected to close Mon 1 Feb 2027" in town.olaf.modal.text
    assert _adds(town, "Spare parts", "9 800", who="olaf", close="2026-12-15").ok
    shown = town.olaf.modal.text
    assert shown.index("Spare parts") < shown.index("Packing line")  # the one that closes first
    assert town.olaf.modal.submit().ok
    assert "done by @olaf" in town.checklist("olaf").text
    [record] = town.rows("SELECT body FROM records WHERE kind = 'deals'")
    assert "12500.00" in str(record.body)
    assert len(_audit(town, "deal.added")) == 2


def test_what_cannot_be_read_is_asked_about_under_its_field(begun):
    _deals(begun)
    assert "can mean 12500.00 or 12.50" in _adds(begun, amount="12,500").errors["Amount"]
    begun.mia.modal.close()
    for amount, currency, field, words in (
        ("12500", "DEM", "Currency", "is no currency in use"),
        ("-5", "EUR", "Amount", "Less than nothing"),
        ("99999999999999", "EUR", "Amount", "more than I can believe"),
        ("12.5", "JPY", "Amount", "JPY has 0 decimals"),
        ("a lot", "EUR", "Amount", "no amount I can read"),
    ):
        assert words in _adds(begun, amount=amount, currency=currency).errors[field]
        begun.mia.modal.close()
    assert "That day has passed" in _adds(begun, close="2026-11-20").errors["Expected to close"]
    begun.mia.modal.close()
    assert _adds(begun).ok
    assert "of that name already" in _adds(begun, "packing LINE").errors["Deal"]
    assert len(begun.rows("SELECT id FROM deals")) == 1


def test_a_second_person_who_has_left_meanwhile_is_refused(begun):
    _deals(begun)
    begun.mia.modal.click("Add a deal")
    form = begun.mia.modal
    form.fill("Deal", "Crane")
    form.fill("Amount", "5")
    form.fill("Currency", "EUR")
    form.choose("Who knows it as well", "@carl")
    begun.sandbox.actions.deactivate(begun.carl.id)
    begun.settle()
    assert "cannot be reached" in form.submit().errors["Who knows it as well"]
    assert not begun.rows("SELECT id FROM deals")


def test_of_two_who_change_a_deal_at_once_the_second_is_told(begun):
    _deals(begun)
    _adds(begun)
    _deals(begun, "olaf")
    begun.olaf.modal.menu("Change the deal")
    begun.mia.modal.menu("Change the deal")
    begun.mia.modal.fill("Amount", "13000")
    assert begun.mia.modal.submit().ok
    begun.olaf.modal.fill("Amount", "11000")
    begun.olaf.modal.submit()
    assert "has changed meanwhile" in begun.olaf.modal.text
    [deal] = begun.rows("SELECT amount_minor FROM deals")
    assert deal.amount_minor == 1_300_000
    [change] = _audit(begun, "deal.changed")
    assert "12500.00" in str(change.before)
    assert "13000.00" in str(change.after)


# -- who sees it ---------------------------------------------------------------------------------------------------


def test_outsiders_see_neither_deals_nor_shares(begun):
    _agreed(begun)
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    for who in ("otto", "cora", "carl", "ida"):
        assert begun.sandbox.person(who).types("/handoff deals Acme", in_="#accounts").ok
        assert begun.sandbox.person(who).modal is None
        assert begun.sandbox.person(who).sees("Only")
    for who in ("otto", "carl"):
        texts = [m.text for m in begun.sandbox.person(who).messages("#accounts")]
        texts += [m.text for m in begun.sandbox.person(who).thread(begun.card())]
        assert not [text for text in texts if "Packing line" in text or "12,500" in text]


def test_a_cover_sees_the_deals_and_not_the_shares(begun):
    _agreed(begun)
    begun.cora.opens_home()
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE handoffs SET cover_id = (SELECT id FROM people WHERE slack_id = '{begun.cora.id}')"
        )
    text = _deals(begun, "cora").text
    assert "Packing line" in text
    assert "Shared" not in text
    assert "commission" not in text.casefold()


def test_the_brief_shows_the_deals_to_those_who_may_see_them(begun):
    _agreed(begun)
    for who, sees in (("ines", True), ("mia", True), ("otto", False), ("ida", False)):
        person = begun.sandbox.person(who)
        if person.modal is not None:
            person.modal.close()
        begun.sandbox.actions.invite("C0ACCOUNTS0", person.id)
        assert person.types("/handoff brief Acme", in_="#accounts").ok
        assert ("Packing line · €12,500.00" in person.modal.text) is sees


# -- terms ---------------------------------------------------------------------------------------------------------


def test_terms_that_do_not_add_up_are_refused_under_their_field(begun):
    _deals(begun)
    _adds(begun)
    assert "make 110 %" in _shares(begun, outgoing="40", incoming="70").errors["Share of the incoming rep, %"]
    begun.mia.modal.close()
    assert "at most 100" in _shares(begun, outgoing="130", incoming="-30").errors["Share of the outgoing rep, %"]
    begun.mia.modal.close()
    assert "is no percentage" in _shares(begun, rate="five").errors["Commission, % of the amount"]
    begun.mia.modal.close()
    assert "That day has passed" in _shares(begun, until="2026-11-22").errors["Until"]
    assert not begun.rows("SELECT id FROM commissions")


def test_the_form_begins_with_what_the_playbook_says(begun):
    _deals(begun)
    _adds(begun)
    begun.mia.modal.menu("Share the commission")
    form = begun.mia.modal
    assert (form.value("Share of the outgoing"), form.value("Share of the incoming")) == ("50", "50")
    assert form.value("Until") == "2027-02-21"  # ninety days


def test_both_sign_and_a_change_needs_both_again(town):
    _begun(town)
    _deals(town)
    _adds(town)
    assert _shares(town).ok
    town.settle()
    assert "waits for @olaf, @ines to agree" in town.mia.modal.text
    message = _asked(town, "olaf")
    assert "a commission of 5%, 30% of it to @olaf and 70% to @ines, until Sun 21 Feb 2027" in message.text
    assert "Won for €12,500.00 it pays: @olaf €187.50, @ines €437.50" in message.text
    assert "until then all of it goes to whoever has the account" in message.text
    assert "€625.00" not in message.text
    assert message.click("I agree").ok
    town.settle()
    assert _asked(town, "olaf", "you have agreed; the other signature is missing")
    assert "waits for @ines to agree" in _deals(town, "ines").text
    assert town.ines.modal.click("I agree").ok
    assert "Both have agreed." in town.ines.modal.text
    town.settle()
    assert "you have both agreed" in _asked(town, "olaf", "you have both agreed").text
    assert _commission(town).state == "signed"
    _deals(town)
    assert _shares(town, outgoing="40", incoming="60").ok
    town.settle()
    assert _commission(town).state == "draft"
    assert _asked(town, "olaf", "these terms do not stand any more")
    assert "40% of it to @olaf" in _asked(town, "olaf").text
    assert len(_audit(town, "commission.signed")) == 2
    [changed] = _audit(town, "commission.changed")
    assert "3000" in str(changed.before)
    assert "4000" in str(changed.after)


def test_an_old_version_is_refused_and_the_new_one_shown(begun):
    _deals(begun)
    _adds(begun)
    _shares(begun)
    begun.settle()
    version = begun.rows("SELECT version FROM commissions")[0].version
    number = _commission(begun).id
    message = _asked(begun, "olaf")
    handoff, deal = _commission(begun).handoff_id, _commission(begun).deal_id
    form = TermsForm(PayMode.SHARED, "5", "10", "90", None)
    # before the message could show it
    begun.bot.deal_desk.terms.propose(begun.actor("mia"), handoff, deal, form, version)
    assert message.click("I agree").ok
    assert "The terms for “Packing line” have changed since that message" in begun.olaf.modal.text
    assert "10% of it to @olaf" in begun.olaf.modal.text
    assert _commission(begun).outgoing_signed_at is None
    assert begun.olaf.modal.click("I agree").ok
    assert "waits for @ines to agree" in begun.olaf.modal.text
    assert _commission(begun).id == number


def test_signing_twice_is_told_and_nobody_signs_for_another(begun):
    _deals(begun)
    _adds(begun)
    _shares(begun)
    begun.settle()
    terms = begun.bot.deal_desk.terms
    number = _commission(begun).id
    message = _asked(begun, "olaf")
    terms.sign(begun.actor("olaf"), number, 0)  # before the message could show it
    assert message.click("I agree").ok
    assert begun.olaf.sees("You have agreed to these terms already")
    _deals(begun)
    assert "I agree" not in begun.mia.modal.buttons
    with pytest.raises(NotAParty):
        terms.sign(begun.actor("mia"), number, 0)


def test_only_the_manager_sets_terms(begun):
    _deals(begun)
    _adds(begun)
    shown = _deals(begun, "olaf")
    assert "Share the commission" not in str(shown.view.blocks)
    with pytest.raises(NotAllowed):
        begun.bot.deal_desk.terms.draft(begun.actor("olaf"), 2, 1)


def test_a_rep_who_left_between_opening_and_sending_cannot_be_asked(begun):
    _deals(begun)
    _adds(begun)
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
    assert _adds(begun).ok
    assert _shares(begun).ok
    begun.settle()
    begun.mia.modal.submit()
    assert "These still wait for a signature: Packing line" in begun.mia.modal.text
    begun.mia.modal.close()
    for who in ("olaf", "ines"):
        _asked(begun, who).click("I agree")
    begun.settle()
    begun.checklist("mia").click("Done", near=SHARE)
    assert begun.mia.modal.submit().ok
    [record] = begun.rows("SELECT body FROM records WHERE kind = 'terms'")
    assert "Packing line" in str(record.body)


# -- the work log and the duties -----------------------------------------------------------------------------------


def test_both_reps_get_their_duty_again_and_again_until_the_deal_closes(begun):
    _agreed(begun)
    first = [item for item in _items(begun, "work_log") if ".log." in item.key]
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
    latest = _items(begun, "work_log")[-1]
    assert (latest.owner, latest.state, str(latest.due_on)) == (begun.olaf.id, "open", "2026-12-21")
    assert begun.checklist("ines").menu("Skip", near="Work on closing").ok
    begun.ines.modal.fill("Reason", "Holidays")
    assert begun.ines.modal.submit().ok
    assert _items(begun, "work_log")[-1].owner == begun.ines.id
    _closes(begun)
    assert {item.state for item in _items(begun, "work_log")} == {"done", "skipped"}


def test_work_that_cannot_count_is_refused(begun):
    _agreed(begun, until="2026-11-27")
    assert "has not come yet" in _works(begun, "olaf", day="2026-12-01").errors["Day"]
    assert "before the handoff began" in _works(begun, "olaf", day="2026-11-01").errors["Day"]
    begun.passes(days=10)
    assert "ended before that day" in _works(begun, "olaf", day="2026-12-01").errors["Day"]
    assert _works(begun, "olaf", " ").errors["What did you do?"]
    assert not begun.rows("SELECT id FROM work_log")
    assert _works(begun, "olaf", day="2026-11-27").ok
    assert "Went through the timeline" in begun.olaf.modal.text
    shown = _deals(begun, "mia")
    with pytest.raises(AssertionError):
        shown.menu("Write down work")  # it is the reps' log


# -- closing -------------------------------------------------------------------------------------------------------


def test_closing_in_the_window_splits_to_the_cent(town):
    _begun(town)
    _agreed(town, amount="12.345,67")
    assert _works(town, "olaf").ok
    assert _works(town, "ines", "Signed contract").ok
    outcome = _closes(town, amount="12,345.67")
    assert outcome.ok
    assert not outcome.errors
    # 5 % are 617.2835, so 617.28; 30 % of them 185.184, 70 % 432.096: the last cent goes to the larger remainder
    assert "Paid: @olaf €185.18, @ines €432.10" in town.ines.modal.text
    assert "won Mon 23 Nov for €12,345.67" in town.ines.modal.text
    assert town.ines.modal.text.count("€12,345.67") == 1
    row = _commission(town)
    assert (row.outgoing_minor, row.incoming_minor, row.held_minor) == (18_518, 43_210, 0)
    assert row.outgoing_minor + row.incoming_minor == 61_728
    assert _asked(town, "olaf", "the deal is closed, the commission settled")


def test_nothing_recorded_nothing_paid_until_the_manager_decides(begun):
    _agreed(begun)
    _works(begun, "ines")
    text = _deals(begun, "olaf").text
    assert "If it were won today: @olaf €0.00, @ines €437.50" in text
    assert "Nothing recorded by @olaf: 0. Work that is not recorded does not count." in text
    _closes(begun)
    assert "€187.50 is held back until the manager decides" in begun.ines.modal.text
    assert "Decide what is held back" not in str(begun.ines.modal.view.blocks)
    _deals(begun)
    begun.mia.modal.menu("Decide what is held back")
    form = begun.mia.modal
    form.choose("Who gets it?", "As agreed")
    assert form.submit().errors["Reason"]
    form.fill("Reason", "He was in hospital; the calls are in the CRM")
    assert form.submit().ok
    assert "Paid: @olaf €187.50, @ines €437.50" in begun.mia.modal.text
    assert "Decided by the manager: He was in hospital" in begun.mia.modal.text
    [decided] = _audit(begun, "commission.decided")
    assert "187.50" in str(decided.before)
    assert "hospital" in str(decided.after)


def test_double_pay(begun):
    _agreed(begun, mode="Double pay: each gets the whole commission")
    _works(begun, "olaf")
    _works(begun, "ines")
    _closes(begun)
    assert "Paid: @olaf €625.00, @ines €625.00" in begun.ines.modal.text


def test_after_the_window_all_of_it_is_the_incoming_rep_s(begun):
    _agreed(begun, until="2026-11-27")
    _works(begun, "olaf")
    begun.passes(days=7)
    assert "The window has ended" in _deals(begun, "ines").text
    _closes(begun)
    assert "Paid: @olaf €0.00, @ines €625.00" in begun.ines.modal.text
    assert "It closed after the window ended" in begun.ines.modal.text
    assert _commission(begun).state == "expired"


def test_a_closing_is_corrected_reopened_and_both_are_kept(begun):
    _agreed(begun)
    _works(begun, "olaf")
    _works(begun, "ines")
    _closes(begun)
    assert "has not come yet" in _closes(begun, on="2026-12-24", entry="Correct").errors["Closed on"]
    assert _closes(begun, amount="20000", entry="Correct the closing").ok
    assert "Paid: @olaf €300.00, @ines €700.00" in begun.ines.modal.text
    first, second = _audit(begun, "commission.settled")
    assert "187.50" in str(first.after)
    assert "187.50" in str(second.before)
    assert "300.00" in str(second.after)
    assert _audit(begun, "deal.corrected")
    assert _closes(begun, outcome="Lost", entry="Correct the closing").ok
    assert "Lost: nothing is paid" in begun.ines.modal.text
    assert begun.ines.modal.menu("Reopen the deal").ok
    assert "If it were won today" in begun.ines.modal.text
    assert _commission(begun).state == "signed"
    assert [i.state for i in _items(begun, "work_log")].count("open") == 2


def test_of_two_who_close_at_once_the_second_is_told(begun):
    _agreed(begun)
    _deals(begun, "olaf")
    begun.olaf.modal.menu("Close the deal")
    _closes(begun, "ines", amount="15000")
    begun.olaf.modal.submit()
    assert "has changed meanwhile" in begun.olaf.modal.text
    assert len(_audit(begun, "deal.closed")) == 1


# -- the end of a window -------------------------------------------------------------------------------------------


def test_the_end_is_announced_ahead_and_extended(begun):
    _agreed(begun, until="2027-01-29")
    [notice] = _items(begun, "terms")
    assert str(notice.due_on) == "2027-01-15"  # ten working days ahead, where Mia sits
    ends = [item for item in _items(begun, "work_log") if ".ends." in item.key]
    assert [(item.owner, str(item.due_on)) for item in ends] == [
        (begun.olaf.id, "2027-01-15"),
        (begun.ines.id, "2027-01-15"),
    ]
    begun.passes(days=53)
    for who in ("mia", "olaf", "ines"):
        assert begun.sandbox.person(who).sees("A commission window ends")
    assert begun.checklist("mia").click("Done", near="close the deal, extend").ok
    form = begun.mia.modal
    assert "Packing line · ends Fri 29 Jan" in form.text
    form.choose("What now?", "Another last day")
    assert form.submit().errors
    form.choose("New last day", "2027-01-01")
    assert "That day has passed" in form.submit().errors["New last day"]
    form.choose("New last day", "2027-03-31")
    assert form.submit().ok
    begun.settle()
    assert "until Wed 31 Mar" in _asked(begun, "olaf").text
    row = _commission(begun)
    assert (row.state, row.version) == ("draft", 1)
    for who in ("olaf", "ines"):
        _asked(begun, who).click("I agree")
    assert str(_items(begun, "terms")[-1].due_on) == "2027-03-15"  # Easter lies between


def test_for_the_sales_cycle_the_manager_is_asked_when_the_deal_should_have_closed(begun):
    _deals(begun)
    _adds(begun)
    begun.mia.modal.menu("Share the commission")
    form = begun.mia.modal
    form.fill("Commission, %", "5")
    form.choose("Until", None)
    assert form.submit().ok
    begun.settle()
    for who in ("olaf", "ines"):
        assert "for the sales cycle" in _asked(begun, who).text
        _asked(begun, who).click("I agree")
    [notice] = _items(begun, "terms")
    assert str(notice.due_on) == "2027-02-01"
    _deals(begun, "olaf")
    begun.olaf.modal.menu("Change the deal")
    begun.olaf.modal.choose("Expected to close", "2027-03-01")
    assert begun.olaf.modal.submit().ok
    assert [str(item.due_on) for item in _items(begun, "terms")] == ["2027-03-01"]
    begun.checklist("mia").click("Done", near="close the deal, extend")
    assert "was expected to close Mon 1 Mar" in begun.mia.modal.text
    begun.mia.modal.choose("What now?", "Keep it for the sales cycle")
    assert begun.mia.modal.submit().ok
    _works(begun, "ines")
    assert "€312.50 would be held back" in begun.ines.modal.text


def test_the_manager_lets_it_end(begun):
    _agreed(begun, until="2027-01-29")
    begun.checklist("mia").click("Done", near="close the deal, extend")
    begun.mia.modal.choose("What now?", "Let it end as agreed")
    assert begun.mia.modal.submit().ok
    assert [item.state for item in _items(begun, "terms")] == ["done"]
    assert _commission(begun).state == "signed"


def test_an_open_window_goes_along_and_holds_the_last_gate(begun):
    _agreed(begun, until="2027-06-30")
    handoff = _commission(begun).handoff_id
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
    _agreed(begun)
    _works(begun, "ines")
    begun.bot.handoffs.cancel(begun.actor("mia"), _commission(begun).handoff_id, "The customer said no")
    begun.settle()
    _closes(begun, "olaf")
    assert "The handoff was cancelled: all of it is the outgoing rep’s" in begun.olaf.modal.text
    assert _commission(begun).outgoing_minor == 62_500


# -- finance -------------------------------------------------------------------------------------------------------


def _file(town, folder):
    """What the command of whoever runs Baton writes."""
    file = folder / "pay.csv"
    environment = {"DATABASE_URL": town.settings.database_url, "BATON_LOG_LEVEL": "ERROR"}
    told = CliRunner().invoke(app, ["commission", "export", str(file), "--bom"], env=environment)
    assert told.exit_code == 0, told.output
    assert file.stat().st_mode & 0o077 == 0
    return file.read_bytes()


def test_a_file_that_cannot_be_written_is_said_in_words(begun, tmp_path):
    environment = {"DATABASE_URL": begun.settings.database_url}
    told = CliRunner().invoke(app, ["commission", "export", str(tmp_path / "no" / "pay.csv")], env=environment)
    assert told.exit_code == 2
    assert "cannot be written: No such file or directory" in told.output


def test_finance_gets_a_file_in_which_nothing_runs(begun, tmp_path):
    _agreed(begun, name="=HYPERLINK(evil)", amount="1000")
    _works(begun, "olaf")
    _works(begun, "ines")
    _closes(begun)
    content = _file(begun, tmp_path)
    assert content.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["deal"] == "'=HYPERLINK(evil)"
    assert (row["currency"], row["closed_amount"]) == ("EUR", "1000.00")
    assert (row["outgoing_amount"], row["incoming_amount"], row["held_amount"]) == ("15.00", "35.00", "0.00")
    assert (row["rate_percent"], row["outgoing_share_percent"], row["why"]) == ("5.00", "30.00", "agreed")
    assert _file(begun, tmp_path) == content
    form = _deals(begun, "mia", "/handoff deals")
    assert "1 agreement" in form.text
    assert "Download for finance (CSV)" in form.buttons
    link = begun.bot.deal_desk.pay.view(begun.actor("mia")).link
    with urlopen(begun.request_url.replace("/slack/events", urlsplit(link).path), timeout=10) as answer:
        assert answer.read() == content
        assert "attachment" in answer.headers["Content-Disposition"]
    assert begun.olaf.types("/handoff deals", in_="#accounts").ok
    assert begun.olaf.sees("Only @mia can do that here")


def test_rehearsals_and_quiet_handoffs_are_in_no_file(begun, tmp_path):
    _agreed(begun)
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET test_run = true")
    assert _file(begun, tmp_path).count(b"\r\n") == 1
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET test_run = false, quiet = true")
    assert _file(begun, tmp_path).count(b"\r\n") == 1


def test_an_unknown_account_and_one_without_a_handoff(begun):
    assert begun.mia.types("/handoff deals Nobody", in_="#accounts").ok
    assert begun.mia.sees("I do not know an account like “Nobody”")


def test_the_list_is_kept_short_of_slack_s_limits(begun):
    _deals(begun)
    for number in range(12):
        assert _adds(begun, f"Deal {number}").ok
    assert begun.mia.modal.text.count("Change the deal") == 0
    assert len(begun.mia.modal.view.blocks) <= 100
