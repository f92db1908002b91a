"""Letters that are written down together: one statement for all of them, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DataError

from bot.store import redrawing
from bot.store.database import Database
from bot.store.letters import Letter, Priority, freshen, post_once
from bot.store.queues import LetterState, outbox
from bot.store.schedule import Obligation
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


CARD, CHECKLIST = (Letter(f"{kind}:1", kind, 1, None, Priority.CARD) for kind in ("card", "stage"))
STEP = Obligation("item", 1)


def _drawn(office):
    columns = (outbox.c.key, outbox.c.state, outbox.c.wanted, outbox.c.priority)
    with office.db.read() as session:
        return {key: tuple(rest) for key, *rest in session.execute(select(*columns))}


def test_what_a_click_makes_stale_is_written_where_it_is_missing(office):
    with office.db.write() as session:
        freshen(session, 1, office.clock.now(), [CARD, Letter("home:1", "home", 1, priority=Priority.HOME)])
    with office.db.write() as session:
        redrawing.redraw(session, 1, office.clock.now(), [CARD, CHECKLIST], ["home:1", "home:2"], STEP)
    assert _drawn(office) == {
        "card:1": (LetterState.QUEUED, 2, Priority.CARD),
        "home:1": (LetterState.QUEUED, 2, Priority.HOME),
        "stage:1": (LetterState.QUEUED, 1, Priority.CARD),
    }


def test_a_click_brings_the_card_forward_and_back(office):
    """A card that waits behind others after an import, and a checklist that was overtaken by events."""
    with office.db.write() as session:
        behind = replace(CARD, priority=Priority.BACKGROUND)
        freshen(session, 1, office.clock.now(), [behind, CHECKLIST])
        session.execute(update(outbox).where(outbox.c.key == CHECKLIST.key).values(state=LetterState.MOOT))
    with office.db.write() as session:
        redrawing.redraw(session, 1, office.clock.now(), [CARD, CHECKLIST], [], STEP)
    assert _drawn(office) == {one.key: (LetterState.QUEUED, 2, Priority.CARD) for one in (CARD, CHECKLIST)}
