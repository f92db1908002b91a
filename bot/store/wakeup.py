"""Word from one process to the others that there is work: PostgreSQL's LISTEN and NOTIFY.

The word is given in the transaction that leaves the work, so it arrives with the commit or not at all. It may be lost
(a connection breaks, a pooler passes none on): whoever listens also looks by itself every few seconds.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import closing
from enum import Flag, auto
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Thread
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.store.patience import hurried

log = logging.getLogger(__name__)

CHANNEL = "baton_work"
HEARTBEAT_SECONDS = 30.0
"""Of silence after which the connection is tried: one that broke without a word is found out."""
RETRY_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)


class Work(Flag):
    """What a commit left to do."""

    NONE = 0
    LETTERS = auto()
    """For the courier."""
    PLAN = auto()
    """For the scheduler: a nudge may fall due earlier than it knows."""

    @classmethod
    def of(cls, session: Session) -> Work:
        """What the transaction of this session leaves: `session.info` holds "spoke" and "planned"."""
        letters = cls.LETTERS if session.info.get("spoke") else cls.NONE
        return letters | (cls.PLAN if session.info.get("planned") else cls.NONE)

    @classmethod
    def read(cls, word: str) -> Work:
        """What another process said; everything if it speaks in another version's words."""
        return cls(int(word)) if word in _WORDS else cls.LETTERS | cls.PLAN


_WORDS = {str(number) for number in range(1, 4)}


def announce(session: Session, work: Work) -> None:
    """Tell every listening process when this transaction commits. PostgreSQL only."""
    session.connection().exec_driver_sql(f"NOTIFY {CHANNEL}, '{work.value}'")


class Wakeup:
    """Listens in a thread of its own, on a connection of its own, and calls `heard` there. Comes back by itself.

    After each (re)connection it says that there may be work of every kind, because nobody listened before.
    """

    def __init__(self, engine: Engine, heard: Callable[[Work], None]) -> None:
        self._engine, self._heard = engine, heard
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="wakeup", daemon=True)
        self._rope: socket.socket | None = None

    def start(self) -> None:
        self._bell, self._rope = socket.socketpair()
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End the thread and its connection, at once unless the database hangs."""
        self._stopping.set()
        if self._rope is not None:
            self._rope.close()  # the bell becomes readable, which ends the wait
            self._thread.join(timeout)

    def _run(self) -> None:
        with self._bell:
            self._listen_on()

    def _listen_on(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                with closing(self._connected()) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    log.log(logging.INFO if failures else logging.DEBUG, "listening for work of other processes")
                    failures = 0
                    self._heard(Work.LETTERS | Work.PLAN)
                    self._listen(connection)
            except (self._errors, SQLAlchemyError, OSError) as problem:
                if not failures:
                    log.warning("the database does not tell of new work, so it is looked for: %s", problem)
                self._stopping.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1

    @property
    def _errors(self) -> type[Exception]:
        dbapi: Any = self._engine.dialect.loaded_dbapi
        kind: type[Exception] = dbapi.Error
        return kind

    def _connected(self) -> Any:
        """A connection like all others, but taken out of the pool for good."""
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        connection.autocommit = True
        return connection

    def _listen(self, connection: Any) -> None:
        with DefaultSelector() as either:
            either.register(connection.fileno(), EVENT_READ)
            either.register(self._bell, EVENT_READ)
            while not self._stopping.is_set():
                for said in connection.notifies(timeout=0):
                    self._heard(Work.read(said.payload))
                if not either.select(HEARTBEAT_SECONDS):
                    with hurried():
                        connection.execute("SELECT 1")
