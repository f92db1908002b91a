"""What every click does stands ready in the driver's words, and writes what SQLAlchemy would, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import bindparam, delete, event, update
from sqlalchemy.orm.exc import StaleDataError

from bot.store import loading, plain
from bot.store.database import Database
from bot.store.queues import outbox
from bot.store.schema import checklist_items


@pytest.fixture
def item_id(office) -> int:
    return office.items(office.started().handoff_id)[0].id


@contextmanager
def said_to(db: Database) -> Iterator[list[str]]:
    """The changes that the database is told of."""
    told: list[str] = []

    def listen(_connection, _cursor, statement, *_rest) -> None:
        if statement.startswith("UPDATE"):
            told.append(statement)

    event.listen(db._writers, "before_cursor_execute", listen)
    yield told
    event.remove(db._writers, "before_cursor_execute", listen)


def test_what_has_changed_is_written_and_nothing_else(office, item_id):
    with said_to(office.db) as told, office.db.write() as session:
        item = loading.item(session, 1, item_id)
        item.evidence, item.version, item.title = "a link", item.version + 1, item.title
        plain.save(session, item)
        assert not session.dirty
    assert len(told) == 1
    assert "title" not in told[0]
    assert office.rows("SELECT evidence, version FROM checklist_items WHERE id = :id", id=item_id) == [("a link", 1)]


def test_nothing_is_written_of_what_stayed_as_it_was(office, item_id):
    with said_to(office.db) as told, office.db.write() as session:
        item = loading.item(session, 1, item_id)
        item.evidence, item.evidence = "a link", item.evidence
        plain.save(session, item)
    assert told == []


def test_what_changes_afterwards_is_written_too(office, item_id):
    with office.db.write() as session:
        item = loading.item(session, 1, item_id)
        item.evidence = "a link"
        plain.save(session, item)
        item.evidence = "another link"
    assert office.rows("SELECT evidence FROM checklist_items WHERE id = :id", id=item_id) == [("another link",)]


def test_others_that_changed_wait_for_their_turn(office, item_id):
    other_id = office.items(1)[1].id
    with office.db.write() as session:
        item, other = (loading.item(session, 1, number) for number in (item_id, other_id))
        item.evidence = other.evidence = "a link"
        plain.save(session, item)
        assert list(session.dirty) == [other]
    assert office.rows("SELECT evidence FROM checklist_items WHERE id = :id", id=other_id) == [("a link",)]


def test_what_is_gone_cannot_be_saved(office, item_id):
    with office.db.write() as session:
        item = loading.item(session, 1, item_id)
        session.connection().execute(delete(checklist_items).where(checklist_items.c.id == item_id))
        item.evidence = "a link"
        with pytest.raises(StaleDataError):
            plain.save(session, item)
        session.expunge(item)


def test_a_list_written_value_by_value_cannot_stand_ready(office):
    some = update(outbox).where(outbox.c.kind.in_(["card", "stage"]))
    with pytest.raises(AssertionError, match="one parameter"), office.db.write() as session:
        plain.run(session, some.values(attempts=0), {})


def test_a_value_that_is_missing_is_not_taken_for_none(office):
    mine = update(outbox).where(outbox.c.handoff_id == bindparam("handoff")).values(attempts=0)
    with pytest.raises(AssertionError, match="handoff"), office.db.write() as session:
        plain.run(session, mine, {})


def test_the_columns_of_an_answer_are_named_for_whoever_looks(postgres_url):
    db = Database(postgres_url)
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        assert raw.cursor().description is None
        assert raw.execute("SET work_mem = '4MB'").description is None
        found = raw.execute("SELECT 1 AS one, 'b' AS two WHERE false").description
        assert [column.name for column in found] == ["one", "two"]
        assert (len(found), found[1].name, [column[0] for column in found[:1]]) == (2, "two", ["one"])
        nothing = raw.execute("SELECT").description
        assert nothing is not None
        assert list(nothing) == []
    db.close()
