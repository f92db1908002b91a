"""The people, accounts and playbook of a large workspace, as rows; what belongs to one handoff is in `bench/past.py`.

Values are as SQLite stores them (moments and dates as text in UTC, JSON as text, 0 and 1); PostgreSQL reads the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.domain.accounts import CoverageKind, fold
from bot.domain.playbook import Playbook
from bot.domain.playbook_json import playbook_to_dict
from bot.playbooks.files import Library, load_library

Row = tuple[Any, ...]

TEAM_ROW = 1
MOMENT = datetime(2025, 11, 18, 8, 0, tzinfo=UTC)
"""A Tuesday; nine or ten in the morning where the people live, and no holiday there."""
ZONES = (("Europe/Berlin", "DE"), ("Europe/Madrid", "ES"), ("Europe/Warsaw", "PL"), ("Europe/Athens", "GR"))
PLAYBOOK = "retirement_or_promotion"
SKEW = 1.7
"""How unevenly work is spread: of 1,800 reps the busiest has about one handoff in eighty, of 100 managers one in 16."""
CHANNELS = 400
YEARS_BACK = 3
DAYS_REMINDED = 60
_FIRST = (
    "Acme",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Gable",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Larch",
)
_SECOND = ("Tools", "Foods", "Paper", "Optics", "Glass", "Motors", "Textiles", "Pumps", "Seeds", "Cranes")

COLUMNS: dict[str, tuple[str, ...]] = {
    "workspaces": ("id", "team_id", "name", "bot_user_id"),
    "people": (
        *("id", "workspace_id", "slack_id", "name", "tz", "locale", "country"),
        *("greeted_at", "refreshed_at", "manager_id"),
    ),
    "managers": ("id", "workspace_id", "person_id"),
    "stakeholders": ("id", "workspace_id", "function", "region", "person_id"),
    "playbooks": ("id", "workspace_id", "key", "version", "title", "body"),
    "accounts": ("id", "workspace_id", "name", "name_key", "sales_channel", "tier", "territory", "region"),
    "digests": ("id", "workspace_id", "person_id", "day", "messages", "opened_at"),
    "coverage": ("id", "workspace_id", "account_id", "person_id", "kind", "from_on", "until_on", "handoff_id"),
}


@dataclass(frozen=True)
class Size:
    """How much there is; everything else follows from the number of handoffs."""

    handoffs: int
    open_share: float = 0.05

    @property
    def accounts(self) -> int:
        return self.handoffs if self.handoffs < 1000 else self.handoffs * 6 // 10

    @property
    def people(self) -> int:
        return max(40, min(2000, self.handoffs // 10))

    @property
    def managers(self) -> int:
        return max(2, self.people // 20)

    @property
    def stakeholders(self) -> int:
        """For each function that is asked."""
        return max(1, self.people // 80)

    def is_open(self, number: int) -> bool:
        """Most of what runs is new, but some of the old still does."""
        if self.open_share >= 1:
            return True
        old, new = self.open_share / 5, self.open_share * 4 / 5
        return number > self.handoffs * (1 - new) or number % round(1 / old) == 7


class Crowd:
    """Who works there, by number; all choices come from one seeded source."""

    def __init__(self, size: Size, random: Random, moment: datetime = MOMENT, library: Library | None = None) -> None:
        self.size, self.moment, self.today = size, moment, moment.date()
        self._random = random
        self.library = library or load_library()
        found = self.library.playbook(PLAYBOOK)
        assert found is not None, "the playbook is shipped"
        self.playbook: Playbook = found
        self.functions = tuple(ask.function for ask in found.feedback)
        self._first_rep = size.managers + size.stakeholders * len(self.functions) + 1

    def manager(self) -> int:
        return 1 + int(self.size.managers * self._random.random() ** SKEW)

    def stakeholder(self, place: int) -> int:
        """Somebody who answers for the function at that place."""
        return (
            1
            + self.size.managers
            + place * self.size.stakeholders
            + int(self.size.stakeholders * self._random.random())
        )

    def rep(self) -> int:
        reps = self.size.people - self._first_rep + 1
        return self._first_rep + int(reps * self._random.random() ** SKEW)

    def slack_id(self, number: int) -> str:
        return f"U0P{number:05}"

    def tables(self) -> Iterator[tuple[str, Iterator[Row]]]:
        """Everything but the handoffs, in an order in which each row's references are there already."""
        yield "workspaces", iter([(TEAM_ROW, "T0BENCH", "Bench", "U0BATON")])
        yield "people", self._people()
        yield "managers", ((n, TEAM_ROW, n) for n in range(1, self.size.managers + 1))
        yield "stakeholders", self._stakeholders()
        yield "playbooks", iter([self._playbook()])
        yield "accounts", self._accounts()
        yield "digests", self._digests()

    def coverage(self) -> Iterator[Row]:
        """The owner of record of each account, and who it was before."""
        start, change = self.today - timedelta(days=365 * YEARS_BACK), self.today - timedelta(days=200)
        for account in range(1, self.size.accounts + 1):
            before, now = self.rep(), self.rep()
            kind = CoverageKind.OWNER.value
            yield (2 * account - 1, TEAM_ROW, account, before, kind, start.isoformat(), change.isoformat(), None)
            yield (2 * account, TEAM_ROW, account, now, kind, change.isoformat(), None, None)

    def _people(self) -> Iterator[Row]:
        known = text(self.moment - timedelta(days=30))
        for number in range(1, self.size.people + 1):
            zone, country = ZONES[number % len(ZONES)]
            above = None if number <= self.size.managers else 1 + number % self.size.managers
            name = f"Person {number}"
            yield (number, TEAM_ROW, self.slack_id(number), name, zone, "en-US", country, known, known, above)

    def _digests(self) -> Iterator[Row]:
        """Everybody got one on each of the days before."""
        number = 0
        for person in range(1, self.size.people + 1):
            for back in range(1, DAYS_REMINDED + 1):
                number += 1
                on = self.today - timedelta(days=back)
                yield (number, TEAM_ROW, person, on.isoformat(), 2, text(self.moment - timedelta(days=back)))

    def _stakeholders(self) -> Iterator[Row]:
        for place, function in enumerate(self.functions):
            yield (place + 1, TEAM_ROW, function, "", 1 + self.size.managers + place * self.size.stakeholders)

    def _playbook(self) -> Row:
        book = self.playbook
        return (1, TEAM_ROW, book.key, book.version, book.title, json.dumps(playbook_to_dict(book)))

    def _accounts(self) -> Iterator[Row]:
        for number in range(1, self.size.accounts + 1):
            name = f"{_FIRST[number % len(_FIRST)]} {_SECOND[number % len(_SECOND)]} {number}"
            yield (number, TEAM_ROW, name, fold(name), "direct", "standard", f"T{number % 90}", f"R{number % 8}")


def text(moment: datetime) -> str:
    """A moment as SQLite keeps it: naive UTC with microseconds."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.000000")
