"""Somebody clicks while a worker writes about the same handoff: neither waits for the other in a circle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.store import loading
from bot.store.letters import Letter, post_once
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
