"""What reaches a person by itself: App Home, reminders, and the answers to them. And what never fails loudly."""

import pytest
from sqlalchemy import text

from bot.usecases.desk import Actor

TEAM = "T0SANDBOX01"


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _item(town, title="Send the org chart"):
    return town.rows("SELECT id FROM checklist_items WHERE title = :t", t=title)[0].id


def _reminder(person, words):
    return next(m for m in person.dms("baton") if words in m.text and "[Snooze]" in m.text)


def test_home_shows_what_is_mine_and_ticks_it_off(started):
    home = started.olaf.opens_home()
    assert "Acme: Send the org chart · due Fri 27 Nov" in home.text
    assert "Credit’s answer" not in home.text.split("You wait for")[0]
    assert home.click("Done", near="Send the org chart").ok
    assert "Send the org chart" not in started.olaf.home.text
    assert "1 of 7 done" in started.card().text


def test_home_of_the_asked_of_the_incoming_and_of_nobody(started):
    assert started.carl.opens_home().click("Answer").ok
    assert started.carl.modal.title == "Credit"
    started.card().click("Hand over")
    started.mia.modal.fill("Say why", "Hurry")
    started.mia.modal.submit()
    home = started.ines.opens_home()
    assert "Acme · is ready for you" in home.text
    assert home.click("Accept").ok
    assert "is ready for you" not in started.ines.home.text
    empty = started.otto.opens_home()
    assert "Nothing is waiting for you" in empty.text
    assert empty.buttons == ["My reminders", "Who covers what", "Away", "Help"]
    empty.click("Help")
    assert started.otto.modal.title == "Help"


def test_managers_start_and_set_up_from_home(started):
    home = started.mia.opens_home()
    assert home.click("Setup").ok
    assert started.mia.modal.value("Credit") == "@carl"
    started.mia.modal.close()
    assert home.click("Start a handoff").ok
    form = started.mia.modal
    started.fill(form, "Bolt Works", "Promotion")
    assert form.submit().ok
    assert "Bolt Works" in started.mia.home.text


def test_what_is_refused_on_home_is_said_in_a_window(started):
    home = started.olaf.opens_home()
    started.bot.checklist.complete(Actor(TEAM, started.mia.id), _item(started))  # Home does not show it yet
    assert home.click("Done", near="Send the org chart").ok
    assert "already ticked off by @mia" in started.olaf.modal.text


def test_a_reminder_is_done_or_put_off(started):
    started.passes(hours=6)
    warn = _reminder(started.olaf, "Warn the customer")
    assert "due today" in warn.text
    assert "Acme" in warn.raw["text"]
    assert warn.choose("Snooze", "1 hour").ok
    assert "snoozed until" in warn.text
    assert warn.click("Done").ok
    started.says_the_customer_knows()
    assert "settled, thank you" in warn.text
    assert warn.buttons == []
    assert "done by @olaf" in started.checklist().text


def test_a_reminder_is_put_off_until_a_day(started):
    started.passes(hours=6)
    warn = _reminder(started.olaf, "Warn the customer")
    assert warn.menu("until a date").ok
    form = started.olaf.modal
    form.choose("Until when?", "2026-11-20")
    assert "That day has passed" in form.submit().errors["Until when?"]
    form.choose("Until when?", "2026-11-25")
    assert form.submit().ok
    assert "snoozed until" in warn.text
    assert warn.choose("Snooze", "Until tomorrow").ok


def test_reminders_about_answers_carry_the_answers(started):
    started.passes(days=2, hours=8)
    credit = _reminder(started.carl, "Credit’s answer")
    assert credit.buttons[:3] == ["On time", "Late", "Disputes"]
    assert credit.click("Disputes").ok
    assert "settled" in credit.text
    assert "How do they pay? Disputes" in "\n".join(m.text for m in started.mia.thread(started.card()))


def test_reminders_about_acceptance_accept(started):
    started.card().click("Hand over")
    started.mia.modal.fill("Say why", "Hurry")
    started.mia.modal.submit()
    started.passes(days=3)
    waiting = _reminder(started.ines, "accept or return it")
    assert waiting.click("Accept").ok
    assert "Stage 2 of 3" in started.card().text


def test_setup_is_for_managers_and_says_whom_slack_does_not_know_any_more(started):
    started.olaf.types("/handoff setup", in_="#accounts")
    assert started.olaf.sees("Only @mia can do that here")
    started.mia.types("/handoff setup", in_="#accounts")
    form = started.mia.modal
    started.sandbox.actions.deactivate(started.wanda.id)
    started.settle()
    assert "cannot be reached" in form.submit().errors["Warranty"]


def test_a_database_that_is_away_is_told_and_nothing_is_half_done(started):
    checklist = started.checklist("olaf")
    started.bot.db.engine.dispose()
    with started.bot.db.write() as session:
        session.execute(text("ALTER TABLE checklist_items RENAME TO away"))
    try:
        outcome = checklist.click("Done", near="Send the org chart")
    finally:
        with started.bot.db.write() as session:
            session.execute(text("ALTER TABLE away RENAME TO checklist_items"))
    assert outcome.ok, outcome
    assert started.olaf.sees("reference") or started.olaf.sees("my database")
    assert "0 of 7 done" in started.card().text


def test_slack_s_other_events_are_acknowledged(started):
    started.sandbox.actions.archive(started.sandbox.workspace.find_channel("#general").id)
    started.sandbox.actions.leave("C0ACCOUNTS0", started.cora.id)
    assert started.sandbox.delivery.retries == []


def test_what_was_typed_stays_when_it_comes_too_late(started):
    started.checklist("olaf").menu("Skip", near="Send the org chart")
    form = started.olaf.modal
    form.fill("Reason", "A long and careful reason")
    started.bot.checklist.complete(Actor(TEAM, started.mia.id), _item(started))
    assert form.submit().ok
    problem = started.olaf.modal
    assert "already ticked off by @mia" in problem.text
    problem.close()
    assert started.olaf.modal.value("Reason") == "A long and careful reason"


def test_a_button_of_another_time_says_so(started):
    old = {"type": "button", "text": {"type": "plain_text", "text": "Old"}, "action_id": "gone.away", "value": "{"}
    ours = {"type": "button", "text": {"type": "plain_text", "text": "Odd"}, "action_id": "item.done", "value": "[1"}
    blocks = [{"type": "actions", "elements": [old, ours]}]
    started.bot.gateway.post_message("C0ACCOUNTS0", {"text": "An old message", "blocks": blocks})
    message = started.mia.messages("#accounts")[-1]
    for label in ("Old", "Odd"):
        assert message.click(label).ok
        assert "from an older message" in started.mia.ephemerals("#accounts")[-1].text


def test_slack_trouble_while_a_window_opens_is_told(started):
    started.sandbox.workspace.weather.fail_next("views.open", status=503)
    assert started.mia.types("/handoff start Zed", in_="#accounts").ok
    assert started.mia.sees("Slack did not answer me")
    started.sandbox.workspace.weather.fail_next("views.update", status=503)
    assert started.mia.types("/handoff start Zed", in_="#accounts").ok
    assert started.mia.modal is not None
