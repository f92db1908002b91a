"""What people do with checklist items: tick, skip, assign, reschedule, attach evidence, reopen, add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action, sees
from bot.domain.records import Record
from bot.domain.refusals import Empty, NameThemFirst, Refusal, TooLong
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.slack.text import short
from bot.store import journal, loading, schedule
from bot.store.plain import save
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk
from bot.usecases.nudges.nudges import about_item, owed_by, plan_first
from bot.usecases.workspace.playbooks import playbook_of

TITLE_LIMIT = 150
TEXT_LIMIT = 3000

Decision = Callable[[ChecklistItem, Person], None]
Follow = Callable[[Session, Handoff, ChecklistItem, Person], None]
"""What comes of a form: called in its transaction with the (bare) handoff, the item, and who wrote it."""


class StaleForm(Refusal):
    sentence = "This step asks for something else by now. Open it again."


@dataclass(frozen=True)
class Checklist:
    """`closed` is called when an item was done or skipped, in the same transaction."""

    desk: Desk
    closed: Follow | None = None

    def complete(self, actor: Actor, item_id: int) -> None:
        """Tick it off. Raises AlreadyDone (naming who was first), AlreadySkipped, NotAllowed, HandoffClosed."""
        self._change(actor, item_id, "item.completed", lambda i, by: i.complete(by, self.desk.now()))

    def write_down(
        self, actor: Actor, item_id: int, form: StepForm, body: dict[str, Any], follow: Follow | None = None
    ) -> int:
        """Finish an item by filling in its form; `follow` does what else comes of it, in the same transaction.

        Returns the record's number. Raises what `complete` raises, and StaleForm when the item asks for something else.
        """
        with self.desk.db.write() as session:
            return self.written_down(session, actor, item_id, form, body, follow)

    def written_down(
        self,
        session: Session,
        actor: Actor,
        item_id: int,
        form: StepForm,
        body: dict[str, Any],
        follow: Follow | None = None,
    ) -> int:
        """`write_down` within a transaction that does more."""
        now = self.desk.now()

        def decide(item: ChecklistItem, by: Person) -> None:
            if item.form is not form:
                raise StaleForm()
            item.complete(by, now, written=True)

        item, handoff, by = self._change_in(session, actor, item_id, "item.completed", decide, replan=False)
        record = Record(item.workspace_id, handoff.id, form, by.id, now, body, item.id)
        session.add(record)
        session.flush()
        journal.record(session, by, now, f"record.{form.value}", record.id, handoff.id, after=body)
        if follow is not None:
            follow(session, handoff, item, by)
        return record.id

    def skip(self, actor: Actor, item_id: int, reason: str) -> None:
        """Leave it out, with a reason. Raises Empty besides what `complete` raises."""
        why = written(reason)
        self._change(actor, item_id, "item.skipped", lambda i, by: i.skip(by, self.desk.now(), why))

    def reopen(self, actor: Actor, item_id: int) -> None:
        self._change(actor, item_id, "item.reopened", lambda i, _: i.reopen(), replan=True)

    def attach(self, actor: Actor, item_id: int, evidence: str) -> None:
        """Keep a link or a note with the item."""
        what = written(evidence)
        self._change(actor, item_id, "item.evidence", lambda i, by: i.attach(rewritten(what, i.evidence), by))

    def assign(self, actor: Actor, item_id: int, to_slack_id: str) -> None:
        """Give it to somebody else. Raises Unreachable."""

        with self.desk.db.write() as session:
            to = self.desk.person(session, self.desk.workspace_id(session, actor.team_id), to_slack_id)
            self.give(session, actor, item_id, to)

    def give(self, session: Session, actor: Actor, item_id: int, to: Person) -> None:
        """`assign` within a transaction that does more. Raises as `assign` does."""
        given = self._change_in(session, actor, item_id, "item.assigned", lambda item, _: item.assign(to), replan=True)
        require_confidant(given[1], to)

    def reschedule(self, actor: Actor, item_id: int, due_on: date) -> None:
        """Set another due date. Raises RefuseDate."""
        with self.desk.db.write() as session:
            self.move(session, actor, item_id, due_on)

    def move(self, session: Session, actor: Actor, item_id: int, due_on: date) -> None:
        """`reschedule` within a transaction that does more. Raises as it does."""
        self._change_in(
            session,
            actor,
            item_id,
            "item.rescheduled",
            lambda i, by: i.reschedule(due_on, self.desk.today(by)),
            replan=True,
        )

    def add(
        self, actor: Actor, handoff_id: int, title: str, owner_slack_id: str, due_on: date | None, necessary: bool
    ) -> int:
        """Add an item to the current stage while it runs. Returns its number."""
        title = written(" ".join(title.split()), TITLE_LIMIT)
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
            self.desk.require(session, Action.ADD_ITEM, by, handoff)
            handoff.require_open()
            owner = self.desk.person(session, by.workspace_id, owner_slack_id)
            require_confidant(handoff, owner)
            item = new_item(handoff, title, owner, due_on, necessary)
            if due_on is not None:
                item.reschedule(due_on, self.desk.today(by))
            session.flush()
            after = {"title": title, "owner": owner.slack_id}
            journal.record(session, by, self.desk.now(), "item.added", item.id, handoff.id, after=after)
            self._consequences(session, handoff, item, replan=True)
            return item.id

    def item(self, actor: Actor, item_id: int) -> ChecklistItem:
        """One item, to fill a form with. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            workspace_id = self.desk.workspace_id(session, actor.team_id)
            found = loading.item(session, workspace_id, item_id)
            self.desk.sight(self.desk.viewer(session, actor), loading.handoff(session, workspace_id, found.handoff_id))
            session.info["cast"] = loading.people_by_id(session, [found.owner_id, found.closed_by_id])
            _ = found.owner
            return found

    def _change(self, actor: Actor, item_id: int, verb: str, decide: Decision, *, replan: bool = False) -> None:
        with self.desk.db.write() as session:
            self._change_in(session, actor, item_id, verb, decide, replan=replan)

    def _change_in(
        self, session: Session, actor: Actor, item_id: int, verb: str, decide: Decision, *, replan: bool
    ) -> tuple[ChecklistItem, Handoff, Person]:
        workspace_id = self.desk.workspace_id(session, actor.team_id)
        item, handoff, known = loading.item_with_handoff(session, workspace_id, item_id, actor.user_id)
        by = known or self.desk.person(session, workspace_id, actor.user_id)
        self.desk.require(session, Action.TICK, by, handoff, item)
        handoff.require_open()
        before = _facts(item)
        decide(item, by)
        save(session, item)
        after = _facts(item)
        changed = {name for name in after if after[name] != before[name]}
        journal.record(
            session,
            by,
            self.desk.now(),
            verb,
            item.id,
            handoff.id,
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
        )
        self._consequences(session, handoff, item, replan, before["owner_id"])
        if self.closed is not None and not item.open and "state" in changed:
            self.closed(session, handoff, item, by)
        return item, handoff, by

    def _consequences(
        self, session: Session, handoff: Handoff, item: ChecklistItem, replan: bool, was: int | None = None
    ) -> None:
        """`was`: whose it was before the change; it leaves their Home."""
        now = self.desk.now()
        obligation = about_item(item)
        if not item.open:
            schedule.settle(session, obligation)
        elif replan:
            schedule.unplan(session, handoff.id, obligation)
        changes.item_touched(session, now, handoff, item, obligation if replan or not item.open else None, was)
        if replan and item.open:
            session.expire_all()
            whole = loading.whole_handoff(session, handoff.workspace_id, handoff.id)
            owed = [one for one in owed_by(whole) if one.obligation == obligation]
            plan_first(session, whole, playbook_of(session, whole), owed, now)


