"""Which letter goes when: the order in a thread, one message a second in a conversation, people before reminders."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import insert

from bot.outbox.claiming import claim
from bot.outbox.pace import PER_MINUTE
from bot.slack.failures import Kind, SlackFailure
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.store.queues import LetterState, outbox
from tests.store.post_office import PostOffice


@pytest.fixture
def post(office):
    return PostOffice(office)


def _in_channel(post):
    return [call for call in post.slack.posts if call.to == "C1"]


def test_a_thread_reads_in_order_and_hangs_on_its_card_though_slack_fails_now_and_then(post):
    turns = iter([True, False, True, True, False, False, True] * 40)
    post.slack.weather = lambda call: (
        SlackFailure(Kind.RETRY, "service_unavailable")
        if call.method == "chat.postMessage" and next(turns, False)
        else None
    )
    for number in range(6):
        post.office.started(f"Acme {number}")
    post.settle(minutes=30)
    rows = post.office.rows(
        "SELECT handoff_id, ts FROM outbox WHERE kind IN ('card', 'stage', 'thread', 'answered') ORDER BY id"
    )
    threads = defaultdict(list)
    for row in rows:
        threads[row.handoff_id].append(float(row.ts))
    assert len(threads) == 6
    for stamps in threads.values():
        assert len(stamps) >= 2
        assert stamps == sorted(stamps)
    cards = {call.ts for call in _in_channel(post) if call.thread is None}
    assert {call.thread for call in _in_channel(post) if call.thread} <= cards


def test_one_message_a_second_in_each_conversation_and_no_idle_second_in_the_busiest(post):
    for number in range(10):
        post.office.started(f"Acme {number}")
    post.settle()
    by_conversation = defaultdict(list)
    for call in post.slack.posts:
        by_conversation[call.to].append(call.at)
    for moments in by_conversation.values():
        assert all(b - a >= timedelta(seconds=1) for a, b in pairwise(moments))
    channel = by_conversation["C1"]
    assert len(channel) == 20
    assert (channel[-1] - channel[0]).total_seconds() <= 19 * 1.05


def test_people_go_before_reminders_and_reminders_before_digests(post):
    names = {"digest": Priority.DIGEST, "nudge": Priority.NUDGE, "request": Priority.MESSAGE, "card": Priority.CARD}
    with post.db.write() as session:
        now = post.clock.now()
        freshen(session, 1, now, [Letter(f"{kind}:9", kind, 9, priority=value) for kind, value in names.items()])
    went = []
    while (letter := _claimed(post)) is not None:
        went.append(letter.kind)
    assert [kind for kind in went if kind in names] == ["card", "request", "nudge", "digest"]


def test_hundreds_of_reminders_go_no_faster_than_slack_allows_a_workspace(post):
    with post.db.write() as session:
        numbers = range(1000, 1400)
        session.execute(insert(t.people), [{"id": n, "workspace_id": 1, "slack_id": f"X{n}"} for n in numbers])
        letters = [Letter(f"nudge:{n}", "nudge", n, None, Priority.NUDGE, None, n) for n in numbers]
        freshen(session, 1, post.clock.now(), letters)
    began, moments = post.clock.now(), []
    while len(moments) < 400:
        letter = _claimed(post, posting=True)
        if letter is not None:
            moments.append((post.clock.now() - began).total_seconds())
        else:
            wake = post.courier.next_wake(True)
            post.clock.moment = max(wake, post.clock.now() + timedelta(milliseconds=1))
    assert moments[-1] <= 400 * 60 / PER_MINUTE["chat.postMessage"]
    for start in range(0, int(moments[-1]), 5):
        assert sum(start <= at < start + 60 for at in moments) <= 300  # "several hundred per minute"


def test_what_stands_in_line_behind_a_conversation_does_not_keep_others_waiting(post):
    with post.db.write() as session:
        session.execute(insert(t.people), [{"id": n, "workspace_id": 1, "slack_id": f"X{n}"} for n in (1000, 1001)])
        mine = [Letter(f"nudge:{n}", "nudge", n, None, Priority.NUDGE, None, 1000) for n in range(300)]
        freshen(
            session, 1, post.clock.now(), [*mine, Letter("nudge:999", "nudge", 999, None, Priority.NUDGE, None, 1001)]
        )
    went = [letter.key for letter in iter(lambda: _claimed(post, posting=True), None)]
    assert went == ["nudge:0", "nudge:999"]
    moments = [
        row.n
        for row in post.office.rows("SELECT not_before AS n FROM outbox WHERE state = 'queued' AND kind = 'nudge'")
    ]
    assert len(moments) == 299
    assert len(set(moments)) >= 297  # a place of its own in the line for each, but for whoever is first at a look


def test_a_card_that_cannot_be_posted_gives_its_thread_up_and_takes_it_along_when_it_comes_back(post):
    post.slack.weather = lambda call: (
        SlackFailure(Kind.OURS, "invalid_blocks", method=call.method)
        if call.method == "chat.postMessage" and call.to == "C1" and call.thread is None
        else None
    )
    post.office.started()
    post.settle()
    assert post.letters("failed") == ["card:1", "stage:1"]
    post.slack.weather = lambda _call: None
    with post.db.write() as session:
        session.execute(outbox.update().where(outbox.c.key == "card:1").values(state=LetterState.QUEUED))
    post.settle()
    assert post.letters("failed") == []
    assert len(_in_channel(post)) == 2


def test_four_processes_side_by_side_deliver_each_letter_once_and_keep_the_pace_together(post):
    for number in range(8):
        post.office.started(f"Acme {number}")
    couriers = [post.another() for _ in range(4)]

    def work(courier):
        while courier.deliver_next():
            pass

    with ThreadPoolExecutor(4) as processes:
        for _ in range(1000):
            list(processes.map(work, couriers))
            wake = post.courier.next_wake()
            if wake is None:
                break
            post.clock.moment = max(wake, post.clock.now() + timedelta(milliseconds=1))
    assert set(post.states()) == {"sent"}
    assert len(post.slack.posts) == len(post.office.rows("SELECT 1 FROM outbox WHERE ts IS NOT NULL"))
    moments = [call.at for call in _in_channel(post)]
    assert len(moments) == 16
    assert all(b - a >= timedelta(seconds=1) for a, b in pairwise(moments))
    assert not post.office.rows("SELECT 1 FROM outbox WHERE maybe_repeat = true")


def _claimed(post, posting=None):
    """Claim as a courier does, and take it for sent."""
    with post.db.write() as session:
        search = claim(session, post.clock.now(), posting)
        while search.again:
            search = claim(session, post.clock.now(), posting)
        letter = search.letter
        if letter is not None:
            session.execute(outbox.update().where(outbox.c.id == letter.id).values(state=LetterState.SENT, ts="1.1"))
        return letter


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_looks_for_a_letter_waits_for_no_other_process(post):
    """Two that hold conversations in different orders would wait for each other, until PostgreSQL ends one of them."""
    for number in range(4):
        post.office.started(f"Acme {number}")
    while not post.slack.posts:
        post.courier.deliver_next()
    post.clock.passes(minutes=1)
    with post.db.engine.connect() as other:
        held = other.exec_driver_sql("SELECT key FROM pace FOR UPDATE").scalars().all()
        assert {"chat.postMessage", "to:C1"} <= set(held)
        with post.db.write() as session:
            session.connection().exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            assert claim(session, post.clock.now(), True).letter is None
        other.rollback()
    post.settle()
    assert set(post.states()) == {"sent"}
