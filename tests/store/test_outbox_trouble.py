"""Letters on Slack's bad days: each is delivered once they are over, hardly one twice, and without a storm."""

from datetime import timedelta

import pytest

from bot.outbox.claiming import claim
from bot.slack.failures import Kind, SlackFailure
from bot.store.queues import LetterState
from tests.store.post_office import PostOffice, refuses


@pytest.fixture
def post(office):
    return PostOffice(office)


def _asked(post, *methods):
    return [call for call in post.slack.asked if call.method in methods]


def _everything_once(post):
    """Every message that was owed is there, and each of them once."""
    assert set(post.states()) <= {"sent", "moot"}
    messages = post.office.rows("SELECT key FROM outbox WHERE ts IS NOT NULL")
    assert len(post.slack.posts) == len(messages) > 0


def test_an_hour_of_503_is_met_with_a_question_a_minute_and_ends_without_a_storm(post):
    post.office.started("Acme")
    post.office.started("Bolt")
    post.slack.weather = refuses("http_503")
    post.settle(hours=1)
    assert post.slack.posts == []
    assert len(_asked(post, "chat.postMessage")) <= 100
    post.slack.weather = lambda _call: None
    post.settle(minutes=5)
    _everything_once(post)
    for start in post.slack.posts:
        minute = [c for c in post.slack.posts if start.at <= c.at < start.at + timedelta(seconds=60)]
        assert len(minute) <= 300


def test_a_letter_that_slack_always_fails_on_does_not_hold_the_others_up(post):
    post.slack.weather = lambda call: (
        SlackFailure(Kind.RETRY, "service_unavailable", method=call.method)
        if "Poison" in call.words and call.to == "C1"
        else None
    )
    post.office.started("Poison")
    post.office.started("Acme")
    began = post.clock.now()
    post.settle(minutes=2)
    acme = [call for call in post.slack.posts if "Acme" in call.words]
    assert len(acme) >= 3
    assert max(call.at for call in acme) - began <= timedelta(seconds=30)
    assert "card:1" in post.letters("queued")


def test_while_slack_is_in_trouble_one_letter_tries_for_all_processes(post):
    post.office.started("Acme")
    post.office.started("Bolt")
    post.slack.weather = refuses("service_unavailable", Kind.RETRY, "chat.postMessage")
    assert post.courier.deliver_next(True)
    post.clock.passes(seconds=3)
    assert _claimed(post) is not None  # it tries, and has not come back yet
    assert _claimed(post) is None
    assert not post.another().deliver_next(True)
    post.clock.passes(seconds=31)  # its process has died
    assert _claimed(post) is not None


def test_too_fast_holds_one_method_for_all_processes_counts_no_attempt_and_keeps_the_order(post):
    post.office.started("Acme")
    once = iter([SlackFailure(Kind.WAIT, "ratelimited", method="chat.postMessage", retry_after=30.0)])
    post.slack.weather = lambda call: next(once, None) if call.method == "chat.postMessage" else None
    began, other = post.clock.now(), post.another()
    assert post.courier.deliver_next(True)
    post.clock.passes(seconds=29)
    assert not post.courier.deliver_next(True)
    assert not other.deliver_next(True)
    assert other.deliver_next(False)  # looking people up is another method
    assert post.office.rows("SELECT attempts FROM outbox WHERE key = 'card:1'")[0].attempts == 0
    assert other.next_wake(True) == began + timedelta(seconds=30)
    post.settle()
    assert post.slack.posts[0].to == "C1"
    assert post.slack.posts[0].at >= began + timedelta(seconds=30)
    _everything_once(post)


def test_an_hour_of_connections_cut_after_slack_took_the_message_repeats_the_one_in_flight_once(post):
    post.office.started("Acme")
    post.office.started("Bolt")
    post.slack.late = True
    post.slack.weather = refuses("connection_cut", Kind.UNSURE, "chat.postMessage", "probe")
    post.settle(hours=1)
    assert len(post.slack.posts) == 1
    assert len(_asked(post, "probe")) > 10
    post.slack.late, post.slack.weather = False, lambda _call: None
    post.settle(minutes=5)
    assert len(post.slack.posts) == len(post.office.rows("SELECT 1 FROM outbox WHERE ts IS NOT NULL")) + 1
    assert [row.key for row in post.office.rows("SELECT key FROM outbox WHERE maybe_repeat = true")] == ["card:1"]
    assert post.tally.counts()["suspected_repeats"] == 1


def test_an_hour_of_time_outs_loses_nothing_and_repeats_nothing(post):
    post.office.started("Acme")
    post.slack.weather = refuses("no_answer", Kind.UNSURE, "chat.postMessage", "probe")
    post.settle(hours=1)
    assert len(_asked(post, "chat.postMessage")) == 1
    post.slack.weather = lambda _call: None
    post.settle(minutes=5)
    _everything_once(post)


