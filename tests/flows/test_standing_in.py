"""Who is reminded while somebody is away, and what delegates hear of it (U12)."""

import pytest

from bot.domain.refusals import NotAllowed
from tests.away_steps import FRIDAY, absent, asks_away, goes_away
from tests.databases import mostly_sqlite


def _reminded(town, name, words):
    return [m for m in town.sandbox.person(name).dms("baton") if words in m.text and "has left" not in m.text]


@mostly_sqlite
def test_whoever_stands_in_is_reminded_and_ticks_it_off(town):
    town.begun()
    absent(town, "olaf", "2026-11-23", FRIDAY, "@cora")
    town.passes(hours=30)
    assert not _reminded(town, "olaf", "Warn the customer")
    assert _reminded(town, "cora", "Warn the customer")
    assert town.checklist("cora").click("Done", near="Warn the customer").ok
    town.says_the_customer_knows("cora")
    assert "done by @cora" in town.checklist().text


def test_standing_in_is_no_acceptance_and_ends_with_the_leave(begun):
    absent(begun, "ines", "2026-11-23", "2026-11-24", "@cora")
    absent(begun, "olaf", "2026-11-23", "2026-11-24", "@cora")
    begun.passes(minutes=5)
    assert begun.checklist("cora").click("Done", near="Warn the customer").ok
    begun.says_the_customer_knows("cora")
    begun.card().click("Hand over")
    begun.mia.modal.fill("Say why", "Hurry")
    begun.mia.modal.submit()
    number = begun.rows("SELECT id FROM handoffs")[0].id
    with pytest.raises(NotAllowed):
        begun.bot.handoffs.accept(begun.actor("cora"), number)
    begun.passes(days=2)
    item = begun.rows("SELECT id FROM checklist_items WHERE title = 'Send the org chart'")[0].id
    with pytest.raises(NotAllowed):
        begun.bot.checklist.complete(begun.actor("cora"), item)


def test_without_a_delegate_the_manager_is_reminded(begun):
    absent(begun, "olaf", "2026-11-23", FRIDAY)
    begun.passes(hours=30)
    assert not _reminded(begun, "olaf", "Warn the customer")
    assert _reminded(begun, "mia", "Warn the customer")


def test_with_nobody_there_it_waits_and_comes_as_soon_as_one_is_back(begun):
    absent(begun, "mia", "2026-11-23", "2026-12-11")
    absent(begun, "olaf", "2026-11-23", "2026-12-04")
    begun.passes(days=2)
    assert not _reminded(begun, "olaf", "Warn the customer")
    assert not _reminded(begun, "mia", "Warn the customer")
    assert begun.olaf.opens_home().click("I am back").ok
    begun.passes(minutes=10)
    assert len(_reminded(begun, "olaf", "Warn the customer")) == 1


def test_whoever_comes_back_as_planned_is_reminded_that_morning(begun):
    absent(begun, "mia", "2026-11-23", "2026-12-11")
    absent(begun, "olaf", "2026-11-23", "2026-11-25")
    begun.passes(days=3, minutes=-61)
    assert not _reminded(begun, "olaf", "Warn the customer")
    begun.passes(minutes=5)
    assert len(_reminded(begun, "olaf", "Warn the customer")) == 1


def _of_standing_in(town, name):
    return [m.text for m in town.sandbox.person(name).dms("baton") if "stand in" in m.text]


@mostly_sqlite
def test_a_delegate_is_told_when_they_are_named_and_when_it_ends_early(town):
    town.begun()
    absent(town, "olaf", "2026-11-23", FRIDAY, "@cora")
    (named,) = _of_standing_in(town, "cora")
    assert "You stand in for @olaf from Mon 23 Nov to Fri 27 Nov." in named
    absent(town, "olaf", "2026-11-23", FRIDAY, "@cora")
    assert len(_of_standing_in(town, "cora")) == 1
    town.olaf.opens_home()
    assert town.olaf.home.click("I am back").ok
    assert "You no longer stand in for @olaf." in _of_standing_in(town, "cora")[-1]
    town.passes(days=6)
    assert len(_of_standing_in(town, "cora")) == 2


