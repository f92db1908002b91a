"""What must reach Slack reaches it, whatever Slack does; and nobody gets it twice."""

from datetime import timedelta

from bot.store.queues import LetterState
from tests.databases import mostly_sqlite


def _first(town):
    """The first step that is finished with a tick."""
    return town.rows("SELECT min(id) AS id FROM checklist_items WHERE form IS NULL")[0].id


def _letters(town, state):
    return [row.key for row in town.rows("SELECT key FROM outbox WHERE state = :s ORDER BY id", s=state)]


def test_one_card_in_the_channel_edited_in_place_for_ever_after(lite_town):
    town = lite_town
    town.set_up()
    card = town.handoff("Acme")
    for title in ("Note regular orders", "Update the account notes", "Send the org chart"):
        town.checklist("olaf").click("Done", near=title)
    assert town.card("Acme").ts == card.ts
    assert "3 of" in town.card("Acme").text
    posts = [c for c in town.sandbox.workspace.weather.called("chat.postMessage") if c.args["channel"] == "C0ACCOUNTS0"]
    assert len([c for c in posts if "thread_ts" not in c.args]) == 1


def test_an_hour_without_slack_loses_nothing_and_repeats_nothing(town):
    town.set_up()
    town.handoff("Acme")
    town.sandbox.workspace.weather.fail_all(status=503)
    town.bot.checklist.complete(_actor(town, "olaf"), _first(town))
    town.passes(hours=1)
    assert "0 of" in town.card("Acme").text
    town.sandbox.workspace.weather.clear()
    town.passes(hours=1)
    assert "1 of" in town.card("Acme").text
    texts = [m.text for m in town.carl.dms("baton")]
    assert len(texts) == len(set(texts))
    assert _letters(town, LetterState.FAILED) == []


def test_too_fast_is_answered_with_patience(lite_town):
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_next("chat.postMessage", status=429, retry_after=30)
    began = town.clock.now()
    town.handoff("Acme")
    assert (town.clock.now() - began).total_seconds() >= 30
    assert [c.error for c in town.sandbox.workspace.weather.calls if c.error == "ratelimited"] == ["ratelimited"]


@mostly_sqlite
def test_a_connection_cut_after_slack_took_the_message_repeats_it_at_most_once(town):
    town.set_up()
    town.sandbox.workspace.weather.cut_after("chat.postMessage")
    town.handoff("Acme")
    cards = [m for m in town.mia.messages("#accounts") if "Acme" in m.text]
    assert len(cards) <= 2
    assert town.rows("SELECT maybe_repeat FROM outbox WHERE maybe_repeat = true")


def test_before_a_doubtful_message_is_repeated_slack_is_asked_whether_it_answers_at_all(lite_town):
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.cut_after("chat.postMessage", times=6)  # the card, and five questions after it
    town.handoff("Acme")
    assert len([m for m in town.mia.messages("#accounts") if "Acme" in m.text]) == 2
    calls = town.sandbox.workspace.weather.called("chat.postMessage")
    asked = [call for call in calls if call.error == "no_text"]
    assert len(asked) == 6
    assert {*asked[0].args} == {"channel"}  # nothing that could be posted
    assert [row.key for row in town.rows("SELECT key FROM outbox WHERE maybe_repeat = true")] == ["card:1"]
    assert len(town.carl.dms("baton")) == 1


def test_ten_clicks_within_two_seconds_are_two_edits_of_the_card(lite_town):
    town = lite_town
    town.set_up()
    card = town.handoff("Acme")
    town.passes(minutes=1)
    weather = town.sandbox.workspace.weather
    ids = town.rows("SELECT id FROM checklist_items WHERE form IS NULL ORDER BY id LIMIT 5")
    before = len(weather.calls)
    for number in range(10):
        act = town.bot.checklist.complete if number < 5 else town.bot.checklist.reopen
        act(_actor(town, "mia"), ids[number % 5].id)
        while town.bot.courier.deliver_next():
            pass
        town.clock.advance(timedelta(seconds=0.2))
    town.settle()
    edits = [call.args["ts"] for call in weather.calls[before:] if call.method == "chat.update"]
    assert edits.count(card.ts) == 2
    assert {edits.count(ts) for ts in edits} == {2}
    assert "0 of" in town.card("Acme").text


def test_somebody_who_has_left_is_not_written_to_where_nobody_reads(lite_town):
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_all(status=503)
    town.starts("Acme")
    town.sandbox.workspace.weather.clear()
    town.sandbox.actions.deactivate(town.carl.id)
    town.sandbox.wait_idle()
    town.passes(minutes=5)
    assert town.carl.dms("baton") == []
    assert "carl" in " ".join(m.text for m in town.mia.dms("baton")).casefold()


