"""Taking over from a newer playbook in a running handoff, item by item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.adoption import Offer, OfferKind, adapt, follows, mark, offers, stage_for, staying
from bot.domain.checklist import ChecklistItem
from bot.domain.handoff import Handoff, StageRun
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.playbook import Anchor, Due, Playbook, choose, repetitions
from bot.domain.playbook_diff import Change, Part, diff
from bot.domain.refusals import Refusal
from bot.domain.worktime import WorkTime
from bot.store import journal, loading, schedule, trail
from bot.store import schema as t
from bot.store.letters import freshen
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.feedback.asking import request_for, stakeholder
from bot.usecases.handoffs.checklist import written
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.nudges.nudges import about_answer, about_item
from bot.usecases.workspace.playbooks import due_on, fair, item_of, keep, playbook_of, playbooks_by_id


class OthersWereFirst(Refusal):
    sentence = "%(person)s has changed this handoff meanwhile. Look again at what is on offer."


class NothingNewer(Refusal):
    sentence = "The handoff of %(account)s follows the newest playbook already."


@dataclass(frozen=True)
class AdoptView:
    """`offers` may be taken one by one; `whole` (reminders, rules) comes with the version once all are taken."""

    handoff: Handoff
    old: Playbook
    new: Playbook
    offers: tuple[Offer, ...]
    whole: tuple[Change, ...]
    mark: str
    stay: tuple[str, ...] = ()
    """Titles of stages that the newer playbook has otherwise, and that stay as they are."""

    @property
    def newer(self) -> bool:
        """Whether there is anything to take over."""
        return bool(self.offers or self.whole)


@dataclass(frozen=True)
class Adopting:
    desk: Desk
    handoffs: Handoffs

    def look(self, actor: Actor, handoff_id: int) -> AdoptView:
        """What is on offer. Raises NotAllowed, HandoffClosed, NoSuchThing."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.require(session, Action.EDIT, by, handoff)
            handoff.require_open()
            return self._view(session, handoff)

    def __call__(self, actor: Actor, handoff_id: int, chosen: Collection[str], seen: str, reason: str = "") -> bool:
        """Take what was chosen (`Offer.ref`), and nothing else; `reason` stands on steps that are dropped.

        `seen` is the view's mark. Returns whether the handoff follows the new version now, which it does when all was
        taken. Raises OthersWereFirst when something else is on offer by now, NothingNewer, Empty, NotAllowed.
        """
        with self.desk.db.write() as session:
            by, handoff = self.handoffs.locked(session, actor, handoff_id, Action.EDIT)
            handoff.require_open()
            view = self._view(session, handoff)
            if view.mark != seen:
                raise OthersWereFirst(person=self._last(session, handoff))
            if not view.newer:
                raise NothingNewer(account=handoff.account.name)
            taken = [one for one in view.offers if one.ref in set(chosen)]
            why = written(reason) if any(one.kind is OfferKind.RETIRE for one in taken) else ""
            for one in taken:
                self._take(session, handoff, view, _in_its_stage(handoff, view.new, one), by, why)
            left = [one for one in view.offers if one not in taken]
            if not left:
                handoff.playbook_id = keep(session, by.workspace_id, view.new)
            self._noted(session, handoff, view, taken, left, by)
            self.handoffs.moved(session, by, handoff)
            return not left

    def _view(self, session: Session, handoff: Handoff) -> AdoptView:
        old = playbook_of(session, handoff)
        library = self.desk.library.playbooks
        new = choose(library, handoff.reason, handoff.sales_channel, handoff.tier).playbook
        found = offers(handoff, old, new, self._ours(session, handoff.workspace_id))
        apart = (Part.ASK, Part.STAGE, Part.STEP)
        whole = tuple(one for one in diff(old, new) if one.part not in apart) if old.version != new.version else ()
        return AdoptView(handoff, old, new, found, whole, mark(found, old, new), staying(handoff, old, new))

    def _ours(self, session: Session, workspace_id: int) -> set[str]:
        """The keys of all steps that any playbook of this workspace has had."""
        ids = list(session.scalars(select(t.playbooks.c.id).where(t.playbooks.c.workspace_id == workspace_id)))
        books = [*playbooks_by_id(session, ids).values(), *self.desk.library.playbooks]
        steps = (step for book in books for stage in book.stages for step in stage.steps)
        return {one.key for step in steps for one in repetitions(step)}

    def _last(self, session: Session, handoff: Handoff) -> str:
        """Who changed the handoff last."""
        rows = trail.entries(session, [handoff.id], 1)
        people = loading.people_by_id(session, [row.by_id for row in rows])
        return next((person.slack_id for person in people.values()), "")

    def _take(self, session: Session, handoff: Handoff, view: AdoptView, one: Offer, by: Person, why: str) -> None:
        now, calendar = self.desk.now(), worktime(handoff.manager or by)
        if one.kind is OfferKind.STAGE:
            self._add_stage(session, handoff, view.new, one, by)
        elif one.kind is OfferKind.RETITLE:
            assert one.stage is not None
            assert one.planned is not None
            one.stage.title, one.stage.goal = one.planned.title, one.planned.goal
            sides = ({each.name: side for each, side in zip(one.deltas, words, strict=True)} for words in (
                [each.before for each in one.deltas], [each.after for each in one.deltas]))  # fmt: skip
            journal.record(session, by, now, "stage.retitled", one.stage.id, handoff.id, *sides)
        elif one.kind is OfferKind.ADD:
            item = added(handoff, view.new, one, calendar)
            session.flush()
            journal.record(session, by, now, "item.added", item.id, handoff.id, after={"title": item.title})
        elif one.kind is OfferKind.CHANGE and one.item is not None:
            before = _facts(one.item, one)
            adapt(one.item, one)
            one.item.due_on = _dated(one.item, handoff, view.new, calendar)
            after = _facts(one.item, one)
            journal.record(session, by, now, "item.adapted", one.item.id, handoff.id, before, after)
        elif one.kind is OfferKind.RETIRE and one.item is not None:
            one.item.skip(by, now, why)
            schedule.settle(session, about_item(one.item))
            journal.record(session, by, now, "item.retired", one.item.id, handoff.id, after={"reason": why})
        elif one.kind is OfferKind.ASK:
            self._ask(session, handoff, view.new, one, by, calendar)
        elif one.request is not None:
            one.request.withdraw()
            schedule.settle(session, about_answer(one.request))
            journal.record(session, by, now, "answer.withdrawn", one.request.id, handoff.id)

    def _add_stage(self, session: Session, handoff: Handoff, new: Playbook, one: Offer, by: Person) -> None:
        """Behind the one that it follows; those after it make room, the last first, as no two share a place."""
        before, planned = follows(handoff, new, one.key), one.planned
        assert before is not None
        assert planned is not None
        for later in sorted(handoff.stages, key=lambda run: -run.position):
            if later.position > before.position:
                later.position += 1
                session.flush()
        values = (handoff.workspace_id, before.position + 1, planned.key, planned.title, planned.goal)
        run = StageRun(*values)
        handoff.stages.insert(run.position, run)
        session.flush()
        after = {"title": planned.title}
        journal.record(session, by, self.desk.now(), "stage.added", run.id, handoff.id, after=after)

    def _ask(
        self, session: Session, handoff: Handoff, new: Playbook, one: Offer, by: Person, calendar: WorkTime
    ) -> None:
        assert one.ask is not None
        now, who = self.desk.now(), stakeholder(session, handoff.workspace_id, one.ask.function)
        request = request_for(one.ask, self.desk.library.packs[one.ask.pack], who, handoff, new, calendar, now)
        if request.due_on is not None:
            request.due_on = max(request.due_on, calendar.add_working_days(self.desk.today(by), 1))
        handoff.requests.append(request)
        session.flush()
        journal.record(session, by, now, "answer.asked", request.id, handoff.id)
        to = request.asked_id or handoff.manager_id or handoff.started_by_id
        group = request.group_slack_id
        errand = changes.group_errand(handoff.id, request.id, group) if group is not None else None
        freshen(session, handoff.workspace_id, now, [errand or changes.request_message(handoff.id, request.id, to)])

    def _noted(
        self, session: Session, handoff: Handoff, view: AdoptView, taken: list[Offer], left: list[Offer], by: Person
    ) -> None:
        """What was chosen and what was not, in the audit trail: there the next one finds it."""
        now = self.desk.now()
        before = {"playbook": f"{view.old.title} {view.old.version}"}
        after = {
            "playbook": f"{view.new.title} {view.new.version}",
            "taken": [one.title for one in taken],
            "left": [one.title for one in left],
        }
        journal.record(session, by, now, "handoff.adopted", handoff.id, handoff.id, before, after)


