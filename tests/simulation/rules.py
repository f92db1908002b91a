"""What must hold at every step of a simulation, judged by what Slack shows and by what the database says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from bot.domain.cadence import Plan, Recipient, next_rung, rung_named
from bot.domain.playbook import Ladder
from bot.domain.routing import on_ladder, recipient_of, rung_of
from bot.outbox.queue import Claimed
from bot.store.relocating import SHOWN_ANEW
from tests.simulation import facts, pay
from tests.simulation.alarming import PATIENCE, Alarming
from tests.simulation.books import Books, Nudge, Owed
from tests.simulation.cast import Citizen
from tests.simulation.far_end import FarEnd
from tests.simulation.occasions import Occasions
from tests.simulation.violation import Violation
from tests.simulation.virtual import VirtualClock

CAP = 5
"""Reminder messages a day, as the workspace has it; what cannot wait may come on top of them (decision 28)."""
_ACCOUNT = re.compile(r"Account \d+")
_SHOWN = re.compile(r'"block_id": "nudge-(\d+)-')

Thing = tuple[str, int]


@dataclass
class Rules:
    """`ladder` is the playbook's. `trouble` holds from when until when reminders could not go out."""

    clock: VirtualClock
    people: Mapping[str, Citizen]
    books: Books
    far_end: FarEnd
    ladder: Ladder
    posted: dict[str, tuple[str, str]] = field(default_factory=dict)
    messages: Counter[tuple[str, date]] = field(default_factory=Counter)
    digests: set[tuple[str, date]] = field(default_factory=set)
    rungs: set[tuple[object, ...]] = field(default_factory=set)
    told: dict[Thing, datetime] = field(default_factory=dict)
    changed: dict[int, datetime] = field(default_factory=dict)
    trouble: list[tuple[datetime, datetime]] = field(default_factory=list)
    touched: dict[int, None] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.alarming = Alarming(self, Occasions(self.books, self.people))

    # -- at every first post ---------------------------------------------------------------------------------------

    def first_post(self, letter: Claimed, where: str, ts: str, content: Mapping[str, Any]) -> None:
        """Slack took a message that was not there before."""
        # card and checklists begin anew in another channel, with rows of their own; all else is said once
        once = f"{letter.key}#{letter.id}" if letter.kind in SHOWN_ANEW else letter.key
        again = self.posted.get(once)
        if again is not None and again not in self.far_end.taken_in_doubt:
            raise Violation(f"{letter.key} was posted twice, although Slack had said that it took the first")
        self.posted[once] = (where, ts)
        if letter.kind in ("nudge", "digest"):
            self._reminder(letter, self.people[f"U{where[1:]}"], content, new=again is None)
        if letter.kind == "alarms":
            self.alarming.first_post(letter.key, self.people[f"U{where[1:]}"], content, new=again is None)

    def read_by(self, where: str, content: Mapping[str, Any]) -> None:
        """Slack shows this there now: whoever reads it may know of every handoff of which it speaks."""
        secrets = self.books.secrets()
        spoken_of = secrets.keys() & set(_ACCOUNT.findall(json.dumps(content))) if secrets else set()
        self.looked["secrets"] += len(secrets)
        for account in spoken_of:
            readers = {self.citizen(number).slack_id for number in secrets[account]}
            if where[:1] == "C" or f"U{where[1:]}" not in readers:
                raise Violation(f"{where} reads of {account}, whose handoff is quiet: {content.get('text', '')[:200]}")

    def _reminder(self, letter: Claimed, to: Citizen, content: Mapping[str, Any], *, new: bool) -> None:
        now, key = self.clock.now(), letter.key
        day = (to.slack_id, to.today(now))
        if not to.at_work(now):
            local = now.astimezone(to.clock_zone)
            raise Violation(
                f"{key} went to {to.slack_id} outside their hours: {local:%a %d %b %H:%M} in {local.tzinfo}"
            )
        shown = self.books.nudges(shown_in(content))
        if not shown:
            raise Violation(f"{key} says nothing: {content['text']}")
        for nudge in shown:
            self._owed(nudge, key)
            self._once_a_day(nudge, day)
        if new:
            self.messages[day] += 1
            if self.messages[day] > CAP:
                raise Violation(f"{key} is message number {self.messages[day]} to {day[0]} on {day[1]}")
        if new and letter.kind == "digest":
            if day in self.digests:
                raise Violation(f"{key} is the second digest of {day[0]} on {day[1]}")
            self.digests.add(day)
        self.looked["reminders"] += 1
        waiting = self.books.in_digest(letter.subject_id) if letter.kind == "digest" else [letter.subject_id]
        for nudge in self.books.nudges(waiting):
            self.told[nudge.kind, nudge.ref] = now

    def _owed(self, nudge: Nudge, key: str) -> None:
        if not any((one.kind, one.ref) == (nudge.kind, nudge.ref) for one in self.books.owed(nudge.handoff_id)):
            raise Violation(f"{key} reminds of {nudge.kind} {nudge.ref}, which nobody owes any more")

    def _once_a_day(self, nudge: Nudge, day: tuple[str, date]) -> None:
        """After an outage, too: one nudge about one thing."""
        if not on_ladder(nudge.slot):
            return
        rung = (nudge.kind, nudge.ref, nudge.slot.split("/")[0], recipient_of(nudge.slot), *day)
        if (*rung, nudge.id) in self.rungs:
            return  # the same nudge once more, after a post in doubt
        if rung in self.rungs:
            raise Violation(f"{day[0]} was reminded twice of {nudge.kind} {nudge.ref} on {day[1]}")
        self.rungs |= {rung, (*rung, nudge.id)}

    # -- when the courier has come to rest -------------------------------------------------------------------------

    def touch(self, handoff_id: int) -> None:
        """Something happened in that handoff: it is looked at when all of its letters are out."""
        self.touched[handoff_id] = None
        self.changed[handoff_id] = self.clock.now()

    def at_rest(self) -> None:
        """Look at every handoff that was touched and whose letters are all delivered."""
        for number in list(self.touched):
            self.schedule(number)
            if self.books.waiting_letters(number) == 0:
                del self.touched[number]
                self.shown(number)

    def shown(self, number: int) -> None:
        """The card and the checklists say what the database says."""
        if self.books.handoff(number)["quiet"]:
            return
        places, stages = self.books.places(number), self.books.counts(number)
        now = stages[-1]
        words = {
            "completed": ["Completed"],
            "cancelled": ["Cancelled"],
            "open": [f"Stage {now['position'] + 1} of {now['stages']}, {now['title']}: {_progress(now)}"],
        }[now["state"]]
        if now["asked"]:
            words.append(f"{now['answered']} of {now['asked']} answers in")
        if now["state"] == "open" and now["acceptance"] == "asked":
            words.append("to name another incoming rep" if self.books.gone(number) else "to accept it")
        words += facts.on_card(self.books, self.books.handoff(number))
        self._says(places, f"card:{number}", words)
        channel = self.books.handoff(number)["channel_id"]
        if places[f"card:{number}"][0] != channel:
            raise Violation(f"the card of handoff {number} is not in {channel}")
        for key in (key for key in places if key.startswith("moved:")):
            self._says(places, key, ["goes on in", channel])
        for stage in stages:
            self._says(places, f"stage:{stage['stage_id']}", [_progress(stage)])
        self.looked["handoffs"] += 1

    def _says(self, places: Mapping[str, tuple[str, str]], key: str, words: list[str]) -> None:
        if key not in places:
            raise Violation(f"{key} was never posted")
        shown = json.dumps(self.far_end.messages[places[key]].content["blocks"], ensure_ascii=False)
        for one in words:
            if one not in shown:
                raise Violation(f"{key} does not say “{one}”: {shown[:600]}")

    def schedule(self, number: int) -> None:
        """Nothing that is owed is forgotten, and what is still to come stands where the ladder has it."""
        planned, strangers = self.books.planned(number), self.books.strangers()
        for owed in self.books.owed(number):
            mine = [one for one in planned if (one.kind, one.ref) == (owed.kind, owed.ref)]
            rungs = [n for n in mine if n.slot.startswith(f"{owed.due_on:%Y%m%d}/") and on_ladder(n.slot)]
            plan = self._plan(owed)
            if not rungs and next_rung(plan, f"repeat:{59}", self.clock.now()) is not None:
                raise Violation(f"{owed.kind} {owed.ref} of handoff {number} is owed, and nothing is planned about it")
            if not strangers & set(owed.people):  # a look-up that a kill cut short comes after the restart
                for one in rungs:
                    self._in_place(one, plan)

    def _in_place(self, nudge: Nudge, plan: Plan) -> None:
        """A rung that is still ahead stands at its place, whatever was snoozed, held back or sent late before it."""
        place = rung_named(plan, rung_of(nudge.slot))
        if place is None or place.to is Recipient.MANAGERS_MANAGER or place.at <= self.clock.now():
            return
        self.looked["rungs"] += 1
        if nudge.due_at != place.at:
            raise Violation(f"{nudge.slot} of {nudge.kind} {nudge.ref} is planned for {nudge.due_at}, not {place.at}")

    def _plan(self, owed: Owed) -> Plan:
        owner, manager = self.owner(owed), self._first(owed.people[2:])
        hears = owed.necessary and manager is not None and manager is not owner
        return Plan(self.ladder, owed.due_on, owner.worktime(), manager.worktime() if hears and manager else None)

    # -- once a day ------------------------------------------------------------------------------------------------

    def each_day(self) -> None:
        """Whatever is due has been spoken of, unless something stood in the way."""
        now = self.clock.now()
        for owed in self.books.owed():
            owner = self.owner(owed)
            due = datetime.combine(owed.due_on, time(23, 59), tzinfo=UTC)
            since = max(due, self.changed.get(owed.handoff_id, due))
            if now - since < timedelta(days=PATIENCE) or self.told.get((owed.kind, owed.ref), due) > since:
                continue
            days = [since.date() + timedelta(days=n) for n in range(1, (now - since).days)]
            worked = [day for day in days if owner.works_on(day)]
            if len(worked) >= PATIENCE and not self.excused(owner, worked, since):
                raise Violation(
                    f"{owed.kind} {owed.ref}, due {owed.due_on}: {owner.slack_id} was never told since {since}"
                )
        self._looked_after(now.date())
        self.alarming.each_day(now)
        for row in self.books.settled():
            self.looked["commissions"] += 1
            if problem := pay.wrong(row):
                raise Violation(f"commission {row['id']}: {problem}: {dict(row)}")
        self.looked["days"] += 1

    def _looked_after(self, today: date) -> None:
        """Of every day it is known who has an account, or that nobody has it: no gap, no overlap, no end (D18)."""
        for account, line in self.books.lines().items():
            joined = all(one[1] == other[0] for one, other in pairwise(line))
            if not (line and joined and line[0][0] <= today + timedelta(days=1) and line[-1][1] is None):
                raise Violation(f"account {account}: nobody knows who has it on {today}: {line}")
            self.looked["lines"] += 1

    def excused(self, owner: Citizen, worked: list[date], since: datetime) -> bool:
        in_trouble = any(until >= since for _, until in self.trouble)
        days = ((owner.slack_id, day) for day in worked)
        return in_trouble or any(self.messages[one] + (one in self.alarming.told) >= CAP for one in days)

    # -- people ----------------------------------------------------------------------------------------------------

    def owner(self, owed: Owed) -> Citizen:
        """Who owes it now: the one named, the holder of its role, the manager, whoever started it."""
        found = self._first(owed.people)
        if found is None:
            raise Violation(f"{owed.kind} {owed.ref} is owed by nobody")
        return found

    def _first(self, numbers: tuple[int | None, ...]) -> Citizen | None:
        known = (self.citizen(number) for number in numbers if number is not None)
        return next((one for one in known if not one.gone), None)

    def citizen(self, number: int) -> Citizen:
        if number not in self.numbers:
            self.numbers = self.books.people()
        return self.people[self.numbers[number]]


def shown_in(content: Mapping[str, Any]) -> list[int]:
    """The nudges that a message shows with buttons."""
    return [int(number) for number in _SHOWN.findall(json.dumps(content["blocks"]))]


def _progress(row: Any) -> str:
    return f"{row['done']} of {row['total']} done"
