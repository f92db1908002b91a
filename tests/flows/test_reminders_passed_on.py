"""Whoever can not do it passes it on: to the manager with a reason, to somebody else; what the messages show then."""

import pytest

from bot.domain.refusals import NobodyAbove
from tests.customer_steps import WARN
from tests.reminder_steps import latest, step_called


def _thread(town):
    return "\n".join(m.text for m in town.mia.thread(town.card()))


def _handoff(town):
    return town.rows("SELECT id FROM handoffs")[0].id


def test_i_can_not_do_this_goes_to_the_manager_with_the_reason(begun):
    begun.passes(hours=1)
    warn = latest(begun.olaf, WARN)
    assert warn.menu("I can’t do this").ok
    form = begun.olaf.modal
    form.fill("Why?", " ")
    assert form.submit().errors["Why?"]
    form.fill("Why?", "On the road <!here>")
    assert form.submit().ok
    assert f"Acme: {WARN} · @mia has it now" in warn.text
    assert warn.buttons == []
    told = latest(begun.mia, "passed this on to you")
    assert "On the road" in told.text
    assert told.buttons == ["Done", "Reassign…", "Skip…"]
    assert f"@olaf passed “{WARN}” on to @mia." in _thread(begun)
    assert f"{WARN}\n@mia · due Mon 23 Nov" in begun.checklist().text
    assert told.click("Reassign…").ok
    form = begun.mia.modal
    form.choose("Owner", "@cora")
    assert form.submit().ok
    assert f"{WARN}\n@cora" in begun.checklist().text
    assert WARN in begun.cora.opens_home().text
    begun.bot.checklist.assign(begun.actor("mia"), step_called(begun, WARN), begun.ida.id)
    begun.settle()
    assert WARN not in begun.cora.home.text


def test_the_manager_can_not_hand_up_to_themselves(begun):
    begun.bot.checklist.assign(begun.actor("mia"), step_called(begun, WARN), begun.mia.id)
    begun.passes(hours=6)
    mine = latest(begun.mia, WARN)
    assert mine.menu("I can’t do this").ok
    form = begun.mia.modal
    form.fill("Why?", "No time")
    assert form.submit().errors["Who could?"]
    number = begun.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'sent'", i=step_called(begun, WARN))[
        0
    ].id
    with pytest.raises(NobodyAbove):
        begun.bot.passing.decline(begun.actor("mia"), number, "No time", None)
    assert "Warn the customer\n@mia" in begun.checklist().text
    form.choose("Who could?", "@olaf")
    assert form.submit().ok
    assert "@olaf has it now" in mine.text
    assert "No time" in latest(begun.olaf, "passed this on to you").text


def test_given_to_somebody_else_from_the_reminder(begun):
    begun.passes(hours=1)
    warn = latest(begun.olaf, WARN)
    assert warn.menu("Reassign").ok
    form = begun.olaf.modal
    form.choose("Who does it?", "@olaf")
    assert "has it already" in form.submit().errors["Who does it?"]
    form.choose("Who does it?", "@cora")
    assert form.submit().ok
    assert "@cora has it now" in warn.text
    assert latest(begun.cora, "passed this on to you").click("Done").ok
    begun.says_the_customer_knows("cora")
    assert "done by @cora" in begun.checklist().text
    begun.passes(days=1, hours=10)
    credit = latest(begun.carl, "Credit’s answer")
    assert credit.menu("Ask someone else").ok
    form = begun.carl.modal
    form.choose("Who does it?", "@ida")
    assert form.submit().ok
    assert "@ida has it now" in credit.text
    assert "How do they pay?" in latest(begun.ida, "Acme · Credit").text


def test_what_was_passed_on_shows_who_has_it_now_and_when_it_is_settled(begun):
    begun.passes(hours=1)
    warn = latest(begun.olaf, WARN)
    assert warn.menu("Reassign").ok
    begun.olaf.modal.choose("Who does it?", "@cora")
    assert begun.olaf.modal.submit().ok
    first = latest(begun.cora, "passed this on to you")
    assert first.click("Reassign…").ok
    begun.cora.modal.choose("Owner", "@ida")
    assert begun.cora.modal.submit().ok
    assert f"Acme: {WARN} · @ida has it now" in first.text
    assert first.buttons == []
    begun.bot.checklist.assign(begun.actor("mia"), step_called(begun, WARN), begun.cora.id)
    begun.settle()
    assert first.buttons == ["Done", "Reassign…", "Skip…"]
    begun.finishes("mia", step_called(begun, WARN))
    begun.settle()
    assert f"Acme: {WARN} · settled, thank you" in first.text
    assert first.buttons == []


def test_a_question_that_was_passed_up_shows_when_it_is_answered_or_called_off(begun):
    begun.passes(days=1, hours=10)
    for name in ("carl", "wanda"):
        assert latest(getattr(begun, name), "’s answer").menu("I can’t do this").ok
        begun.sandbox.person(name).modal.fill("Why?", "New here")
        assert begun.sandbox.person(name).modal.submit().ok
    credit, warranty = (latest(begun.mia, f"{word}’s answer") for word in ("Credit", "Warranty"))
    assert credit.buttons == warranty.buttons == ["Answer", "Ask someone else"]
    number = begun.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    begun.bot.feedback.answer(begun.actor("mia"), number, "payment", "on_time")
    begun.settle()
    assert "Acme: Credit’s answer · settled, thank you" in credit.text
    assert credit.buttons == []
    begun.bot.handoffs.cancel(begun.actor("mia"), _handoff(begun), "Sold")
    begun.settle()
    assert "settled, thank you" in warranty.text
    assert warranty.buttons == []


def test_what_is_settled_before_the_message_goes_is_not_passed_on_any_more(begun):
    begun.passes(hours=1)
    nudge = begun.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'sent'", i=step_called(begun, WARN))[
        0
    ].id
    begun.bot.passing.reassign(begun.actor("olaf"), nudge, begun.cora.id)
    begun.finishes("mia", step_called(begun, WARN))
    begun.settle()
    assert not begun.cora.dms("baton")


def test_the_manager_asks_someone_else_from_above(begun):
    begun.passes(days=9)
    late = latest(begun.mia, "Credit’s answer")
    assert "@carl has it" in late.text
    assert late.menu("Ask someone else", near="Credit").ok
    form = begun.mia.modal
    form.choose("Who does it?", "@ida")
    assert form.submit().ok
    assert "@mia passed the Credit question on to @ida." in _thread(begun)
    assert "How do they pay?" in latest(begun.ida, "Acme · Credit").text


def test_an_answer_that_nobody_can_give_goes_to_the_manager(begun):
    begun.passes(days=1, hours=10)
    assert latest(begun.carl, "Credit’s answer").menu("I can’t do this").ok
    form = begun.carl.modal
    form.fill("Why?", "New here")
    assert form.submit().ok
    told = latest(begun.mia, "passed this on to you")
    assert "New here" in told.text
    assert told.buttons == ["Answer", "Ask someone else"]
    assert told.click("Ask someone else").ok
    form = begun.mia.modal
    form.choose("Who knows it?", "@ida")
    assert form.submit().ok
    assert "How do they pay?" in latest(begun.ida, "Acme · Credit").text
