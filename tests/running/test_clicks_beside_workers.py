"""Somebody clicks while a worker writes about the same handoff: neither waits for the other in a circle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.store import loading
from bot.store.letters import Letter, post_once
from tests import territories
from tests.town import Town

LOADED_TO_CHANGE: dict[str, Callable[[Session, int, int, int], object]] = {
    "handoff": lambda s, workspace, handoff, _item: loading.handoff(s, workspace, handoff, lock=True),
    "whole handoff": lambda s, workspace, handoff, _item: loading.whole_handoff(s, workspace, handoff, lock=True),
    "item": lambda s, workspace, _handoff, item: loading.item_with_handoff(s, workspace, item, "U0OLAF00000"),
}


@pytest.mark.parametrize("load", LOADED_TO_CHANGE.values(), ids=LOADED_TO_CHANGE)
def test_a_letter_is_written_while_somebody_changes_its_handoff(
    load: Callable[[Session, int, int, int], object], postgres_url: str
) -> None:
    """The worker holds the nudges that the click will settle, so it must not wait for the click's handoff."""
    town = Town(postgres_url).begun()
    (row,) = town.rows("SELECT id, workspace_id, handoff_id FROM checklist_items ORDER BY id LIMIT 1")

    def write() -> None:
        letter = Letter("thread:test", "thread", row.handoff_id, row.handoff_id)
        with town.bot.db.write() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            post_once(session, row.workspace_id, town.clock.now(), [letter])

    with town.bot.db.write() as clicking, ThreadPoolExecutor(1) as worker:
        load(clicking, row.workspace_id, row.handoff_id, row.id)
        worker.submit(write).result(10)
    assert town.rows("SELECT 1 FROM outbox WHERE key = 'thread:test'")
    town.close()


def test_a_territory_run_that_waits_in_a_circle_with_somebody_else_goes_on(postgres_url: str) -> None:
    """PostgreSQL ends one of the two transactions; here it is the worker's."""
    town = Town(postgres_url)
    town.set_up()
    territories.look_after(town, "Acme")
    territories.confirm(town)
    olaf = town.rows("SELECT id FROM people WHERE slack_id = '" + town.olaf.id + "'")[0].id
    runs = town.bot.territory.runs
    with ThreadPoolExecutor(1) as worker:
        with town.bot.db.write() as other:
            other.execute(text("SET LOCAL deadlock_timeout = '20s'"))
            other.execute(text(f"SELECT 1 FROM people WHERE id = {olaf} FOR UPDATE"))
            begun = worker.submit(runs.advance)
            waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while not other.scalar(waits):
                assert not begun.done(), begun.result()
            other.execute(text("SELECT 1 FROM run_lines FOR UPDATE"))
        assert begun.result(20) is True
    assert not town.rows("SELECT 1 FROM handoffs")
    runs.advance()
    assert len(town.rows("SELECT 1 FROM handoffs")) == 1
    town.close()
