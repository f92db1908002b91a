""" "Why me?": what is owed, why this person is reminded of it, what the rhythm is, what comes next. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.cadence import Recipient
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.playbook import Ladder
from bot.domain.routing import on_ladder, recipient_of
from bot.domain.vocabulary import Role
from bot.store import loading
from bot.store.queues import NudgeState
from bot.store.reminded import about
from bot.store.schedule import Obligation
from bot.usecases.desk import Actor, Desk
from bot.usecases.nudges import reminders
from bot.usecases.nudges.nudges import reminded
from bot.usecases.nudges.reminders import NudgeView
from bot.usecases.workspace.playbooks import playbook_of

SENT_SHOWN = 5


@dataclass(frozen=True)
class Sent:
    """One reminder that went out: when, to whom, and who asked for it."""

    at: datetime
    to: Person | None
    asked_by: Person | None


@dataclass(frozen=True)
class WhyView:
    """`role`: why the owner owes it: they hold that role; None: they were named or asked, or are the manager.

    `named`: they were chosen in person. `chief`: the reader hears of it because the manager reports to them.
    `next_at`: when the next rung of the ladder comes, to `next_to` (None: to whom the manager reports). `sent`: the
    latest ones, of `count` in all.
    """

    nudge: NudgeView
    role: Role | None
    named: bool
    chief: bool
    necessary: bool
    ladder: Ladder
    next_at: datetime | None
    next_to: Person | None
    sent: tuple[Sent, ...]
    count: int


@dataclass(frozen=True)
class Explain:
    desk: Desk

    def __call__(self, actor: Actor, nudge_id: int) -> WhyView:
        """Raises NoSuchThing, and NotAllowed for somebody else's reminder."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            row = reminded(session, person, nudge_id)
            handoff = loading.whole_handoff(session, person.workspace_id, row.handoff_id)
            self.desk.sight(person, handoff)
            view = reminders.nudge(session, row, handoff, person, self.desk.now())
            rows = about(session, Obligation(row.obligation, row.subject_id))
            coming = next((one for one in rows if one.state == NudgeState.PLANNED and on_ladder(one.slot)), None)
            sent = _sent(session, rows)
            role, named = _owes_because(view)
            one = reminders.subject_of(handoff, row.obligation, row.subject_id)
            return WhyView(
                nudge=view,
                role=role,
                named=named,
                chief=recipient_of(row.slot) is Recipient.MANAGERS_MANAGER,
                necessary=one is not None and one.necessary,
                ladder=playbook_of(session, handoff).ladder,
                next_at=coming.due_at if coming is not None and not view.settled else None,
                next_to=_next_to(coming.slot, view, handoff) if coming is not None else None,
                sent=tuple(sent[-SENT_SHOWN:]),
                count=len(sent),
            )


def _owes_because(view: NudgeView) -> tuple[Role | None, bool]:
    """The role that makes somebody the owner, or whether they were named in person."""
    if view.owner is None:
        return None, False
    if view.item is not None:
        if view.item.owner_id is not None:
            return None, view.item.owner_id == view.owner.id
        held = view.handoff.holder_id(view.item.owner_role) == view.owner.id
        return (view.item.owner_role, False) if held else (None, False)
    if view.request is not None:
        return None, view.request.asked_id == view.owner.id
    return (Role.INCOMING, False) if view.owner.id == view.handoff.incoming_id else (None, False)


def _next_to(slot: str, view: NudgeView, handoff: Handoff) -> Person | None:
    to = recipient_of(slot)
    if to is Recipient.OWNER:
        return view.owner
    return handoff.manager if to is Recipient.MANAGER else None


def _sent(session: Session, rows: Sequence[Row[Any]]) -> list[Sent]:
    gone = sorted((row for row in rows if row.sent_at is not None), key=lambda row: row.sent_at)
    people = loading.people_by_id(session, [number for row in gone for number in (row.person_id, row.asked_by_id)])
    return [Sent(row.sent_at, people.get(row.person_id), people.get(row.asked_by_id)) for row in gone]
