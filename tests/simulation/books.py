"""What the database says, read with plain SQL past all of the product's code: the rules judge by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

_KNOWS = "NOT h.quiet OR {} IN (h.incoming_id, h.manager_id, h.cover_id, h.inside_id, h.helper_id)"
"""Who may know of a quiet handoff; what others would owe in it is the manager's until it is opened."""
_ITEMS = f"""SELECT 'item' kind, i.id, i.handoff_id, i.due_on,
    CASE WHEN {_KNOWS.format("i.owner_id")} THEN i.owner_id END owner_id,
    CASE i.owner_role WHEN 'outgoing' THEN CASE WHEN {_KNOWS.format("h.outgoing_id")} THEN h.outgoing_id END
        WHEN 'incoming' THEN h.incoming_id WHEN 'manager' THEN h.manager_id
        WHEN 'inside' THEN h.inside_id END holder_id,
    h.manager_id, h.started_by_id, i.necessary
FROM checklist_items i JOIN stages s ON s.id = i.stage_id JOIN handoffs h ON h.id = i.handoff_id
WHERE h.state = 'open' AND i.state = 'open' AND i.due_on IS NOT NULL AND s.position = h.stage_position"""
_ANSWERS = f"""SELECT 'answer' kind, r.id, r.handoff_id, r.due_on,
    CASE WHEN {_KNOWS.format("r.asked_id")} THEN r.asked_id END owner_id, NULL holder_id, h.manager_id,
    h.started_by_id, r.necessary
FROM feedback_requests r JOIN handoffs h ON h.id = r.handoff_id
WHERE h.state = 'open' AND r.state = 'open' AND r.due_on IS NOT NULL"""
_ACCEPTANCES = """SELECT 'acceptance' kind, h.id, h.id handoff_id, h.acceptance_due_on due_on, h.incoming_id owner_id,
    NULL holder_id, h.manager_id, h.started_by_id, 1 necessary
FROM handoffs h
WHERE h.state = 'open' AND h.acceptance = 'asked' AND h.acceptance_due_on IS NOT NULL"""
_COUNTS = """SELECT h.id, h.state, h.acceptance, h.stage_position position, s.id stage_id, s.title,
    (SELECT count(*) FROM stages x WHERE x.handoff_id = h.id) stages,
    (SELECT count(*) FROM checklist_items i WHERE i.stage_id = s.id) total,
    (SELECT count(*) FROM checklist_items i WHERE i.stage_id = s.id AND i.state <> 'open') done,
    (SELECT count(*) FROM feedback_requests r WHERE r.handoff_id = h.id) asked,
    (SELECT count(*) FROM feedback_requests r WHERE r.handoff_id = h.id AND r.state IN ('answered', 'nothing')) answered
FROM handoffs h JOIN stages s ON s.handoff_id = h.id WHERE h.id = ? AND s.entered_at IS NOT NULL ORDER BY s.position"""


@dataclass(frozen=True)
class Owed:
    """An open obligation; `people` are numbers: who was named, who holds its role, who manages, who started it."""

    kind: str
    ref: int
    handoff_id: int
    due_on: date
    people: tuple[int | None, ...]
    necessary: bool


@dataclass(frozen=True)
class Nudge:
    """A row of the schedule."""

    id: int
    handoff_id: int
    kind: str
    ref: int
    slot: str
    due_at: datetime
    state: str
    person_id: int | None


