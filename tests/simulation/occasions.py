"""Days of the customer's, reckoned past the product: who has to hear of which of them on a day; and who writes them.

A key date is told once ahead and once when it is there, an expected order and an agreement's end on few fixed days, to
whoever has the account then, or to its managers while nobody has it. What falls on a free day of theirs moves.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from bot.usecases.accounts.dossier_forms import ThingSent
from tests.simulation.books import Books
from tests.simulation.cast import Citizen

if TYPE_CHECKING:
    from tests.simulation.acts import Acts

ORDER, EXPIRY = (-3, 1, 8, 15), (-30, -7, 0, 7)
"""Days from the occasion on which somebody hears of it."""
FAR = 14
"""Days by which holidays may move it."""
DATED = 0.35
"""So many accounts have something of the kind."""
DAY = timedelta(days=1)

Told = tuple[str, int]
"""What a message speaks of: the word in the id of its block ("date", "order", "expiry"), and a number; or "wave" with
the numbers that it says, and that of the territory."""


@dataclass(frozen=True)
class Occasion:
    """Something with a day; `offsets` are counted from it."""

    told: Told
    account_id: int
    day: date
    offsets: tuple[int, ...]


@dataclass
class Occasions:
    """Judges by the database alone."""

    books: Books
    people: Mapping[str, Citizen]

    def on(self, day: date) -> dict[int, set[Told]]:
        """What each person (their number) has to hear of on that day of theirs."""
        found: dict[int, set[Told]] = {}
        shares = self._waves(day)
        near = [one for one in self._all(day) if any(_near(one.day, offset, day) for offset in one.offsets)]
        if not near and not shares:
            return found
        known = {row["id"]: row for row in self.books.rows("SELECT id, slack_id, manager_id, away FROM people")}
        for one in near:
            only = self._confidants(one.account_id)
            for number in self._hear(one.account_id, day, only, known):
                citizen, stand_ins = self.people[known[number]["slack_id"]], _stand_ins(known[number], day)
                works = citizen.worktime().working_day if stand_ins else citizen.works_on
                if (only is None or number in only) and works(day) and day in _days(one, works):
                    here = [n for n in (number, *stand_ins) if self._there(known[n], day) and (not only or n in only)]
                    found.setdefault(here[0] if here else number, set()).add(one.told)
        for number, lines in shares.items():
            here = [one for one in (number, *_stand_ins(known[number], day)) if self._there(known[one], day)]
            found.setdefault(here[0] if here else number, set()).update(lines)
        return found

    def _waves(self, day: date) -> dict[int, set[Told]]:
        """What each person gives, gets and is asked in the waves that begin on that day."""
        sql = (
            "SELECT l.*, r.title FROM run_lines l JOIN runs r ON r.id = l.run_id WHERE r.state = 'running'"
            " AND l.start_on = ? AND l.state IN ('waiting', 'started')"
        )
        counts: dict[tuple[int, int], Counter[str]] = {}
        for row in self.books.rows(sql, day.isoformat()):
            asked = "SELECT asked_id FROM feedback_requests WHERE handoff_id = ? AND state = 'open'"
            whom = [("asked", one["asked_id"]) for one in self.books.rows(asked, row["handoff_id"])]
            for what, number in (("gives", row["outgoing_id"]), ("gets", row["incoming_id"]), *whom):
                if number is not None:
                    counts.setdefault((number, int(row["title"].split()[-1])), Counter())[what] += 1
        found: dict[int, set[Told]] = {}
        for (number, run), them in counts.items():
            words = " ".join(str(them[what]) for what in ("gives", "gets", "asked") if them[what])
            found.setdefault(number, set()).add((f"wave {words}", run))
        return found

    def day_of(self, told: Told, today: date) -> date | None:
        """The occasion that a button is about."""
        return next((one.day for one in self._all(today) if one.told == told), None)

    def _all(self, today: date) -> Iterator[Occasion]:
        for row in self.books.rows("SELECT * FROM key_dates WHERE removed_at IS NULL"):
            day = date.fromisoformat(row["day"])
            if row["yearly"] and day < today:
                day = next(one for one in (_in(day, today.year), _in(day, today.year + 1)) if one >= today)
            if day >= today and day.isoformat() != row["seen_on"]:
                ahead = row["ahead_days"]
                yield Occasion(("date", row["id"]), row["account_id"], day, (-ahead, 0) if ahead else (0,))
        for row in self.books.rows("SELECT id, next_order_on FROM accounts WHERE next_order_on IS NOT NULL"):
            yield Occasion(("order", row["id"]), row["id"], date.fromisoformat(row["next_order_on"]), ORDER)
        unseen = "removed_at IS NULL AND expires_on IS NOT NULL AND (seen_on IS NULL OR seen_on <> expires_on)"
        for row in self.books.rows(f"SELECT * FROM agreements WHERE {unseen}"):
            yield Occasion(("expiry", row["id"]), row["account_id"], date.fromisoformat(row["expires_on"]), EXPIRY)

    def _confidants(self, account_id: int) -> set[int] | None:
        """Who may know of an account that is quiet; None: anybody."""
        found = self.books.rows(
            "SELECT h.* FROM handoffs h JOIN accounts a ON a.id = h.account_id"
            " WHERE a.id = ? AND h.quiet AND (h.state = 'open' OR a.quiet)",
            account_id,
        )
        roles = ("incoming_id", "manager_id", "cover_id", "inside_id", "helper_id")
        return {row[role] for row in found for role in roles if row[role] is not None} if found else None

    def _hear(self, account_id: int, day: date, only: set[int] | None, known: Mapping[int, sqlite3.Row]) -> list[int]:
        """Whoever has the account that day; else who manages its handoff, the one under way or the last."""
        has = self.books.rows(
            "SELECT person_id FROM coverage WHERE account_id = ?1 AND kind <> 'vacant' AND confirmed"
            " AND from_on <= ?2 AND (until_on IS NULL OR until_on > ?2)",
            account_id,
            day.isoformat(),
        )
        if has and not self.people[known[has[0]["person_id"]]["slack_id"]].gone:
            return [has[0]["person_id"]]
        handoffs = self.books.rows(
            "SELECT manager_id FROM handoffs WHERE account_id = ? ORDER BY state = 'open' DESC, id DESC", account_id
        )
        if handoffs:
            return [handoffs[0]["manager_id"]]  # managers do not leave here
        named = self.books.rows("SELECT person_id FROM managers")
        return [row["person_id"] for row in named if only is None or row["person_id"] in only]

    def _there(self, row: sqlite3.Row, day: date) -> bool:
        citizen = self.people[row["slack_id"]]
        return not citizen.gone and not any(first <= day <= last for first, last in citizen.away)


def _stand_ins(row: sqlite3.Row, day: date) -> tuple[int, ...]:
    """Who hears in place of somebody who is away that day."""
    here = [one for one in json.loads(row["away"] or "[]") if one["from"] <= day.isoformat() <= one["until"]]
    longest = max(here, key=lambda one: str(one["until"]), default=None)
    numbers = (longest.get("delegate"), row["manager_id"]) if longest is not None else ()
    return tuple(number for number in numbers if number is not None)


def _near(occasion: date, offset: int, day: date) -> bool:
    return abs((occasion + offset * DAY - day).days) <= FAR


def _days(one: Occasion, works: Callable[[date], bool]) -> set[date]:
    """The days on which somebody with these working days is told."""
    found = set()
    for offset in one.offsets:
        meant, step = one.day + offset * DAY, DAY if offset else -DAY
        moved = next((day for day in (meant + n * step for n in range(FAR + 1)) if works(day)), None)
        if moved is not None and (offset >= 0 or moved <= one.day):
            found.add(moved)
    return found


def _in(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


# -- what people do about them ---------------------------------------------------------------------------------------


def write(acts: Acts, number: int, rng: Random) -> None:
    """Something is known about some accounts: a key date, when they order next, until when an agreement holds."""
    if rng.random() >= DATED:
        return
    handoff = acts.books.handoff(number)
    by, account, today = acts.actor(handoff["manager_id"]), handoff["account_id"], acts.clock.now().date()
    day = today + rng.randint(0, 40) * DAY
    kind = rng.choice(("key_date", "agreement", "order"))
    if kind == "order":
        acts.attempt("they ordered", acts.bot.dates.ordered, by, account, str((day - today).days or 1))
        return
    yearly = kind == "key_date" and rng.random() < 0.5
    texts = {"title": "Something of theirs", "ahead_days": str(rng.choice((0, 3, 7, 20)))}
    days = {"day": _in(day, 2019) if yearly else day, "expires_on": day}
    sent = ThingSent(texts, days, {}, frozenset({"yearly"} if yearly else ()))
    acts.attempt(kind, acts.bot.things.save, by, account, kind, sent)


def answer(acts: Acts, occasions: Occasions, slack_id: str, told: Told, rng: Random) -> None:
    """Somebody presses the button of a line; now and then it is one who was not asked."""
    by = acts.actor(None) if rng.random() < 0.05 else acts.by(slack_id)
    kind, number = told
    day = occasions.day_of(told, acts.people[slack_id].today(acts.clock.now()))
    if kind == "order":
        acts.attempt("they ordered", acts.bot.dates.ordered, by, number, rng.choice(("", "14", "30")))
    elif day is not None:
        settle = acts.bot.dates.seen if kind == "date" else acts.bot.dates.expiry_seen
        acts.attempt("settle a date", settle, by, number, day)
