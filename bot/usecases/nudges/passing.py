"""Giving away what one was reminded of: to somebody else, or, where nobody is named, up to the handoff's manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.refusals import HasItAlready, NobodyAbove, NudgeGone, ReturnInstead
from bot.store import journal, loading
from bot.store.letters import Letter
from bot.store.schedule import Obligation
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk
from bot.usecases.feedback.feedback import Feedback
from bot.usecases.handoffs.checklist import Checklist, written
from bot.usecases.nudges import reminders
from bot.usecases.nudges.debts import ACCEPTANCE, ITEM
from bot.usecases.nudges.nudges import reminded
from bot.usecases.nudges.reminders import NudgeView

WHY_LIMIT = 300


@dataclass(frozen=True)
class Given:
    """What is about to change hands: the reminder it was, from whom; `chief` is who has it when nobody is named."""

    by: Person
    nudge: NudgeView
    handoff: Handoff
    chief: Person | None


@dataclass(frozen=True)
class Passing:
    desk: Desk
    checklist: Checklist
    feedback: Feedback

    def form(self, actor: Actor, nudge_id: int) -> Given:
        """What the forms show. Raises NudgeGone, NotAllowed."""
        with self.desk.db.read() as session:
            return self._given(session, self.desk.viewer(session, actor), nudge_id)

    def reassign(self, actor: Actor, nudge_id: int, to_slack_id: str) -> None:
        """Give it to somebody. Raises Unreachable, HasItAlready, AskSomeoneElse, NudgeGone, NotAllowed."""
        with self.desk.db.write() as session:
            given = self._given(session, self.desk.actor(session, actor), nudge_id, lock=True)
            to = self.desk.person(session, given.by.workspace_id, to_slack_id)
            self._hand(session, actor, given, to, "")

    def decline(self, actor: Actor, nudge_id: int, why: str, to_slack_id: str | None) -> None:
        """They cannot do it. Without a name the manager has it. Raises Empty, TooLong, NobodyAbove, as `reassign`."""
        reason = written(why, WHY_LIMIT)
        with self.desk.db.write() as session:
            given = self._given(session, self.desk.actor(session, actor), nudge_id, lock=True)
            to = self.desk.person(session, given.by.workspace_id, to_slack_id) if to_slack_id else given.chief
            if to is None:
                raise NobodyAbove()
            after = {"reason": reason, "to": to.slack_id}
            journal.record(
                session, given.by, self.desk.now(), "nudge.declined", nudge_id, given.handoff.id, after=after
            )
            self._hand(session, actor, given, to, reason)

    def _given(self, session: Session, by: Person, nudge_id: int, *, lock: bool = False) -> Given:
        row = reminded(session, by, nudge_id)
        handoff = loading.whole_handoff(session, by.workspace_id, row.handoff_id, lock=lock)
        self.desk.sight(by, handoff)
        view = reminders.nudge(session, row, handoff, by, self.desk.now())
        if view.settled:
            raise NudgeGone()
        if view.kind == ACCEPTANCE:
            raise ReturnInstead(account=handoff.account.name)
        manager = handoff.manager
        above = manager is not None and manager.id not in (by.id, view.owner.id if view.owner else None)
        return Given(by, view, handoff, manager if above else None)

    def _hand(self, session: Session, actor: Actor, given: Given, to: Person, why: str) -> None:
        """The obligation changes hands, the thread says so, and whoever has it now reads why."""
        view, handoff, now = given.nudge, given.handoff, self.desk.now()
        if view.owner is not None and view.owner.id == to.id:
            raise HasItAlready(person=to.slack_id)
        told = _letter(given, to, why, f"{view.nudge_id}:{int(now.timestamp())}")
        if view.item is not None:
            values = {"by": given.by.slack_id, "to": to.slack_id, "title": view.title, "why": why}
            slot = f"passed:{view.item.id}:{view.item.version + 1}"
            said = changes.thread_message(handoff.id, slot, "passed", **values)
            self.checklist.give(session, actor, view.item.id, to)
            changes.say(session, now, handoff, said, *([told] if to.id != given.by.id else []))
        elif view.request is not None:
            up = given.chief is not None and to.id == given.chief.id
            self.feedback.pass_on(session, actor, view.request.id, to, why, prompt=not up)
            changes.say(session, now, handoff, *([told] if up else []))


def _letter(given: Given, to: Person, why: str, slot: str) -> Letter:
    """To whoever has it now: what, from whom, why, with the buttons to settle it or pass it on."""
    view = given.nudge
    values: dict[str, Any] = {
        "kind": view.kind,
        "ref": view.item.id if view.item else (view.request.id if view.request else 0),
        "title": view.title if view.kind == ITEM or view.request is None else view.request.function,
        "by": given.by.slack_id,
        "why": why,
        "link": view.link,
    }
    return changes.passed_message(given.handoff.id, Obligation(view.kind, values["ref"]), to, slot, **values)
