"""What must hold of territory runs, judged by the database and by what Slack shows.

Each line is started once, not before its day, in its manager's hours; a cancelled run leaves nothing open; the board
says what is so.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.cast import Citizen
from tests.simulation.rules import Rules
from tests.simulation.violation import Violation

_LINES = """SELECT l.*, r.state run_state, r.by_id, h.state handoff_state, h.acceptance, h.incoming_id has
FROM run_lines l JOIN runs r ON r.id = l.run_id LEFT JOIN handoffs h ON h.id = l.handoff_id
WHERE r.state <> 'preview' ORDER BY l.run_id, l.position"""
_ODD = {
    "handoff {} belongs to no line, or to several": """SELECT h.id FROM handoffs h LEFT JOIN run_lines l
        ON l.handoff_id = h.id AND l.run_id = h.run_id AND l.account_id = h.account_id
        WHERE h.run_id IS NOT NULL GROUP BY h.id HAVING count(l.id) <> 1""",
    "line {} is started without a handoff, or has one without being started": """SELECT id FROM run_lines
        WHERE (state = 'started') <> (handoff_id IS NOT NULL)""",
    "account {} was started twice in a run": """SELECT account_id id FROM handoffs WHERE run_id IS NOT NULL
        GROUP BY run_id, account_id HAVING count(*) > 1""",
    "line {} waits, and its run is over": """SELECT l.id FROM run_lines l JOIN runs r ON r.id = l.run_id
        WHERE l.state = 'waiting' AND r.state IN ('done', 'cancelled')""",
    "handoff {} is open, and its run is done": """SELECT h.id FROM handoffs h JOIN runs r ON r.id = h.run_id
        WHERE h.state = 'open' AND r.state = 'done'""",
}
"""What may never be found."""
_WAVE = re.compile(r"Wave (\d+), [^:]*: ([^\n\"\\]*)")


@dataclass
class Moving:
    """`called_off`: runs that were cancelled together with their open handoffs."""

    rules: Rules
    called_off: set[int] = field(default_factory=set)
    _lines: dict[int, sqlite3.Row] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)

    def busy(self) -> bool:
        """Whether the workers have anything to look at."""
        sql = "SELECT 1 FROM runs r WHERE r.state IN ('running', 'paused') OR (r.state = 'cancelled' AND EXISTS"
        return bool(self.rules.books.rows(f"{sql} (SELECT 1 FROM run_lines l WHERE l.run_id = r.id AND l.wish <> ''))"))

    def before(self) -> None:
        """The workers are about to look."""
        self._lines = {row["id"]: row for row in self.rules.books.rows(_LINES)}

    def due(self) -> bool:
        """Whether a line is to be started now."""
        return any(row["state"] == "waiting" and self._due(row) for row in self._lines.values())

    def _due(self, row: sqlite3.Row) -> bool:
        now, manager = self.rules.clock.now(), self.rules.citizen(row["by_id"])
        begun = row["start_on"] <= manager.today(now).isoformat()
        return bool(begun and row["run_state"] == "running" and manager.at_work(now))

    def after(self) -> None:
        """They have looked, and did not die of it."""
        for row in self.rules.books.rows(_LINES):
            was = self._lines[row["id"]]
            if row["state"] == "waiting" and self._due(row):
                raise Violation(f"line {row['id']} of run {row['run_id']} was not started on {row['start_on']}")
            if row["wish"] is not None and row["run_state"] != "paused":
                raise Violation(f"line {row['id']} of run {row['run_id']} still waits for {row['wish']}")
            if was["wish"] is not None and row["wish"] is None:
                self._granted(row, json.loads(was["wish"]))
            self.rules.looked["territory lines"] += 1

    def agree(self) -> None:
        """At any moment, whoever died of it."""
        for row in self.rules.books.rows(_LINES):
            was = self._lines[row["id"]]
            if was["state"] == "waiting" and row["state"] == "started":
                self._began(row, was, self.rules.citizen(row["by_id"]))
        for words, sql in _ODD.items():
            for row in self.rules.books.rows(sql):
                raise Violation(words.format(row["id"]))
        self.boards()

    def fresh(self) -> Iterator[tuple[int, Citizen]]:
        """The handoffs that were started since, and who gives each."""
        for row in self.rules.books.rows("SELECT id, outgoing_id FROM handoffs WHERE run_id IS NOT NULL ORDER BY id"):
            if row["id"] not in self._known:
                self._known.add(row["id"])
                yield row["id"], self.rules.citizen(row["outgoing_id"])

    def _began(self, row: sqlite3.Row, was: sqlite3.Row, manager: Citizen) -> None:
        now, what = self.rules.clock.now(), f"line {row['id']} of run {row['run_id']} was started"
        if not manager.at_work(now):
            raise Violation(f"{what} outside the hours of {manager.slack_id}: {now.astimezone(manager.clock_zone)}")
        if row["start_on"] > manager.today(now).isoformat():
            raise Violation(f"{what} before its day, {row['start_on']}")
        if was["run_state"] != "running":
            raise Violation(f"{what}, and the run was {was['run_state']}")
        self.rules.looked["lines started"] += 1

    def _granted(self, row: sqlite3.Row, wish: dict[str, Any]) -> None:
        """What was wished of an open handoff is so, or the line says why not."""
        if row["error"] or row["handoff_state"] != "open":
            return
        if wish["do"] == "cancel" and row["run_id"] in self.called_off:
            raise Violation(f"run {row['run_id']} is cancelled, and handoff {row['handoff_id']} still open")
        if wish["do"] == "reassign" and row["acceptance"] != "accepted" and row["has"] != wish["to"]:
            raise Violation(f"handoff {row['handoff_id']} was to go to {wish['to']}, not to {row['has']}")
        self.rules.looked["wishes"] += 1

    def boards(self) -> None:
        """Each board whose letter is out shows how the run goes."""
        out = "SELECT * FROM outbox WHERE kind = 'board' AND state = 'sent' AND ts IS NOT NULL"
        letters = self.rules.books.rows(out)
        lines = self.rules.books.rows(_LINES) if letters else []
        for letter in letters:
            shown = json.dumps(self.rules.far_end.messages[letter["channel"], letter["ts"]].content["blocks"])
            waves = {int(number) - 1: what for number, what in _WAVE.findall(shown)}
            expected = _waves(row for row in lines if row["run_id"] == letter["subject_id"])
            if waves != expected:
                raise Violation(f"{letter['key']} shows {waves}, and it is {expected}")
            self.rules.looked["boards"] += 1


def _waves(lines: Iterable[sqlite3.Row]) -> dict[int, str]:
    """What a board has to say of each wave."""
    found: dict[int, list[str]] = {}
    for row in lines:
        if row["state"] != "left_out":
            found.setdefault(row["wave"], []).append(_word(row))
    words = ("handed over", "under way", "waiting", "cancelled")
    return {
        wave: ", ".join(f"{them.count(word)} {word}" for word in words if word in them) for wave, them in found.items()
    }


def _word(row: sqlite3.Row) -> str:
    if "cancelled" in (row["state"], row["handoff_state"]):
        return "cancelled"
    if row["state"] == "waiting":
        return "waiting"
    return "handed over" if row["handoff_state"] == "completed" or row["acceptance"] == "accepted" else "under way"
