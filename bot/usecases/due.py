"""What is due now: each claimed nudge is decided again from the state of this moment, in one transaction.

Work is done in bulk, because at nine o'clock thousands fall due in the same minute. What may go is shared out per
person (`bot/domain/reminding.py`): a digest a day, what presses by itself, the rest on the next working morning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.cadence import next_rung
from bot.domain.people import Person
from bot.domain.reminding import Candidate, Go, Ready, Wait, Way, judge, next_working_morning, share_out, superseded
from bot.domain.routing import local_date, on_ladder, rung_of, slot_name
from bot.domain.worktime import WorkTime
from bot.store import digests, schedule
from bot.store.digests import PersonDay, Reminded
from bot.store.letters import Letter, Priority, freshen
from bot.store.queues import NudgeState
from bot.store.schedule import Obligation, PlannedNudge
from bot.usecases.debts import Facts, debt_of, facts_for, plan_of
from bot.usecases.desk import Desk, presence

BATCH = 500


@dataclass
class Decisions:
    """What one batch comes to; written down together."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    planned: list[PlannedNudge] = field(default_factory=list)
    letters: list[tuple[int, Letter]] = field(default_factory=list)


class DueNudges:
    """Moves due nudges from the schedule into the outbox. `hours` says when somebody is at work."""

    def __init__(self, desk: Desk, hours: Callable[[Person], WorkTime] = presence) -> None:
        self._desk, self._hours = desk, hours

    def queue_due(self, limit: int = BATCH) -> int:
        """Decide up to `limit` due nudges. Returns how many there were; as many as `limit` means: call again."""
        now = self._desk.now()
        with self._desk.db.write() as session:
            rows = schedule.claim_due(session, now, limit)
            if not rows:
                return 0
            decided = self._decide(session, rows, now)
            schedule.decided(session, decided.changes)
            schedule.plan(session, decided.planned)
            for workspace_id in {number for number, _ in decided.letters}:
                mine = [letter for number, letter in decided.letters if number == workspace_id]
                freshen(session, workspace_id, now, mine)
            return len(rows)

    def next_due(self) -> datetime | None:
        """When the next nudge falls due; None when none is planned."""
        with self._desk.db.read() as session:
            return schedule.next_due(session)

    def _decide(self, session: Session, rows: Sequence[Row[Any]], now: datetime) -> Decisions:
        decided, facts = Decisions(), facts_for(session, rows)
        hours = _remembered(self._hours)
        ready: dict[int, tuple[Row[Any], Go]] = {}
        for row in rows:
            verdict = self._verdict(row, facts, now, hours)
            if isinstance(verdict, Go):
                ready[row.id] = (row, verdict)
            elif isinstance(verdict, Wait):
                decided.changes.append(_change(row, NudgeState.PLANNED, due_at=verdict.until))
            else:
                decided.changes.append(_change(row, NudgeState.MET))
        self._merge(session, ready, decided, facts, now)
        self._share_out(session, ready, decided, facts, now, hours)
        return decided

    def _verdict(
        self, row: Row[Any], facts: Facts, now: datetime, hours: Callable[[Person], WorkTime]
    ) -> Go | Wait | None:
        debt = debt_of(row, facts)
        if debt is None or not row.slot.startswith(f"{debt.due_on:%Y%m%d}/"):
            return None
        return judge(debt, row.slot, facts.person(row.person_id), facts.people, now, hours)

    def _merge(
        self,
        session: Session,
        ready: dict[int, tuple[Row[Any], Go]],
        decided: Decisions,
        facts: Facts,
        now: datetime,
    ) -> None:
        """After an outage: of several about one thing to one person, the latest goes; those not out yet give way."""
        fresh = [_candidate(row, go.to.id) for row, go in ready.values()]
        older = [
            _candidate(row, row.person_id)
            for row in schedule.still_waiting(session, {_about(row) for row, _ in ready.values()})
        ]
        gone = superseded([*older, *fresh])
        schedule.merge(session, gone - ready.keys())
        for number in gone & ready.keys():
            row, go = ready.pop(number)
            decided.changes.append(_change(row, NudgeState.MERGED, person_id=go.to.id, queued_at=now))
            decided.planned += _following(row, facts, now)

    def _share_out(
        self,
        session: Session,
        ready: dict[int, tuple[Row[Any], Go]],
        decided: Decisions,
        facts: Facts,
        now: datetime,
        hours: Callable[[Person], WorkTime],
    ) -> None:
        by_person: dict[PersonDay, list[tuple[Row[Any], Go]]] = {}
        for row, go in ready.values():
            by_person.setdefault(PersonDay(row.workspace_id, go.to.id, local_date(go.to, now)), []).append((row, go))
        days = digests.days(session, by_person)
        for key, mine in by_person.items():
            day = days[key]
            ways = share_out([Ready(row.id, go.pressing, go.urgent) for row, go in mine], day.so_far(), facts.cap(key))
            if Way.DIGEST in ways.values():
                decided.letters.append((key.workspace_id, _begun(day, key.person_id, now)))
            for row, go in mine:
                self._settle_way(ways[row.id], row, go, day, decided, facts, now, hours)
        digests.counted(session, days.values())

    def _settle_way(
        self,
        way: Way,
        row: Row[Any],
        go: Go,
        day: Reminded,
        decided: Decisions,
        facts: Facts,
        now: datetime,
        hours: Callable[[Person], WorkTime],
    ) -> None:
        if way is Way.HOLD:
            morning = next_working_morning(hours(go.to), now)
            decided.changes.append(_change(row, NudgeState.PLANNED, due_at=morning))
            return
        digest_id = day.id if way is Way.DIGEST else None
        if way is Way.SINGLE:
            day.messages += 1
            decided.letters.append((row.workspace_id, _single(row, go.to.id)))
        decided.changes.append(_change(row, NudgeState.QUEUED, person_id=go.to.id, queued_at=now, digest_id=digest_id))
        decided.planned += _following(row, facts, now)


