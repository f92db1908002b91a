"""People leave, which is what this is all about: what they owe moves to the manager, who is told once (U33)."""

from __future__ import annotations

import pytest

from bot.domain.refusals import IncomingIsGone
from bot.usecases.handoffs.editing import Edit
from bot.usecases.workspace.setup import SetupView
from tests.databases import mostly_sqlite


def _told(person):
    return [m for m in person.dms("baton") if "has left Slack" in m.text]


def test_the_manager_is_told_once_what_a_leaver_held_in_all_their_handoffs(lite_town):
    town = lite_town.begun()
    town.handoff("Bolt Works")
    town.sandbox.actions.deactivate(town.olaf.id)
    town.settle()
    (told,) = _told(town.mia)
    assert "@olaf has left Slack. I remind you of what they held in 2 handoffs" in told.text
    for words in ("Acme", "Bolt Works", "outgoing rep"):
        assert words in told.text
    town.sandbox.actions.change_user(town.olaf.id, title="Gone")
    town.settle()
    assert len(_told(town.mia)) == 1


def test_of_a_single_handoff_the_sentence_names_it(lite_town):
    town = lite_town.begun()
    town.sandbox.actions.deactivate(town.wanda.id)
    town.settle()
    (told,) = _told(town.mia)
    assert "they held in the handoff of Acme, until you choose somebody else" in told.text
    assert "Warranty’s answer" in told.text


def test_what_a_leaver_owes_is_asked_of_the_manager_at_its_time_and_no_earlier(town):
    town.begun()
    town.sandbox.actions.deactivate(town.olaf.id)
    town.settle()
    before = len(town.mia.dms("baton"))
    town.passes(hours=1)
    town.passes(days=4)
    asked = [m for m in town.mia.dms("baton")[before:] if "Send the org chart" in m.text]
    assert asked
    assert not any("Send the org chart" in m.text for m in town.olaf.dms("baton"))


def test_a_manager_who_leaves_is_told_of_to_whoever_started_it(lite_town):
    town = lite_town.begun()
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Manager", "@ida")
    assert form.submit().ok
    town.sandbox.actions.deactivate(town.ida.id)
    town.settle()
    assert any("@ida has left Slack" in m.text and "manager" in m.text for m in town.mia.dms("baton"))


@mostly_sqlite
def test_where_the_manager_who_started_it_leaves_whoever_is_next_gets_it_and_is_told(town):
    town.begun()
    managers = (town.mia.id, town.cora.id)
    town.bot.setup.save(town.actor("mia"), SetupView({}, managers, None, "", 5, town.otto.id))
    town.settle()
    for name in ("cora", "otto"):
        town.sandbox.person(name).opens_home()
    town.sandbox.actions.deactivate(town.mia.id)
    town.settle()
    (told,) = _told(town.otto)
    assert "You are its manager now" in told.text
    managed = "SELECT p.slack_id FROM handoffs h JOIN people p ON p.id = h.manager_id"
    assert town.rows(managed)[0].slack_id == town.otto.id
    assert not _told(town.cora)
    town.passes(days=12)
    assert [m for m in town.otto.dms("baton") if "Warn the customer" in m.text], "reminders go on"


def test_where_nobody_is_left_in_charge_the_first_who_comes_is_told(lite_town):
    town = lite_town.begun()
    town.sandbox.actions.deactivate(town.mia.id)
    town.settle()
    town.sandbox.actions.change_user(town.otto.id, is_admin=True)
    town.otto.opens_home()
    town.passes(days=1)
    (told,) = _told(town.otto)
    assert "You are its manager now" in told.text


def test_somebody_who_holds_nothing_leaves_quietly(lite_town):
    town = lite_town.begun()
    town.otto.types("/handoff list", in_="#general")
    town.otto.opens_home()
    town.sandbox.actions.deactivate(town.otto.id)
    town.settle()
    assert not _told(town.mia)


