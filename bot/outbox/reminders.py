"""Reminders at the moment of delivery: once more looked at, because much may have happened since they were queued.

What is settled is not sent. What could not leave within its recipient's hours (Slack was away, the pace held it back)
goes back on the schedule and is decided anew, so that nobody is written to at night.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.permissions import sees
from bot.domain.worktime import WorkTime
from bot.outbox import queue
from bot.outbox.queue import Claimed
from bot.store import digests, looking, schedule
from bot.store.queues import NudgeState
from bot.usecases.desk import Desk, presence
from bot.usecases.nudges import reminders


@dataclass(frozen=True)
class Told:
    """What a reminder says: to whom, with which template and values, about which nudges; `handoffs` it speaks of."""

    person: Person
    template: str
    values: dict[str, Any]
    nudges: tuple[int, ...]
    handoffs: tuple[int, ...]


@dataclass(frozen=True)
class Back:
    """It is not sent now: `change` puts it on the schedule again."""

    change: Callable[[Session], None]


@dataclass(frozen=True)
class Reminders:
    """`hours` says when somebody is at work."""

    desk: Desk
    hours: Callable[[Person], WorkTime] = presence

    def single(self, session: Session, letter: Claimed) -> Told | Back | None:
        """One nudge in a message of its own; None when there is nothing to say."""
        row = schedule.nudge(session, letter.workspace_id, letter.subject_id)
        if row is None or row.person_id is None:
            return None
        person = looking.people_by_id(session, [row.person_id])[row.person_id]
        fresh = not letter.posted
        if fresh and row.state != NudgeState.QUEUED:
            return None
        if fresh and (back := self._too_late(person, [row.id])) is not None:
            return back
        handoff = looking.whole_handoff(session, letter.workspace_id, row.handoff_id)
        if not sees(person, handoff):
            return None
        view = reminders.nudge(session, row, handoff, person, self.desk.now())
        if fresh and view.settled:
            return None
        return Told(person, "messages/nudge", {"nudge": view}, (row.id,), (handoff.id,))

    def digest(self, session: Session, letter: Claimed) -> Told | Back | None:
        """A day's digest; None when all in it is settled before it left."""
        day = digests.digest(session, letter.workspace_id, letter.subject_id)
        if day is None:
            return None
        shown = (NudgeState.QUEUED, NudgeState.SENT) if letter.posted else (NudgeState.QUEUED,)
        rows = [row for row in digests.entries(session, day.id) if row.state in shown]
        person = looking.people_by_id(session, [day.person_id])[day.person_id]
        numbers = tuple(row.id for row in rows)
        fresh = not letter.posted
        if fresh and rows and (back := self._too_late(person, numbers, day.id)) is not None:
            return back
        whole = looking.whole_handoffs(session, dict.fromkeys(row.handoff_id for row in rows))
        handoffs = {one.id: one for one in whole if sees(person, one)}
        rows = [row for row in rows if row.handoff_id in handoffs]
        view = reminders.digest(session, day, rows, handoffs, person, self.desk.now(), posted=letter.posted)
        if not view.entries:
            return None
        return Told(person, "messages/digest", {"digest": view}, numbers, tuple(handoffs))

    def _too_late(self, person: Person, nudge_ids: Sequence[int], digest_id: int | None = None) -> Back | None:
        now, hours = self.desk.now(), self.hours(person)
        if hours.is_working(now):
            return None

        def change(session: Session) -> None:
            # at once: who is to get it, and when, is decided by the same rules as ever
            schedule.put_off(session, nudge_ids, now)
            if digest_id is not None:
                digests.called_off(session, digest_id)

        return Back(change)


def overtaken(session: Session, letter: Claimed) -> None:
    """Nothing in this letter is owed any more, and it never left: what was queued for it is not sent.

    Where it went stale meanwhile, it is looked at again, and so are they.
    """
    if queue.stale(session, letter):
        return
    if letter.kind == "nudge":
        numbers = [letter.subject_id]
    else:
        numbers = [row.id for row in digests.entries(session, letter.subject_id)]
    schedule.become(session, numbers, NudgeState.QUEUED, {"state": NudgeState.MET})
