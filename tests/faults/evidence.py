"""What can be known afterwards: the database's rows, and the messages that Slack has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, select, text

from bot.store import schema as t
from bot.store.queues import audit, nudges, outbox
from bot.store.territories import run_lines, runs
from sandbox.model import Channel, Message
from sandbox.server import Sandbox

LOOKS = ("home", "person", "group")
"""Letters that are no messages."""


@dataclass(frozen=True)
class Place:
    """A message of the bot, as Slack has it."""

    channel: Channel
    message: Message

    @property
    def key(self) -> tuple[str, str]:
        return self.channel.id, self.message.ts

    @property
    def at(self) -> datetime:
        """When Slack took it, by the sandbox's clock."""
        return moment_of(self.message.ts)

    @property
    def words(self) -> str:
        """All text of its blocks, as it was sent."""
        return "\n".join([self.message.text, *_texts(self.message.blocks)])


TABLES = (
    *(outbox, nudges, t.handoffs, t.accounts, t.stages, t.checklist_items, t.feedback_requests, t.answers, t.people),
    *(runs, run_lines),
)


class Evidence:
    """A look at one moment: make a new one for another look. The bot may go on working meanwhile."""

    def __init__(self, engine: Engine, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.now = sandbox.workspace.now()
        with engine.connect() as connection:
            _one_moment(connection)
            self._rows = {table: list(connection.execute(select(table).order_by(table.c.id))) for table in TABLES}
            gone = select(audit.c.subject_id, audit.c.at).where(audit.c.verb == "item.removed")
            self.removed = {row.subject_id: row.at for row in connection.execute(gone)}
            """When steps were taken away that nobody needs any more, by number; no row of them is left."""

    def _by_id(self, table: Table) -> dict[int, Row[Any]]:
        return {row.id: row for row in self._rows[table]}

    @cached_property
    def letters(self) -> list[Row[Any]]:
        return list(self._by_id(outbox).values())

    @cached_property
    def nudges(self) -> dict[int, Row[Any]]:
        return self._by_id(nudges)

    @cached_property
    def handoffs(self) -> dict[int, Row[Any]]:
        return self._by_id(t.handoffs)

    @cached_property
    def accounts(self) -> dict[int, Row[Any]]:
        return self._by_id(t.accounts)

    @cached_property
    def stages(self) -> dict[int, Row[Any]]:
        return self._by_id(t.stages)

    @cached_property
    def items(self) -> dict[int, Row[Any]]:
        return self._by_id(t.checklist_items)

    @cached_property
    def requests(self) -> dict[int, Row[Any]]:
        return self._by_id(t.feedback_requests)

    @cached_property
    def answers(self) -> dict[int, Row[Any]]:
        return self._by_id(t.answers)

    @cached_property
    def people(self) -> dict[int, Row[Any]]:
        return self._by_id(t.people)

    @cached_property
    def runs(self) -> dict[int, Row[Any]]:
        return self._by_id(runs)

    @cached_property
    def run_lines(self) -> dict[int, Row[Any]]:
        return self._by_id(run_lines)

    @cached_property
    def posts(self) -> dict[tuple[str, str], Place]:
        """Every message of the bot, by channel and ts."""
        workspace = self.sandbox.workspace
        with workspace.lock:
            places = [Place(c, m) for c in workspace.channels.values() for m in c.messages if m.via_app and m.owned]
        return {place.key: place for place in places}

    def letter(self, key: str) -> Row[Any] | None:
        return self._letters_by_key.get(key)

    @cached_property
    def _letters_by_key(self) -> dict[str, Row[Any]]:
        return {row.key: row for row in self.letters}

    def post_of(self, letter: Row[Any] | None) -> Place | None:
        """The message that a letter became."""
        return self.posts.get((letter.channel, letter.ts)) if letter is not None and letter.ts else None

    @cached_property
    def strays(self) -> list[Place]:
        """Messages that the bot does not know: Slack took them, and nobody lived to write that down."""
        known = {(row.channel, row.ts) for row in self.letters if row.ts}
        return [place for key, place in self.posts.items() if key not in known]


def _one_moment(connection: Connection) -> None:
    """Whatever this connection reads from now on is of the same moment."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
        return
    connection.execute(text("SELECT 1"))
    if not connection.connection.driver_connection.in_transaction:  # the driver itself begins at a change only
        connection.exec_driver_sql("BEGIN")


Look = Callable[[], Evidence]


def moment_of(ts: str) -> datetime:
    """The moment that a ts stands for."""
    return datetime.fromtimestamp(float(ts), UTC)


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for key, one in value.items() if key != "text" or not own for text in _texts(one)]
    return []
