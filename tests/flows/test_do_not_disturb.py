"""Slack's own do-not-disturb: reminders wait for its end, where the workspace lets Baton ask."""

from bot.outbox.quiet import A_MINUTE


def _reminded(person):
    return [m for m in person.dms("baton") if "Warn the customer" in m.text]


def _asked(town):
    return len(town.sandbox.workspace.weather.called("dnd.info"))


def test_a_reminder_waits_until_its_reader_wants_to_be_disturbed(town):
    town.begun()
    town.olaf.pauses_notifications(120)
    town.passes(minutes=100)
    assert not _reminded(town.olaf)
    town.passes(minutes=30)
    assert len(_reminded(town.olaf)) == 1


def test_at_the_end_of_the_day_it_comes_all_the_same(begun):
    begun.olaf.pauses_notifications(60 * 24 * 30)
    begun.passes(hours=6, minutes=40)  # to twenty to five in Oslo
    assert not _reminded(begun.olaf)
    begun.passes(minutes=10)
    assert len(_reminded(begun.olaf)) == 1
    assert _asked(begun) < 60  # an answer of Slack's holds for some minutes


def test_what_is_done_meanwhile_is_not_sent_afterwards(begun):
    begun.olaf.pauses_notifications(120)
    begun.passes(minutes=60)
    begun.checklist("olaf").click("Done", near="Warn the customer")
    begun.says_the_customer_knows()
    begun.passes(hours=4)
    assert not _reminded(begun.olaf)


def test_without_the_scope_nobody_is_asked(begun):
    begun.bot.quiet.grant({"chat:write"})
    begun.olaf.pauses_notifications(120)
    begun.passes(minutes=60)
    assert len(_reminded(begun.olaf)) == 1
    assert _asked(begun) == 0


def test_where_slack_does_not_answer_the_reminder_goes(begun):
    begun.olaf.pauses_notifications(120)
    begun.sandbox.workspace.weather.fail_next("dnd.info", status=503, times=99)
    begun.passes(minutes=60)
    assert len(_reminded(begun.olaf)) == 1
    assert _asked(begun) <= A_MINUTE


def test_what_people_ask_each_other_does_not_wait(begun):
    begun.carl.pauses_notifications(600)
    begun.handoff("Bolt Works")
    assert any("Bolt Works" in m.text for m in begun.carl.dms("baton"))