def test_what_was_given_to_somebody_who_leaves_goes_to_the_manager_who_may_settle_it(lite_town):
    town = lite_town.begun()
    item = town.rows("SELECT id FROM checklist_items WHERE title = 'Warn the customer'")[0].id
    town.bot.checklist.assign(town.actor("mia"), item, town.cora.id)
    town.settle()
    town.sandbox.actions.deactivate(town.cora.id)
    town.passes(days=3)
    told = [message for message in town.mia.dms("baton") if "Warn the customer" in message.text and message.buttons]
    assert told
    assert not [message for message in town.olaf.dms("baton") if "Warn the customer" in message.text]
    assert told[-1].click("Done", near="Warn the customer").ok
    town.says_the_customer_knows("mia")
    assert "done by @mia" in town.checklist().text


def test_the_first_handoff_of_a_manager_knows_their_holidays_too(lite_town):
    """Mia lives in Berlin; Slack says so only after she has started her first handoff."""
    town = lite_town.begun("Acme")
    town.begun("Bolt Works")
    dates = {
        name: [
            (row.title, str(row.due_on))
            for row in town.rows(
                "SELECT i.title, i.due_on FROM checklist_items i JOIN handoffs h ON h.id = i.handoff_id"
                " JOIN accounts a ON a.id = h.account_id WHERE a.name = :n ORDER BY i.id",
                n=name,
            )
        ]
        for name in ("Acme", "Bolt Works")
    }
    assert dates["Acme"] == dates["Bolt Works"]
    assert all("12-25" not in day and "12-26" not in day for _, day in dates["Acme"])


def test_a_leaver_s_question_is_answered_by_the_manager(lite_town):
    town = lite_town.begun()
    request = town.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    town.bot.feedback.redirect(town.actor("carl"), request, town.cora.id)
    town.settle()
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    town.bot.feedback.answer(town.actor("mia"), request, "payment", "on_time")
    assert town.rows("SELECT state FROM feedback_requests WHERE id = :i", i=request)[0].state == "answered"


def test_a_leaver_is_not_whom_the_card_and_the_gate_wait_for(lite_town):
    town = lite_town.begun()
    town.sandbox.actions.deactivate(town.wanda.id)
    town.settle()
    town.card().click("Hand over")
    assert "Warranty’s answer · @mia" in town.mia.modal.text
    assert "@wanda" not in town.mia.modal.text
    town.mia.modal.fill("Say why", "Hurry")
    assert town.mia.modal.submit().ok
    town.sandbox.actions.deactivate(town.ines.id)
    town.settle()
    card = town.card().text
    assert "Waits for @mia to name another incoming rep" in card


def test_a_stranger_who_left_while_edit_was_open_is_refused_under_the_field(lite_town):
    town = lite_town.begun()
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Incoming rep", "@cora")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert "cannot be reached" in form.submit().errors["Incoming rep"]


def test_a_stranger_who_left_while_the_start_form_was_open_is_refused_under_the_field(lite_town):
    town = lite_town
    town.set_up()
    town.mia.types("/handoff start Acme", in_="#accounts")
    form = town.mia.modal
    town.fill(form, "Acme", "Retirement", {"Incoming rep": "@cora"})
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert "cannot be reached" in form.submit().errors["Incoming rep"]
    assert not town.rows("SELECT id FROM handoffs")


def test_nothing_is_handed_over_to_somebody_who_has_left(lite_town):
    """Nobody could accept it: the gate and an override ask for another rep, and the card says that one is missing."""
    town = lite_town.begun()
    town.sandbox.actions.deactivate(town.ines.id)
    town.settle()
    town.card().click("Hand over")
    assert "an incoming rep" in town.mia.modal.text
    assert "@ines has left: name another incoming rep" in town.mia.modal.text
    with pytest.raises(IncomingIsGone):
        town.bot.handoffs.override(town.actor("mia"), 1, "The last day is near")
    assert town.rows("SELECT acceptance FROM handoffs")[0].acceptance == "not_asked"
    town.bot.editing(town.actor("mia"), 1, Edit({"incoming": town.cora.id}))
    town.bot.handoffs.override(town.actor("mia"), 1, "The last day is near")
    town.settle()
    assert "Waits for @cora to accept it" in town.card().text