def test_a_delegate_hears_of_other_days_and_that_nobody_is_needed(begun):
    absent(begun, "olaf", "2026-11-30", "2026-12-02", "@cora")
    absent(begun, "olaf", "2026-12-03", "2026-12-04", "@cora")
    assert "You stand in for @olaf from Mon 30 Nov to Fri 4 Dec." in _of_standing_in(begun, "cora")[-1]
    absent(begun, "olaf", "2026-12-02", "2026-12-02", "@ida")
    assert "You stand in for @olaf on Wed 2 Dec." in _of_standing_in(begun, "ida")[-1]
    changed = _of_standing_in(begun, "cora")[-1]
    assert "from Mon 30 Nov to Tue 1 Dec" in changed
    assert "from Thu 3 Dec to Fri 4 Dec" in changed
    assert asks_away(begun.olaf).click("Remove", near="Wed 2 Dec").ok
    assert "You need not stand in for @olaf on Wed 2 Dec after all." in _of_standing_in(begun, "ida")[-1]
    assert len(_of_standing_in(begun, "cora")) == 3


def test_whoever_names_themselves_needs_no_letter(begun):
    assert goes_away(begun.mia, "2026-11-23", FRIDAY, "@mia", "/handoff away @olaf").ok
    assert not _of_standing_in(begun, "mia")


@mostly_sqlite
def test_a_delegate_who_leaves_is_told_of_once_to_whoever_is_away(town):
    town.begun()
    absent(town, "olaf", "2026-11-30", "2026-12-04", "@cora")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    (told,) = [m for m in town.olaf.dms("baton") if "@cora" in m.text]
    assert "@cora has left Slack and cannot stand in for you from Mon 30 Nov to Fri 4 Dec." in told.text
    assert "the managers of your handoffs are reminded" in told.text
    town.sandbox.actions.change_user(town.cora.id, title="Gone")
    town.passes(hours=1)
    assert len([m for m in town.olaf.dms("baton") if "@cora" in m.text]) == 1
    assert told.click("Away").ok
    assert "Mon 30 Nov to Fri 4 Dec · nobody stands in" in town.olaf.modal.text
    form = town.olaf.modal
    for label, value in (("First day away", "2026-11-30"), ("Last day away", "2026-12-04"), ("Who stands in?", "@ida")):
        form.choose(label, value)
    assert form.submit().ok
    assert _of_standing_in(town, "ida")


def test_a_delegate_who_turns_out_to_be_an_app_is_told_of_to_the_manager_who_said_it(begun):
    with begun.sandbox.workspace.changing():
        begun.sandbox.workspace.users[begun.cora.id].is_bot = True
    assert goes_away(begun.mia, "2026-11-23", FRIDAY, "@cora", "/handoff away @olaf").ok
    begun.settle()
    told = [m.text for m in begun.mia.dms("baton") if "@cora" in m.text]
    assert len(told) == 1
    assert "@cora cannot be reached in Slack and cannot stand in for @olaf from Mon 23 Nov to Fri 27 Nov." in told[0]
    assert "/handoff away @olaf" in told[0]
    assert not begun.rows("SELECT 1 FROM outbox WHERE state = 'failed'")
    begun.olaf.opens_home()
    assert "Meanwhile the managers of your handoffs are reminded" in begun.olaf.home.text


def test_delegates_of_what_is_over_are_nobodys_concern(begun):
    absent(begun, "olaf", "2026-11-23", "2026-11-24", "@cora")
    begun.passes(days=3)
    begun.sandbox.actions.deactivate(begun.cora.id)
    begun.settle()
    assert not [m for m in begun.olaf.dms("baton") if "@cora" in m.text]
