"""After the transfer: reading, visits, training and checks are written down; the support ends, or lasts longer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.support import ReadFirst
from bot.errors import FieldErrors
from tests.flows import forged
from tests.town import Town

READ = ["I have read the purchase history", "I have read the notes in the CRM", "I have read the pipeline"]


@pytest.fixture
def taken_over(lite_town: Town) -> Town:
    """A key account: Ines has accepted it, and the last stage has begun."""
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Tier": "Key"})
    mia = town.actor("mia")
    town.bot.handoffs.override(mia, 1, "We are in a hurry")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    town.settle()
    return town


def _form(town: Town, who: str, title: str):
    assert town.checklist(who).click("Done", near=title).ok
    return town.sandbox.person(who).modal


def _in_the_last_stage(town: Town) -> None:
    town.bot.handoffs.override(town.actor("mia"), 1, "The customer knows us")
    town.settle()


def _item(town: Town, form: str) -> int:
    return int(town.rows("SELECT id FROM checklist_items WHERE form = :form ORDER BY id", form=form)[0].id)


def test_the_new_rep_attests_by_name_what_was_read_and_all_of_it(taken_over):
    town = taken_over
    form = _form(town, "ines", "Read the purchase history")
    form.choose("Before the first visit", READ[:1])
    assert "Tick all of them" in str(form.submit().errors)
    form.choose("Before the first visit", READ)
    form.fill("Note", "They buy in May and October.")
    outcome = form.submit()
    assert outcome.ok
    assert not outcome.errors
    assert "done by @ines" in town.checklist().text
    [record] = town.rows("SELECT body FROM records WHERE kind = 'attest'")
    assert "They buy in May and October." in str(record.body)


def test_nobody_attests_for_somebody_else(taken_over):
    town = taken_over
    assert town.checklist("mia").click("Done", near="Read the purchase history").ok
    assert town.mia.sees("Only @ines can do that here")
    assert town.mia.modal is None
    assert "done by @mia" not in town.checklist().text


def test_before_the_reading_there_is_no_visit(taken_over):
    town = taken_over
    visit = _item(town, "visit")
    with pytest.raises(ReadFirst):
        town.bot.support.report(town.actor("mia"), visit, town.clock.now().date(), {}, "", [])
    town.bot.support.report(
        town.actor("ines"), _item(town, "attest"), town.clock.now().date(), {}, "", ["history", "crm", "pipeline"]
    )
    town.bot.support.report(town.actor("mia"), visit, town.clock.now().date(), {}, "We met the new buyer.", [])
    town.settle()
    assert "joint visits 1/1" in town.card().text


def test_a_day_to_come_and_an_answer_left_out_are_refused_under_their_fields(taken_over):
    town = taken_over
    _in_the_last_stage(town)
    form = _form(town, "mia", "Coach the new rep")
    form.choose("Which day?", (town.clock.now() + timedelta(days=2)).date().isoformat())
    form.choose("Is the process followed?", "Yes")
    form.choose("Does it work with this customer?", "Partly")
    assert "still to come" in str(form.submit().errors)
    form.choose("Which day?", town.clock.now().date().isoformat())
    assert form.submit().ok
    assert "coaching 1/1" in town.card().text


def test_the_manager_hears_at_once_of_a_loss(taken_over):
    town = taken_over
    _in_the_last_stage(town)
    item = _item(town, "outcome")
    town.bot.checklist.assign(town.actor("mia"), item, town.ines.id)
    town.bot.support.report(
        town.actor("ines"), item, town.clock.now().date(), {"result": "lost"}, "They went elsewhere.", []
    )
    town.settle()
    assert town.mia.sees("Acme is lost")
    assert "outcome: lost" in town.card().text


def test_the_support_has_a_last_day_by_tier_and_may_last_longer(taken_over):
    town = taken_over
    [row] = town.rows("SELECT support_until, transfer_on FROM handoffs")
    until, transfer = (date.fromisoformat(str(one)) for one in row)
    assert until == transfer + timedelta(days=60)
    assert "Support: until" in town.card().text
    _in_the_last_stage(town)
    item = _item(town, "support_end")
    form = _form(town, "mia", "End the support, or extend it")
    form.choose("What now?", "It lasts longer")
    form.choose("New last day", until.isoformat())
    assert "Choose a later day" in str(form.submit().errors)
    later = until + timedelta(days=30)
    form.choose("New last day", later.isoformat())
    assert form.submit().ok
    [moved] = town.rows(
        "SELECT h.support_until, i.due_on, i.state FROM handoffs h JOIN checklist_items i ON i.id = :item", item=item
    )
    assert [str(moved[0]), str(moved[1]), str(moved[2])] == [later.isoformat(), later.isoformat(), "open"]


def test_it_ends_early_only_with_what_shows_that_it_may(taken_over):
    town = taken_over
    item = _item(town, "support_end")
    with pytest.raises(FieldErrors, match="stand on their own"):
        town.bot.support.end(town.actor("mia"), item, " ")
    town.bot.support.end(town.actor("mia"), item, "Two renewals closed without help.")
    [row] = town.rows("SELECT support_until FROM handoffs")
    assert str(row[0]) == town.clock.now().date().isoformat()


def test_experience_shortens_it(taken_over):
    town = taken_over
    plan = _item(town, "support_plan")
    town.bot.support.plan(town.actor("mia"), plan, experienced=True, until=None, note="")
    [row] = town.rows("SELECT support_until, transfer_on FROM handoffs")
    assert date.fromisoformat(str(row[0])) == date.fromisoformat(str(row[1])) + timedelta(days=45)


def test_a_report_about_a_step_that_asks_for_something_else_by_now_is_refused_in_a_sentence(taken_over):
    item = _item(taken_over, "warning")
    view = {"type": "modal", "callback_id": "form.report", "id": "V1", "hash": "x", "state": {"values": {}}}
    view["private_metadata"] = f'{{"item": {item}}}'
    reply = forged.interaction(taken_over, "mia", {"type": "view_submission", "view": view})
    assert "This step asks for something else by now" in reply.text
    assert not taken_over.rows("SELECT id FROM records WHERE item_id = :i", i=item)
