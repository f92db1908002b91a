"""SQLite's writers take turns: whoever clicked does not wait for somebody's long import, and is told so in time."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest

from bot.errors import Unavailable
from bot.store.database import Database
from bot.store.patience import hurried


def test_a_click_does_not_wait_for_a_long_transaction(sqlite_url: str) -> None:
    db, inside, over = Database(sqlite_url), Event(), Event()

    def imports() -> None:
        with db.write():
            inside.set()
            over.wait(3)

    worker = Thread(target=imports)
    worker.start()
    assert inside.wait(5)
    begun = time.monotonic()
    with hurried(begun + 0.2), pytest.raises(Unavailable), db.write():
        pytest.fail("it was not its turn")
    assert time.monotonic() - begun < 2
    over.set()
    worker.join()
    with hurried(), db.write():
        pass
    db.close()