def test_a_card_somebody_deleted_comes_back(lite_town):
    town = lite_town
    town.set_up()
    card = town.handoff("Acme")
    channel = town.sandbox.workspace.find_channel("#accounts")
    channel.messages = [m for m in channel.messages if m.ts != card.ts]
    town.bot.checklist.complete(_actor(town, "olaf"), _first(town))
    town.settle()
    assert "1 of" in town.card("Acme").text


def test_without_direct_messages_the_thread_mentions_the_person(lite_town):
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_next("chat.postMessage", error="messages_tab_disabled", channel=town.carl.id)
    town.handoff("Acme")
    words = " ".join(m.text for m in town.mia.thread(town.card("Acme")))
    assert "@carl" in words.casefold() or "Carl" in words


def test_an_archived_channel_is_told_to_the_manager_once(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    town.sandbox.actions.archive("C0ACCOUNTS0")
    ids = [row.id for row in town.rows("SELECT id FROM checklist_items WHERE form IS NULL ORDER BY id LIMIT 2")]
    for number in ids:
        town.bot.checklist.complete(_actor(town, "olaf"), number)
        town.settle()
    told = [m for m in town.mia.dms("baton") if "archived" in m.text]
    assert len(told) == 1


def test_half_a_minute_of_slacks_own_trouble_loses_nothing(lite_town):
    town = lite_town
    town.set_up()
    for status in (500, 502):
        town.sandbox.workspace.weather.fail_next("chat.postMessage", status=status, times=3)
    town.sandbox.workspace.weather.fail_next("chat.postMessage", error="internal_error", times=3)
    card = town.handoff("Acme")
    town.passes(minutes=10)
    assert len(town.mia.thread(card)) >= 1
    assert any("Acme" in message.text for message in town.carl.dms("baton"))


def test_a_channel_that_comes_back_is_caught_up(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    town.sandbox.actions.archive("C0ACCOUNTS0")
    town.bot.checklist.complete(_actor(town, "olaf"), _first(town))
    town.passes(hours=1)
    town.sandbox.actions.unarchive("C0ACCOUNTS0")
    town.sandbox.wait_idle()
    assert "1 of" in town.card("Acme").text


def test_a_permission_that_comes_back_is_caught_up_by_itself(lite_town):
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_next("chat.postMessage", error="missing_scope", times=20)
    town.starts("Acme")
    town.settle()
    town.sandbox.workspace.weather.clear()
    town.passes(minutes=15)
    assert "Acme" in town.card("Acme").text


@mostly_sqlite
def test_a_restart_in_the_middle_delivers_what_was_promised(town):
    town.set_up()
    town.sandbox.workspace.weather.fail_all(status=503)
    town.starts("Acme")
    town.close_bot()
    town.sandbox.workspace.weather.clear()
    town.open_bot()
    town.passes(minutes=5)
    assert "Acme" in town.card("Acme").text
    assert any("Acme" in m.text for m in town.carl.dms("baton"))


def test_a_revoked_token_pauses_and_keeps_everything(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    town.sandbox.workspace.weather.fail_next("chat.update", error="token_revoked")
    town.bot.checklist.complete(_actor(town, "olaf"), _first(town))
    town.settle()
    waiting = len(_letters(town, LetterState.QUEUED))
    calls = len(town.sandbox.workspace.weather.calls)
    town.passes(days=2)
    assert len(town.sandbox.workspace.weather.calls) == calls  # nothing is tried with a dead token
    assert len(_letters(town, LetterState.QUEUED)) >= waiting > 0
    town.restart()  # installed again: the next start asks Slack, and goes on
    town.passes(hours=1)
    assert "1 of" in town.card("Acme").text


def test_a_workspace_that_its_organisation_has_shut_for_a_while_is_asked_again(lite_town):
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_next("chat.postMessage", error="ekm_access_denied")
    town.starts("Acme")
    town.settle()
    assert not [m for m in town.mia.messages("#accounts") if "Acme" in m.text]
    town.sandbox.workspace.weather.fail_next("auth.test", error="ekm_access_denied")
    town.bot.courier.ask_again()
    assert not town.rows("SELECT 1 FROM workspaces WHERE active = true")
    town.bot.courier.ask_again()
    town.settle()
    assert "Acme" in town.card("Acme").text


def _actor(town, name):
    from bot.usecases.desk import Actor

    return Actor("T0SANDBOX01", town.sandbox.person(name).id)