def test_a_letter_that_slack_never_confirms_is_given_up_before_it_fills_the_screen(post):
    post.slack.late = True
    post.slack.weather = lambda call: (
        SlackFailure(Kind.UNSURE, "fatal_error", method=call.method)
        if call.method == "chat.postMessage" and "Poison" in call.words and call.to == "UCARL"
        else None
    )
    post.office.started("Poison")
    post.office.started("Acme")
    post.settle(hours=2)
    assert len([c for c in post.slack.posts if c.to == "UCARL" and "Poison" in c.words]) == 6
    assert len(post.letters("failed")) == 1
    assert any(call.to == "UCARL" and "Acme" in call.words for call in post.slack.posts)
    assert post.tally.counts()["given_up"] == 1


def test_ten_clicks_within_two_seconds_are_two_edits_of_a_message_and_the_last_shows_them_all(post):
    started = post.office.started("Acme")
    post.settle()
    post.clock.passes(seconds=10)
    before, items = len(post.slack.edits), post.office.items(started.handoff_id)
    for number in range(10):
        item = items[number % 5]
        (post.office.checklist.complete if number < 5 else post.office.checklist.reopen)(
            post.office.who("mia"), item.id
        )
        post.settle(seconds=0.2)
    post.settle()
    edits = [call.ts for call in post.slack.edits[before:]]
    assert {edits.count(ts) for ts in edits} == {2}
    assert len(set(edits)) == 2  # the card and the checklist
    assert "0 of" in next(call.words for call in reversed(post.slack.edits) if "Acme" in call.words)


def test_a_home_that_changes_all_the_time_is_published_every_two_seconds_at_most(post):
    started = post.office.started("Acme")
    post.office.overview.opened_home(post.office.who("mia"))
    post.settle()
    post.clock.passes(seconds=10)
    before, items = len(post.slack.homes), post.office.items(started.handoff_id)
    for item in items[:5]:
        post.office.checklist.complete(post.office.who("mia"), item.id)
        post.settle(seconds=0.2)
    post.settle()
    assert len(post.slack.homes) - before == 2


def test_a_process_that_has_to_end_gives_back_what_it_has_in_hand_and_begins_nothing_else(post):
    post.office.started("Acme")
    held = []

    def told_to_stop_now(call):
        if call.method == "chat.postMessage" and not held:
            held.append(post.courier.give_back())
            raise KeyboardInterrupt  # the process ends before Slack's answer arrives

    post.slack.weather = told_to_stop_now
    with pytest.raises(KeyboardInterrupt):
        post.courier.deliver_next(True)
    assert held == [1]
    assert not post.courier.deliver_next()
    row = post.office.rows("SELECT state, maybe_repeat FROM outbox WHERE key = 'card:1'")[0]
    assert (row.state, bool(row.maybe_repeat)) == (LetterState.QUEUED, True)
    post.slack.weather = lambda _call: None
    post.courier = post.another()
    post.settle()
    _everything_once(post)


def test_a_clock_that_jumps_ahead_does_not_make_a_courier_take_its_own_letter_for_an_orphan(post):
    post.office.started("Acme")

    def the_clock_jumps(call):
        if call.method == "chat.postMessage":
            post.clock.moment = max(post.clock.moment, call.at + timedelta(days=1))
            post.courier.take_up_orphans(alone=False)

    post.slack.weather = the_clock_jumps
    assert post.courier.deliver_next(True)
    post.slack.weather = lambda _call: None
    post.settle()
    _everything_once(post)


def test_a_clock_that_is_set_back_makes_nobody_wait_for_the_moment_it_showed(post):
    post.slack.weather = refuses("http_503")
    post.office.started("Acme")
    post.settle(minutes=30)
    post.clock.moment -= timedelta(days=1)
    post.slack.weather = lambda _call: None
    post.settle(seconds=30)
    _everything_once(post)


def test_a_letter_that_cannot_be_made_is_put_aside_with_a_reference_and_the_others_go(post):
    post.office.started("Acme")
    with post.db.write() as session:
        session.connection().exec_driver_sql("UPDATE outbox SET kind = 'riddle' WHERE kind = 'request'")
    post.settle()
    reasons = {row.error for row in post.office.rows("SELECT error FROM outbox WHERE state = 'failed'")}
    assert reasons
    assert all(reason.startswith("fault ") for reason in reasons)
    assert any(call.to == "C1" for call in post.slack.posts)


def _claimed(post):
    with post.db.write() as session:
        return claim(session, post.clock.now(), True).letter
