"""What is due now: each claimed nudge is decided again from the state of this moment, in one transaction.

Work is done in bulk, because at nine o'clock thousands fall due in the same minute. What may go is shared out per
person (`bot/domain/reminding.py`): a digest a day, what presses by itself, the rest on the next working morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.cadence import Recipient, next_rung
from bot.domain.people import Person
from bot.domain.reminding import (
    LONGEST_DAY,
    Candidate,
    Go,
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
from bot.domain.routing import Debt, is_for, local_date, on_ladder, put_off, recipient_of, rung_of, slot_name
from bot.domain.worktime import WorkTime
from bot.store import digests, schedule
from bot.store.digests import PersonDay, Reminded
from bot.store.letters import Letter, Priority, freshen
from bot.store.queues import NudgeState
from bot.store.schedule import Obligation, PlannedNudge
from bot.usecases import changes
from bot.usecases.desk import Desk, presence, worktime
from bot.usecases.nudges.debts import ANSWER, Facts, debt_of, facts_for, plan_of, said_in

BATCH = 500


class DueNudges:
    """Moves due nudges from the schedule into the outbox.

    `hours` says when somebody is at work, `ladder_hours` in which days the ladder counts (days away included).
    """

    def __init__(
        self,
        desk: Desk,
        hours: Callable[[Person], WorkTime] = presence,
        ladder_hours: Callable[[Person], WorkTime] = worktime,
    ) -> None:
        self._desk, self._hours, self._ladder_hours = desk, hours, ladder_hours

    def queue_due(self, limit: int = BATCH) -> int:
        """Decide up to `limit` due nudges. Returns how many there were; as many as `limit` means: call again."""
        now = self._desk.now()
        with self._desk.db.write() as session:
            rows = schedule.claim_due(session, now, limit)
            if not rows:
                return 0
            batch = _Batch(
                session, facts_for(session, rows), now, _remembered(self._hours), _remembered(self._ladder_hours)
            )
            batch.decide(rows)
            schedule.decided(session, batch.changes)
            schedule.plan(session, batch.planned)
            for workspace_id, letters in batch.letters.items():
                freshen(session, workspace_id, now, letters)
            return len(rows)

    def next_due(self) -> datetime | None:
        """When the next nudge falls due; None when none is planned."""
        with self._desk.db.read() as session:
            return schedule.next_due(session)


class _Ready(NamedTuple):
    """A nudge that may go, and why."""

    row: Row[Any]
    about: Obligation
    debt: Debt
    go: Go


@dataclass
class _Batch:
    """The nudges decided in one transaction, and what that comes to; written down together."""

    session: Session
    facts: Facts
    now: datetime
    hours: Callable[[Person], WorkTime]
    ladder_hours: Callable[[Person], WorkTime]
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    planned: list[PlannedNudge] = field(default_factory=list)
    letters: dict[int, list[Letter]] = field(default_factory=dict)

    def decide(self, rows: Sequence[Row[Any]]) -> None:
        """What becomes of each of them."""
        ready: dict[int, _Ready] = {}
        for row in rows:
            debt = debt_of(row, self.facts)
            verdict = self._verdict(row, debt)
            if isinstance(verdict, Go) and debt is not None:
                ready[row.id] = _Ready(row, _about(row), debt, verdict)
            elif isinstance(verdict, Wait):
                self._stays(row, NudgeState.PLANNED, verdict.until)
            else:
                self._stays(row, NudgeState.MET, row.due_at)
        self._merge(ready)
        self._share_out(ready.values())

    def _verdict(self, row: Row[Any], debt: Debt | None) -> Go | Wait | None:
        if debt is None or not is_for(row.slot, debt.due_on):
            return None
        return judge(debt, row.slot, self.facts.person(row.person_id), self.facts.people, self.now, self.hours)

    def _merge(self, ready: dict[int, _Ready]) -> None:
        """Of several about one thing to one person the latest goes; those not out yet, and what was said today, do not.

        Late ones meet after an outage, and where a rung was held back until the day of the next.
        """
        fresh = [_candidate(one.row, one.about, one.go.to.id) for one in ready.values()]
        lately = schedule.gone_lately(self.session, {one.about for one in ready.values()}, self.now - LONGEST_DAY)
        waiting = [row for row in lately if row.state == NudgeState.QUEUED]
        gone = superseded([*(_candidate(row, _about(row), row.person_id) for row in waiting), *fresh])
        schedule.merge(self.session, gone - ready.keys())
        told = said_in(lately, self.facts)
        gone |= {number for number, one in ready.items() if told and self._says(one) in told}
        for number in gone & ready.keys():
            one = ready.pop(number)
            self._goes(one, NudgeState.MERGED, one.row.digest_id)
            self._go_on(one)

    def _says(self, one: _Ready) -> Said | None:
        return said(one.about, one.row.slot, one.go.to, self.now)

    def _share_out(self, ready: Iterable[_Ready]) -> None:
        by_person: dict[PersonDay, list[_Ready]] = {}
        for one in ready:
            day = PersonDay(one.row.workspace_id, one.go.to.id, local_date(one.go.to, self.now))
            by_person.setdefault(day, []).append(one)
        days, told = digests.days(self.session, by_person), set[PersonDay]()
        for key, mine in by_person.items():
            day_so_far, before = days[key], days[key].messages
            asked = [Ready(one.row.id, one.go.pressing, one.go.urgent) for one in mine]
            ways = share_out(asked, day_so_far.so_far(), self.facts.cap(key))
            if Way.DIGEST in ways.values():
                self._write(key.workspace_id, _begun(day_so_far, key.person_id, self.now))
            for one in mine:
                self._send(one, ways[one.row.id], day_so_far)
            told |= {key} if day_so_far.messages > before else set()
        digests.counted(self.session, (days[key] for key in told))

    def _send(self, one: _Ready, way: Way, day: Reminded) -> None:
        if way is Way.HOLD:
            morning = next_working_morning(self.hours(one.go.to), self.now)
            self._stays(one.row, NudgeState.PLANNED, morning)
            return
        if way is Way.SINGLE:
            day.messages += 1
            self._write(one.row.workspace_id, _single(one.row, one.go.to.id))
        digest_id = day.id if way is Way.DIGEST else None
        self._goes(one, NudgeState.QUEUED, digest_id)
        self._mention_group(one)
        self._go_on(one)

    def _mention_group(self, one: _Ready) -> None:
        """Once a user group's answer is due, the thread mentions them; whoever looks after it is reminded anyway."""
        row = one.row
        request = self.facts.requests.get(row.subject_id) if row.obligation == ANSWER else None
        owed_by_group = request is not None and request.asked_id is None and request.group_slack_id
        if owed_by_group and one.go.pressing and recipient_of(row.slot) is Recipient.OWNER and not put_off(row.slot):
            letter = changes.thread_message(row.handoff_id, f"group:{row.id}", "group", request=row.subject_id)
            self._write(row.workspace_id, letter)

    def _go_on(self, one: _Ready) -> None:
        """Plan the next rung; a nudge put off or asked for has none, because the cadence went on without it (U7)."""
        row = one.row
        if not on_ladder(row.slot):
            return
        plan = plan_of(self.facts.ladder(row.handoff_id), one.debt, self.ladder_hours)
        rung = next_rung(plan, rung_of(row.slot), self.now)
        if rung is not None:
            slot = slot_name(one.debt.due_on, rung.slot)
            self.planned.append(PlannedNudge(row.workspace_id, row.handoff_id, one.about, slot, rung.at))

    def _stays(self, row: Row[Any], state: NudgeState, due_at: datetime) -> None:
        """Nobody gets it now."""
        self.changes.append((row.id, state, due_at, row.person_id, row.queued_at, row.digest_id))

    def _goes(self, one: _Ready, state: NudgeState, digest_id: int | None) -> None:
        """Its recipient gets it, or something in its place."""
        self.changes.append((one.row.id, state, one.row.due_at, one.go.to.id, self.now, digest_id))

    def _write(self, workspace_id: int, letter: Letter) -> None:
        self.letters.setdefault(workspace_id, []).append(letter)


def _begun(day: Reminded, person_id: int, now: datetime) -> Letter:
    """The day's digest: begun once, counted once."""
    if day.opened_at is None:
        day.opened_at = now
        day.messages += 1
    return Letter(f"digest:{day.id}", "digest", day.id, priority=Priority.DIGEST, person_id=person_id)


def _single(row: Row[Any], person_id: int) -> Letter:
    return Letter(f"nudge:{row.id}", "nudge", row.id, row.handoff_id, Priority.NUDGE, person_id=person_id)


def _about(row: Row[Any]) -> Obligation:
    return Obligation(row.obligation, row.subject_id)


def _candidate(row: Row[Any], about: Obligation, person_id: int) -> Candidate:
    return Candidate(row.id, about, person_id, row.slot, row.due_at)


def _remembered(hours: Callable[[Person], WorkTime]) -> Callable[[Person], WorkTime]:
    """The same hours, computed once per person and batch."""
    known: dict[int, WorkTime] = {}

    def of(person: Person) -> WorkTime:
        if person.id not in known:
            known[person.id] = hours(person)
        return known[person.id]

    return of
