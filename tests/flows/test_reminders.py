"""What people see of reminders, and what they do with them: the digest, snooze, giving away, asking why and after."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from bot.domain.refusals import NobodyAbove
from bot.errors import BotError

CHART, NOTES, DEALS = "Send the org chart", "Update the account notes", "List the deals and projects in flight"
WARN = "Warn the customer"


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _of(person, words):
    """The latest direct message that says this."""
    return [m for m in person.dms("baton") if words in m.text][-1]


def _thread(town):
    return "\n".join(m.text for m in town.mia.thread(town.card()))


def _handoff(town):
    return town.rows("SELECT id FROM handoffs")[0].id


def _away(town, name, until, delegate):
    """As they say themselves elsewhere: from today until that day, with somebody who stands in."""
    people = {row.slack_id: row.id for row in town.rows("SELECT id, slack_id FROM people")}
    other = town.sandbox.person(delegate).id if delegate else None
    away = [{"from": town.clock.now().date().isoformat(), "until": until, "delegate": people.get(other)}]
    with town.bot.db.write() as session:
        town.bot.desk.actor(session, town.actor(name)).away = away


def test_several_things_at_once_are_one_message_a_day(started):
    started.passes(days=1)
    digest = _of(started.olaf, "things for you today")
    assert digest.text.startswith("Good morning. 3 things for you today.")
    assert all(f"Acme: {title} · due Fri 27 Nov" in digest.text for title in (CHART, NOTES, DEALS))
    assert f"Acme: {CHART}" in digest.raw["text"]
    assert digest.click("Done", near=CHART).ok
    assert f"Acme: {CHART} · settled, thank you" in digest.text
    assert digest.text.startswith("Good morning. 2 things for you today.")
    assert digest.choose("Snooze", "Until tomorrow", near=NOTES).ok
    assert "snoozed until tomorrow 09:00" in digest.text
    started.finishes("mia", _item(started, DEALS))
    started.settle()
    assert f"Acme: {DEALS} · settled, thank you" in digest.text
    assert digest.click("Done", near=NOTES).ok
    assert digest.text.startswith("All settled, thank you.")
    assert digest.buttons == []
    started.passes(days=2)
    assert NOTES not in "".join(m.text for m in started.olaf.dms("baton") if m.ts > digest.ts)


def _item(town, title):
    return town.rows("SELECT id FROM checklist_items WHERE title = :t", t=title)[0].id


def test_what_is_late_and_holds_up_the_handoff_is_marked_and_comes_first(started):
    started.passes(days=8)
    digest = _of(started.olaf, "late")
    first = next(line for line in digest.text.splitlines() if "Acme:" in line)
    assert first.startswith("Urgent · Acme: ")
    assert "working days late" in first
    told = _of(started.mia, "@olaf has it")
    assert "Urgent · Acme: " in told.text


def test_a_snooze_can_be_chosen_again(started):
    started.passes(hours=1)
    warn = _of(started.olaf, WARN)
    assert warn.choose("Snooze", "1 hour").ok
    first = warn.text
    started.passes(minutes=10)
    assert warn.choose("Snooze", "1 hour").ok
    assert warn.text != first
    assert "snoozed until today 12:10" in warn.text
    before = len(started.olaf.dms("baton"))
    started.passes(minutes=55)
    assert len(started.olaf.dms("baton")) == before
    started.passes(minutes=10)
    assert len(started.olaf.dms("baton")) == before + 1


def test_why_me_says_what_for_whom_and_what_comes_next(started):
    started.passes(hours=1)
    warn = _of(started.olaf, WARN)
    assert warn.menu("Why me?").ok
    why = started.olaf.modal.text
    assert "It is the outgoing rep’s to do, and that is you." in why
    assert "Rhythm: 3 and 1 working days ahead, on the day, then every 2 working days" in why
    assert "@mia hears of it after" in why
    assert "Next: " in why
    assert "to @olaf, unless it is settled by then" in why
    assert "Sent so far: 1" in why
    started.passes(days=8)
    assert _of(started.mia, f"{WARN} ·").menu("Why me?", near=WARN).ok
    assert "@olaf is late with it, and it holds up the handoff. You are the manager." in started.mia.modal.text


def test_i_can_not_do_this_goes_to_the_manager_with_the_reason(started):
    started.passes(hours=1)
    warn = _of(started.olaf, WARN)
    assert warn.menu("I can’t do this").ok
    form = started.olaf.modal
    form.fill("Why?", " ")
    assert form.submit().errors["Why?"]
    form.fill("Why?", "On the road <!here>")
    assert form.submit().ok
    assert f"Acme: {WARN} · @mia has it now" in warn.text
    assert warn.buttons == []
    told = _of(started.mia, "passed this on to you")
    assert "On the road" in told.text
    assert told.buttons == ["Done", "Reassign…", "Skip…"]
    assert f"@olaf passed “{WARN}” on to @mia." in _thread(started)
    assert f"{WARN}\n@mia · due Mon 23 Nov" in started.checklist().text
    assert told.click("Reassign…").ok
    form = started.mia.modal
    form.choose("Owner", "@cora")
    assert form.submit().ok
    assert f"{WARN}\n@cora" in started.checklist().text
    assert WARN in started.cora.opens_home().text
    started.bot.checklist.assign(started.actor("mia"), _item(started, WARN), started.ida.id)
    started.settle()
    assert WARN not in started.cora.home.text


def test_the_manager_can_not_hand_up_to_themselves(started):
    started.bot.checklist.assign(started.actor("mia"), _item(started, WARN), started.mia.id)
    started.passes(hours=6)
    mine = _of(started.mia, WARN)
    assert mine.menu("I can’t do this").ok
    form = started.mia.modal
    form.fill("Why?", "No time")
    assert form.submit().errors["Who could?"]
    number = started.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'sent'", i=_item(started, WARN))[
        0
    ].id
    with pytest.raises(NobodyAbove):
        started.bot.passing.decline(started.actor("mia"), number, "No time", None)
    assert "Warn the customer\n@mia" in started.checklist().text
    form.choose("Who could?", "@olaf")
    assert form.submit().ok
    assert "@olaf has it now" in mine.text
    assert "No time" in _of(started.olaf, "passed this on to you").text


def test_given_to_somebody_else_from_the_reminder(started):
    started.passes(hours=1)
    warn = _of(started.olaf, WARN)
    assert warn.menu("Reassign").ok
    form = started.olaf.modal
    form.choose("Who does it?", "@olaf")
    assert "has it already" in form.submit().errors["Who does it?"]
    form.choose("Who does it?", "@cora")
    assert form.submit().ok
    assert "@cora has it now" in warn.text
    assert _of(started.cora, "passed this on to you").click("Done").ok
    started.says_the_customer_knows("cora")
    assert "done by @cora" in started.checklist().text
    started.passes(days=1, hours=10)
    credit = _of(started.carl, "Credit’s answer")
    assert credit.menu("Ask someone else").ok
    form = started.carl.modal
    form.choose("Who does it?", "@ida")
    assert form.submit().ok
    assert "@ida has it now" in credit.text
    assert "How do they pay?" in _of(started.ida, "Acme · Credit").text


def test_what_was_passed_on_shows_who_has_it_now_and_when_it_is_settled(started):
    started.passes(hours=1)
    warn = _of(started.olaf, WARN)
    assert warn.menu("Reassign").ok
    started.olaf.modal.choose("Who does it?", "@cora")
    assert started.olaf.modal.submit().ok
    first = _of(started.cora, "passed this on to you")
    assert first.click("Reassign…").ok
    started.cora.modal.choose("Owner", "@ida")
    assert started.cora.modal.submit().ok
    assert f"Acme: {WARN} · @ida has it now" in first.text
    assert first.buttons == []
    started.bot.checklist.assign(started.actor("mia"), _item(started, WARN), started.cora.id)
    started.settle()
    assert first.buttons == ["Done", "Reassign…", "Skip…"]
    started.finishes("mia", _item(started, WARN))
    started.settle()
    assert f"Acme: {WARN} · settled, thank you" in first.text
    assert first.buttons == []


def test_a_question_that_was_passed_up_shows_when_it_is_answered_or_called_off(started):
    started.passes(days=1, hours=10)
    for name in ("carl", "wanda"):
        assert _of(getattr(started, name), "’s answer").menu("I can’t do this").ok
        started.sandbox.person(name).modal.fill("Why?", "New here")
        assert started.sandbox.person(name).modal.submit().ok
    credit, warranty = (_of(started.mia, f"{word}’s answer") for word in ("Credit", "Warranty"))
    assert credit.buttons == warranty.buttons == ["Answer", "Ask someone else"]
    number = started.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    started.bot.feedback.answer(started.actor("mia"), number, "payment", "on_time")
    started.settle()
    assert "Acme: Credit’s answer · settled, thank you" in credit.text
    assert credit.buttons == []
    started.bot.handoffs.cancel(started.actor("mia"), _handoff(started), "Sold")
    started.settle()
    assert "settled, thank you" in warranty.text
    assert warranty.buttons == []


def test_what_is_settled_before_the_message_goes_is_not_passed_on_any_more(started):
    started.passes(hours=1)
    nudge = started.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'sent'", i=_item(started, WARN))[0].id
    started.bot.passing.reassign(started.actor("olaf"), nudge, started.cora.id)
    started.finishes("mia", _item(started, WARN))
    started.settle()
    assert not started.cora.dms("baton")


def test_the_manager_asks_someone_else_from_above(started):
    started.passes(days=9)
    late = _of(started.mia, "Credit’s answer")
    assert "@carl has it" in late.text
    assert late.menu("Ask someone else", near="Credit").ok
    form = started.mia.modal
    form.choose("Who does it?", "@ida")
    assert form.submit().ok
    assert "@mia passed the Credit question on to @ida." in _thread(started)
    assert "How do they pay?" in _of(started.ida, "Acme · Credit").text


def test_an_answer_that_nobody_can_give_goes_to_the_manager(started):
    started.passes(days=1, hours=10)
    assert _of(started.carl, "Credit’s answer").menu("I can’t do this").ok
    form = started.carl.modal
    form.fill("Why?", "New here")
    assert form.submit().ok
    told = _of(started.mia, "passed this on to you")
    assert "New here" in told.text
    assert told.buttons == ["Answer", "Ask someone else"]
    assert told.click("Ask someone else").ok
    form = started.mia.modal
    form.choose("Who knows it?", "@ida")
    assert form.submit().ok
    assert "How do they pay?" in _of(started.ida, "Acme · Credit").text


def test_whoever_stands_in_is_reminded_and_may_do_it(started):
    started.cora.opens_home()
    _away(started, "olaf", "2026-11-27", "cora")
    started.passes(days=2)
    digest = _of(started.cora, CHART)
    assert "for @olaf, away until Fri 27 Nov" in digest.text
    assert digest.menu("Why me?", near=CHART).ok
    assert "@olaf is away until Fri 27 Nov, and you stand in" in started.cora.modal.text
    started.cora.modal.close()
    assert digest.click("Done", near=CHART).ok
    assert "done by @cora" in started.checklist().text
    assert [m for m in started.olaf.dms("baton") if CHART in m.text] == []


def test_the_card_reminds_whoever_is_late_once_a_day(town):
    town.begun()
    town.passes(days=1, hours=1)
    assert town.card().click("Nudge who is late").ok
    said = town.mia.ephemerals("#accounts")[-1].text
    assert f"I remind:\n• @olaf · {WARN}" in said
    town.passes(minutes=1)
    nudge = _of(town.olaf, WARN)
    assert "@mia asks" in nudge.text
    assert nudge.menu("Why me?").ok
    assert "@mia waits for it and asked me to remind you" in town.olaf.modal.text
    before = len(town.olaf.dms("baton"))
    assert town.card(who="ines").click("Nudge who is late").ok
    assert "Reminded already:\n• @olaf" in town.ines.ephemerals("#accounts")[-1].text
    assert len(town.olaf.dms("baton")) == before
    with ThreadPoolExecutor(4) as clickers:
        results = list(clickers.map(lambda _: _asks(town, "mia", "answer"), range(4)))
    assert sorted(results) == [False, False, False, True]


def _asks(town, who, kind):
    request = town.rows("SELECT id FROM feedback_requests WHERE function = 'marketing'")[0].id
    try:
        town.bot.ask_after(town.actor(who), _handoff(town), kind, request)
    except BotError:
        return False
    return True


def test_whoever_waits_has_one_person_reminded_from_home(started):
    started.passes(days=1, hours=1)
    home = started.mia.opens_home()
    assert home.click("Nudge", near=WARN).ok
    assert f"I remind:\n• @olaf · {WARN}" in started.mia.modal.text
    started.mia.modal.close()
    started.passes(minutes=1)
    assert home.click("Nudge", near=WARN).ok
    assert "@olaf was reminded of this today 11:00" in started.mia.modal.text
    assert "Again from tomorrow 11:00" in started.mia.modal.text


def test_outsiders_remind_nobody_and_what_is_met_needs_no_reminder(started):
    started.passes(days=2, hours=1)
    started.sandbox.actions.invite("C0ACCOUNTS0", started.otto.id)
    assert started.card(who="otto").click("Nudge who is late").ok
    assert started.otto.sees("Only @mia can do that here")
    home = started.mia.opens_home()
    started.finishes("olaf", _item(started, WARN))
    assert home.click("Nudge", near=WARN).ok
    assert "already settled" in started.mia.modal.text


def test_what_will_be_sent_can_be_read_beforehand(started):
    started.passes(hours=1)
    assert _of(started.olaf, WARN).choose("Snooze", "1 hour").ok
    started.olaf.types("/handoff nudges", in_="#accounts")
    told = started.olaf.ephemerals("#accounts")[-1].text
    assert f"Mon 23 Nov, 12:00\n• Acme: {WARN} · due that day · you put it off until then" in told
    assert f"Tue 24 Nov, 09:00\n• Acme: {NOTES} · due Fri 27 Nov\n• Acme: {CHART} · due Fri 27 Nov" in told
    assert "never more than 5 messages a day" in told
    assert started.olaf.opens_home().click("My reminders").ok
    assert f"• Acme: {WARN} · due that day" in started.olaf.modal.text
    started.otto.opens_home().click("My reminders")
    assert "Nothing until Mon 7 Dec, as things stand." in started.otto.modal.text


def test_what_was_held_back_until_the_day_it_is_due_is_said_once_that_day(started):
    """Cora stands in for Olaf and begins hours before him: a heads-up that comes in her morning is the day's word."""
    boss, chart = started.actor("mia"), _item(started, CHART)
    for item in ("Show the customer whom else to call", "Note regular orders, complaints and key dates"):
        number = _item(started, item)  # her own things are Thursday's digest: what comes later waits for Friday
        started.bot.checklist.assign(boss, number, started.cora.id)
        started.bot.checklist.reschedule(boss, number, date(2026, 11, 26))
    started.cora.opens_home()
    _away(started, "olaf", "2026-12-04", "cora")
    started.until(datetime(2026, 11, 26, 18, tzinfo=UTC))
    before = len(_said_of(started, "cora", chart))
    started.until(datetime(2026, 11, 27, 5, tzinfo=UTC))
    assert _said_of(started, "cora", chart)[before:] == ["20261127/heads_up:1"]
    started.cora.types("/handoff nudges", in_="#accounts")
    assert f"{CHART} · due that day" not in started.cora.ephemerals("#accounts")[-1].text
    started.until(datetime(2026, 11, 27, 18, tzinfo=UTC))
    assert len(_said_of(started, "cora", chart)) == before + 1
    started.until(datetime(2026, 12, 1, 18, tzinfo=UTC))
    assert _said_of(started, "cora", chart)[before + 1 :] == ["20261127/repeat:1"]


def _said_of(town, name, item):
    """The rungs about that step that this person got."""
    query = (
        "SELECT n.slot FROM nudges n JOIN people p ON p.id = n.person_id WHERE n.obligation = 'item' "
        "AND n.subject_id = :item AND p.slack_id = :who AND n.state = 'sent' ORDER BY n.sent_at"
    )
    return [row.slot for row in town.rows(query, item=item, who=town.sandbox.person(name).id)]
