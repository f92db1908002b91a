"""What must hold of the message about what cannot wait: once a day, in hours, and of neither more nor less than it is.

Accounts that nobody looks after come in it, days of the customer's, and waves of a territory that begin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.simulation.cast import Citizen
from tests.simulation.occasions import Occasions, Told
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.rules import Rules

PATIENCE = 4
"""Working days of its owner after which an obligation that is due must have been spoken of."""
LINES = 12
"""So many lines a message has at most."""
_ACCOUNT = re.compile(r"Account \d+")
_WAVE = re.compile(r"\*Territory (\d+)\* [^:]*:([^.]*)\.")
_LINE = re.compile(r"alarm-(date|order|expiry|cover)-(\d+)")


@dataclass
class Alarming:
    rules: Rules
    occasions: Occasions
    told: set[tuple[str, date]] = field(default_factory=set)
    raised: dict[str, datetime] = field(default_factory=dict)

    def first_post(self, key: str, to: Citizen, content: Mapping[str, Any], *, new: bool) -> None:
        """Slack took a message about what cannot wait."""
        rules = self.rules
        now, day = rules.clock.now(), to.today(rules.clock.now())
        if not to.at_work(now):
            raise Violation(f"{key} went to {to.slack_id} outside their hours: {now.astimezone(to.clock_zone)}")
        if to.gone:
            raise Violation(f"{key} went to {to.slack_id}, who is gone")
        if not self.speaks(key, to, content):
            raise Violation(f"{key} says nothing: {content['text']}")
        if new:
            if (to.slack_id, day) in self.told:
                raise Violation(f"{key} is the second alarm of {to.slack_id} on {day}")
            self.told.add((to.slack_id, day))
        rules.looked["alarms"] += 1

    def speaks(self, key: str, to: Citizen, content: Mapping[str, Any]) -> bool:
        """Whether the message says anything; all that it says is so today, and nothing is missing."""
        day, lines, covers = to.today(self.rules.clock.now()), set(lines_in(content)), _covers(content)
        owned = covers - self.rules.books.unowned(day)
        if owned:
            raise Violation(f"{key} speaks of {sorted(owned)}, which have an owner: {content['text']}")
        due = self._due(day).get(to.slack_id, set())
        if lines - due:
            raise Violation(f"{key} tells {to.slack_id} of {sorted(lines - due)} on {day}: {content['text']}")
        if due - lines and len(lines) + len(covers) < LINES:
            raise Violation(f"{key} does not tell {to.slack_id} of {sorted(due - lines)} on {day}: {content['text']}")
        self.raised |= dict.fromkeys(covers, self.rules.clock.now())
        self.rules.looked["dates"] += len(lines)
        return bool(lines or covers)

    def waiting(self) -> list[tuple[str, date]]:
        """Who is at work now and has to hear of a day of the customer's or of a wave, and has no message of today."""
        now, strangers = self.rules.clock.now(), {self._slack_id(one) for one in self.rules.books.strangers()}
        found = []
        for day in {one.today(now) for one in self.rules.people.values()}:
            for slack_id in self._due(day):
                one = self.rules.people[slack_id]
                if one.today(now) == day and one.at_work(now) and not one.gone and slack_id not in strangers:
                    found.append((slack_id, day))
        return [one for one in found if not self._written(*one)]

    def written(self, waiting: Iterable[tuple[str, date]]) -> None:
        """The workers have looked: there is a message for each of these."""
        for slack_id, day in waiting:
            if not self._written(slack_id, day):
                raise Violation(f"{slack_id} is not told of {self._due(day)[slack_id]} on {day}")
            self.rules.looked["told"] += 1

    def _written(self, slack_id: str, day: date) -> bool:
        sql = "SELECT 1 FROM outbox WHERE key = 'alarms:' || (SELECT id FROM people WHERE slack_id = ?) || ':' || ?"
        return bool(self.rules.books.rows(sql, slack_id, day.isoformat()))

    def _due(self, day: date) -> dict[str, set[Told]]:
        return {self._slack_id(number): lines for number, lines in self.occasions.on(day).items()}

    def _slack_id(self, number: int) -> str:
        return self.rules.citizen(number).slack_id

    def each_day(self, now: datetime) -> None:
        """Whoever answers for an account that nobody has was told within PATIENCE of their days (D18)."""
        for row in self.rules.books.vacant(now.date()):
            if row["manager_id"] is None:  # never handed over (its wave has not begun): that is for setup's managers,
                continue  # whom tests/flows/test_alarms.py judges
            manager, account = self.rules.citizen(row["manager_id"]), row["name"]
            vacant_from = datetime.combine(date.fromisoformat(row["from_on"]), time(23, 59), tzinfo=now.tzinfo)
            since = max(vacant_from, self.raised.get(account, vacant_from))
            days = [since.date() + timedelta(days=n) for n in range(1, (now - since).days)]
            worked = [day for day in days if manager.works_on(day)]
            if len(worked) >= PATIENCE and not self.rules.excused(manager, worked, since):
                raise Violation(f"nobody has {account}: {manager.slack_id} was not told since {since}")
            self.rules.looked["vacancies"] += 1

    def untold(self, number: int | None) -> bool:
        """Whether somebody has had no alarm today and may get one now, or whoever stands in for them.

        None: an account that was never handed over is for setup's managers, of whom one may be at work.
        """
        if number is None:
            return True
        one, now = self.rules.citizen(number), self.rules.clock.now()
        away = any(first <= one.today(now) <= last for first, last in one.away)
        return away or (one.at_work(now) and (one.slack_id, one.today(now)) not in self.told)


def lines_in(content: Mapping[str, Any]) -> list[Told]:
    """What a message says beside vacancies."""
    text = json.dumps(content["blocks"])
    waves = [(f"wave {' '.join(re.findall(r'[0-9]+', said))}", int(number)) for number, said in _WAVE.findall(text)]
    return [*waves, *((kind, int(number)) for kind, number in _LINE.findall(text) if kind != "cover")]


def _covers(content: Mapping[str, Any]) -> set[str]:
    """The accounts of which a message says that nobody looks after them."""
    blocks = content["blocks"]
    found: set[str] = set()
    for before, block in pairwise(blocks):
        if str(block.get("block_id", "")).startswith("alarm-cover-"):
            found |= set(_ACCOUNT.findall(before["text"]["text"]))
    return found
