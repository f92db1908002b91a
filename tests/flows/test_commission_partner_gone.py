"""Who shares a commission leaves Slack, is declined, or is replaced: their duties, and what they signed (A35, B21)."""

from __future__ import annotations

import pytest

from bot.usecases.handoffs.editing import Edit
from tests.databases import mostly_sqlite
from tests.sharing import (
    adds,
    agreed,
    asked_to_agree,
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


def _leaves(town, who):
    town.sandbox.actions.deactivate(town.sandbox.person(who).id)
    town.settle()


def _log(town, state="open"):
    return [one for one in items_along(town, "work_log") if one.state == state]


def _declines(town):
    number = commission_of(town).handoff_id
    town.bot.rematch.declines(town.actor("mia"), number, commission_of(town).incoming_id, "Too far away")
    town.settle()
    return number


def test_who_leaves_has_no_duty_left_and_the_manager_reads_what_becomes_of_it(town):
    begun_sharing(town)
    agreed(town, until="2026-12-18")
    _leaves(town, "olaf")
    assert {one.owner for one in _log(town)} == {town.ines.id}
    ended = _log(town, "skipped")
    assert len(ended) == 2
    assert {one.skip_reason for one in ended} == {
        "Who had to do it does not work on the deal any more. Shares without recorded work wait for the manager."
    }
    told = [one for one in town.mia.dms("baton") if "has left Slack" in one.text][-1].text
    assert "They write no work down for shared deals any more" in told
    assert "Keep schedule and timeline" not in told


def test_nor_does_who_left_or_the_manager_get_any_of_it_later(begun):
    agreed(begun, until="2026-12-18")
    _leaves(begun, "olaf")
    begun.passes(days=18)  # a week longer than anything of theirs would have been due
    assert {one.owner for one in _log(begun)} == {begun.ines.id}
    assert "Keep schedule and timeline" not in "".join(one.text for one in begun.mia.dms("baton"))


def test_the_other_goes_on_and_the_manager_decides_about_the_rest(begun):
    agreed(begun)
    _leaves(begun, "olaf")
    item = next(one for one in _log(begun) if ".log." in one.key)
    begun.bot.checklist.skip(begun.actor("ines"), item.id, "Holidays")
    begun.settle()
    assert [one.owner for one in _log(begun) if ".log." in one.key] == [begun.ines.id]
    works(begun, "ines")
    closes(begun)
    assert "€187.50 is held back until the manager decides" in begun.ines.modal.text
    open_deals(begun)
    begun.mia.modal.menu("Decide what is held back")
    begun.mia.modal.choose("Who gets it?", "As agreed")
    begun.mia.modal.fill("Reason", "He did all of it before he left")
    assert begun.mia.modal.submit().ok
    assert commission_of(begun).outgoing_minor == 18_750


def test_who_is_declined_by_the_customer_has_no_duty_left_nor_has_the_manager_for_them(begun):
    agreed(begun, until="2027-01-29")
    number = _declines(begun)
    assert {one.owner for one in _log(begun)} == {begun.olaf.id}
    assert len(_log(begun, "skipped")) == 2
    item = next(one for one in _log(begun) if ".log." in one.key)
    begun.bot.checklist.skip(begun.actor("olaf"), item.id, "Holidays")
    begun.settle()
    assert {one.owner for one in _log(begun)} == {begun.olaf.id}
    begun.bot.editing(begun.actor("mia"), number, Edit({"incoming": begun.cora.id}))
    begun.settle()
    open_deals(begun)
    begun.mia.modal.menu("Change the terms")
    assert begun.mia.modal.submit().ok
    begun.settle()
    for who in ("olaf", "cora"):
        asked_to_agree(begun, who).click("I agree")
    begun.settle()
    assert {one.owner for one in _log(begun)} == {begun.olaf.id, begun.cora.id}


def test_who_was_replaced_goes_on_with_what_they_signed(begun):
    agreed(begun)
    begun.bot.editing(begun.actor("mia"), commission_of(begun).handoff_id, Edit({"incoming": begun.cora.id}))
    begun.settle()
    assert {one.owner for one in _log(begun)} == {begun.olaf.id, begun.ines.id}


@mostly_sqlite
def test_who_was_replaced_reads_what_they_signed_and_nothing_else(town):
    begun_sharing(town)
    agreed(town)
    assert adds(town, "Spare parts").ok
    town.bot.editing(town.actor("mia"), commission_of(town).handoff_id, Edit({"incoming": town.cora.id}))
    town.settle()
    assert "What was signed stands" in open_deals(town).text
    shown = open_deals(town, "ines")
    assert "70% to @ines" in shown.text
    assert "Both have agreed" in shown.text
    assert "Spare parts" not in shown.text
    assert "Add a deal" not in shown.buttons
    with pytest.raises(AssertionError):
        shown.menu("Close the deal")
    town.otto.types("/handoff deals Acme", in_="#accounts")
    assert town.otto.modal is None


def test_who_was_replaced_can_still_sign_what_waits_for_them(begun):
    open_deals(begun)
    adds(begun)
    shares(begun)
    begun.settle()
    begun.bot.editing(begun.actor("mia"), commission_of(begun).handoff_id, Edit({"incoming": begun.cora.id}))
    begun.settle()
    assert open_deals(begun, "ines").click("I agree").ok
    assert "waits for @olaf to agree" in begun.ines.modal.text
