"""Looking ahead: exactly the reminders that will be sent if nobody does anything from now on (PRODUCT section 4).

Pure. No rule stands here: whose turn it is, what presses, what gives way, what a day holds and when the next rung comes
is asked of the functions that the engine asks (`bot/domain/reminding.py`, `bot/domain/cadence.py`), moment by moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from itertools import count

from bot.domain.cadence import Plan, Recipient, next_rung
from bot.domain.people import Person
from bot.domain.reminding import (
    DAILY_CAP,
    Candidate,
    DaySoFar,
    Go,
    Hours,
    Ready,
    Said,
    Wait,
    Way,
    judge,
    next_working_morning,
    said,
    share_out,
    superseded,
)
from bot.domain.routing import Debt, addressee, local_date, on_ladder, put_off, recipient_of, rung_of, slot_name, urgent


class Because(StrEnum):
    """Why a reminder comes: the kind of its rung, or what a person asked for."""

    HEADS_UP = "heads_up"
    DUE = "due"
    REPEAT = "repeat"
    MANAGER = "manager"
    MANAGERS_MANAGER = "managers_manager"
    SNOOZED = "snoozed"
    """Put off until then."""
    ASKED = "asked"
    """Somebody who waits pressed "Nudge them"."""


@dataclass(frozen=True)
class Owes:
    """An obligation: `subject_id` of `kind` (item, answer, acceptance) in a handoff, its debt and its ladder.

    `met_at`: when it is assumed to be met (UTC); from then on nothing is sent about it. None: not within sight.
    """

    handoff_id: int
    kind: str
    subject_id: int
    debt: Debt
    plan: Plan
    met_at: datetime | None = None

    @property
    def about(self) -> tuple[str, int]:
        return (self.kind, self.subject_id)


@dataclass(frozen=True)
class Coming:
    """A row of the schedule: the nudge of `slot` is decided at `at` (UTC); a snooze comes back to `put_off_by`."""

    owes: Owes
    slot: str
    at: datetime
    put_off_by: Person | None = None


@dataclass(frozen=True)
class Entry:
    """One thing in a reminder. `standing_in`: it goes to somebody else because the one it is for is away."""

    owes: Owes
    slot: str
    because: Because
    urgent: bool = False
    standing_in: bool = False

    @property
    def rung(self) -> str:
        """The ladder's name of it: "heads_up:3", "due", "manager:1"."""
        return rung_of(self.slot)

    @property
    def to_manager(self) -> bool:
        """It tells of somebody else's delay."""
        return recipient_of(self.slot) is not Recipient.OWNER


@dataclass(frozen=True)
class Foreseen:
    """One message: when (UTC), to whom, as the day's digest or by itself, with what."""

    at: datetime
    to: Person
    digest: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Setting:
    """What the decisions need beside the schedule: everybody who may stand in, their hours, the cap, the days so far.

    `days`: by person and date on their calendar; a day that is not in it has had no message. `said`: what those
    messages spoke of.
    """

    hours: Hours
    people: Mapping[int, Person] = field(default_factory=dict)
    cap: int = DAILY_CAP
    days: Mapping[tuple[int, date], DaySoFar] = field(default_factory=dict)
    said: frozenset[Said] = frozenset()


def first(owes: Owes, now: datetime, after: str | None = None) -> Coming | None:
    """The next row of its ladder: the first one, or the one after the rung that has gone out."""
    rung = next_rung(owes.plan, after, now)
    return Coming(owes, slot_name(owes.debt.due_on, rung.slot), rung.at) if rung is not None else None


def foresee(coming: Iterable[Coming], setting: Setting, now: datetime, until: datetime) -> list[Foreseen]:
    """Every message from `now` to `until` (both included), in the order in which they are sent.

    `coming` in the order in which it was planned: where a day has no room for all, who was first goes first.
    """
    return _Outlook(setting, coming).run(now, until)


def leaving(coming: Sequence[Coming], to: Person, now: datetime, *, digest: bool) -> Foreseen:
    """What is decided and on its way to somebody, as one message."""
    entries = [_entry(one, Go(to, pressing=True, urgent=urgent(one.owes.debt, one.slot, now))) for one in coming]
    return Foreseen(now, to, digest, tuple(entries))


