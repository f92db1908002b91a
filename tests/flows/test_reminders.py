"""What people see of reminders, and what they do with them: the digest, snooze, standing in, asking why and after."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from bot.errors import BotError
from tests.customer_steps import WARN
from tests.reminder_steps import latest, step_called

CHART, NOTES, DEALS = "Send the org chart", "Update the account notes", "List the deals and projects in flight"


def _away(town, name, until, delegate):
    """As they say themselves elsewhere: from today until that day, with somebody who stands in."""
    people = {row.slack_id: row.id for row in town.rows("SELECT id, slack_id FROM people")}
    other = town.sandbox.person(delegate).id if delegate else None
    away = [{"from": town.clock.now().date().isoformat(), "until": until, "delegate": people.get(other)}]
    with town.bot.db.write() as session:
        town.bot.desk.actor(session, town.actor(name)).away = away


def test_several_things_at_once_are_one_message_a_day(begun):
    begun.passes(days=1)
    digest = latest(begun.olaf, "things for you today")
    assert digest.text.startswith("Good morning. 3 things for you today.")
    assert all(f"Acme: {title} · due Fri 27 Nov" in digest.text for title in (CHART, NOTES, DEALS))
    assert f"Acme: {CHART}" in digest.raw["text"]
    assert digest.click("Done", near=CHART).ok
    assert f"Acme: {CHART} · settled, thank you" in digest.text
    assert digest.text.startswith("Good morning. 2 things for you today.")
    assert digest.choose("Snooze", "Until tomorrow", near=NOTES).ok
    assert "snoozed until tomorrow 09:00" in digest.text
    begun.finishes("mia", step_called(begun, DEALS))
    begun.settle()
    assert f"Acme: {DEALS} · settled, thank you" in digest.text
    assert digest.click("Done", near=NOTES).ok
    assert digest.text.startswith("All settled, thank you.")
    assert digest.buttons == []
    begun.passes(days=2)
    assert NOTES not in "".join(m.text for m in begun.olaf.dms("baton") if m.ts > digest.ts)


def test_what_is_late_and_holds_up_the_handoff_is_marked_and_comes_first(begun):
    begun.passes(days=8)
    digest = latest(begun.olaf, "late")
    first = next(line for line in digest.text.splitlines() if "Acme:" in line)
    assert first.startswith("Urgent · Acme: ")
    assert "working days late" in first
    told = latest(begun.mia, "@olaf has it")
    assert "Urgent · Acme: " in told.text


def test_a_snooze_can_be_chosen_again(begun):
    begun.passes(hours=1)
    warn = latest(begun.olaf, WARN)
    assert warn.choose("Snooze", "1 hour").ok
    first = warn.text
    begun.passes(minutes=10)
    assert warn.choose("Snooze", "1 hour").ok
    assert warn.text != first
    assert "snoozed until today 12:10" in warn.text
    before = len(begun.olaf.dms("baton"))
    begun.passes(minutes=55)
    assert len(begun.olaf.dms("baton")) == before
    begun.passes(minutes=10)
    assert len(begun.olaf.dms("baton")) == before + 1


def test_why_me_says_what_for_whom_and_what_comes_next(begun):
    begun.passes(hours=1)
    warn = latest(begun.olaf, WARN)
    assert warn.menu("Why me?").ok
    why = begun.olaf.modal.text
    assert "It is the outgoing rep’s to do, and that is you." in why
    assert "Rhythm: 3 and 1 working days ahead, on the day, then every 2 working days" in why
    assert "@mia hears of it after" in why
    assert "Next: " in why
    assert "to @olaf, unless it is settled by then" in why
    assert "Sent so far: 1" in why
    begun.passes(days=8)
    assert latest(begun.mia, f"{WARN} ·").menu("Why me?", near=WARN).ok
    assert "@olaf is late with it, and it holds up the handoff. You are the manager." in begun.mia.modal.text


def test_whoever_stands_in_is_reminded_and_may_do_it(begun):
    begun.cora.opens_home()
    _away(begun, "olaf", "2026-11-27", "cora")
    begun.passes(days=2)
    digest = latest(begun.cora, CHART)
    assert "for @olaf, away until Fri 27 Nov" in digest.text
    assert digest.menu("Why me?", near=CHART).ok
    assert "@olaf is away until Fri 27 Nov, and you stand in" in begun.cora.modal.text
    begun.cora.modal.close()
    assert digest.click("Done", near=CHART).ok
    assert "done by @cora" in begun.checklist().text
    assert [m for m in begun.olaf.dms("baton") if CHART in m.text] == []


def test_the_card_reminds_whoever_is_late_once_a_day(town):
    town.begun()
    town.passes(days=1, hours=1)
    assert town.card().click("Nudge who is late").ok
    said = town.mia.ephemerals("#accounts")[-1].text
    assert f"I remind:\n• @olaf · {WARN}" in said
    town.passes(minutes=1)
    nudge = latest(town.olaf, WARN)
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
        town.bot.ask_after(town.actor(who), 1, kind, request)
    except BotError:
        return False
    return True


def test_whoever_waits_has_one_person_reminded_from_home(begun):
    begun.passes(days=1, hours=1)
    home = begun.mia.opens_home()
    assert home.click("Nudge", near=WARN).ok
    assert f"I remind:\n• @olaf · {WARN}" in begun.mia.modal.text
    begun.mia.modal.close()
    begun.passes(minutes=1)
    assert home.click("Nudge", near=WARN).ok
    assert "@olaf was reminded of this today 11:00" in begun.mia.modal.text
    assert "Again from tomorrow 11:00" in begun.mia.modal.text


def test_outsiders_remind_nobody_and_what_is_met_needs_no_reminder(begun):
    begun.passes(days=2, hours=1)
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    assert begun.card(who="otto").click("Nudge who is late").ok
    assert begun.otto.sees("Only @mia can do that here")
    home = begun.mia.opens_home()
    begun.finishes("olaf", step_called(begun, WARN))
    assert home.click("Nudge", near=WARN).ok
    assert "already settled" in begun.mia.modal.text


def test_what_will_be_sent_can_be_read_beforehand(begun):
    begun.passes(hours=1)
    assert latest(begun.olaf, WARN).choose("Snooze", "1 hour").ok
    begun.olaf.types("/handoff nudges", in_="#accounts")
    told = begun.olaf.ephemerals("#accounts")[-1].text
    assert f"Mon 23 Nov, 12:00\n• Acme: {WARN} · due that day · you put it off until then" in told
    assert f"Tue 24 Nov, 09:00\n• Acme: {NOTES} · due Fri 27 Nov\n• Acme: {CHART} · due Fri 27 Nov" in told
    assert "never more than 5 messages a day" in told
    assert begun.olaf.opens_home().click("My reminders").ok
    assert f"• Acme: {WARN} · due that day" in begun.olaf.modal.text
    begun.otto.opens_home().click("My reminders")
    assert "Nothing until Mon 7 Dec, as things stand." in begun.otto.modal.text


def test_what_was_held_back_until_the_day_it_is_due_is_said_once_that_day(begun):
    """Cora stands in for Olaf and begins hours before him: a heads-up that comes in her morning is the day's word."""
    boss, chart = begun.actor("mia"), step_called(begun, CHART)
    for item in ("Show the customer whom else to call", "Note regular orders, complaints and key dates"):
        number = step_called(begun, item)  # her own things are Thursday's digest: what comes later waits for Friday
        begun.bot.checklist.assign(boss, number, begun.cora.id)
        begun.bot.checklist.reschedule(boss, number, date(2026, 11, 26))
    begun.cora.opens_home()
    _away(begun, "olaf", "2026-12-04", "cora")
    begun.until(datetime(2026, 11, 26, 18, tzinfo=UTC))
    before = len(_said_of(begun, "cora", chart))
    begun.until(datetime(2026, 11, 27, 5, tzinfo=UTC))
    assert _said_of(begun, "cora", chart)[before:] == ["20261127/heads_up:1"]
    begun.cora.types("/handoff nudges", in_="#accounts")
    assert f"{CHART} · due that day" not in begun.cora.ephemerals("#accounts")[-1].text
    begun.until(datetime(2026, 11, 27, 18, tzinfo=UTC))
    assert len(_said_of(begun, "cora", chart)) == before + 1
    begun.until(datetime(2026, 12, 1, 18, tzinfo=UTC))
    assert _said_of(begun, "cora", chart)[before + 1 :] == ["20261127/repeat:1"]


def _said_of(town, name, item):
    """The rungs about that step that this person got."""
    query = (
        "SELECT n.slot FROM nudges n JOIN people p ON p.id = n.person_id WHERE n.obligation = 'item' "
        "AND n.subject_id = :item AND p.slack_id = :who AND n.state = 'sent' ORDER BY n.sent_at"
    )
    return [row.slot for row in town.rows(query, item=item, who=town.sandbox.person(name).id)]
