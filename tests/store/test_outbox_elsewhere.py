"""A handoff's letters when it goes to another channel: none lost, none twice, in their order, whoever dies then."""

from collections import Counter

import pytest

from bot.outbox.claiming import claim
from bot.slack.failures import Kind, SlackFailure
from bot.usecases.handoffs.editing import Edit
from tests.store.post_office import PostOffice


@pytest.fixture
def post(office):
    return PostOffice(office)


def _moves(post, handoff, channel="C2"):
    post.office.editing(post.office.who("mia"), handoff, Edit({"channel": channel}))


def _posts(post, channel):
    return [call for call in post.slack.posts if call.to == channel]


def _claimed(post):
    post.clock.passes(seconds=2)
    with post.db.write() as session:
        letter = claim(session, post.clock.now(), True).letter
    assert letter is not None
    return letter


def _nothing_waits(post):
    assert not post.letters("queued") + post.letters("sending") + post.letters("failed")


def test_what_waited_for_the_old_thread_is_read_in_the_new_one_in_its_order(post):
    number = post.office.started().handoff_id
    post.slack.weather = lambda call: (
        SlackFailure(Kind.PLACE, "is_archived", method=call.method) if call.to == "C1" and call.thread else None
    )
    post.settle()
    post.office.handoffs.override(post.office.who("mia"), number, "In a hurry")
    post.office.handoffs.accept(post.office.who("ines"), number)
    post.settle()
    assert [call.thread for call in _posts(post, "C1")] == [None]
    _moves(post, number)
    post.settle()
    card, note, *rest = _posts(post, "C2")
    assert card.thread is None
    assert {call.thread for call in (note, *rest)} == {card.ts}
    words = ("here from", "Prepare", "handed", "accepted")
    found = [next((n for n, call in enumerate([note, *rest]) if word in call.words), None) for word in words]
    assert None not in found
    assert found == sorted(found)
    assert len(rest) == len({call.words for call in rest})
    _nothing_waits(post)


@pytest.mark.parametrize("dies", [True, False])
def test_a_card_claimed_for_the_old_channel_is_not_posted_twice_in_the_new_one(post, dies):
    number = post.office.started().handoff_id
    letter = _claimed(post)
    assert letter.kind == "card"
    _moves(post, number)
    if dies:
        post.clock.passes(minutes=1)
        post.courier.take_up_orphans(alone=False)
    else:
        post.courier._deliver(letter)
    post.settle()
    assert _posts(post, "C1") == []
    assert [call.thread for call in _posts(post, "C2")].count(None) == 1
    _nothing_waits(post)


def test_what_slack_took_for_the_old_channel_at_that_moment_says_where_the_handoff_is(post):
    number = post.office.started().handoff_id
    moves = [number]

    def meanwhile(call):
        if call.to == "C1" and call.method == "chat.postMessage" and moves:
            _moves(post, moves.pop())

    post.slack.weather = meanwhile
    post.settle()
    [left] = _posts(post, "C1")
    assert "goes on in" in [call.words for call in post.slack.edits if call.ts == left.ts][-1]
    assert [call.thread for call in _posts(post, "C2")].count(None) == 1
    _nothing_waits(post)


def test_a_message_of_the_thread_on_its_way_is_said_once(post):
    number = post.office.started().handoff_id
    post.settle()
    post.office.handoffs.override(post.office.who("mia"), number, "In a hurry")
    while (letter := _claimed(post)).kind != "thread":
        post.courier._deliver(letter)
    _moves(post, number)
    post.courier._deliver(letter)
    post.settle()
    said = [call for call in post.slack.posts if "In a hurry" in call.words and call.thread]
    assert [call.to for call in said] == ["C2"]
    _nothing_waits(post)


def test_moved_twice_before_anything_was_posted_it_comes_from_where_it_was_seen(post):
    number = post.office.started().handoff_id
    post.settle()
    _moves(post, number)
    _moves(post, number, "C3")
    post.settle()
    assert _posts(post, "C2") == []
    card, note, *_ = _posts(post, "C3")
    assert "here from C1" in note.words
    assert "https://town/C1/" in note.words
    assert Counter(call.thread for call in _posts(post, "C3"))[None] == 1
    lost = [call for call in post.slack.edits if call.to == "C1"][-1]
    assert "goes on in C3" in lost.words
    assert f"https://town/C3/{card.ts}" in lost.words
    _nothing_waits(post)
