"""What changes while Slack takes a reminder: whatever Slack took counts as sent, and the ladder goes on."""

from datetime import timedelta

from sqlalchemy import text


def _state(town, number):
    return town.rows("SELECT state FROM nudges WHERE id = :n", n=number)[0].state


def _in_flight(town, meanwhile):
    """The first reminder of the warning is sent; Slack answers when `meanwhile` is done. Returns its number."""
    assert town.bot.due.queue_due()
    [nudge] = town.rows("SELECT id FROM nudges WHERE state = 'queued' AND obligation = 'item' AND digest_id IS NULL")
    todo, before = [meanwhile], len(_reminders(town))

    def look(_):
        if todo and len(_reminders(town)) > before:
            todo.pop()()

    town.sandbox.workspace.subscribe(look)
    town.settle()
    assert not todo
    return nudge.id


def _reminders(town):
    return [m for m in town.olaf.dms("baton") if "Warn the customer" in m.text and "due" in m.text]


def test_the_handoff_moves_on_meanwhile(begun):
    """Then the schedule is made anew, and the rung that is on its way is planned a second time."""
    nudge = _in_flight(begun, lambda: begun.bot.handoffs.override(begun.actor("mia"), 1, "He is in a hurry"))
    begun.passes(minutes=10)
    assert _state(begun, nudge) == "sent"
    [reminder] = _reminders(begun)
    assert reminder.choose("Snooze", "1 hour").ok
    assert begun.rows("SELECT state FROM nudges WHERE slot LIKE '%snooze%'")[0].state == "planned"


def test_done_meanwhile_and_opened_again_it_is_not_said_a_second_time(begun):
    item = begun.rows("SELECT id FROM checklist_items WHERE title = 'Warn the customer'")[0].id
    nudge = _in_flight(begun, lambda: begun.finishes("olaf", item))
    assert _state(begun, nudge) == "sent"
    begun.settle()
    begun.bot.checklist.reopen(begun.actor("olaf"), item)
    begun.passes(hours=2)
    assert len(_reminders(begun)) <= 1
    assert not begun.rows("SELECT id FROM nudges WHERE state = 'queued'")
    assert begun.rows("SELECT slot FROM nudges WHERE subject_id = :i AND state = 'planned'", i=item)


def test_what_was_put_off_and_is_not_owed_any_more_when_it_would_leave_waits_no_longer(begun):
    begun.passes(hours=1)
    [reminder] = _reminders(begun)
    assert reminder.choose("Snooze", "1 hour").ok
    begun.bot.handoffs.override(begun.actor("mia"), 1, "He is in a hurry")
    begun.settle()
    begun.clock.jump_to(begun.clock.now() + timedelta(minutes=65))
    assert begun.bot.due.queue_due()
    assert begun.rows("SELECT slot FROM nudges WHERE state = 'queued' AND slot LIKE '%snooze%'")
    begun.bot.handoffs.accept(begun.actor("ines"), 1)
    begun.settle()
    assert not _reminders(begun)
    assert not begun.rows("SELECT slot FROM nudges WHERE state = 'queued'")


def test_a_digest_of_which_nothing_is_owed_any_more_waits_no_longer(begun):
    begun.bot.handoffs.override(begun.actor("mia"), 1, "He is in a hurry")
    begun.settle()
    begun.clock.jump_to(begun.clock.now() + timedelta(days=1))
    assert begun.bot.due.queue_due()
    waiting = begun.rows("SELECT id FROM nudges WHERE state = 'queued' AND digest_id IS NOT NULL")
    assert waiting
    with begun.bot.db.write() as session:  # as what people put off is: the change of stage leaves it where it is
        session.execute(text("UPDATE nudges SET slot = slot || '/snooze:1' WHERE state = 'queued'"))
    begun.bot.handoffs.accept(begun.actor("ines"), 1)
    begun.settle()
    assert not begun.rows("SELECT slot FROM nudges WHERE state = 'queued'")
