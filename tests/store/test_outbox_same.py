"""A message that Slack shows already as it should be is not edited; where that is not certain, it is."""

import pytest

from bot.outbox.claiming import claim
from bot.slack.failures import Kind
from bot.store.letters import freshen_existing
from tests.store.post_office import PostOffice, refuses


@pytest.fixture
def post(office):
    post = PostOffice(office)
    office.started("Acme")
    post.settle()
    post.slack.asked.clear()
    return post


def _stale(post, key="card:1"):
    with post.db.write() as session:
        freshen_existing(session, 1, post.clock.now(), [key])


def _edits(post):
    return [call for call in post.slack.asked if call.method == "chat.update"]


def test_what_slack_shows_already_is_not_sent_again(post):
    _stale(post)
    post.settle(minutes=1)
    assert _edits(post) == []
    assert set(post.states()) <= {"sent", "moot"}


def test_a_change_is_shown_and_after_it_the_same_is_not_sent_again(post):
    step, owner = post.office.rows(
        "SELECT i.id, p.slack_id FROM checklist_items i JOIN handoffs h ON h.id = i.handoff_id"
        " JOIN people p ON p.id = h.outgoing_id WHERE i.owner_role = 'outgoing' AND i.form IS NULL ORDER BY i.id"
    )[0]
    post.office.checklist.complete(post.office.who(owner[1:]), step)
    post.settle(minutes=1)
    shown = len(_edits(post))
    assert shown >= 2  # the card and the stage
    _stale(post, "card:1")
    post.settle(minutes=1)
    assert len(_edits(post)) == shown


def test_an_edit_of_which_nobody_knows_whether_it_arrived_goes_again(post):
    with post.db.write() as session:
        session.connection().exec_driver_sql("UPDATE accounts SET name = 'Acme Ltd'")
    _stale(post)
    post.slack.weather, post.slack.late = refuses("timeout", Kind.RETRY, "chat.update"), True
    post.settle(seconds=1)
    with post.db.write() as session:
        session.connection().exec_driver_sql("UPDATE accounts SET name = 'Acme'")  # as it stood before
    post.slack.weather, post.slack.late = (lambda _call: None), False
    post.settle(minutes=5)
    first, *_, last = _edits(post)
    assert ("Acme Ltd" in first.words, "Acme Ltd" in last.words) == (True, False)


def test_an_edit_that_a_dead_courier_had_in_hand_goes_again(post):
    _stale(post)
    post.clock.passes(seconds=3)
    with post.db.write() as session:
        assert claim(session, post.clock.now(), False).letter.key == "card:1"
    post.clock.passes(minutes=1)
    post.courier.take_up_orphans(alone=False)
    post.settle(minutes=1)
    assert len(_edits(post)) == 1


def test_it_costs_no_turn(post):
    """Slack's rate is left to edits that change something, and the next change waits for nothing."""
    post.clock.passes(seconds=3)
    for _ in range(30):  # three times what a burst makes up for, in a thirtieth of a second
        _stale(post)
        while post.courier.deliver_next(False):
            pass
        post.clock.passes(milliseconds=1)
    assert set(post.states()) <= {"sent", "moot"}
    assert _edits(post) == []