def _in_its_stage(handoff: Handoff, new: Playbook, one: Offer) -> Offer:
    """The offer of a step with the stage that it has by now: one taken with it may have come first."""
    if one.step is None:
        return one
    home = next(
        stage.key for stage in new.stages for step in stage.steps if one.key in {s.key for s in repetitions(step)}
    )
    return replace(one, stage=stage_for(handoff, new, home))


def added(handoff: Handoff, new: Playbook, one: Offer, calendar: WorkTime) -> ChecklistItem:
    """The step as an item of its stage, behind the step that it follows in the playbook."""
    assert one.step is not None
    assert one.stage is not None
    item = item_of(one.step, handoff, one.stage, _position(handoff, new, one))
    item.due_on = _dated(item, handoff, new, calendar)
    handoff.items.append(item)
    return item


def _position(handoff: Handoff, new: Playbook, one: Offer) -> int:
    """That of the step before it which the handoff has; rows of one position stand in the order of their making."""
    keys = [step.key for stage in new.stages for each in stage.steps for step in repetitions(each)]
    mine = {item.key: item.position for item in handoff.items if one.stage and item.stage_id == one.stage.id}
    before = [mine[key] for key in keys[: keys.index(one.key)] if key in mine]
    return before[-1] if before else min(mine.values(), default=1)


def _dated(item: ChecklistItem, handoff: Handoff, playbook: Playbook, calendar: WorkTime) -> date | None:
    """When it is due by its rule; what has a date set by hand keeps it."""
    if item.due_anchor is None or item.due_days is None:
        return item.due_on
    ruled = due_on(Due(Anchor(item.due_anchor), item.due_days), handoff, playbook, calendar)
    return fair(ruled, item, handoff, calendar)


def _facts(item: ChecklistItem, one: Offer) -> dict[str, Any]:
    columns = {"owner": "owner_role", "evidence": "evidence_wanted", "due": "due_on", "stage": "stage_id"}
    names = [columns.get(delta.name, delta.name) for delta in one.deltas]
    found = {name: getattr(item, name) for name in names}
    return {name: value.isoformat() if name == "due_on" and value else value for name, value in found.items()}
