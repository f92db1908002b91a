"""Letters that are written down together: one statement for all of them, on both databases."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError

from bot.store.database import Database
from bot.store.letters import Letter, Priority, freshen, post_once
from bot.store.queues import outbox
from tests.store.conftest import Office


def _kept(office):
    with office.db.read() as session:
        rows = session.execute(select(outbox.c.key, outbox.c.detail, outbox.c.person_id).order_by(outbox.c.id))
        return [tuple(row) for row in rows]


def test_each_keeps_what_it_alone_knows(office):
    with_words = Letter("b", "answered", 2, detail={"quote": "50 % \u201cand\u201d {more}", "ids": [1, None]})
    with office.db.write() as session:
        freshen(session, 1, office.clock.now(), [Letter("a", "answered", 1), with_words])
    assert _kept(office) == [("a", None, None), ("b", with_words.detail, None)]


def test_of_two_in_one_slot_the_later_counts(office):
    earlier, later = ({"answer": word} for word in ("yes", "no"))
    with office.db.write() as session:
        two = [Letter("a", "answered", 1, detail=earlier), Letter("a", "answered", 1, detail=later)]
        freshen(session, 1, office.clock.now(), two)
    assert _kept(office) == [("a", later, None)]


def test_of_two_that_are_sent_once_the_first_counts(office):
    earlier, later = ({"answer": word} for word in ("yes", "no"))
    with office.db.write() as session:
        two = [Letter("a", "answered", 1, detail=earlier), Letter("a", "answered", 1, detail=later)]
        post_once(session, 1, office.clock.now(), two)
        post_once(session, 1, office.clock.now(), [Letter("a", "answered", 1, None, Priority.CARD, later)])
    assert _kept(office) == [("a", earlier, None)]


def test_a_name_that_does_not_fit_is_never_cut(postgres_url):
    """Cut, it would be somebody else's slot. SQLite takes any length."""
    db = Database(postgres_url)
    office = Office(db)
    with pytest.raises(DataError), db.write() as session:
        freshen(session, 1, office.clock.now(), [Letter("a" * 97, "answered", 1)])
    db.close()