def _following(row: Row[Any], facts: Facts, now: datetime) -> list[PlannedNudge]:
    """The next rung; a nudge put off or asked for has none, because the cadence went on without it (U7)."""
    debt = debt_of(row, facts)
    if debt is None or not on_ladder(row.slot):
        return []
    plan = plan_of(facts.ladder(row.handoff_id), debt)
    rung = next_rung(plan, rung_of(row.slot), now)
    if rung is None:
        return []
    slot = slot_name(debt.due_on, rung.slot)
    return [PlannedNudge(row.workspace_id, row.handoff_id, _about(row), slot, rung.at)]


def _begun(day: Reminded, person_id: int, now: datetime) -> Letter:
    """The day's digest: begun once, counted once."""
    if day.opened_at is None:
        day.opened_at = now
        day.messages += 1
    return Letter(f"digest:{day.id}", "digest", day.id, priority=Priority.DIGEST, person_id=person_id)


def _single(row: Row[Any], person_id: int) -> Letter:
    return Letter(f"nudge:{row.id}", "nudge", row.id, row.handoff_id, Priority.NUDGE, person_id=person_id)


def _change(row: Row[Any], state: NudgeState, **values: Any) -> dict[str, Any]:
    return {"nudge_id": row.id, **{name: getattr(row, name) for name in schedule.DECIDED}, "state": state, **values}


def _about(row: Row[Any]) -> Obligation:
    return Obligation(row.obligation, row.subject_id)


def _candidate(row: Row[Any], person_id: int) -> Candidate:
    return Candidate(row.id, _about(row), person_id, row.slot, row.due_at)


def _remembered(hours: Callable[[Person], WorkTime]) -> Callable[[Person], WorkTime]:
    """The same hours, computed once per person and batch."""
    known: dict[int, WorkTime] = {}

    def of(person: Person) -> WorkTime:
        if person.id not in known:
            known[person.id] = hours(person)
        return known[person.id]

    return of