def require_confidant(handoff: Handoff, person: Person) -> None:
    """Raise NameThemFirst where somebody would be given something in a quiet handoff of which they may not know."""
    if not sees(person, handoff):
        raise NameThemFirst(person=person.slack_id)


def new_item(handoff: Handoff, title: str, owner: Person | None, due_on: date | None, necessary: bool) -> ChecklistItem:
    """An item in people's own words, at the end of the current stage."""
    item = ChecklistItem(
        workspace_id=handoff.workspace_id,
        handoff_id=handoff.id,
        stage_id=handoff.stage.id,
        position=max((entry.position for entry in handoff.items), default=0) + 1,
        title=title,
        owner_id=owner.id if owner else None,
        due_on=due_on,
        necessary=necessary,
    )
    handoff.items.append(item)
    return item


def written(text: str | None, limit: int = TEXT_LIMIT) -> str:
    """What a person typed, without blanks around it. Raises Empty or TooLong (characters)."""
    cleaned = trimmed(text)
    if not cleaned:
        raise Empty()
    if len(cleaned) > limit:
        raise TooLong(limit=limit)
    return cleaned


def rewritten(text: str, stored: str, limit: int = TEXT_LIMIT) -> str:
    """What stands after a form that began with the stored text.

    Where that was longer than Slack's field counts (an emoji is two), the form began with it shortened: sent back as
    it was, the stored text stands whole. Raises Empty or TooLong (characters).
    """
    typed = written(text, limit)
    return stored if typed == short(stored, limit) else typed


def _facts(item: ChecklistItem) -> dict[str, Any]:
    return {
        "state": ItemState(item.state).value,
        "owner_id": item.owner_id,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "skip_reason": item.skip_reason,
        "evidence": item.evidence,
    }
