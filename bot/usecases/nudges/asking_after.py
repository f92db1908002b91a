""" "Nudge them": somebody who waits has whoever is late reminded, at most once in 24 hours per person and thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.cadence import Recipient
from bot.domain.gate import Missing, missing
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import AlreadyReminded, NudgeGone, OwnThing, WillBeReminded
from bot.domain.routing import ASKED, local_date, recipient_of, rung_of, slot_name
from bot.store import journal, loading, schedule
from bot.store.queues import NudgeState
from bot.store.reminded import about_all
from bot.store.schedule import Obligation, PlannedNudge
from bot.usecases.desk import Actor, Desk, presence

PAUSE = timedelta(hours=24)
"""Between two reminders of one person about one thing, where the later one was asked for."""


@dataclass(frozen=True)
class Asked:
    """One thing that somebody waits for, and what became of asking after it.

    `at`: when its owner is reminded (None: they are away, and whoever stands in hears of it); or, with `again` (the
    moment from which it may be asked for anew), when they were reminded.
    """

    missing: Missing
    owner: Person
    at: datetime | None
    again: datetime | None = None


@dataclass(frozen=True)
class AskedView:
    """What came of it; `own`: how many of the things are the reader's own. `now` tells "at once" from "later"."""

    handoff: Handoff
    reminded: tuple[Asked, ...]
    already: tuple[Asked, ...]
    own: int
    now: datetime


@dataclass(frozen=True)
class AskAfter:
    desk: Desk

    def __call__(self, actor: Actor, handoff_id: int, kind: str, subject_id: int) -> AskedView:
        """About one thing that is missing. Raises AlreadyReminded, WillBeReminded, NudgeGone, OwnThing, NotAllowed."""
        with self.desk.db.write() as session:
            by, handoff = self._locked(session, actor, handoff_id)
            found = [one for one in _askable(handoff) if (one.kind, one.ref) == (kind, subject_id)]
            if not found:
                raise NudgeGone()
            view = self._ask(session, by, handoff, found)
            for one in view.already:
                if one.again is None:
                    raise WillBeReminded(person=one.owner.slack_id, at=one.at)
                raise AlreadyReminded(person=one.owner.slack_id, at=one.at, again=one.again)
            if view.own:
                raise OwnThing()
            return view

    def everybody(self, actor: Actor, handoff_id: int) -> AskedView:
        """About everything that holds up the gate and is late or due today. Raises NotAllowed, HandoffClosed."""
        with self.desk.db.write() as session:
            by, handoff = self._locked(session, actor, handoff_id)
            return self._ask(session, by, handoff, [one for one in _askable(handoff) if _late(one, self.desk.now())])

    def _locked(self, session: Session, actor: Actor, handoff_id: int) -> tuple[Person, Handoff]:
        """The lock lets the second of two clickers see what the first has planned."""
        by = self.desk.actor(session, actor)
        handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
        self.desk.require(session, Action.ASK_AFTER, by, handoff)
        handoff.require_open()
        return by, handoff

    def _ask(self, session: Session, by: Person, handoff: Handoff, things: Iterable[Missing]) -> AskedView:
        now = self.desk.now()
        others = [(one, one.owner) for one in things if one.owner is not None]
        own = sum(owner.id == by.id for _, owner in others)
        others = [(one, owner) for one, owner in others if owner.id != by.id]
        rows = about_all(session, [Obligation(one.kind, one.ref) for one, _ in others])
        reminded, already, planned = [], [], []
        for one, owner in others:
            mine = [row for row in rows if (row.obligation, row.subject_id) == (one.kind, one.ref)]
            before = _before(one, owner, handoff, mine, now)
            if before is not None:
                already.append(before)
                continue
            planned.append(_planned(one, handoff, mine, by, now))
            reminded.append(Asked(one, owner, _expected(owner, now)))
            journal.record(session, by, now, "nudge.asked", one.ref, handoff.id, after={"of": owner.slack_id})
        schedule.plan(session, planned)
        return AskedView(handoff, tuple(reminded), tuple(already), own, now)


def _askable(handoff: Handoff) -> list[Missing]:
    """What is missing for the gate and somebody owes by a date; an empty role is nobody's reminder, nor is a fact."""
    known, found = ("item", "answer", "acceptance"), missing(handoff, ())
    return [one for one in found if one.kind in known and one.due_on is not None and one.owner is not None]


def _late(one: Missing, now: datetime) -> bool:
    return one.owner is not None and one.due_on is not None and one.due_on <= local_date(one.owner, now)


def _before(one: Missing, owner: Person, handoff: Handoff, rows: Sequence[Row[Any]], now: datetime) -> Asked | None:
    """The reminder that they have had, or are about to get; None when there is none to wait for."""
    absence = owner.absence_on(local_date(owner, now))
    theirs = {owner.id} | ({absence.delegate_id, handoff.manager_id} if absence else set())
    for row in reversed(rows):
        if rung_of(row.slot).startswith(f"{ASKED}:") and row.state == NudgeState.PLANNED:
            return Asked(one, owner, max(row.due_at, now))
        went = row.sent_at or row.queued_at
        gone = row.state in (NudgeState.QUEUED, NudgeState.SENT) and went is not None and went > now - PAUSE
        if gone and row.person_id in theirs and recipient_of(row.slot) is Recipient.OWNER:
            return Asked(one, owner, went, went + PAUSE)
    return None


def _planned(one: Missing, handoff: Handoff, rows: Sequence[Row[Any]], by: Person, now: datetime) -> PlannedNudge:
    """Due at once: whose turn it is, and when their day allows it, is decided as for every other nudge."""
    due_on: date = one.due_on or local_date(by, now)
    asked = slot_name(due_on, f"{ASKED}:")
    count = sum(row.slot.startswith(asked) for row in rows)
    obligation = Obligation(one.kind, one.ref)
    slot = f"{asked}{count + 1}"
    return PlannedNudge(handoff.workspace_id, handoff.id, obligation, slot, now, asked_by_id=by.id, asked_at=now)


def _expected(owner: Person, now: datetime) -> datetime | None:
    """When their day allows it; None while they are away."""
    return None if owner.absence_on(local_date(owner, now)) else presence(owner).next_moment(now)