class Books:
    """A second look at the bot's database; never writes."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.row_factory = sqlite3.Row

    def close(self) -> None:
        self._database.close()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._database.execute(sql, values).fetchall()

    def any(self, where: str, moment: datetime) -> bool:
        """Whether there is any such row (`where` begins with the table), with one moment to compare with."""
        sql = f"SELECT 1 FROM {where} LIMIT 1"
        return self._database.execute(sql, (f"{moment:%Y-%m-%d %H:%M:%S.%f}",)).fetchone() is not None

    def people(self) -> dict[int, str]:
        """Slack ids by number."""
        return {row["id"]: row["slack_id"] for row in self.rows("SELECT id, slack_id FROM people")}

    def strangers(self) -> set[int]:
        """Numbers of people of whom Slack has not said yet where they live: nothing is sent to them before."""
        return {row["id"] for row in self.rows("SELECT id FROM people WHERE refreshed_at IS NULL")}

    def handoff(self, number: int) -> sqlite3.Row:
        return self.rows("SELECT * FROM handoffs WHERE id = ?", number)[0]

    def items(self, number: int) -> list[sqlite3.Row]:
        """The items of a handoff's current stage."""
        return self.rows(
            "SELECT i.* FROM checklist_items i JOIN stages s ON s.id = i.stage_id"
            " JOIN handoffs h ON h.id = s.handoff_id WHERE h.id = ? AND s.position = h.stage_position"
            " ORDER BY i.position, i.id",
            number,
        )

    def lines(self) -> dict[int, list[tuple[date, date | None]]]:
        """From when until when somebody or nobody has each account in an open handoff: all of it, by account."""
        found: dict[int, list[tuple[date, date | None]]] = {}
        for row in self.rows(
            "SELECT h.account_id, c.from_on, c.until_on FROM handoffs h LEFT JOIN coverage c"
            " ON c.account_id = h.account_id WHERE h.state = 'open' ORDER BY h.account_id, c.from_on"
        ):
            line = found.setdefault(row["account_id"], [])
            if row["from_on"] is not None:
                until = date.fromisoformat(row["until_on"]) if row["until_on"] else None
                line.append((date.fromisoformat(row["from_on"]), until))
        return found

    def deals(self, account_id: int) -> list[sqlite3.Row]:
        """The deals of an account with what was agreed about each, the latest first."""
        return self.rows(
            "SELECT d.*, c.id agreed, c.version terms, c.outgoing_id, c.incoming_id, c.held_minor, c.outgoing_minor,"
            " c.outgoing_signed_at, c.incoming_signed_at FROM deals d"
            " LEFT JOIN commissions c ON c.deal_id = d.id WHERE d.account_id = ? ORDER BY d.id DESC",
            account_id,
        )

    def settled(self) -> list[sqlite3.Row]:
        """Every commission that was settled, with its deal and who of the two had recorded work until it closed."""
        mine = "w.deal_id = d.id AND w.by_id = c.{}_id AND w.done_on <= d.closed_on"
        worked = f"(SELECT count(*) FROM work_log w WHERE {mine})"
        return self.rows(
            f"SELECT c.*, d.state deal_state, d.closed_minor, d.closed_on, {worked.format('outgoing')} outgoing_work,"
            f" {worked.format('incoming')} incoming_work FROM commissions c JOIN deals d ON d.id = c.deal_id"
            " WHERE c.outgoing_minor IS NOT NULL"
        )

    def unowned(self, today: date) -> set[str]:
        """The names of the accounts that nobody owns on that day."""
        found = self.rows(
            "SELECT a.name FROM coverage c JOIN accounts a ON a.id = c.account_id WHERE c.kind <> 'owner'"
            " AND c.from_on <= ?1 AND (c.until_on IS NULL OR c.until_on > ?1)",
            today.isoformat(),
        )
        return {row["name"] for row in found}

    def gone(self, number: int) -> bool:
        """Whether the bot knows that the incoming rep of a handoff has left Slack."""
        query = "SELECT p.deactivated FROM handoffs h JOIN people p ON p.id = h.incoming_id WHERE h.id = ?"
        return any(row["deactivated"] for row in self.rows(query, number))

    def vacant(self, today: date) -> list[sqlite3.Row]:
        """Accounts that nobody has or covers on that day and that are key, strategic or have a deal in flight; who
        answers for each, and since when nobody has it."""
        return self.rows(
            "SELECT a.name, c.from_on, (SELECT h.manager_id FROM handoffs h WHERE h.account_id = a.id"
            " ORDER BY h.state = 'open' DESC, h.id DESC LIMIT 1) manager_id"
            " FROM coverage c JOIN accounts a ON a.id = c.account_id WHERE (c.kind = 'vacant' OR NOT c.confirmed)"
            " AND c.from_on <= ?1 AND (c.until_on IS NULL OR c.until_on > ?1) AND (a.tier IN ('key', 'strategic')"
            " OR EXISTS (SELECT 1 FROM deals d WHERE d.account_id = a.id AND d.state = 'open'))",
            today.isoformat(),
        )

    def requests(self, number: int) -> list[sqlite3.Row]:
        return self.rows("SELECT * FROM feedback_requests WHERE handoff_id = ? ORDER BY id", number)

    def owed(self, number: int | None = None) -> list[Owed]:
        """Everything that somebody owes now, in one handoff or in all."""
        here = "" if number is None else f" AND h.id = {number:d}"
        return [_owed(row) for sql in (_ITEMS, _ANSWERS, _ACCEPTANCES) for row in self.rows(sql + here)]

    def secrets(self) -> dict[str, frozenset[int]]:
        """The numbers of those who may know of each quiet handoff, by the name of its account."""
        roles = ("incoming_id", "manager_id", "cover_id", "inside_id", "helper_id")
        # whoever knows of an account may begin openly with it once the quiet handoff is over; then everybody knows
        known = "h.state <> 'open' AND EXISTS (SELECT 1 FROM handoffs o WHERE o.account_id = a.id AND NOT o.quiet)"
        sql = "SELECT h.*, a.name FROM handoffs h JOIN accounts a ON a.id = h.account_id WHERE h.quiet"
        found = self.rows(f"{sql} AND NOT ({known})")
        return {row["name"]: frozenset(row[role] for role in roles if row[role] is not None) for row in found}

    def planned(self, number: int) -> list[Nudge]:
        """What is still to come in a handoff."""
        found = self.rows("SELECT * FROM nudges WHERE handoff_id = ? AND state = 'planned'", number)
        return [_nudge(row) for row in found]

    def nudges(self, numbers: Iterable[int]) -> list[Nudge]:
        marks = ",".join(str(number) for number in numbers)
        return [_nudge(row) for row in self.rows(f"SELECT * FROM nudges WHERE id IN ({marks}) ORDER BY id")]

    def in_digest(self, digest_id: int) -> list[int]:
        """The nudges that are queued for a digest."""
        return [r["id"] for r in self.rows("SELECT id FROM nudges WHERE digest_id = ? AND state = 'queued'", digest_id)]

    def waiting_letters(self, number: int) -> int:
        """How many letters of a handoff have not reached Slack."""
        sql = "SELECT count(*) n FROM outbox WHERE handoff_id = ? AND state IN ('queued', 'sending')"
        return int(self.rows(sql, number)[0]["n"])

    def counts(self, number: int) -> Sequence[sqlite3.Row]:
        """What each stage that has begun comes to."""
        return self.rows(_COUNTS, number)

    def places(self, number: int) -> dict[str, tuple[str, str]]:
        """Where the messages of a handoff stand in Slack, by key."""
        found = self.rows("SELECT key, channel, ts FROM outbox WHERE handoff_id = ? AND ts IS NOT NULL", number)
        return {row["key"]: (row["channel"], row["ts"]) for row in found}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _owed(row: sqlite3.Row) -> Owed:
    return Owed(
        row["kind"],
        row["id"],
        row["handoff_id"],
        date.fromisoformat(row["due_on"]),
        (row["owner_id"], row["holder_id"], row["manager_id"], row["started_by_id"]),
        bool(row["necessary"]),
    )


def _nudge(row: sqlite3.Row) -> Nudge:
    return Nudge(
        row["id"],
        row["handoff_id"],
        row["obligation"],
        row["subject_id"],
        row["slot"],
        moment(row["due_at"]),
        row["state"],
        row["person_id"],
    )
