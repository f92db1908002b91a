"""SQLite serves one process: whoever runs on a database file holds a lock beside it, for as long as the process lives.

The lock belongs to the open file (flock): the kernel drops it with the process, however it ends. The file stays; it
only names the process for whoever comes second. `baton migrate` and everything that only looks take no lock.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import make_url

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds to wait for one that is on its way out."""
LOOK_SECONDS = 0.1


class Taken(Exception):
    """Another process has the database, or the file cannot be locked; the text says so and what to do."""


@contextmanager
def only_process(database_url: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of an SQLite database inside the block; nothing happens on PostgreSQL.

    `database_url` is SQLAlchemy's; `patience` in seconds. Raises Taken.
    """
    path = lock_path(database_url)
    if path is None:
        yield
        return
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise Taken(f"{path} cannot be opened: {problem.strerror}. Give Baton the right to write there.") from None
    try:
        _take(held, path, time.monotonic() + patience)
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(held)


def lock_path(database_url: str) -> Path | None:
    """The file to lock for this database, the same for every way to write its path; None if it is not SQLite."""
    whole = database_file(database_url)
    return whole.with_name(whole.name + ".lock") if whole is not None else None


def database_file(database_url: str) -> Path | None:
    """The file of an SQLite database, the same for every way to write its path; None if it is not SQLite."""
    url = make_url(database_url)
    name = url.database
    if url.get_backend_name() != "sqlite" or not name:
        return None
    if name.startswith("file:"):
        name = unquote(name.removeprefix("file:").partition("?")[0])
    return Path(name).resolve()


def _take(held: int, path: Path, until: float) -> None:
    """Lock the open file. Raises Taken when somebody else has it for longer than `until`, or nobody can have it."""
    said = False
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Taken(
                    f"Baton is already running on this SQLite database{_named(held)}, and SQLite serves one process "
                    "only: stop that one, or set DATABASE_URL to a PostgreSQL database to run several."
                ) from None
        except OSError as problem:
            raise Taken(f"{path} cannot be locked: {problem.strerror}. Put the database on a local disk.") from None
        if not said:
            log.info("another process has the database; waiting a moment whether it ends")
            said = True
        time.sleep(LOOK_SECONDS)


def _named(held: int) -> str:
    """Who has it, as far as the file tells."""
    number = os.pread(held, 32, 0).decode("ascii", "replace").strip()
    return f" (process {number})" if number.isdigit() else ""
