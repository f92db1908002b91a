"""The gate, the brief, acceptance and return; editing and cancelling."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.domain.refusals import NotAllowed, StageMoved
from bot.usecases.desk import Actor
from tests.databases import mostly_sqlite


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _pass(town, reason="We are in a hurry"):
    """Pass the gate, whatever is missing."""
    go = next(one for one in town.card().buttons if one in ("Hand over", "Finish") or one.startswith("Next: "))
    assert town.card().click(go).ok
    form = town.mia.modal
    if form is not None:
        form.fill("Say why", reason)
        assert form.submit().ok


def test_a_shut_gate_lists_what_is_missing_who_owns_it_and_by_when(started):
    assert started.card("Acme", who="olaf").click("Hand over").ok
    words = started.olaf.modal.text
    assert "Send the org chart · @olaf · due Fri 27 Nov" in words
    assert "Credit’s answer · @carl" in words
    assert "Override" not in words
    assert "A manager can go on all the same" in words


def test_a_manager_goes_on_with_a_reason_that_stays_visible(started):
    started.card().click("Hand over")
    form = started.mia.modal
    form.fill("Say why", "  ")
    assert form.submit().errors
    form.fill("Say why", "He leaves *today* <!channel>")
    assert form.submit().ok
    card = started.card()
    assert "left early by @mia" in card.text
    assert "<!channel>" in card.text
    assert "Waits for @ines to accept it" in card.text
    assert card.buttons == ["Brief", "Account"]
    assert any("Although something was missing" in m.text for m in started.mia.thread(card))


def test_without_an_incoming_rep_nothing_passes(town):
    town.set_up()
    card = town.handoff("Acme", **{"Incoming rep": None})
    card.click("Hand over")
    assert "an incoming rep" in town.mia.modal.text
    assert "Name the incoming rep" in town.mia.modal.text
    town.mia.modal.close()
    card.menu("Edit")
    form = town.mia.modal
    form.choose("Incoming rep", "@olaf")
    assert "somebody other" in form.submit().errors["Incoming rep"]
    form.choose("Incoming rep", "@ines")
    assert form.submit().ok
    assert "→ @ines · manager @mia" in town.card().text


@mostly_sqlite
def test_accepted_the_new_rep_owns_the_account_and_the_next_stage_begins(town):
    town.set_up()
    town.handoff("Acme")
    _pass(town)
    asked = town.ines.dms("baton")[-1]
    assert "Acme is ready for you" in asked.text
    assert asked.buttons == ["Accept", "Return", "Read the whole brief"]
    assert asked.click("Read the whole brief").ok
    assert "A rep who lives nearby" in town.ines.modal.text
    town.ines.modal.close()
    assert asked.click("Accept").ok
    assert "You took Acme over" in asked.text
    assert any("@ines accepted Acme and is its owner of record" in m.text for m in town.mia.thread(town.card()))
    card = town.card()
    assert "Stage 2 of 3, Introduce" in card.text
    assert "Owner of record: @ines" in card.text
    assert card.buttons[0] == "Next: Support"
    town.otto.types("/handoff owner acme", in_="#general")
    assert "Acme is with @ines since Mon 23 Nov" in town.otto.ephemerals("#general")[-1].text


def test_returned_the_gaps_open_again_and_the_rep_is_asked_anew(started):
    town = started
    town.checklist("olaf").click("Done", near="Send the org chart")
    _pass(town)
    asked = town.ines.dms("baton")[-1]
    asked.click("Return")
    form = town.ines.modal
    assert "Say what is missing" in form.submit().errors["What is missing"]
    form.choose("Steps to reopen", ["Send the org chart"])
    form.fill("What is missing", "Who pays the bills?\n\n- The plant's phone number <!here>")
    assert form.submit().ok
    assert "went back to be completed" in asked.text
    told = next(m for m in town.mia.thread(town.card()) if "@ines returned Acme" in m.text)
    assert "Send the org chart" in told.text
    assert "The plant's phone number <!here>" in told.text
    assert "Who pays the bills?" in town.checklist(stage=0).text
    _pass(town)
    assert "Acme is ready for you" in town.ines.dms("baton")[-1].text


def test_only_the_incoming_rep_accepts(started):
    _pass(started)
    started.sandbox.actions.invite("C0ACCOUNTS0", started.otto.id)
    handoff = started.rows("SELECT id FROM handoffs")[0].id
    with pytest.raises(NotAllowed):
        started.bot.handoffs.accept(Actor("T0SANDBOX01", started.otto.id), handoff)


def test_to_the_last_stage_and_finished(started):
    _pass(started)
    started.ines.dms("baton")[-1].click("Accept")
    _pass(started)
    assert "Stage 3 of 3, Support" in started.card().text
    assert started.card().buttons[0] == "Finish"
    _pass(started)
    card = started.card()
    assert "Completed" in card.text
    assert card.buttons == ["Brief", "Account"]
    assert "Done" not in started.checklist().buttons


def test_cancelled_with_a_reason_nothing_can_be_clicked_any_more(started):
    started.card("Acme", who="olaf").menu("Cancel")
    assert started.olaf.sees("Only @mia can do that here")
    started.card().menu("Cancel")
    form = started.mia.modal
    form.fill("Reason", "They merge with another customer")
    assert form.submit().ok
    card = started.card()
    assert "Cancelled" in card.text
    assert "They merge with another customer" in card.text
    assert card.buttons == ["Brief", "Account"]
    assert "no longer needed" in started.carl.dms("baton")[-1].text
    assert started.carl.dms("baton")[-1].buttons == []


def test_an_old_card_s_button_says_that_the_stage_has_moved(started):
    _pass(started)
    started.ines.dms("baton")[-1].click("Accept")
    handoff = started.rows("SELECT id FROM handoffs")[0].id
    mia = Actor("T0SANDBOX01", started.mia.id)
    with pytest.raises(StageMoved):
        started.bot.handoffs.override(mia, handoff, "again", 0)


def test_no_form_opens_for_what_would_be_refused(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    _pass(town)
    handoff = town.rows("SELECT id FROM handoffs")[0].id
    asked, checklist = town.ines.dms("baton")[-1], town.checklist("mia")
    town.bot.handoffs.accept(Actor("T0SANDBOX01", town.ines.id), handoff)  # before the messages could show it
    asked.click("Return")
    assert town.ines.modal is None
    assert town.ines.sees("Acme was already accepted by @ines")
    town.bot.handoffs.cancel(Actor("T0SANDBOX01", town.mia.id), handoff, "They merge")
    checklist.menu("Skip", near="Send the org chart")
    assert town.mia.modal is None
    assert town.mia.sees("The handoff of Acme is closed")


def _steps(town, stage):
    return town.rows(
        "SELECT i.id, i.title, i.due_on FROM checklist_items i JOIN stages s ON s.id = i.stage_id"
        " WHERE s.position = :stage AND i.state = 'open' ORDER BY i.id",
        stage=stage,
    )


def test_nobody_is_late_on_the_day_their_stage_begins(lite_town):
    """The first stage took until Friday 11 December; the last day was 27 November."""
    town = lite_town
    town.set_up()
    town.bot.start(town.actor("mia"), replace(town.form("Acme"), last_day=date(2026, 11, 27)))
    town.settle()
    planned = {row.id: str(row.due_on) for row in _steps(town, 1)}
    assert min(planned.values()) < "2026-12-04"
    town.until(datetime(2026, 12, 11, 10, tzinfo=UTC))
    _pass(town)
    asked = next(message for message in reversed(town.ines.dms("baton")) if "Accept" in message.buttons)
    assert asked.click("Accept").ok
    begun = {row.id: str(row.due_on) for row in _steps(town, 1)}
    assert min(begun.values()) == "2026-12-14"
    assert "Stage 2 of 3" in town.card().text
    assert "late" not in town.card().text.split("Stage 2")[1].split("\n")[1]
    assert "Mon 14 Dec" in town.checklist().text
    redated = town.rows("SELECT subject_id, before, after FROM audit WHERE verb = 'item.redated'")
    assert {number for number in begun if begun[number] != planned[number]} <= {row.subject_id for row in redated}
    assert any(
        planned.get(row.subject_id, "-") in str(row.before) and "2026-12-14" in str(row.after) for row in redated
    )
