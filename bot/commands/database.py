"""The database as commands open it, beside a running bot: what is wrong with it is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from bot.errors import BotError, Busy, Unavailable
from bot.migrations import NEWEST, current
from bot.running.single import database_file
from bot.store.database import Database


class Trouble(BotError):
    """The database cannot be read; the text says why."""


class InUse(Trouble):
    """Somebody else writes to it for longer than a command waits. `unharmed`: what was not done therefore."""

    def __init__(self, unharmed: str) -> None:
        super().__init__(
            f"Another command, or Baton itself, is writing to the database just now. {unharmed}: try again in a moment."
        )


CHANGED = "Nothing was changed"


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database, closed afterwards; what goes wrong with it is said in words. Makes none where there is none."""
    file = database_file(url)
    if file is not None and not file.exists():
        raise Trouble(f"There is no database at {file}. Check DATABASE_URL; `baton migrate` makes a new one.")
    db = Database(url)
    try:
        version = current(db.engine)
        if version is None:
            raise Trouble("The database has no tables yet. Check DATABASE_URL; `baton migrate` makes them.")
        if version != NEWEST:
            raise Trouble("The database is not of this version of Baton: `baton migrate` brings it up to date.")
        yield db
    except DBAPIError as problem:
        raise Trouble(f"The database refused: {problem.orig}. Check DATABASE_URL.") from None
    except Busy:
        raise InUse(CHANGED) from None
    except Unavailable:
        raise Trouble("The database does not answer. Check DATABASE_URL.") from None
    finally:
        db.close()