class _Outlook:
    """The schedule as it will be, played from one due moment to the next."""

    def __init__(self, setting: Setting, coming: Iterable[Coming]) -> None:
        self._setting, self._hours = setting, cache(setting.hours)
        self._numbers = count(1)
        self._rows: dict[int, Coming] = {}
        self._days, self._said = dict(setting.days), set(setting.said)
        self._sent: list[Foreseen] = []
        for one in coming:
            self._plan(one)

    def run(self, now: datetime, until: datetime) -> list[Foreseen]:
        while self._rows:
            now = max(now, min(row.at for row in self._rows.values()))
            if now > until:
                break
            self._decide(now)
        return self._sent

    def _plan(self, one: Coming | None) -> None:
        if one is not None:
            self._rows[next(self._numbers)] = one

    def _decide(self, now: datetime) -> None:
        """One batch, as in `DueNudges`: each by itself, then what gives way, then each person's share of the day."""
        ready: dict[int, Go] = {}
        due = sorted((row.at, number) for number, row in self._rows.items() if row.at <= now)
        for _, number in due:
            row = self._rows[number]
            verdict = self._verdict(row, now)
            if isinstance(verdict, Go):
                ready[number] = verdict
            elif isinstance(verdict, Wait) and not verdict.unknown:  # what Slack will say cannot be foreseen
                self._rows[number] = replace(row, at=verdict.until)
            else:
                del self._rows[number]
        gone = superseded(self._candidate(number, go) for number, go in ready.items())
        gone |= {number for number, go in ready.items() if self._says(number, go, now) in self._said}
        for number in gone:
            del ready[number]
            self._goes_on(number, now)
        self._share_out(ready, now)

    def _verdict(self, row: Coming, now: datetime) -> Go | Wait | None:
        met = row.owes.met_at
        if met is not None and met <= now:
            return None
        return judge(row.owes.debt, row.slot, row.put_off_by, self._setting.people, now, self._hours)

    def _candidate(self, number: int, go: Go) -> Candidate:
        row = self._rows[number]
        return Candidate(number, row.owes.about, go.to.id, row.slot, row.at)

    def _says(self, number: int, go: Go, now: datetime) -> Said | None:
        row = self._rows[number]
        return said(row.owes.about, row.slot, go.to, now)

    def _share_out(self, ready: dict[int, Go], now: datetime) -> None:
        by_day: dict[tuple[int, date], dict[int, Go]] = {}
        for number, go in ready.items():
            by_day.setdefault((go.to.id, local_date(go.to, now)), {})[number] = go
        for day, mine in by_day.items():
            so_far = self._days.get(day, DaySoFar())
            wanted = [Ready(number, go.pressing, go.urgent) for number, go in mine.items()]
            ways = share_out(wanted, so_far, self._setting.cap)
            together = [number for number in mine if ways[number] is Way.DIGEST]
            alone = [number for number in mine if ways[number] is Way.SINGLE]
            self._send(together, mine, now, digest=True)
            for number in alone:
                self._send([number], mine, now, digest=False)
            for number in mine.keys() - {*together, *alone}:
                held = next_working_morning(self._hours(mine[number].to), now)
                self._rows[number] = replace(self._rows[number], at=held)
            begun = bool(together) and not so_far.digest
            self._days[day] = DaySoFar(so_far.messages + len(alone) + begun, so_far.digest or begun)

    def _send(self, numbers: list[int], goes: Mapping[int, Go], now: datetime, *, digest: bool) -> None:
        if numbers:
            entries = tuple(_entry(self._rows[number], goes[number]) for number in numbers)
            self._sent.append(Foreseen(now, goes[numbers[0]].to, digest, entries))
        for number in numbers:
            what = self._says(number, goes[number], now)
            self._said |= {what} if what is not None else set()
            self._goes_on(number, now)

    def _goes_on(self, number: int, now: datetime) -> None:
        """The row is done with; the ladder's next one takes its place. A snooze has none after it (U7)."""
        row = self._rows.pop(number)
        if on_ladder(row.slot):
            self._plan(first(row.owes, now, rung_of(row.slot)))


def _entry(row: Coming, go: Go) -> Entry:
    target = addressee(row.owes.debt, row.slot)
    return Entry(row.owes, row.slot, _because(row.slot), go.urgent, target is not None and target.id != go.to.id)


def _because(slot: str) -> Because:
    if put_off(slot):
        return Because.SNOOZED
    return Because(rung_of(slot).partition(":")[0])
